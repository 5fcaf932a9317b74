"""Opening a closed case with the keyboard alone, with the hours running out; and that nothing of it is there before or after."""

import datetime as dt

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from inslussning.demo import cast
from inslussning.models import Case
from tests.browser.site import Site
from tests.browser.test_keyboard import Keyboard
from tests.conftest import NOW

CODE = "K-117"  # the demo's case that only the inspector may read


def key_of(site: Site) -> str:
    with site.database.read() as session:
        return str(session.scalars(select(Case.id).where(Case.code == CODE)).one())


def test_a_closed_case_is_opened_with_the_keyboard_and_closes_by_itself(
    own_site: Site, context: BrowserContext
) -> None:
    own_site.sign_in(context, cast.COORDINATOR[1])
    page = context.new_page()
    case = f"{own_site.url}/cases/{key_of(own_site)}"
    assert page.goto(case).status == 404  # type: ignore[union-attr]
    page.goto(f"{own_site.url}/cases")
    expect(page.locator("main")).not_to_contain_text(CODE)

    page.goto(f"{own_site.url}/openings")
    hands = Keyboard(page)
    hands.fill("Ärendets kod", CODE)
    hands.choose("Skäl", "Fara")
    hands.fill("Vad har hänt", "Klienten sitter i receptionen")
    hands.go("Fråga")
    expect(page.locator("h1")).to_have_text(f"Ärende {CODE} finns och är stängt")
    hands.fill("Vad behöver du ta reda på", "Om det finns ett möte i dag")
    hands.to(page.get_by_label("Jag vet att öppningen granskas"))
    hands.press("Space")
    hands.go("Öppna innehållet")
    expect(page.locator("h1")).to_have_text(f"Ärende {CODE}")
    expect(page.get_by_role("complementary", name="Öppnat ärende")).to_contain_text("till 11.00. 120 minuter kvar.")

    own_site.now = NOW + dt.timedelta(hours=1, minutes=59)
    page.reload()
    expect(page.get_by_role("complementary", name="Öppnat ärende")).to_contain_text("En minut kvar.")
    own_site.now = NOW + dt.timedelta(hours=2)
    assert page.goto(case).status == 404  # type: ignore[union-attr]
    page.goto(f"{own_site.url}/")
    expect(page.get_by_role("complementary", name="Öppnat ärende")).to_have_count(0)


def test_the_colleague_whose_case_it_is_reads_of_it_and_so_does_the_reviewer(
    own_site: Site, context: BrowserContext
) -> None:
    own_site.sign_in(context, cast.INSPECTOR[1])
    page = context.new_page()
    page.goto(f"{own_site.url}/openings")
    page.get_by_label("Ärendets kod").fill("K-116")  # opened by the inspector before the test begins
    page.get_by_label("Skäl").select_option(index=1)
    page.get_by_label("Vad har hänt").fill("Klienten ringer")
    page.get_by_role("button", name="Fråga").click()
    expect(page.locator("#live")).to_contain_text("Du kan redan läsa ärendet.")

    context.clear_cookies()
    own_site.sign_in(context, cast.COORDINATOR[1])
    page.goto(own_site.url)
    expect(page.locator("main")).to_contain_text("Ett ärende har nödöppnats")

    context.clear_cookies()
    own_site.sign_in(context, cast.REVIEWER[1])
    page.goto(f"{own_site.url}/openings/review")
    page.get_by_role("link", name="K-116").click()
    page.get_by_label("Vad du kom fram till").fill("Befogat.")
    page.get_by_role("button", name="Markera som granskad").click()
    expect(page.locator("#live")).to_contain_text("Nödöppningen är granskad.")
