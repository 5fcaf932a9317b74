"""The list of actions under the hand: closing in place, going on, narrowing, and that nothing jumps about or loses its place."""

from playwright.sync_api import BrowserContext, Page, expect

from inslussning.demo import cast
from tests.browser.site import Site


def opened(context: BrowserContext, site: Site) -> Page:
    site.sign_in(context, cast.COORDINATOR[1])
    page = context.new_page()
    page.goto(f"{site.url}/actions")
    return page


def top_of(page: Page, row: int) -> float:
    box = page.locator("#action-rows > tr").nth(row).bounding_box()
    assert box is not None
    return box["y"]


def test_a_row_is_closed_and_opened_again_where_it_stands(context: BrowserContext, own_site: Site) -> None:
    page = opened(context, own_site)
    before, below = page.locator("#action-count").inner_text(), top_of(page, 3)
    row = page.locator("#action-rows > tr").nth(1)
    row.get_by_role("button", name="Klar").click()
    undo = row.get_by_role("button", name="Ångra")
    expect(undo).to_be_focused()
    assert page.locator("#action-count").inner_text() != before
    assert abs(top_of(page, 3) - below) < 12, "the rows below must stay under the pointer"
    undo.click()
    expect(row.get_by_role("button", name="Klar")).to_be_visible()
    expect(page.locator("#action-count")).to_have_text(before)


def test_more_rows_come_after_those_that_are_there(context: BrowserContext, demo_site: Site) -> None:
    page = opened(context, demo_site)
    rows = page.locator("#action-rows > tr:not(.more-row)")
    while page.get_by_role("link", name="Visa fler").count():
        shown = rows.count()
        page.get_by_role("link", name="Visa fler").click()
        expect(rows.nth(shown)).to_be_visible()
        expect(rows.nth(shown).get_by_role("link").first).to_be_focused()
    keys = rows.locator("td:first-child a").evaluate_all("links => links.map(link => link.id)")
    assert len(keys) == len(set(keys))
    assert str(len(keys)) in page.locator("#action-count").inner_text()


def test_a_choice_is_in_the_address_and_is_taken_back_by_the_back_button(
    context: BrowserContext, demo_site: Site
) -> None:
    page = opened(context, demo_site)
    page.select_option("#f-show", "closed")
    expect(page.get_by_role("heading", name="Avslutade åtgärder")).to_be_visible()
    assert page.url == f"{demo_site.url}/actions?show=closed"
    expect(page.locator("#f-due")).to_be_hidden()
    page.go_back()
    expect(page.get_by_role("heading", name="Öppna åtgärder")).to_be_visible()
