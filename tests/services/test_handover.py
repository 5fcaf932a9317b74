"""A function handed over on a date: what follows, who is told, and that it can be undone (scenario S2)."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotFound
from inslussning.models import Action, Invitation, Meeting, OutboxMessage, Person, StaffChange, Staffing, WeeklySlot
from inslussning.practice.access import Principal
from inslussning.services import answer_links, handover, handover_preview, importing, invitations, meetings, visible
from inslussning.services.answer_links import LinkWithdrawn, Standing
from inslussning.services.handover import HandoverOver, Order, Place
from inslussning.services.invitation_mails import answer_address
from meetings.recurrence import at
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World, a_partner, principal_for
from tests.factories.planning import LINKS, STOCKHOLM, a_slot, a_video_meeting
from tests.received import Received, written
from tests.whitelist import addresses, violations

A, B = "a@kommun.example", "b@kommun.example"
DECIDED = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
LATER = DECIDED + dt.timedelta(hours=1)
LAST, FIRST = dt.date(2027, 1, 31), dt.date(2027, 2, 1)
JAN_28, FEB_4, JUNE_24 = dt.date(2027, 1, 28), dt.date(2027, 2, 4), dt.date(2027, 6, 24)


@pytest.fixture
def staffed(session: Session, world: World) -> World:
    """Social services has no mailbox; A answers for it."""
    world.social.mailbox = ""
    a_partner(session, world, world.social, email=A, name="Anna Berg")
    return world


@pytest.fixture
def slot(session: Session, staffed: World) -> WeeklySlot:
    """Thursdays 9–11 from 7 January through June 2027."""
    return a_slot(session, staffed.coordinator, now=NOW, last_on=JUNE_24, actor_ids=(staffed.social.id,))


@pytest.fixture
def video(session: Session, staffed: World) -> Meeting:
    """A single meeting on 9 February."""
    return a_video_meeting(session, staffed, now=NOW)


def staffing_of(session: Session, email: str) -> Staffing:
    return session.scalars(select(Staffing).join(Staffing.person).where(Person.email == email)).one()


def an_order(session: Session, **changes: object) -> Order:
    given: dict[str, object] = {"last_on": LAST, "name": "Bo Ahl", "email": B}
    return Order(leaving_id=staffing_of(session, A).id, **(given | changes))  # type: ignore[arg-type]


def hand_over(session: Session, world: World, *, now: dt.datetime = DECIDED, **changes: object) -> int:
    order = an_order(session, **changes)
    return handover.hand_over(session, world.coordinator, world.social.id, order, links=LINKS, now=now).count


def undo(session: Session, world: World, *, now: dt.datetime = LATER) -> int:
    (change,) = handover.coming(session, world.coordinator, world.social.id, now=now)
    return handover.undo(session, world.coordinator, world.social.id, change.id, links=LINKS, now=now).count


def since(session: Session, to: str, moment: int = 0) -> list[Received]:
    return written(session, to=to)[moment:]


def asked_on(session: Session, world: World, slot: WeeklySlot, day: dt.date) -> list[tuple[str, str]]:
    meeting = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id, Meeting.original_on == day)).one()
    return [(one.title, one.address) for one in invitations.answers(session, world.coordinator, meeting)]


@pytest.mark.usefixtures("slot")
class TestBeforeAnyHandOver:
    def test_an_actor_without_a_mailbox_is_asked_through_the_person_who_staffs_it(self, session: Session) -> None:
        (mail,) = written(session)
        assert (mail.to, mail.subject) == (A, "Inbjudan: möte torsdagar 09.00")
        assert mail.event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270624T070000Z;BYDAY=TH"
        assert violations(mail.calendar) == []

    def test_the_page_names_function_and_person(self, session: Session, staffed: World, slot: WeeklySlot) -> None:
        assert asked_on(session, staffed, slot, FEB_4) == [("Socialsekreterare vuxen – Björkstad (Anna Berg)", A)]


@pytest.mark.usefixtures("slot", "video")
class TestTheSeries:
    def test_the_old_persons_series_ends_with_its_last_date_under_the_same_name(
        self, session: Session, staffed: World
    ) -> None:
        first = since(session, A)[0]
        hand_over(session, staffed)
        ended = next(one for one in since(session, A) if "efter" in one.subject and one.calendar)
        assert ended.subject == "Inbjudan återtagen: möte torsdagar 09.00 efter tors 28 jan"
        assert ended.event["uid"] == first.event["uid"]
        assert (ended.method, ended.sequence) == ("REQUEST", 1)
        assert ended.event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270128T080000Z;BYDAY=TH"
        assert b"CANCELLED" not in ended.calendar

    def test_the_new_persons_series_begins_with_its_first_date(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        invited = next(one for one in since(session, B) if "torsdagar" in one.subject)
        assert invited.event.start.isoformat() == "2027-02-04T09:00:00+01:00"
        assert (invited.method, invited.sequence) == ("REQUEST", 0)
        assert "från tors 4 feb till tors 24 juni." in invited.plain

    def test_each_date_has_the_person_of_its_day(self, session: Session, staffed: World, slot: WeeklySlot) -> None:
        hand_over(session, staffed)
        assert asked_on(session, staffed, slot, JAN_28) == [("Socialsekreterare vuxen – Björkstad (Anna Berg)", A)]
        assert asked_on(session, staffed, slot, FEB_4) == [("Socialsekreterare vuxen – Björkstad (Bo Ahl)", B)]

    def test_without_any_date_left_the_whole_series_is_taken_back_when_none_has_been(
        self, session: Session, staffed: World
    ) -> None:
        hand_over(session, staffed, last_on=dt.date(2026, 12, 31), now=NOW)
        ended = next(one for one in since(session, A) if "torsdagar" in one.subject and one.sequence)
        assert ended.method == "CANCEL"
        assert b"STATUS" not in ended.calendar

    def test_a_date_moved_past_the_hand_over_goes_to_the_new_person(
        self, session: Session, staffed: World, slot: WeeklySlot
    ) -> None:
        hand_over(session, staffed)
        meeting = session.scalars(select(Meeting).where(Meeting.original_on == JAN_28)).one()
        starts = at(dt.date(2027, 2, 2), dt.time(9), STOCKHOLM)
        meetings.move(
            session,
            staffed.coordinator,
            meeting.id,
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=2),
            reason="Sjukdom",
            links=LINKS,
            now=DECIDED,
        )
        assert [address for _, address in asked_on(session, staffed, slot, JAN_28)] == [B]


@pytest.mark.usefixtures("video")
class TestASingleMeeting:
    def test_it_is_taken_back_without_being_called_off(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        taken = next(one for one in since(session, A) if one.subject.startswith("Inbjudan återtagen"))
        assert (taken.method, taken.sequence) == ("CANCEL", 1)
        assert b"STATUS" not in taken.calendar
        assert violations(taken.calendar) == []

    def test_the_new_person_is_invited(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        invited = next(one for one in since(session, B) if one.calendar)
        assert (invited.subject, invited.method) == ("Inbjudan: möte tis 9 feb 13.00", "REQUEST")

    def test_moved_to_before_the_hand_over_it_is_the_old_persons_again(
        self, session: Session, staffed: World, video: Meeting
    ) -> None:
        hand_over(session, staffed)
        starts = at(dt.date(2027, 1, 26), dt.time(13), STOCKHOLM)
        meetings.move(
            session,
            staffed.coordinator,
            video.id,
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=1),
            reason="Tidigare",
            links=LINKS,
            now=LATER,
        )
        assert since(session, B)[-1].subject == "Inbjudan återtagen: möte tis 9 feb 13.00"
        assert since(session, A)[-1].subject == "Inbjudan: möte tis 26 jan 13.00"

    def test_a_booked_time_follows_as_well(self, session: Session, staffed: World) -> None:
        a_booking(session, staffed, details(dt.date(2027, 2, 8)), now=NOW)
        hand_over(session, staffed)
        assert "Inbjudan: bokad tid mån 8 feb 13.00" in [one.subject for one in since(session, B)]


class TestPlainMails:
    def test_both_are_told_without_a_word_about_any_client(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        (goodbye,), (welcome,) = since(session, A), since(session, B)
        assert "Du slutar den 31 januari 2027 som Socialsekreterare vuxen – Björkstad." in goodbye.plain
        assert "Du tar över den 1 februari 2027 som Socialsekreterare vuxen – Björkstad." in welcome.plain
        assert "http://127.0.0.1:8000/" in welcome.plain
        for mail in (goodbye, welcome):
            assert "K-10" not in mail.plain + mail.html + mail.subject
            assert not mail.calendar

    @pytest.mark.usefixtures("slot", "video")
    def test_no_mail_names_a_case_or_anybody_elses_address(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        for mail in [*since(session, A), *since(session, B)]:
            assert staffed.far.code not in mail.plain + mail.html + mail.subject
            assert not violations(mail.calendar or b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
            if mail.calendar:
                assert addresses(mail.calendar) == {mail.to, "samordning@bjorkstad.example"}

    def test_with_a_mailbox_no_invitation_is_sent_again(self, session: Session, world: World) -> None:
        a_partner(session, world, world.social, email=A, name="Anna Berg")
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        assert len(written(session, to="soc@partner.example")) == 1
        hand_over(session, world)
        assert len(written(session, to="soc@partner.example")) == 1
        assert [len(since(session, to)) for to in (A, B)] == [1, 1]


def as_partner(session: Session, world: World, email: str, now: dt.datetime) -> Principal:
    return principal_for(session, world.office, email, now=now)


class TestWhatFollows:
    def test_access_moves_at_midnight_in_the_offices_own_zone(self, session: Session, staffed: World) -> None:
        other = a_partner(session, staffed, staffed.employment, email=B, name="Bo Ahl")
        session.delete(staffing_of(session, B))
        session.flush()
        hand_over(session, staffed, person_id=other.person_id, name="", email="")
        before, after = (dt.datetime(2027, 1, 31, hour, minute, tzinfo=dt.UTC) for hour, minute in [(22, 59), (23, 0)])
        cases = {staffed.near.id, staffed.far.id}
        assert set(as_partner(session, staffed, A, before).scope.shares) == cases
        assert set(as_partner(session, staffed, B, before).scope.shares) == set()
        assert set(as_partner(session, staffed, A, after).scope.shares) == set()
        assert set(as_partner(session, staffed, B, after).scope.shares) == cases

    def test_open_actions_are_the_functions(self, session: Session, staffed: World) -> None:
        other = a_partner(session, staffed, staffed.employment, email=B, name="Bo Ahl")
        session.delete(staffing_of(session, B))
        action = an_action(session, staffed, now=NOW)
        hand_over(session, staffed, person_id=other.person_id, name="", email="")
        after = as_partner(session, staffed, B, DECIDED + dt.timedelta(days=14))
        assert session.scalars(select(Action).where(visible.actions(after))).all() == [action]


class TestPreview:
    @pytest.mark.usefixtures("slot", "video")
    def test_it_counts_what_follows_and_who_hears_and_changes_nothing(self, session: Session, staffed: World) -> None:
        an_action(session, staffed, now=NOW)
        before = len(written(session))
        order = an_order(session)
        told = handover_preview.preview(session, staffed.coordinator, staffed.social.id, order, now=DECIDED)
        assert told.follows == (2, 1, 21, 1, 0)
        heard = {one.name: (one.plain, one.invited, one.taken_back) for one in told.hears}
        assert heard == {"Anna Berg": (1, 0, 2), "Bo Ahl": (1, 2, 0)}
        assert not told.remarks
        assert len(written(session)) == before
        assert session.scalars(select(StaffChange)).all() == []

    @pytest.mark.usefixtures("slot", "video")
    def test_what_it_says_is_what_happens(self, session: Session, staffed: World) -> None:
        order = an_order(session)
        told = handover_preview.preview(session, staffed.coordinator, staffed.social.id, order, now=DECIDED)
        assert hand_over(session, staffed) == sum(one.total for one in told.hears)


@pytest.mark.usefixtures("slot", "video")
class TestUndoing:
    def test_the_staffing_is_exactly_as_before(self, session: Session, staffed: World) -> None:
        staffing_of(session, A).ends_on = dt.date(2027, 5, 31)
        hand_over(session, staffed)
        undo(session, staffed)
        session.expire_all()
        rows = session.scalars(select(Staffing).where(Staffing.actor_id == staffed.social.id)).all()
        assert [(one.person_id, one.ends_on) for one in rows] == [
            (staffing_of(session, A).person_id, dt.date(2027, 5, 31))
        ]

    def test_everyone_is_asked_as_before_and_told_so(
        self, session: Session, staffed: World, slot: WeeklySlot, video: Meeting
    ) -> None:
        hand_over(session, staffed)
        undo(session, staffed)
        assert [address for _, address in asked_on(session, staffed, slot, FEB_4)] == [A]
        assert A in [one.address for one in invitations.answers(session, staffed.coordinator, video)]
        goes_on = next(one for one in since(session, A) if one.subject.startswith("Ändrad inbjudan"))
        assert goes_on.event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270624T070000Z;BYDAY=TH"
        assert goes_on.sequence == 2
        cancelled = [one for one in since(session, B) if one.calendar and one.method == "CANCEL"]
        assert len(cancelled) == 2
        assert all(b"STATUS" not in one.calendar for one in cancelled)

    def test_a_meeting_taken_back_is_asked_anew_with_a_name_of_its_own(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        undo(session, staffed)
        mails = [one for one in since(session, A) if one.calendar and "9 feb" in one.subject]
        assert [one.method for one in mails] == ["REQUEST", "CANCEL", "REQUEST"]
        assert len({str(one.event["uid"]) for one in mails}) == 2

    def test_after_its_day_it_cannot_be_undone(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        change = session.scalars(select(StaffChange)).one()
        late = dt.datetime(2027, 2, 1, 0, 30, tzinfo=dt.UTC)
        with pytest.raises(HandoverOver):
            handover.undo(session, staffed.coordinator, staffed.social.id, change.id, links=LINKS, now=late)

    def test_undoing_twice_is_undoing_once(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        change = session.scalars(select(StaffChange)).one()
        undo(session, staffed)
        count = len(written(session))
        again = handover.undo(session, staffed.coordinator, staffed.social.id, change.id, links=LINKS, now=DECIDED)
        assert again.count == 0
        assert len(written(session)) == count


@pytest.mark.usefixtures("slot")
class TestChanging:
    def test_another_day_moves_the_line_between_them(self, session: Session, staffed: World, slot: WeeklySlot) -> None:
        hand_over(session, staffed)
        hand_over(session, staffed, last_on=dt.date(2027, 2, 28))
        assert [a for _, a in asked_on(session, staffed, slot, FEB_4)] == [A]
        assert [a for _, a in asked_on(session, staffed, slot, dt.date(2027, 3, 4))] == [B]
        assert [a for _, a in asked_on(session, staffed, slot, dt.date(2027, 2, 25))] == [A]

    def test_another_person_and_the_first_is_told(self, session: Session, staffed: World, slot: WeeklySlot) -> None:
        hand_over(session, staffed)
        hand_over(session, staffed, name="Cia Dal", email="c@kommun.example")
        assert [a for _, a in asked_on(session, staffed, slot, FEB_4)] == ["c@kommun.example"]
        assert since(session, B)[-1].subject in {
            "Byte av person blir inte av",
            "Inbjudan återtagen: möte torsdagar 09.00",
        }
        assert "Du tar inte över" in "".join(one.plain for one in since(session, B))

    def test_the_same_order_twice_has_one_effect(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        count = len(written(session))
        assert hand_over(session, staffed) == 0
        assert len(written(session)) == count
        assert len(session.scalars(select(StaffChange)).all()) == 1


@pytest.mark.usefixtures("slot")
class TestTheOldPersonsLink:
    def test_it_shows_the_old_persons_own_dates_alone_and_is_over_after_them(
        self, session: Session, staffed: World
    ) -> None:
        hand_over(session, staffed)
        row = session.scalars(select(Invitation).where(Invitation.address == A)).one()
        token = answer_address(LINKS, row).rpartition("/")[2]
        opened = answer_links.open_link(session, LINKS, token, now=DECIDED)
        told = answer_links.question(session, opened, now=DECIDED)
        assert [one.starts_at.date() for one in told.dates] == [dt.date(2027, 1, 21), JAN_28]
        assert told.weekly is not None
        assert told.weekly.last_on == JAN_28
        february = dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC)
        assert answer_links.question(session, opened, now=february).standing is Standing.OVER

    def test_it_opens_no_date_of_the_new_persons(self, session: Session, staffed: World) -> None:
        hand_over(session, staffed)
        row = session.scalars(select(Invitation).where(Invitation.address == A)).one()
        meeting = session.scalars(select(Meeting).where(Meeting.original_on == FEB_4)).one()
        token = answer_address(LINKS, row, meeting.id).rpartition("/")[2]
        with pytest.raises(LinkWithdrawn):
            answer_links.open_link(session, LINKS, token, now=DECIDED)


class TestVacancy:
    def test_a_last_day_without_a_successor_leaves_a_vacant_place(
        self, session: Session, staffed: World, slot: WeeklySlot
    ) -> None:
        key = staffing_of(session, A).id
        handover.end(session, staffed.coordinator, staffed.social.id, key, ends_on=LAST, links=LINKS, now=DECIDED)
        assert asked_on(session, staffed, slot, FEB_4) == [("Socialsekreterare vuxen – Björkstad", "")]

    def test_staffed_again_the_new_person_is_invited_from_its_first_day(
        self, session: Session, staffed: World, slot: WeeklySlot
    ) -> None:
        key = staffing_of(session, A).id
        handover.end(session, staffed.coordinator, staffed.social.id, key, ends_on=LAST, links=LINKS, now=DECIDED)
        place = Place(name="Bo Ahl", email=B, starts_on=dt.date(2027, 2, 15))
        handover.put_in(session, staffed.coordinator, staffed.social.id, place, links=LINKS, now=DECIDED)
        assert [a for _, a in asked_on(session, staffed, slot, dt.date(2027, 2, 11))] == [""]
        assert [a for _, a in asked_on(session, staffed, slot, dt.date(2027, 2, 18))] == [B]

    def test_a_mailbox_takes_the_persons_place(self, session: Session, staffed: World, slot: WeeklySlot) -> None:
        staffed.social.mailbox = "soc@partner.example"
        session.flush()
        invitations.follow(session, staffed.coordinator, staffed.social, links=LINKS, now=DECIDED)
        assert [a for _, a in asked_on(session, staffed, slot, FEB_4)] == ["soc@partner.example"]
        assert since(session, A)[-1].subject.startswith("Inbjudan återtagen: möte torsdagar 09.00 efter tors 14 jan")


class TestWhatIsRefused:
    def test_a_last_day_before_the_first(self, session: Session, staffed: World) -> None:
        with pytest.raises(Invalid) as refused:
            hand_over(session, staffed, last_on=dt.date(2025, 12, 31))
        assert refused.value.field == "last_on"

    def test_the_same_person_on_both_sides(self, session: Session, staffed: World) -> None:
        with pytest.raises(Invalid) as refused:
            hand_over(session, staffed, email=A)
        assert refused.value.field == "email"

    @pytest.mark.parametrize("missing", ["name", "email"])
    def test_nobody_to_take_over(self, session: Session, staffed: World, missing: str) -> None:
        with pytest.raises(Invalid) as refused:
            hand_over(session, staffed, name="" if missing == "name" else "Bo", email="" if missing == "email" else B)
        assert refused.value.field == missing

    def test_another_actors_staffing_is_absent(self, session: Session, staffed: World) -> None:
        order = an_order(session)
        with pytest.raises(NotFound):
            handover.hand_over(session, staffed.coordinator, staffed.clinic.id, order, links=LINKS, now=DECIDED)


def test_a_hand_over_reaches_meetings_about_cases_closed_to_whoever_makes_it(
    session: Session, staffed: World, video: Meeting
) -> None:
    staffed.far.sealed_at = NOW
    session.flush()
    blind = principal_for(session, staffed.office, "samordnare@bjorkstad.example", now=DECIDED)
    assert video.case_id in blind.scope.hidden
    order = an_order(session)
    handover.hand_over(session, blind, staffed.social.id, order, links=LINKS, now=DECIDED)
    rows = session.scalars(select(Invitation).where(Invitation.meeting_id == video.id)).all()
    assert {one.address for one in rows if one.withdrawn_at is None and one.actor_id == staffed.social.id} == {B}
    assert session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.recipient == B)).all()


def test_who_may_not_see_a_case_is_not_told_that_its_mails_left(
    session: Session, staffed: World, video: Meeting
) -> None:
    staffed.far.sealed_at = NOW
    session.flush()
    blind = principal_for(session, staffed.office, "samordnare@bjorkstad.example", now=DECIDED)
    assert video.case_id in blind.scope.hidden
    place = Place(name="Bo Ahl", email=B, starts_on=NOW.date(), ends_on=None)
    sent = handover.put_in(session, blind, staffed.social.id, place, links=LINKS, now=DECIDED)
    assert session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.recipient == B)).all()
    assert sent == invitations.NOBODY


def test_a_list_that_is_read_in_moves_the_invitations_as_well(
    session: Session, staffed: World, slot: WeeklySlot
) -> None:
    heading = "Namn;E-post;Organisation;Funktion;Ort;Från och med;Till och med"
    who = "Kommun (socialtjänst);Socialsekreterare vuxen;Björkstad"
    lines = [heading, f"Anna Berg;{A};{who};2026-01-01;2027-01-31", f"Bo Ahl;{B};{who};2027-02-01;"]
    staffing = ("lista.csv", "\r\n".join(lines).encode())
    importing.import_files(session, staffed.coordinator, [staffing], links=LINKS, now=DECIDED, save=True)
    assert [a for _, a in asked_on(session, staffed, slot, JAN_28)] == [A]
    assert [a for _, a in asked_on(session, staffed, slot, FEB_4)] == [B]
