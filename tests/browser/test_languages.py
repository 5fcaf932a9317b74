"""The language is the person's own, and the page says which it is in."""

from playwright.sync_api import BrowserContext, expect

from inslussning.demo import cast
from tests.browser.site import Site


def test_a_page_is_in_swedish_until_somebody_chooses_otherwise(context: BrowserContext, own_site: Site) -> None:
    page = context.new_page()

    page.goto(own_site.url)

    expect(page.locator("html")).to_have_attribute("lang", "sv")
    own_site.sign_in(context, cast.COORDINATOR[1])
    page.goto(own_site.url)
    expect(page.locator("html")).to_have_attribute("lang", "sv")


def test_one_who_chooses_english_gets_it_everywhere_and_nobody_else_does(
    context: BrowserContext, own_site: Site
) -> None:
    own_site.sign_in(context, cast.COORDINATOR[1])
    page = context.new_page()
    page.goto(f"{own_site.url}/account")

    page.get_by_label("Språk", exact=True).select_option(label="English")
    page.get_by_role("main").get_by_role("button").first.click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{own_site.url}/slots")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.clear_cookies()
    own_site.sign_in(context, cast.INSPECTOR[1])
    page.goto(own_site.url)
    expect(page.locator("html")).to_have_attribute("lang", "sv")


def test_the_texts_are_english_too(context: BrowserContext, own_site: Site) -> None:
    own_site.sign_in(context, cast.COORDINATOR[1])
    page = context.new_page()
    page.goto(f"{own_site.url}/account")
    page.get_by_label("Språk", exact=True).select_option(label="English")
    page.get_by_role("main").get_by_role("button").first.click()

    page.goto(own_site.url)

    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect(page.get_by_role("link", name="Settings", include_hidden=True)).to_have_count(1)
