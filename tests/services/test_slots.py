"""Weekly slots: their dates, their mails and their actors."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotFound
from inslussning.models import Actor, Invitation, Meeting, OutboxMessage, WeeklySlot
from inslussning.models.meetings import MeetingState
from inslussning.practice.mail import MailKind
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import meetings, planning, slots
from inslussning.services.slots import SlotDetails, SlotEnded
from meetings.recurrence import at
from meetings.vocabulary import Weekday
from tests.conftest import NOW
from tests.factories.offices import World, an_actor, an_office
from tests.factories.planning import LINKS, STOCKHOLM, a_new_slot, a_slot, a_video_meeting

ZONE = ZoneInfo(STOCKHOLM)


def dates(session: Session, slot: WeeklySlot) -> list[Meeting]:
    return list(session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)))


def mails(session: Session, kind: MailKind | None = None) -> list[OutboxMessage]:
    session.flush()
    query = select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.position)
    return [mail for mail in session.scalars(query) if kind in {None, mail.kind}]


class TestDates:
    def test_a_slot_lasts_a_year_when_no_last_day_is_said(self, session: Session, world: World) -> None:
        held = dates(session, a_slot(session, world.coordinator, now=NOW))
        assert len(held) == 53
        assert (held[0].original_on, held[-1].original_on) == (dt.date(2027, 1, 7), dt.date(2028, 1, 6))

    def test_dates_stay_at_nine_on_the_wall_when_summer_time_begins(self, session: Session, world: World) -> None:
        held = dates(session, a_slot(session, world.coordinator, now=NOW))
        spring = [one for one in held if one.original_on in {dt.date(2027, 3, 25), dt.date(2027, 4, 1)}]
        assert [one.starts_at.astimezone(ZONE).hour for one in spring] == [9, 9]
        assert [one.starts_at.hour for one in spring] == [8, 7]

    def test_the_first_date_is_the_first_such_weekday_from_the_first_day(self, session: Session, world: World) -> None:
        held = dates(session, a_slot(session, world.coordinator, now=NOW, first_on=dt.date(2027, 1, 8)))
        assert held[0].original_on == dt.date(2027, 1, 14)

    def test_each_date_has_the_place_and_link_of_the_slot(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, video_link="https://video.example/grupp")
        assert {(one.place, one.video_link) for one in dates(session, slot)} == {
            ("Storgatan 4", "https://video.example/grupp")
        }

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"first_on": dt.date(2026, 11, 23)}, "first_on"),
            ({"last_on": dt.date(2027, 1, 6)}, "last_on"),
            ({"first_on": dt.date(2027, 1, 8), "last_on": dt.date(2027, 1, 13)}, "last_on"),
            ({"last_on": dt.date(2031, 1, 1)}, "last_on"),
            ({"minutes": 0}, "minutes"),
            ({"minutes": 721}, "minutes"),
            ({"first_on": dt.date(2026, 11, 24), "weekday": Weekday.TUESDAY, "local_start": dt.time(8)}, "first_on"),
        ],
        ids=["past", "ends before it starts", "no such weekday", "too long", "no length", "too long a day", "begun"],
    )
    def test_a_series_that_cannot_be_held_is_refused_by_its_field(
        self, session: Session, world: World, changes: dict[str, object], field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            a_slot(session, world.coordinator, now=NOW, **changes)
        assert refused.value.field == field
        assert session.scalar(select(func.count()).select_from(Meeting)) == 0

    def test_an_actor_of_another_office_cannot_be_given_a_place(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        with pytest.raises(Invalid) as refused:
            a_slot(session, world.coordinator, now=NOW, actor_ids=(foreign.id,))
        assert refused.value.field == "actor_ids"


class TestInvitations:
    def test_each_actor_gets_one_invitation_to_the_whole_series(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.clinic.id))
        assert sorted(mail.recipient for mail in mails(session)) == ["bero@partner.example", "soc@partner.example"]
        assert session.scalars(select(Invitation.slot_id)).all() == [slot.id, slot.id]

    def test_an_actor_without_mailbox_gets_a_place_but_no_mail(self, session: Session, world: World) -> None:
        housing = an_actor(session, world.coordinator, "bo", "Boende", OrganisationKind.LANDLORD, mailbox="")
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(housing.id,))
        assert slots.members(slots.get_slot(session, world.coordinator, slot.id)) == [housing]
        assert mails(session) == []

    def test_whom_a_mail_would_reach_is_known_before_it_is_sent(self, session: Session, world: World) -> None:
        housing = an_actor(session, world.coordinator, "bo", "Boende", OrganisationKind.LANDLORD, mailbox="")
        reach = planning.reach(session, world.coordinator, [world.social, housing])
        assert (reach.count, reach.without_mailbox) == (1, ("Boende – Björkstad",))


class TestOverlap:
    def concerns(self, session: Session, world: World, **changes: object) -> list[str]:
        new = a_new_slot(**changes)
        found = planning.of_series(
            session, world.coordinator, slots.dates_of_new(world.coordinator, new, now=NOW), now=NOW
        )
        return [one.message % one.params for one in found]

    def test_another_slot_at_the_same_time_is_told_of_once(self, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW, last_on=dt.date(2027, 1, 28))
        said = self.concerns(session, world, name="Öster", local_start=dt.time(10))
        assert said == ["Krockar med veckotiden Inslussning centrum 4 gånger, först tors 7 jan 2027 kl. 09.00–11.00."]

    def test_a_slot_that_begins_when_another_ends_is_no_overlap(self, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW)
        assert self.concerns(session, world, local_start=dt.time(11)) == []

    def test_a_video_meeting_at_the_time_is_told_of(self, session: Session, world: World) -> None:
        a_video_meeting(session, world, now=NOW)
        said = self.concerns(session, world, weekday=Weekday.TUESDAY, local_start=dt.time(12, 30))
        assert said == ["Krockar med videomötet om K-102, tis 9 feb 2027 kl. 13.00–14.00."]

    def test_a_skipped_date_overlaps_nothing(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, last_on=dt.date(2027, 1, 7))
        (only,) = dates(session, slot)
        meetings.cancel(session, world.coordinator, only.id, reason="Sjuk", links=LINKS, now=NOW)
        assert self.concerns(session, world) == []


class TestDetails:
    def test_a_new_place_reaches_coming_dates_but_not_past_ones(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW)
        later = at(dt.date(2027, 1, 8), dt.time(8), STOCKHOLM)
        details = SlotDetails(name=slot.name, place="Torget 1")
        slots.change_details(session, world.coordinator, slot.id, details, links=LINKS, now=later)
        assert [one.place for one in dates(session, slot)[:2]] == ["Storgatan 4", "Torget 1"]

    def test_a_date_with_a_place_of_its_own_keeps_it(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW)
        dates(session, slot)[1].place = "Biblioteket"
        details = SlotDetails(name=slot.name, place="Torget 1")
        slots.change_details(session, world.coordinator, slot.id, details, links=LINKS, now=NOW)
        assert [one.place for one in dates(session, slot)[:3]] == ["Torget 1", "Biblioteket", "Torget 1"]

    def test_a_new_place_is_mailed_as_an_update_with_the_same_number(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        details = SlotDetails(name=slot.name, place="Torget 1")
        sent = slots.change_details(session, world.coordinator, slot.id, details, links=LINKS, now=NOW)
        assert sent.count == 1
        assert len(mails(session, MailKind.UPDATE)) == 1
        assert session.scalars(select(Invitation.sequence)).all() == [0]

    def test_a_new_name_alone_is_nobodys_mail(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        details = SlotDetails(name="Centrum och öster", place=slot.place)
        sent = slots.change_details(session, world.coordinator, slot.id, details, links=LINKS, now=NOW)
        assert (slot.name, sent.count) == ("Centrum och öster", 0)
        assert mails(session, MailKind.UPDATE) == []


class TestActors:
    def join(self, session: Session, world: World, slot: WeeklySlot, actor: Actor) -> int:
        return slots.add_actor(session, world.coordinator, slot.id, actor.id, links=LINKS, now=NOW).count

    def leave(self, session: Session, world: World, slot: WeeklySlot, actor: Actor) -> int:
        return slots.remove_actor(session, world.coordinator, slot.id, actor.id, links=LINKS, now=NOW).count

    def test_an_added_actor_is_invited_and_nobody_else_is_mailed(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        assert self.join(session, world, slot, world.clinic) == 1
        assert [mail.recipient for mail in mails(session)] == ["soc@partner.example", "bero@partner.example"]

    def test_an_actor_cannot_be_added_twice(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        with pytest.raises(Invalid) as refused:
            self.join(session, world, slot, world.social)
        assert refused.value.field == "actor_id"

    def test_a_removed_actor_has_its_invitation_taken_back(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.clinic.id))
        assert self.leave(session, world, slot, world.clinic) == 1
        (gone,) = mails(session, MailKind.WITHDRAWAL)
        assert gone.recipient == "bero@partner.example"
        assert slots.members(slots.get_slot(session, world.coordinator, slot.id)) == [world.social]

    def test_a_removed_actor_can_come_back_and_is_invited_again(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        self.leave(session, world, slot, world.social)
        assert self.join(session, world, slot, world.social) == 1
        assert slots.members(slots.get_slot(session, world.coordinator, slot.id)) == [world.social]

    def test_an_actor_without_a_place_cannot_be_removed(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW)
        with pytest.raises(NotFound):
            self.leave(session, world, slot, world.social)


class TestEnd:
    def test_coming_dates_are_cancelled_and_past_ones_kept(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW)
        later = at(dt.date(2027, 1, 20), dt.time(8), STOCKHOLM)
        slots.end_slot(session, world.coordinator, slot.id, links=LINKS, now=later)
        states = [one.state for one in dates(session, slot)]
        assert states[:2] == [MeetingState.PLANNED, MeetingState.PLANNED]
        assert set(states[2:]) == {MeetingState.CANCELLED}

    def test_everyone_gets_one_cancellation_of_the_whole(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.clinic.id))
        assert slots.end_slot(session, world.coordinator, slot.id, links=LINKS, now=NOW).count == 2
        assert len(mails(session, MailKind.CANCELLATION)) == 2

    def test_an_ended_series_does_not_change_any_more(self, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW)
        slots.end_slot(session, world.coordinator, slot.id, links=LINKS, now=NOW)
        with pytest.raises(SlotEnded):
            slots.add_actor(session, world.coordinator, slot.id, world.social.id, links=LINKS, now=NOW)

    def test_a_slot_with_nothing_left_comes_last_in_the_overview(self, session: Session, world: World) -> None:
        ended = a_slot(session, world.coordinator, now=NOW, weekday=Weekday.MONDAY)
        slots.end_slot(session, world.coordinator, ended.id, links=LINKS, now=NOW)
        running = a_slot(session, world.coordinator, now=NOW)
        lines = slots.overview(session, world.coordinator, now=NOW)
        assert [(line.slot.id, line.left) for line in lines] == [(running.id, 53), (ended.id, 0)]


class TestForeignOffice:
    def test_a_slot_of_another_office_is_absent_for_every_use(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_slot(session, other, now=NOW)
        mine = world.coordinator
        assert slots.list_slots(session, mine) == []
        for use in (
            lambda: slots.get_slot(session, mine, foreign.id),
            lambda: slots.end_slot(session, mine, foreign.id, links=LINKS, now=NOW),
            lambda: slots.change_details(session, mine, foreign.id, SlotDetails(name="x"), links=LINKS, now=NOW),
            lambda: slots.add_actor(session, mine, foreign.id, world.social.id, links=LINKS, now=NOW),
        ):
            with pytest.raises(NotFound):
                use()
