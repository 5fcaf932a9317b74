"""Every page there is: axe without a remark, no sideways scroll, a visible focus ring, and a quiet console.

WCAG 2.2 AA, wide and on a phone, light and dark. Only what colours can change is looked at again in the dark.
"""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, BrowserContext

from inslussning.services import offices
from inslussning.services.offices import NewOffice
from tests.browser.conftest import StartSite
from tests.browser.looking import PHONE, WIDE, Looker
from tests.browser.pages import ERRORS, FILES, PAGES, Look, Who, names_in
from tests.browser.site import Site
from tests.conftest import NOW

COORDINATOR = "anna.berg@kontor.example"
WITHOUT_ROWS = tuple(
    look for look in PAGES if "{" not in look.path and look.who is Who.COORDINATOR and look.route != "search"
)


def test_every_page_of_the_app_is_in_the_list_of_pages_to_look_at(demo_site: Site) -> None:
    routes = {
        context.name
        for context in iter_route_contexts(demo_site.app.routes)
        if "GET" in (getattr(context, "methods", None) or ())
    }

    listed = {look.route for look in (*PAGES, *FILES, *ERRORS)}

    assert routes - listed == set()


@pytest.fixture(scope="module")
def looker_of(browser: Browser, demo_site: Site) -> Iterator[Callable[[Who], Looker]]:
    """A window per person, kept open: the browser need not read the style sheets anew for every page."""
    contexts: list[BrowserContext] = []

    @cache
    def looker(who: Who) -> Looker:
        context = browser.new_context(locale="sv-SE")
        contexts.append(context)
        if who is not Who.NOBODY:
            demo_site.sign_in(context, who.value)
        return Looker(context)

    yield looker
    for context in contexts:
        context.close()


@pytest.mark.parametrize("look", FILES, ids=str)
def test_what_is_not_looked_at_is_no_page(context: BrowserContext, demo_site: Site, look: Look) -> None:
    if look.who is not Who.NOBODY:
        demo_site.sign_in(context, look.who.value)

    answer = context.request.get(demo_site.url + look.path.format_map(names_in(demo_site.database, demo_site.settings)))

    assert answer.status == 200
    assert not answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("look", PAGES + ERRORS, ids=str)
def test_the_page_can_be_used_by_everybody(looker_of: Callable[[Who], Looker], demo_site: Site, look: Look) -> None:
    looker = looker_of(look.who)

    looker.open(demo_site, look)

    assert looker.problems() == {}


@pytest.fixture(scope="module")
def bare_site(start_site: StartSite) -> Site:
    """A site whose office was made a moment ago: no rows anywhere."""
    site = start_site(told=False)
    new = NewOffice(
        name="Frivården Ekhamn",
        timezone="Europe/Stockholm",
        coordinator="Anna Berg",
        email=COORDINATOR,
        password="ett ganska långt lösenord",
    )
    with site.database.transaction() as session:
        offices.create_office(session, new, now=NOW)
    return site


@pytest.fixture(scope="module")
def bare_looker(browser: Browser, bare_site: Site) -> Iterator[Looker]:
    context = browser.new_context(locale="sv-SE")
    bare_site.sign_in(context, COORDINATOR)
    yield Looker(context)
    context.close()


@pytest.mark.parametrize("look", WITHOUT_ROWS, ids=str)
def test_the_page_of_an_empty_office_can_be_used_by_everybody(bare_looker: Looker, bare_site: Site, look: Look) -> None:
    answer = bare_looker.page.goto(bare_site.url + look.path)

    assert answer is not None
    assert answer.status == 200
    assert bare_looker.small_problems() == {}


def test_the_first_run_can_be_used_by_everybody(context: BrowserContext, start_site: StartSite) -> None:
    looker = Looker(context)

    looker.page.goto(start_site(told=False).url)

    assert looker.page.title().startswith("Kom igång")
    assert looker.problems() == {}
    looker.page.get_by_text("Ställ in e-post nu").click()
    looker.page.get_by_role("button", name="Skapa kontoret").click()
    looker.page.get_by_role("alert").filter(has_text="behöver rättas").wait_for()
    looker.complaints.clear()  # the browser tells of 422 in its console
    assert looker.problems() == {}


REFUSED = (
    (Look("actors.new", "/actors/new"), "Lägg till aktör"),
    (Look("cases.new", "/cases/new"), "Lägg till ärende"),
    (Look("slots.new", "/slots/new"), "Skapa veckotiden"),
    (Look("appointments.new", "/appointments/new?case={case}"), "Boka tid"),
)


@pytest.mark.parametrize(("look", "button"), REFUSED, ids=str)
def test_a_refused_form_begins_with_what_must_be_mended(
    looker_of: Callable[[Who], Looker], demo_site: Site, look: Look, button: str
) -> None:
    looker = looker_of(look.who)
    looker.open(demo_site, look)

    looker.page.get_by_role("main").get_by_role("button", name=button, exact=True).click()

    summary = looker.page.get_by_role("alert").filter(has_text="behöver rättas")
    summary.wait_for()
    assert looker.page.evaluate("document.activeElement.className") == "ds-error-summary"
    assert looker.page.title().startswith("Fel:")
    looker.complaints.clear()  # the browser tells of 422 in its console
    assert looker.problems() == {}


@pytest.mark.parametrize("pixels", [WIDE, PHONE])
def test_the_menus_can_be_used_by_everybody_when_they_are_open(
    looker_of: Callable[[Who], Looker], demo_site: Site, pixels: int
) -> None:
    looker = looker_of(Who.COORDINATOR)
    looker.open(demo_site, Look("home", "/"))
    looker.wide(pixels)

    for menu in looker.page.locator("details.menu").all():
        menu.locator("summary").click()
        assert menu.locator("ul").is_visible()
        assert looker.axe() == []
        box = menu.locator("ul").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= pixels


@pytest.mark.parametrize("path", ["/", "/meetings/{next}?item={case_item}", "/cases/{case}"])
def test_forced_colours_keep_everything_readable(
    looker_of: Callable[[Who], Looker], demo_site: Site, path: str
) -> None:
    looker = looker_of(Who.COORDINATOR)
    looker.open(demo_site, Look("any", path))
    looker.wide(WIDE)
    looker.page.emulate_media(forced_colors="active")

    borders = looker.page.locator(".card").evaluate_all(
        "cards => cards.map((card) => getComputedStyle(card).borderTopStyle)"
    )

    assert set(borders) == {"solid"}
    assert looker.axe() == []
