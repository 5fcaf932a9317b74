"""What holds for the client's schedule: as it stands, as it was handed over, on paper and in a telephone."""

import datetime as dt
import io
from typing import Any

import pikepdf
import pytest
from icalendar import Calendar
from pypdf import PdfReader
from sqlalchemy.orm import Session

from inslussning.errors import NotFound
from inslussning.models import Schedule
from inslussning.practice import sheet as paper
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.sheet import Edition
from inslussning.services import actors, appointments, schedules
from inslussning.services.schedule_calendar import calendar_file
from inslussning.services.schedule_pdf import schedule_pdf
from inslussning.services.schedules import LiveSchedule, NothingBooked
from tests import whitelist
from tests.conftest import NOW, TODAY
from tests.factories.bookings import THURSDAY, a_booking, details
from tests.factories.offices import World, a_case, a_partner, an_actor, an_office
from tests.factories.planning import LINKS

LATER = NOW + dt.timedelta(days=3)
HOSTILE = '#eval("1") *x* _y_ $z$ `code` \\ [a](b) #{} <b> // & = 1'


def live(session: Session, world: World, now: dt.datetime = NOW) -> LiveSchedule:
    return schedules.live(session, world.coordinator, world.near.id, now=now)


def hand_over(session: Session, world: World, now: dt.datetime = NOW) -> Schedule:
    return schedules.hand_over(session, world.coordinator, world.near.id, now=now)


def whom(found: LiveSchedule) -> str:
    return next(fact.text for day in found.sheet.days for entry in day.entries for fact in entry.facts)


def a_foreign_principal(session: Session) -> Principal:
    return an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")[1]


class TestLive:
    def test_the_first_week_has_five_days_with_the_holiday_written_out(self, session: Session, world: World) -> None:
        found = live(session, world).sheet
        assert [day.name for day in found.days] == ["Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag"]
        assert "Helgdag – inga tider. Ring 010-123\xa045\xa000 om något händer." in found.days[2].line

    def test_after_the_first_week_only_days_with_a_time_are_shown(self, session: Session, world: World) -> None:
        a_booking(session, world, details(dt.date(2027, 1, 21)), now=NOW)
        assert [day.date for day in live(session, world).sheet.days][-2:] == ["8 januari", "21 januari"]

    def test_a_time_two_months_off_waits_for_the_next_schedule(self, session: Session, world: World) -> None:
        row = a_booking(session, world, details(dt.date(2027, 4, 20)), now=NOW)
        found = live(session, world)
        assert found.later == (row,)
        assert found.sheet.later.startswith("Du har fler tider efter")

    def test_a_time_before_release_is_not_on_the_paper(self, session: Session, world: World) -> None:
        row = a_booking(session, world, details(dt.date(2026, 12, 29)), now=NOW)
        found = live(session, world)
        assert found.before == (row,)
        assert "29 december" not in [day.date for day in found.sheet.days]

    def test_the_client_meets_whoever_staffs_the_function_that_day(self, session: Session, world: World) -> None:
        world.social.plain_name = "socialtjänsten"
        self._staff(session, world, "Åsa Öberg", dt.date(2026, 1, 1), THURSDAY - dt.timedelta(days=1))
        self._staff(session, world, "Bo Ek", THURSDAY, None)
        a_booking(session, world, now=NOW)
        assert whom(live(session, world)) == "Bo, socialtjänsten"

    def test_a_vacant_function_is_called_by_its_plain_name(self, session: Session, world: World) -> None:
        world.social.plain_name = "socialtjänsten"
        a_booking(session, world, now=NOW)
        assert whom(live(session, world)) == "Socialtjänsten"

    def test_without_a_telephone_of_its_own_the_office_lends_the_leads(self, session: Session, world: World) -> None:
        world.office.phone, world.probation.phone = "", "010-999 00 00"
        session.flush()
        assert live(session, world).sheet.phone == "010-999\xa000\xa000"

    def test_a_cancelled_time_is_gone(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        assert live(session, world).times == 0

    def test_no_case_code_but_its_own_and_no_function_name_is_on_it(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        a_booking(session, world, now=NOW, case=world.far)
        world.social.plain_name = "socialtjänsten"
        said = str(live(session, world).sheet.as_json())
        assert "K-102" not in said
        assert "Socialsekreterare" not in said

    @staticmethod
    def _staff(session: Session, world: World, name: str, starts_on: dt.date, ends_on: dt.date | None) -> None:
        email = f"{name.split()[1].lower().replace('ö', 'o')}@kommun.example"
        who: dict[str, Any] = {"name": name, "email": email, "starts_on": starts_on, "ends_on": ends_on}
        actors.staff(session, world.coordinator, world.social.id, **who)


class TestHandOver:
    def test_the_first_one_is_version_one(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        kept = hand_over(session, world)
        assert (kept.number, kept.person_id, kept.handed_over_at) == (1, world.coordinator.person_id, NOW)

    def test_it_keeps_everything_it_said(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        said = live(session, world).sheet
        hand_over(session, world)
        assert schedules.version(session, world.coordinator, world.near.id, 1) == (said, Edition(number=1, on=TODAY))

    def test_nothing_changed_is_the_same_version(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        first = hand_over(session, world)
        assert hand_over(session, world, LATER).id == first.id

    def test_a_changed_time_makes_the_next_version(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        hand_over(session, world)
        row.bring = "Id-handling"
        session.flush()
        assert live(session, world).changed
        assert hand_over(session, world, LATER).number == 2

    def test_days_that_go_by_change_nothing(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        hand_over(session, world)
        assert not live(session, world, NOW + dt.timedelta(days=60)).changed

    def test_a_moved_release_is_a_change(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        hand_over(session, world)
        world.near.release_at = dt.datetime(2027, 1, 5, 7, 30, tzinfo=dt.UTC)
        session.flush()
        assert live(session, world).changed

    def test_what_became_of_a_time_is_not_the_papers_business(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        hand_over(session, world)
        after = row.ends_at + dt.timedelta(minutes=35)
        appointments.set_attendance(session, world.coordinator, row.id, Attendance.ABSENT, now=after)
        assert not live(session, world, after).changed

    def test_the_draft_is_told_from_the_version(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        assert live(session, world).edition == Edition(on=TODAY)
        hand_over(session, world)
        assert live(session, world, LATER).edition == Edition(number=1, on=TODAY)
        row.what = "Något annat"
        session.flush()
        assert live(session, world, LATER).edition.number == 0

    def test_an_old_version_is_replaced_by_the_newest(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        hand_over(session, world)
        row.what = "Något annat"
        session.flush()
        hand_over(session, world, LATER)
        _, edition = schedules.version(session, world.coordinator, world.near.id, 1)
        assert edition.replaced_by == 2

    def test_an_empty_first_schedule_is_refused(self, session: Session, world: World) -> None:
        with pytest.raises(NothingBooked):
            hand_over(session, world)

    def test_a_schedule_that_has_become_empty_replaces_the_old_one(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        hand_over(session, world)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        assert hand_over(session, world, LATER).number == 2

    def test_the_latest_is_found_and_all_are_listed(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        assert schedules.latest(session, world.coordinator, world.near.id) is None
        hand_over(session, world)
        row.what = "Något annat"
        session.flush()
        second = hand_over(session, world, LATER)
        assert schedules.latest(session, world.coordinator, world.near.id) == second
        assert schedules.versions(session, world.coordinator, world.near.id) == [(2, LATER), (1, NOW)]


class TestWhoMay:
    def test_another_office_finds_nothing(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        hand_over(session, world)
        other = a_foreign_principal(session)
        assert schedules.latest(session, other, world.near.id) is None
        assert schedules.list_states(session, other, now=NOW) == []
        for attempt in (
            lambda: schedules.live(session, other, world.near.id, now=NOW),
            lambda: schedules.hand_over(session, other, world.near.id, now=NOW),
            lambda: schedules.version(session, other, world.near.id, 1),
            lambda: calendar_file(session, other, world.near.id, now=NOW),
        ):
            with pytest.raises(NotFound):
                attempt()

    def test_a_partner_finds_nothing(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotFound):
            schedules.live(session, partner, world.near.id, now=NOW)

    def test_a_version_that_was_never_handed_over_is_absent(self, session: Session, world: World) -> None:
        with pytest.raises(NotFound):
            schedules.version(session, world.coordinator, world.near.id, 1)


class TestList:
    def test_it_says_how_far_each_has_come(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        hand_over(session, world)
        found = schedules.list_states(session, world.coordinator, now=NOW)
        assert [(s.code, s.times, s.latest, s.changed) for s in found] == [
            ("K-101", 1, 1, False),
            ("K-102", 0, 0, False),
        ]

    def test_a_change_since_is_seen(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        hand_over(session, world)
        row.place = "Biblioteket"
        session.flush()
        assert schedules.list_states(session, world.coordinator, now=NOW)[0].changed

    def test_the_day_to_hand_it_over_is_the_offices_own(self, session: Session, world: World) -> None:
        assert schedules.list_states(session, world.coordinator, now=NOW)[0].due_on == dt.date(2026, 12, 29)

    def test_it_goes_on_where_it_stopped(self, session: Session, world: World) -> None:
        first = schedules.list_states(session, world.coordinator, now=NOW, limit=1)
        rest = schedules.list_states(session, world.coordinator, now=NOW, after=first[0].case_id)
        assert [s.code for s in (*first, *rest)] == ["K-101", "K-102"]

    def test_a_release_long_ago_and_a_case_without_one_are_left_out(self, session: Session, world: World) -> None:
        world.near.release_at = NOW - dt.timedelta(days=31)
        world.far.release_at = None
        session.flush()
        assert schedules.list_states(session, world.coordinator, now=NOW) == []


def test_the_first_meeting_of_the_supervision_has_a_last_day(session: Session, world: World) -> None:
    by = schedules.first_meeting_by(session, world.coordinator, world.near, now=NOW)
    assert by == dt.date(2027, 2, 4)


def test_without_a_release_there_is_none(session: Session, world: World) -> None:
    world.near.release_at = None
    assert schedules.first_meeting_by(session, world.coordinator, world.near, now=NOW) is None


class TestPaper:
    def test_it_is_tagged_titled_and_in_swedish(self, session: Session, world: World) -> None:
        made = pikepdf.open(io.BytesIO(self._pdf(session, world)))
        assert made.Root.MarkInfo.Marked
        assert made.Root.StructTreeRoot.K
        assert str(made.Root.Lang) == "sv"
        assert made.Root.ViewerPreferences.DisplayDocTitle
        assert str(made.docinfo.Title) == "Ditt schema"
        assert 'pdfuaid:part="1"' in str(made.Root.Metadata.read_bytes()) or "pdfuaid:part>1<" in str(
            made.Root.Metadata.read_bytes()
        )

    def test_its_days_are_headings(self, session: Session, world: World) -> None:
        made = pikepdf.open(io.BytesIO(self._pdf(session, world)))
        kinds = _kinds(made.Root.StructTreeRoot)
        assert kinds.count("H1") == 1
        assert kinds.count("H2") == 5
        assert "L" in kinds

    def test_all_it_says_can_be_read_out(self, session: Session, world: World) -> None:
        world.social.plain_name, world.social.visiting_address = "socialtjänsten", "Åkergränd 7, Björkstad"
        a_booking(session, world, details(what="Vi pratar om räkningar på köpet"), now=NOW)
        said = _text(self._pdf(session, world))
        for expected in (
            "Ditt schema",
            "Torsdag 7 januari",
            "13.00–14.00",
            "räkningar på köpet",
            "Åkergränd 7",
            "Trettondedag jul",
            "ring 010-123 45 00. Du får en ny tid.",
            "K-101",
            "Utkast 24 november 2026",
            "Sida 1 av 1",
        ):
            assert expected in said

    @pytest.mark.parametrize("field", ["what", "place", "getting_there", "bring", "contact"])
    def test_what_people_write_never_becomes_markup(self, session: Session, world: World, field: str) -> None:
        texts: dict[str, Any] = {field: HOSTILE}
        a_booking(session, world, details(**texts), now=NOW)
        assert HOSTILE in _text(self._pdf(session, world))

    def test_an_old_version_says_so_first(self) -> None:
        it = paper.sheet([], code="K-1", phone="", zone="Europe/Stockholm")
        said = _text(schedule_pdf(it, Edition(number=1, on=TODAY, replaced_by=2), now=NOW))
        assert "Det finns ett nyare schema. Fråga efter version 2." in said

    def test_a_day_longer_than_a_page_loses_nothing(self, session: Session, world: World) -> None:
        for clock in range(6, 22):
            a_booking(session, world, details(clock=dt.time(clock), minutes=30, bring="Id-handling"), now=NOW)
        said = _text(self._pdf(session, world))
        assert [clock for clock in range(6, 22) if f"{clock:02}.00–{clock:02}.30" not in said] == []
        assert "Sida 1 av 2" in said

    def test_the_same_schedule_gives_the_same_paper(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        assert self._pdf(session, world) == self._pdf(session, world)

    @staticmethod
    def _pdf(session: Session, world: World) -> bytes:
        found = live(session, world)
        return schedule_pdf(found.sheet, found.edition, now=NOW)


def _kinds(node: Any) -> list[str]:
    """List the types of all structure elements under a node."""
    if isinstance(node, pikepdf.Array):
        return [kind for child in node for kind in _kinds(child)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    own = [str(node.S).removeprefix("/")] if "/S" in node else []
    return own + (_kinds(node.K) if "/K" in node else [])


def _text(pdf: bytes) -> str:
    """Read the text out of a PDF as a program that is not ours does, with white space folded."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


class TestCalendarFile:
    def test_it_holds_the_times_and_nothing_else(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        file = self._file(session, world)
        assert whitelist.violations(file) == []
        events = Calendar.from_ical(file).walk("VEVENT")
        assert [(str(e["SUMMARY"]), str(e["DESCRIPTION"])) for e in events] == [
            ("Bokad tid", "Se ditt schema eller ring 010-123 45 00.")
        ]
        assert events[0].decoded("DTSTART").isoformat() == "2027-01-07T13:00:00+01:00"

    def test_it_tells_nothing_of_what_where_or_with_whom(self, session: Session, world: World) -> None:
        canaries: dict[str, Any] = {
            "what": "Kanariefågel om skulder",
            "place": "Kanariegatan 1",
            "getting_there": "Kanariebussen",
            "bring": "Kanarieholk",
            "contact": "Kanarie 070-123 45 67",
        }
        world.social.visiting_address, world.social.plain_name = "Kanarieadressen 2", "kanarietjänsten"
        a_booking(session, world, details(**canaries), now=NOW)
        a_booking(session, world, now=NOW, case=world.far, actor=world.clinic)
        file = self._file(session, world)
        said = file.decode().replace("\r\n ", "").casefold()
        hidden = (
            "kanarie",
            "k-101",
            "k-102",
            "socialsekreterare",
            "beroende",
            "frivård",
            "location",
            "attendee",
            "organizer",
        )
        assert [word for word in hidden if word in said] == []
        assert whitelist.addresses(file) == set()

    def test_a_changed_time_replaces_the_old_one(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        first = Calendar.from_ical(self._file(session, world)).walk("VEVENT")[0]
        appointments.change(
            session, world.coordinator, row.id, details(clock=dt.time(15)), version=row.version, links=LINKS, now=NOW
        )
        second = Calendar.from_ical(self._file(session, world)).walk("VEVENT")[0]
        assert first["UID"] == second["UID"]
        assert int(str(second["SEQUENCE"])) > int(str(first["SEQUENCE"]))

    def test_its_ids_are_neither_ours_nor_the_actors(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        file = self._file(session, world).decode()
        assert str(row.id) not in file
        assert row.id.hex not in file

    def test_without_a_number_it_only_points_to_the_paper(self, session: Session, world: World) -> None:
        world.office.phone = ""
        a_booking(session, world, now=NOW)
        assert str(Calendar.from_ical(self._file(session, world)).walk("VEVENT")[0]["DESCRIPTION"]) == "Se ditt schema."

    def test_without_times_there_is_no_file(self, session: Session, world: World) -> None:
        with pytest.raises(NothingBooked):
            self._file(session, world)

    @staticmethod
    def _file(session: Session, world: World) -> bytes:
        session.flush()
        return calendar_file(session, world.coordinator, world.near.id, now=NOW)


def test_a_schedule_of_many_cases_costs_no_more_statements(session: Session, world: World, query_counter: Any) -> None:
    a_booking(session, world, now=NOW)
    with query_counter() as few:
        schedules.list_states(session, world.coordinator, now=NOW)
    theirs = an_actor(session, world.coordinator, "ny", "Boendestödjare", OrganisationKind.MUNICIPALITY)
    for number in range(5):
        released = dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC)
        case = a_case(session, world.coordinator, f"K-20{number}", release_at=released, actors=[theirs])
        a_booking(session, world, now=NOW, case=case, actor=theirs)
    session.expunge_all()
    with query_counter() as many:
        schedules.list_states(session, world.coordinator, now=NOW)
    assert len(many) <= len(few) + 1
