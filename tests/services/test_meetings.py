"""Meetings: booking a video meeting, moving one meeting, leaving one out, and finding them again."""

import datetime as dt
from email import message_from_bytes
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from inslussning.errors import Invalid, NotFound
from inslussning.models import AgendaItem, Invitation, Meeting, Minutes, OutboxMessage, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.mail import MailKind
from inslussning.practice.phases import Phase
from inslussning.services import meetings, planning
from inslussning.services.meetings import MeetingFixed
from meetings.agenda import ItemKind
from meetings.minutes import MinutesState
from meetings.recurrence import at
from tests.conftest import NOW
from tests.factories.offices import World, a_case, an_office
from tests.factories.planning import LINKS, STOCKHOLM, a_new_video, a_slot, a_video_meeting

ASCENSION = dt.date(2027, 5, 6)


@pytest.fixture
def slot(session: Session, world: World) -> WeeklySlot:
    """Thursdays 9–11 through 2027, with two actors."""
    return a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.clinic.id))


def on(session: Session, slot: WeeklySlot, day: dt.date) -> Meeting:
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id, Meeting.original_on == day)).one()


def moved(
    session: Session, world: World, meeting: Meeting, day: dt.date, starts: int = 9, ends: int = 11, **more: Any
) -> None:
    typed: dict[str, Any] = {
        "starts_at": at(day, dt.time(starts), STOCKHOLM),
        "ends_at": at(day, dt.time(ends), STOCKHOLM),
    }
    typed |= {"reason": "Röd dag", "links": LINKS, "now": NOW} | more
    meetings.move(session, world.coordinator, meeting.id, **typed)


def cancelled(session: Session, world: World, meeting: Meeting, **more: Any) -> None:
    typed: dict[str, Any] = {"reason": "Röd dag", "links": LINKS, "now": NOW} | more
    meetings.cancel(session, world.coordinator, meeting.id, **typed)


def calendars(session: Session, kind: MailKind) -> list[str]:
    """The calendar part of each mail of a kind, unfolded."""
    session.flush()
    found = []
    query = select(OutboxMessage).where(OutboxMessage.kind == kind).options(undefer(OutboxMessage.mime))
    for mail in session.scalars(query):
        part = next(p for p in message_from_bytes(mail.mime).walk() if p.get_content_type() == "text/calendar")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append(payload.decode().replace("\r\n ", ""))
    return found


class TestMove:
    def test_a_moved_date_keeps_the_day_the_rule_gave_it(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        meeting = on(session, slot, ASCENSION)
        moved(session, world, meeting, dt.date(2027, 5, 5))
        assert meeting.original_on == ASCENSION
        assert meeting.starts_at == at(dt.date(2027, 5, 5), dt.time(9), STOCKHOLM)
        assert meeting.reason == "Röd dag"

    def test_each_recipient_is_told_of_that_date_alone(self, session: Session, world: World, slot: WeeklySlot) -> None:
        moved(session, world, on(session, slot, ASCENSION), dt.date(2027, 5, 5))
        found = calendars(session, MailKind.UPDATE)
        assert len(found) == 2
        assert all("RECURRENCE-ID;TZID=Europe/Stockholm:20270506T090000" in one for one in found)
        assert all("DTSTART;TZID=Europe/Stockholm:20270505T090000" in one for one in found)

    def test_a_date_cannot_land_on_the_day_of_another(self, session: Session, world: World, slot: WeeklySlot) -> None:
        with pytest.raises(Invalid, match="redan ett tillfälle") as refused:
            moved(session, world, on(session, slot, ASCENSION), dt.date(2027, 5, 13), 13, 15)
        assert refused.value.field == "day"

    @pytest.mark.parametrize("day", [dt.date(2027, 5, 14), dt.date(2027, 4, 28)], ids=["after next", "before last"])
    def test_a_date_cannot_pass_its_neighbour(
        self, session: Session, world: World, slot: WeeklySlot, day: dt.date
    ) -> None:
        with pytest.raises(Invalid, match="förbi"):
            moved(session, world, on(session, slot, ASCENSION), day)

    def test_a_date_may_pass_one_that_is_skipped(self, session: Session, world: World, slot: WeeklySlot) -> None:
        cancelled(session, world, on(session, slot, dt.date(2027, 5, 13)))
        meeting = on(session, slot, ASCENSION)
        moved(session, world, meeting, dt.date(2027, 5, 14))
        assert meeting.starts_at == at(dt.date(2027, 5, 14), dt.time(9), STOCKHOLM)

    def test_the_neighbour_is_where_it_has_been_moved_to(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        moved(session, world, on(session, slot, dt.date(2027, 5, 13)), dt.date(2027, 5, 11))
        with pytest.raises(Invalid, match="förbi"):
            moved(session, world, on(session, slot, ASCENSION), dt.date(2027, 5, 12))

    @pytest.mark.parametrize(
        ("day", "starts", "ends", "field"),
        [
            (dt.date(2026, 11, 23), 9, 11, "day"),
            (ASCENSION, 9, 11, "day"),
            (dt.date(2027, 5, 5), 11, 9, "ends"),
            (dt.date(2027, 5, 5), 9, 9, "ends"),
            (dt.date(2027, 5, 5), 1, 23, "ends"),
        ],
        ids=["past", "same time", "ends first", "no length", "too long"],
    )
    def test_a_time_it_cannot_have_is_refused_by_its_field(
        self, session: Session, world: World, slot: WeeklySlot, day: dt.date, starts: int, ends: int, field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            moved(session, world, on(session, slot, ASCENSION), day, starts, ends)
        assert refused.value.field == field

    def test_a_meeting_that_has_begun_stays(self, session: Session, world: World, slot: WeeklySlot) -> None:
        meeting = on(session, slot, dt.date(2027, 1, 7))
        with pytest.raises(MeetingFixed, match="redan börjat"):
            moved(session, world, meeting, dt.date(2027, 1, 8), now=meeting.starts_at)

    def test_a_meeting_with_finalised_minutes_stays(self, session: Session, world: World, slot: WeeklySlot) -> None:
        meeting = on(session, slot, ASCENSION)
        session.add(Minutes(office_id=world.office.id, meeting_id=meeting.id, state=MinutesState.FINALISED, number=1))
        session.flush()
        with pytest.raises(MeetingFixed, match="slutförda"):
            moved(session, world, meeting, dt.date(2027, 5, 5))
        with pytest.raises(MeetingFixed, match="slutförda"):
            cancelled(session, world, meeting)

    def test_a_moved_video_meeting_is_mailed_as_a_change_of_the_whole(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        moved(session, world, meeting, dt.date(2027, 2, 10), 13, 14)
        found = calendars(session, MailKind.UPDATE)
        assert len(found) == 2
        assert all("RECURRENCE-ID" not in one for one in found)


class TestSkip:
    def test_a_skipped_date_is_cancelled_for_that_date_alone(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        cancelled(session, world, on(session, slot, ASCENSION))
        found = calendars(session, MailKind.CANCELLATION)
        assert len(found) == 2
        assert all("METHOD:CANCEL" in one for one in found)
        assert all("RECURRENCE-ID;TZID=Europe/Stockholm:20270506T090000" in one for one in found)
        states = session.scalars(select(Meeting.state).where(Meeting.slot_id == slot.id)).all()
        assert (states.count(MeetingState.CANCELLED), states.count(MeetingState.PLANNED)) == (1, 52)

    def test_a_skipped_date_raises_the_number_of_each_invitation(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        cancelled(session, world, on(session, slot, ASCENSION))
        session.flush()
        assert session.scalars(select(Invitation.sequence)).all() == [1, 1]

    def test_a_moved_date_is_cancelled_by_its_original_name(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        meeting = on(session, slot, ASCENSION)
        moved(session, world, meeting, dt.date(2027, 5, 5))
        cancelled(session, world, meeting)
        assert all(
            "RECURRENCE-ID;TZID=Europe/Stockholm:20270506" in c for c in calendars(session, MailKind.CANCELLATION)
        )

    def test_a_cancelled_meeting_keeps_its_reason_and_is_not_cancelled_again(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        meeting = on(session, slot, ASCENSION)
        cancelled(session, world, meeting, reason="Kristi himmelsfärd")
        assert (meeting.state, meeting.reason) == (MeetingState.CANCELLED, "Kristi himmelsfärd")
        with pytest.raises(MeetingFixed, match="redan inställt"):
            cancelled(session, world, meeting)

    def test_a_cancelled_video_meeting_is_cancelled_whole(self, session: Session, world: World) -> None:
        cancelled(session, world, a_video_meeting(session, world, now=NOW))
        found = calendars(session, MailKind.CANCELLATION)
        assert len(found) == 2
        assert all("RECURRENCE-ID" not in one for one in found)


class TestVideo:
    def test_the_agenda_is_the_offices_own_with_the_case_in_its_place(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        items = session.scalars(
            select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.position)
        ).all()
        assert [item.position for item in items] == list(range(9))
        assert [(i.title, i.case_id) for i in items if i.kind is ItemKind.CASE] == [
            ("Vem gör vad och när", world.far.id)
        ]
        assert sum(item.minutes for item in items) == 60

    def test_each_chosen_actor_is_invited_and_the_case_is_named_nowhere(self, session: Session, world: World) -> None:
        a_video_meeting(session, world, now=NOW)
        mails = session.scalars(select(OutboxMessage)).all()
        assert sorted(mail.recipient for mail in mails) == ["gran@partner.example", "soc@partner.example"]
        assert not any("K-102" in mail.subject for mail in mails)
        assert not any("K-102" in one for one in calendars(session, MailKind.INVITATION))

    def test_the_prison_must_be_asked_when_the_client_joins_from_there(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            a_video_meeting(session, world, now=NOW, actor_ids=(world.social.id,))
        assert refused.value.field == "actor_ids"

    def test_a_closed_case_has_no_new_meetings(self, session: Session, world: World) -> None:
        world.far.phase = Phase.CLOSED
        session.flush()
        with pytest.raises(Invalid, match="avslutat"):
            a_video_meeting(session, world, now=NOW)

    def test_a_case_of_another_office_is_absent(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_case(session, other, "K-900", release_at=None, actors=[])
        with pytest.raises(NotFound):
            a_video_meeting(session, world, now=NOW, case_id=foreign.id)

    def test_a_time_that_has_been_is_refused(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            a_video_meeting(session, world, now=NOW, starts_at=NOW, ends_at=NOW + dt.timedelta(hours=1))
        assert refused.value.field == "day"


class TestConcerns:
    def of_video(self, session: Session, world: World, day: dt.date, hour: int = 13) -> list[str]:
        new = a_new_video(
            world, starts_at=at(day, dt.time(hour), STOCKHOLM), ends_at=at(day, dt.time(hour + 1), STOCKHOLM)
        )
        found = planning.of_video(
            session, world.coordinator, world.far, starts_at=new.starts_at, ends_at=new.ends_at, now=NOW
        )
        return [one.message % one.params for one in found]

    def test_an_ordinary_day_in_good_time_raises_none(self, session: Session, world: World) -> None:
        assert self.of_video(session, world, dt.date(2027, 2, 9)) == []

    @pytest.mark.parametrize(
        ("day", "said"),
        [
            (dt.date(2027, 1, 6), "Ons 6 jan 2027 är helgdag (Trettondedag jul)."),
            (dt.date(2026, 12, 24), "Tors 24 dec är en afton (Julafton). De flesta är lediga."),
            (dt.date(2027, 2, 6), "Lör 6 feb 2027 är en lördag eller söndag."),
        ],
    )
    def test_a_day_when_people_are_away_is_told_of(
        self, session: Session, world: World, day: dt.date, said: str
    ) -> None:
        assert self.of_video(session, world, day) == [said]

    def test_a_meeting_later_than_the_offices_rule_is_told_of(self, session: Session, world: World) -> None:
        assert self.of_video(session, world, dt.date(2027, 3, 30)) == [
            "Mötet är 16 dagar före frigivningen tors 15 apr 2027. Kontoret räknar med minst 21 dagar."
        ]

    def test_a_meeting_after_the_release_is_told_of(self, session: Session, world: World) -> None:
        assert self.of_video(session, world, dt.date(2027, 4, 20)) == [
            "Mötet ligger inte före frigivningsdagen, tors 15 apr 2027."
        ]

    @pytest.mark.usefixtures("slot")
    def test_a_meeting_at_the_time_of_the_weekly_slot_is_told_of(self, session: Session, world: World) -> None:
        assert self.of_video(session, world, dt.date(2027, 2, 11), 10) == [
            "Krockar med veckotiden Inslussning centrum, tors 11 feb 2027 kl. 09.00–11.00."
        ]

    def test_skipping_tells_of_a_client_released_before_the_next_date(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        meeting = on(session, slot, dt.date(2027, 4, 8))
        world.far.release_at = at(dt.date(2027, 4, 12), dt.time(9), STOCKHOLM)
        session.flush()
        found = planning.of_skip(session, world.coordinator, meeting, now=NOW)
        assert [one.params["code"] for one in found] == ["K-102"]

    def test_moving_past_a_release_tells_of_it(self, session: Session, world: World, slot: WeeklySlot) -> None:
        meeting = on(session, slot, dt.date(2027, 4, 8))
        world.far.release_at = at(dt.date(2027, 4, 12), dt.time(9), STOCKHOLM)
        session.flush()
        found = planning.of_move(
            session,
            world.coordinator,
            meeting,
            starts_at=at(dt.date(2027, 4, 13), dt.time(9), STOCKHOLM),
            ends_at=at(dt.date(2027, 4, 13), dt.time(11), STOCKHOLM),
            now=NOW,
        )
        assert [one.params["code"] for one in found] == ["K-102"]

    def test_a_meeting_does_not_overlap_itself(self, session: Session, world: World, slot: WeeklySlot) -> None:
        meeting = on(session, slot, dt.date(2027, 4, 8))
        later = dt.timedelta(minutes=30)
        found = planning.of_move(
            session,
            world.coordinator,
            meeting,
            starts_at=meeting.starts_at + later,
            ends_at=meeting.ends_at + later,
            now=NOW,
        )
        assert found == ()


class TestFinding:
    def test_the_next_weekly_meeting_is_the_one_under_way(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        first, second = on(session, slot, dt.date(2027, 1, 7)), on(session, slot, dt.date(2027, 1, 14))
        assert meetings.next_weekly(session, world.coordinator, first.ends_at - dt.timedelta(minutes=1)) == first
        assert meetings.next_weekly(session, world.coordinator, first.ends_at) == second

    def test_a_skipped_date_is_not_next(self, session: Session, world: World, slot: WeeklySlot) -> None:
        cancelled(session, world, on(session, slot, dt.date(2027, 1, 7)))
        assert meetings.next_weekly(session, world.coordinator, NOW) == on(session, slot, dt.date(2027, 1, 14))

    def test_after_an_occurrence_comes_the_slots_own_next(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        a_slot(session, world.coordinator, now=NOW, name="Öster", weekday=4, first_on=dt.date(2027, 1, 8))
        first = on(session, slot, dt.date(2027, 1, 7))
        assert meetings.next_after(session, world.coordinator, first) == on(session, slot, dt.date(2027, 1, 14))

    def test_after_a_video_meeting_comes_the_groups_next(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        video = a_video_meeting(session, world, now=NOW)
        assert meetings.next_after(session, world.coordinator, video) == on(session, slot, dt.date(2027, 2, 11))

    def test_a_case_has_its_video_meetings_and_those_with_it_on_the_agenda(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        video, weekly = a_video_meeting(session, world, now=NOW), on(session, slot, dt.date(2027, 1, 7))
        session.add(
            AgendaItem(
                office_id=world.office.id,
                meeting_id=weekly.id,
                position=0,
                kind=ItemKind.CASE,
                title="Ärende",
                case_id=world.far.id,
                minutes=10,
            )
        )
        session.flush()
        assert meetings.of_case(session, world.coordinator, world.far.id) == [weekly, video]

    @pytest.mark.usefixtures("slot")
    def test_the_list_goes_on_after_the_last_one_shown(self, session: Session, world: World) -> None:
        mine = world.coordinator
        first = meetings.list_meetings(session, mine, now=NOW, limit=50)
        rest = meetings.list_meetings(session, mine, now=NOW, after=first.meetings[-1].id, limit=50)
        assert (len(first.meetings), first.more, len(rest.meetings), rest.more) == (50, True, 3, False)
        assert rest.meetings[0].starts_at > first.meetings[-1].starts_at

    @pytest.mark.usefixtures("slot")
    def test_past_meetings_are_listed_latest_first(self, session: Session, world: World) -> None:
        later = at(dt.date(2027, 1, 20), dt.time(8), STOCKHOLM)
        found = meetings.list_meetings(session, world.coordinator, now=later, past=True, limit=25)
        assert [one.original_on for one in found.meetings] == [dt.date(2027, 1, 14), dt.date(2027, 1, 7)]

    def test_a_meeting_of_another_office_is_absent_for_every_use(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = on(session, a_slot(session, other, now=NOW), ASCENSION)
        assert meetings.list_meetings(session, world.coordinator, now=NOW, limit=25).meetings == []
        assert meetings.next_weekly(session, world.coordinator, NOW) is None
        with pytest.raises(NotFound):
            moved(session, world, foreign, dt.date(2027, 5, 5))
        with pytest.raises(NotFound):
            cancelled(session, world, foreign)

    def test_a_video_meeting_is_of_its_kind(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        assert (meeting.kind, meeting.original_on, meeting.slot_id) == (MeetingKind.VIDEO, None, None)
