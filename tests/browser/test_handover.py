"""Scenario S2 in the browser: a function changes hands at midnight between 31 January and 1 February 2027.

The mails are real ones, read as their receivers read them, and both partners have a browser of their own open over the midnight.
"""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from inslussning.models import Case, Staffing
from inslussning.practice.mail import MailSecurity
from inslussning.services import meetings, slots
from tests.browser.conftest import StartSite
from tests.browser.site import Site
from tests.browser.test_weekly_loop import Post, notice, press
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.bookings import a_booking, details
from tests.factories.offices import a_case, a_partner, a_world
from tests.factories.planning import a_new_slot, a_new_video
from tests.mail.smtp_server import smtp_server
from tests.received import Received
from tests.whitelist import violations

A, B = "a@kommun.example", "b@kommun.example"
COORDINATOR = "samordnare@bjorkstad.example"
REGISTERED = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LAST_MINUTE = dt.datetime(2027, 1, 31, 22, 59, tzinfo=dt.UTC)  # 23.59 in Stockholm
MIDNIGHT = dt.datetime(2027, 1, 31, 23, 0, tzinfo=dt.UTC)
ERRANDS = [f"Ringa hyresvärden om lägenhet {number}" for number in range(1, 8)]


@pytest.fixture
def post() -> Iterator[Post]:
    with smtp_server() as server:
        yield Post(server)


@pytest.fixture
def site(start_site: StartSite) -> Iterator[Site]:
    site = start_site(told=False, sends=True)
    yield site
    site.stop()


@pytest.fixture
def case(site: Site, post: Post) -> Case:
    """The case whose client has a booked time; social services are in four cases and have seven open actions."""
    with site.database.transaction() as session:
        world = a_world(session, now=NOW)
        world.office.mail_host, world.office.mail_port = "127.0.0.1", post.server.port
        world.office.mail_security = MailSecurity.NONE
        world.social.mailbox, world.social.plain_name = "", "socialtjänsten"
        a_partner(session, world, world.social, email=A, name="Anna Berg")
        other = a_partner(session, world, world.employment, email=B, name="Bo Ahl")
        session.delete(session.scalars(select(Staffing).where(Staffing.person_id == other.person_id)).one())
        later = dt.datetime(2027, 5, 10, 6, 30, tzinfo=dt.UTC)
        parts = {"release_at": later, "actors": [world.social]}
        more = [a_case(session, world.coordinator, code, **parts) for code in ("K-103", "K-104")]  # type: ignore[arg-type]
        cases = [world.near, world.far, *more]
        for number, what in enumerate(ERRANDS):
            an_action(session, world, now=NOW, what=what, case=cases[number % 4], due_on=dt.date(2027, 3, 1))
        links = site.app.state.links
        slots.create_slot(
            session,
            world.coordinator,
            a_new_slot(last_on=dt.date(2027, 6, 24), actor_ids=(world.social.id,)),
            links=links,
            now=NOW,
        )
        meetings.create_video_meeting(session, world.coordinator, a_new_video(world), links=links, now=NOW)
        a_booking(session, world, details(dt.date(2027, 2, 8)), now=NOW)
        key = world.near.id
    site.now = REGISTERED
    post.next(4)  # A is asked to the weekly time, a meeting and a booked time, and the prison to the meeting
    with site.database.read() as session:
        return session.get_one(Case, key)


def test_a_function_changes_hands_at_midnight(browser: Browser, site: Site, post: Post, case: Case) -> None:
    coordinator = signed_in(browser, site, COORDINATOR)
    hand_over(coordinator, site)
    told_a, told_b = by_recipient(post.next(8))
    what_the_old_person_is_told(told_a)
    what_the_new_person_is_told(told_b)
    nothing_names_a_client([*told_a, *told_b])

    site.now = LAST_MINUTE
    old, new = signed_in(browser, site, A), signed_in(browser, site, B)
    sees(old, site, ERRANDS)
    sees(new, site, [])
    site.now = MIDNIGHT
    sees(old, site, [])
    sees(new, site, ERRANDS)

    coordinator = signed_in(browser, site, COORDINATOR)
    coordinator.goto(f"{site.url}/schedules/{case.id}")
    expect(coordinator.get_by_role("main")).to_contain_text("Bo, socialtjänsten")
    coordinator.goto(f"{site.url}/actors")
    expect(coordinator.get_by_role("row", name="Socialsekreterare vuxen")).to_contain_text("Bo Ahl")


def signed_in(browser: Browser, site: Site, email: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    context.set_default_timeout(10_000)
    site.sign_in(context, email)
    return context.new_page()


def hand_over(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/actors")
    page.get_by_role("link", name="Socialsekreterare vuxen – Björkstad", exact=True).click()
    page.get_by_role("link", name="Överlämna funktionen").click()
    page.get_by_label("Sista dag").fill("31 jan")
    page.get_by_label("Vem tar över").select_option(label="Bo Ahl, Arbetsförmedlingen")
    press(page, "Visa vad som händer")
    told = page.locator("#consequences")
    expect(told).to_contain_text("Anna Berg slutar söndag 31 januari 2027. Bo Ahl tar över måndag 1 februari 2027.")
    expect(told).to_contain_text("4 ärenden, 7 öppna åtgärder")
    expect(told).to_contain_text("1 annat möte, 1 bokad tid")
    expect(told).to_contain_text("Anna Berg: besked om bytet, 3 återtagna inbjudningar")
    expect(told).to_contain_text("Bo Ahl: besked om bytet, 3 inbjudningar")
    page.get_by_role("button", name="Överlämna", exact=True).dblclick()
    notice(page, "Överlämningen är inlagd")
    expect(page.get_by_role("heading", name="Överlämning sön 31 jan")).to_have_count(1)


def by_recipient(mails: list[Received]) -> tuple[list[Received], list[Received]]:
    return [one for one in mails if one.to == A], [one for one in mails if one.to == B]


def what_the_old_person_is_told(mails: list[Received]) -> None:
    goodbye = next(one for one in mails if not one.calendar)
    assert "Du slutar den 31 januari 2027 som Socialsekreterare vuxen – Björkstad." in goodbye.plain
    taken_back = [one for one in mails if one.calendar]
    assert sorted(one.subject for one in taken_back) == [
        "Inbjudan återtagen: bokad tid mån 8 feb 13.00",
        "Inbjudan återtagen: möte tis 9 feb 13.00",
        "Inbjudan återtagen: möte torsdagar 09.00 efter tors 28 jan",
    ]
    assert all(b"STATUS:CANCELLED" not in one.calendar and one.sequence == 1 for one in taken_back)
    assert [one.method for one in taken_back if "torsdagar" not in one.subject] == ["CANCEL", "CANCEL"]
    series = next(one for one in taken_back if "torsdagar" in one.subject)
    assert series.event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270128T080000Z;BYDAY=TH"


def what_the_new_person_is_told(mails: list[Received]) -> None:
    welcome = next(one for one in mails if not one.calendar)
    assert "Du tar över den 1 februari 2027 som Socialsekreterare vuxen – Björkstad." in welcome.plain
    invited = [one for one in mails if one.calendar]
    assert {one.method for one in invited} == {"REQUEST"}
    series = next(one for one in invited if "torsdagar" in one.subject)
    assert series.event.start.isoformat() == "2027-02-04T09:00:00+01:00"


def nothing_names_a_client(mails: list[Received]) -> None:
    for mail in mails:
        assert "K-10" not in mail.subject + mail.plain + mail.html
        assert not mail.calendar or violations(mail.calendar) == []


def sees(page: Page, site: Site, errands: list[str]) -> None:
    page.goto(f"{site.url}/actions")
    for errand in ERRANDS:
        expect(page.get_by_role("main").get_by_text(errand)).to_have_count(1 if errand in errands else 0)
