"""The same work in a browser that runs no scripts: plain links, plain forms, plain buttons."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from inslussning.demo import cast
from tests.browser.site import SLOT_DAY, Site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without JavaScript, where nobody is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def sign_in(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.get_by_label("E-post").fill(cast.COORDINATOR[1])
    page.get_by_label("Lösenord").fill(cast.PASSWORD)
    press(page, "Logga in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Idag")


def test_one_can_sign_in_and_out(page: Page, own_site: Site) -> None:
    sign_in(page, own_site)

    page.get_by_text("Maria Ek").click()
    page.get_by_role("button", name="Logga ut").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Logga in")
    page.goto(own_site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Logga in")


def test_a_weekly_slot_can_be_created(page: Page, own_site: Site) -> None:
    sign_in(page, own_site)
    page.goto(f"{own_site.url}/slots/new")
    page.get_by_label("Namn", exact=True).fill("Ungdomsgruppen")
    page.get_by_label("Veckodag").select_option(label="tisdag")
    page.get_by_label("Börjar").fill("13.15")
    page.get_by_label("Från och med").fill("1 dec")
    page.get_by_role("checkbox", name=re.compile("^Socialsekreterare")).check()

    press(page, "Skapa veckotiden")

    if page.get_by_label("Skapa ändå").is_visible():
        page.get_by_label("Skapa ändå").check()
        press(page, "Skapa veckotiden")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ungdomsgruppen")
    expect(page.get_by_role("region", name="December 2026").get_by_role("listitem").first).to_contain_text("tis 1 dec")


def test_a_meeting_can_be_held_and_finalised(page: Page, own_site: Site) -> None:
    own_site.now = SLOT_DAY
    sign_in(page, own_site)
    page.get_by_role("link", name="Öppna dagordningen").click()
    page.get_by_role("link", name=re.compile("K-101")).first.click()

    page.get_by_label("Närvaro för Socialsekreterare vuxen").select_option(label="Kom")
    came = page.locator(".person-line").filter(has_text="Socialsekreterare vuxen")
    came.get_by_role("button", name="Spara").press("Enter")  # Playwright takes the noscript around it for an obstacle
    expect(page.locator("#came")).to_contain_text("kom")
    expect(page.get_by_label("Närvaro för Socialsekreterare vuxen")).to_have_value("came")

    page.get_by_label("Vem", exact=True).select_option(label="soc – Socialsekreterare vuxen – Björkstad")
    page.get_by_label("Vad", exact=True).fill("Ringa boendet om plats")
    page.get_by_label("När", exact=True).fill("fre")
    page.get_by_role("button", name="Lägg till", exact=True).click()
    expect(page.locator(".agreed-lines")).to_contain_text("Ringa boendet om plats")

    page.get_by_label("Beslut").fill("Boendet går före.")
    page.locator("#saved").get_by_role("button", name="Spara").click()
    expect(page.locator("#saved")).to_contain_text("Sparat 09.05")
    expect(page.get_by_label("Beslut")).to_have_value("Boendet går före.")

    earlier = page.locator(".carried-row").filter(has_text="Ringa sin syster")
    earlier.get_by_role("button", name=re.compile("^Klar")).click()
    expect(page.locator(".carried-row").filter(has_text="Ringa sin syster")).to_contain_text("Ångra")

    press(page, "Slutför")  # saves what is written first
    expect(page.get_by_role("heading", level=1)).to_have_text("Slutför minnesanteckningarna")
    press(page, "Slutför")
    expect(page.get_by_role("main")).to_contain_text("Slutförd, version 1")
    expect(page.get_by_role("main")).to_contain_text("Boendet går före.")


def test_a_time_on_a_holiday_is_warned_of_and_can_be_booked_on_another_day(page: Page, own_site: Site) -> None:
    sign_in(page, own_site)
    page.goto(f"{own_site.url}/schedules")
    page.get_by_role("link", name="K-101").first.click()
    page.get_by_role("link", name="Boka tid").first.click()
    page.get_by_label("Med vem").select_option(label="Socialsekreterare vuxen – Björkstad")
    page.get_by_label("Dag", exact=True).fill("6 jan")
    page.get_by_label("Börjar").fill("10")
    page.get_by_label("Slutar eller längd").fill("45 min")
    page.get_by_label("Vad", exact=True).fill("Vi går igenom ansökan")

    press(page, "Boka tid")

    expect(page.get_by_text("Trettondedag jul").first).to_be_visible()
    page.get_by_label(re.compile("^Ta .* i stället$")).first.check()
    press(page, "Boka tid")
    expect(page.locator("#live")).to_contain_text("Tiden är bokad")
    expect(page.get_by_role("region", name="Tider", exact=True)).to_contain_text("Vi går igenom ansökan")
