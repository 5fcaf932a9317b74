"""On paper there is what one came to read, and nothing to press."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import names_in
from tests.browser.site import Site

PAPERS = (
    ("/", "K-106"),
    ("/slots/{slot}", "Julafton"),
    ("/meetings", "Videomöte K-106"),
    ("/meetings/{held}", "Stödboende söks först"),
    ("/meetings/{held}/versions/1", "Stödboende söks först"),
    ("/cases", "K-101"),
    ("/cases/{case}", "Har ingen bostad efter frigivningen"),
    ("/actions", "Ringa sin syster om flytten"),
    ("/actors", "Klienthandläggare"),
    ("/schedules/{released}", "Besök på praktikplatsen"),
    ("/schedules/{released}/client", "Besök på praktikplatsen"),
    ("/extract/{extract}", "Förbereda ansökan om ekonomiskt bistånd"),
)


@pytest.mark.parametrize(("path", "text"), PAPERS)
def test_the_page_prints_what_it_says_without_menus_and_buttons(
    coordinator_page: Page, demo_site: Site, path: str, text: str
) -> None:
    page = coordinator_page
    page.goto(demo_site.url + path.format_map(names_in(demo_site.database, demo_site.settings)))

    page.emulate_media(media="print")

    expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.get_by_role("button").locator("visible=true")).to_have_count(0)
    expect(page.locator("a.ds-button").locator("visible=true")).to_have_count(0)
