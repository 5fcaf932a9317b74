"""The core of the work with the keyboard alone: Tab, Enter, Space and letters. No mouse, and every step visible."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from inslussning.demo import cast
from tests.browser.pages import names_in
from tests.browser.site import SLOT_DAY, Site

MOST_TABS = 120
WHAT = "Ringa boendet"


class Keyboard:
    """Two hands on a keyboard, counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)
        self.pressed += 1

    def write(self, text: str) -> None:
        """Press a key per letter."""
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def to(self, target: Locator) -> None:
        """Tab on until the target has focus."""
        target.first.wait_for(state="attached")
        for _ in range(MOST_TABS):
            if self.is_at(target):
                return
            self.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")

    def is_at(self, target: Locator) -> bool:
        """Tell whether the target has focus."""
        found: bool = target.first.evaluate("(one) => one === document.activeElement")
        return found

    def fill(self, label: str, text: str) -> None:
        """Go to a field and write in it, over what stands there."""
        self.to(self.page.get_by_label(label, exact=True))
        self.press("Control+a")
        self.write(text)

    def choose(self, label: str, letters: str) -> None:
        """Go to a list and choose by the first letters."""
        self.to(self.page.get_by_label(label, exact=True))
        self.write(letters)

    def go(self, name: str) -> None:
        """Go to a link or button and press Enter."""
        main = self.page.get_by_role("main")
        self.to(main.get_by_role("link", name=name, exact=True).or_(main.get_by_role("button", name=name, exact=True)))
        self.press("Enter")


@pytest.fixture
def keyboard_at(context: BrowserContext, own_site: Site) -> Callable[[str], Keyboard]:
    """Hands on the keyboard in front of a page, on the day of the weekly slot."""
    own_site.now = SLOT_DAY
    own_site.sign_in(context, cast.COORDINATOR[1])
    names = names_in(own_site.database, own_site.settings)
    page = context.new_page()

    def at(path: str) -> Keyboard:
        page.goto(own_site.url + path.format_map(names))
        return Keyboard(page)

    return at


def test_the_first_tab_skips_to_the_content(keyboard_at: Callable[[str], Keyboard]) -> None:
    keys = keyboard_at("/")

    keys.press("Tab")
    expect(keys.page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")

    assert keys.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_menu_opens_with_enter_and_closes_with_escape(keyboard_at: Callable[[str], Keyboard]) -> None:
    keys = keyboard_at("/")
    more = keys.page.locator("nav summary")

    keys.to(more)
    keys.press("Enter")
    expect(keys.page.get_by_role("link", name="Inställningar")).to_be_visible()
    keys.press("Escape")

    expect(keys.page.get_by_role("link", name="Inställningar")).to_be_hidden()
    expect(more).to_be_focused()


def test_a_weekly_slot_is_created(keyboard_at: Callable[[str], Keyboard]) -> None:
    keys = keyboard_at("/slots")

    keys.go("Ny veckotid")
    keys.fill("Namn", "Ungdomsgruppen")
    keys.choose("Veckodag", "tis")
    keys.fill("Börjar", "13.15")
    keys.fill("Från och med", "1 dec")
    keys.to(keys.page.get_by_role("checkbox").first)
    keys.press("Space")
    keys.go("Skapa veckotiden")
    anyway = keys.page.get_by_label("Skapa ändå")
    expect(keys.page.get_by_role("heading", name="Ungdomsgruppen").or_(anyway).first).to_be_visible()
    if anyway.is_visible():
        keys.to(anyway)
        keys.press("Space")
        keys.go("Skapa veckotiden")

    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Ungdomsgruppen")


def test_a_meeting_is_prepared_held_and_finalised(keyboard_at: Callable[[str], Keyboard]) -> None:
    keys = keyboard_at("/meetings/{unprepared}")

    keys.go("Använd förslaget")
    keys.to(keys.page.locator(".agenda-line").filter(has_text="K-101"))
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", level=2, name="K-101", exact=True)).to_be_visible()
    add_an_action(keys)
    keys.fill("Beslut", "Boendet går före.")
    keys.go("Slutför")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Slutför minnesanteckningarna")
    keys.go("Slutför")

    expect(keys.page.get_by_role("main")).to_contain_text("Slutförd, version 1")
    expect(keys.page.get_by_role("main")).to_contain_text("Boendet går före.")
    expect(keys.page.get_by_role("main")).to_contain_text(WHAT)


def add_an_action(keys: Keyboard) -> None:
    keys.choose("Vem", "soc")
    keys.fill("Vad", WHAT)
    keys.fill("När", "fre")
    keys.press("Enter")
    expect(keys.page.locator(".agreed-lines")).to_contain_text(WHAT)


def test_an_action_costs_nine_keys_beside_its_own_words(keyboard_at: Callable[[str], Keyboard]) -> None:
    keys = keyboard_at("/meetings/{next}?item={case_item}")
    add_an_action(keys)
    expect(keys.page.get_by_label("Vem", exact=True)).to_be_focused()  # ready for the next one
    keys.pressed = 0

    keys.write("soc")
    keys.press("Tab")
    keys.write("Söka bidrag")
    keys.press("Tab")
    keys.write("fre")
    keys.press("Enter")

    expect(keys.page.locator(".agreed-lines")).to_contain_text("Söka bidrag")
    expect(keys.page.locator(".agreed-lines")).to_contain_text("Socialsekreterare")
    expect(keys.page.get_by_label("Vem", exact=True)).to_be_focused()
    assert keys.pressed - len("Söka bidrag") == 9


def test_the_client_gets_a_time(keyboard_at: Callable[[str], Keyboard]) -> None:
    keys = keyboard_at("/schedules/{case}")

    keys.go("Boka tid")
    keys.choose("Med vem", "Soc")
    keys.fill("Dag", "13 jan")
    keys.fill("Börjar", "10.15")
    keys.fill("Slutar eller längd", "45 min")
    expect(keys.page.locator("#considered")).to_contain_text("13 januari 2027")
    keys.fill("Vad", "Vi går igenom ansökan")
    keys.press("Enter")

    expect(keys.page.locator("#live")).to_contain_text("Tiden är bokad")
    expect(keys.page.get_by_role("region", name="Tider", exact=True)).to_contain_text("Vi går igenom ansökan")
