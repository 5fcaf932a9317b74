"""What holds for the client's booked times after release."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inslussning.errors import Changed, Invalid, NotFound
from inslussning.models import Appointment, CaseActor, Invitation, OutboxMessage
from inslussning.practice.attendance import Attendance
from inslussning.practice.bookings import BookingImpossible, WarningKind
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.services import appointments, cases
from inslussning.services.appointments import Advice, AppointmentDetails, Booking, NotConfirmed
from meetings.recurrence import at
from tests.conftest import NOW, TODAY
from tests.factories.bookings import THURSDAY, a_booking, details
from tests.factories.offices import World, a_case, a_consent, a_partner, an_actor, an_office
from tests.factories.planning import LINKS, STOCKHOLM, a_slot, a_video_meeting

EPIPHANY = dt.date(2027, 1, 6)
FRIDAY = dt.date(2027, 1, 8)
NUMBER = "19900101-2384"


def book(session: Session, world: World, new: AppointmentDetails | None = None, **more: Any) -> Booking:
    asked: dict[str, Any] = {"case_id": world.near.id, "actor_id": world.social.id, "links": LINKS, "now": NOW} | more
    return appointments.book(session, world.coordinator, details=new or details(), **asked)


def change(session: Session, world: World, row: Appointment, new: AppointmentDetails, **more: Any) -> Booking:
    asked: dict[str, Any] = {"version": row.version, "links": LINKS, "now": NOW} | more
    return appointments.change(session, world.coordinator, row.id, new, **asked)


def advice(session: Session, world: World, new: AppointmentDetails, **more: Any) -> Advice:
    span = (new.starts_at, new.ends_at)
    return appointments.advice(
        session, world.coordinator, world.near, more.pop("actor_id", world.social.id), span, **more
    )


def kinds(found: Advice) -> list[WarningKind]:
    return [warning.kind for warning in found.warnings]


def local(moments: tuple[dt.datetime, ...]) -> list[str]:
    return [f"{m.astimezone(dt.UTC) + dt.timedelta(hours=1):%d %b %H.%M}" for m in moments]


class TestTheFirstWeek:
    """Release on Monday 4 January 2027; Wednesday is Epiphany; social services sit in the slot on Thursday 9–11."""

    def test_the_holiday_is_flagged_and_the_hours_after_the_slot_are_proposed(
        self, session: Session, world: World
    ) -> None:
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        found = advice(session, world, details(EPIPHANY, dt.time(10)))
        assert kinds(found) == [WarningKind.PUBLIC_HOLIDAY]
        assert local(found.suggestions)[0] == "07 Jan 13.00"

    def test_no_time_is_kept_on_the_holiday_without_a_choice(self, session: Session, world: World) -> None:
        with pytest.raises(NotConfirmed):
            book(session, world, details(EPIPHANY, dt.time(10)))
        assert session.scalar(select(func.count()).select_from(Appointment)) == 0

    def test_one_who_has_chosen_may_have_it(self, session: Session, world: World) -> None:
        kept = book(session, world, details(EPIPHANY, dt.time(10)), confirmed=True)
        assert kept.appointment.starts_at == at(EPIPHANY, dt.time(10), STOCKHOLM)

    def test_the_day_before_is_only_remarked_on(self, session: Session, world: World) -> None:
        tuesday = details(dt.date(2027, 1, 5), dt.time(10))
        assert kinds(advice(session, world, tuesday)) == [WarningKind.DAY_BEFORE]
        assert book(session, world, tuesday, actor_id=world.probation.id).appointment.id

    def test_a_day_the_client_already_has_a_time_is_not_proposed_first(self, session: Session, world: World) -> None:
        a_booking(session, world, details(THURSDAY, dt.time(13)), now=NOW)
        found = advice(session, world, details(EPIPHANY, dt.time(13)), actor_id=world.employment.id)
        assert local(found.suggestions)[0] == "08 Jan 13.00"


class TestBook:
    def test_the_actor_is_invited(self, session: Session, world: World) -> None:
        kept = book(session, world)
        invited = session.scalars(select(Invitation).where(Invitation.appointment_id == kept.appointment.id)).one()
        assert (invited.actor_id, kept.sent.count) == (world.social.id, 1)

    def test_an_actor_without_a_mailbox_is_named(self, session: Session, world: World) -> None:
        world.social.mailbox = ""
        assert book(session, world).sent.without_mailbox == (world.social.title,)

    def test_an_empty_place_and_contact_are_the_actors_own(self, session: Session, world: World) -> None:
        world.social.visiting_address, world.social.phone = "Storgatan 12", "0500-11 22 33"
        kept = book(session, world).appointment
        assert (kept.place, kept.contact) == ("Storgatan 12", "Socialsekreterare vuxen 0500-11 22 33")

    def test_what_is_written_is_not_replaced(self, session: Session, world: World) -> None:
        world.social.visiting_address, world.social.phone = "Storgatan 12", "0500-11 22 33"
        kept = book(session, world, details(place="Biblioteket", contact="Åsa 070-123 45 67")).appointment
        assert (kept.place, kept.contact) == ("Biblioteket", "Åsa 070-123 45 67")

    def test_a_new_actor_takes_part_in_the_case_from_then_on(self, session: Session, world: World) -> None:
        a_consent(session, world.coordinator, world.near, world.clinic)
        book(session, world, actor_id=world.clinic.id)
        member = session.scalars(
            select(CaseActor).where(CaseActor.case_id == world.near.id, CaseActor.actor_id == world.clinic.id)
        ).one()
        assert member.joined_on == TODAY

    def test_an_actor_that_has_left_is_not_let_in_by_the_way(self, session: Session, world: World) -> None:
        cases.leave(session, world.coordinator, world.near.id, world.social.id, today=TODAY)
        with pytest.raises(Invalid) as refused:
            book(session, world)
        assert refused.value.field == "actor_id"

    def test_the_prison_is_nobody_to_meet_after_release(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            book(session, world, actor_id=world.prison.id)
        assert refused.value.field == "actor_id"

    def test_a_closed_actor_is_refused(self, session: Session, world: World) -> None:
        world.social.closed_on = TODAY
        with pytest.raises(Invalid) as refused:
            book(session, world)
        assert refused.value.field == "actor_id"

    def test_a_closed_case_takes_no_times(self, session: Session, world: World) -> None:
        world.near.phase, world.near.closed_on = Phase.CLOSED, TODAY
        with pytest.raises(Invalid):
            book(session, world)

    def test_a_time_that_has_passed_is_refused(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            book(session, world, details(TODAY, dt.time(8, 30)), confirmed=True)
        assert refused.value.field == "day"

    def test_a_time_that_ends_before_it_starts_is_refused(self, session: Session, world: World) -> None:
        with pytest.raises(BookingImpossible) as refused:
            book(session, world, details(minutes=-30))
        assert refused.value.field == "ends"

    @pytest.mark.parametrize("field", ["what", "place", "getting_there", "bring", "contact"])
    def test_a_personal_number_is_never_kept(self, session: Session, world: World, field: str) -> None:
        texts: dict[str, Any] = {field: f"för {NUMBER}"}
        with pytest.raises(Invalid) as refused:
            book(session, world, details(**texts))
        assert refused.value.field == field

    def test_it_says_what_it_is_about(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            book(session, world, details(what=" \n "))
        assert refused.value.field == "what"

    def test_too_long_a_text_is_refused(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            book(session, world, details(bring="å" * 301))
        assert refused.value.field == "bring"

    def test_texts_are_kept_on_one_line(self, session: Session, world: World) -> None:
        assert (
            book(session, world, details(bring="Id-handling\r\noch  papper")).appointment.bring
            == "Id-handling och papper"
        )


class TestWarnings:
    def test_the_clients_other_time_is_warned_of(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW, actor=world.employment)
        found = advice(session, world, details(clock=dt.time(13, 30)))
        assert kinds(found) == [WarningKind.CLIENT_BUSY]
        assert found.warnings[0].params["label"] == "Arbetsförmedlare"

    def test_another_case_of_the_same_client_counts(self, session: Session, world: World) -> None:
        world.far.client_id = world.near.client_id
        a_booking(session, world, now=NOW, case=world.far, actor=world.clinic)
        assert kinds(advice(session, world, details())) == [WarningKind.CLIENT_BUSY]

    def test_the_actors_time_with_another_client_is_warned_of_by_code(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW, case=world.far)
        found = advice(session, world, details())
        assert WarningKind.ACTOR_BUSY in kinds(found)
        assert "K-102" in str(found.warnings)

    def test_another_actors_time_with_another_client_is_nobodys_business(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW, case=world.far, actor=world.clinic)
        assert kinds(advice(session, world, details())) == []

    def test_the_weekly_slot_of_an_actor_is_warned_of(self, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        assert kinds(advice(session, world, details(clock=dt.time(9)))) == [WarningKind.WEEKLY_SLOT]

    def test_the_weekly_slot_is_no_matter_for_one_who_does_not_sit_in_it(self, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.clinic.id,))
        assert kinds(advice(session, world, details(clock=dt.time(9)))) == []

    def test_a_video_meeting_the_actor_is_invited_to_is_warned_of(self, session: Session, world: World) -> None:
        a_video_meeting(session, world, now=NOW)
        found = advice(session, world, details(dt.date(2027, 2, 9), dt.time(13)))
        assert kinds(found) == [WarningKind.ACTOR_BUSY]
        assert found.warnings[0].params["label"] == "videomöte K-102"

    def test_the_clients_own_video_meeting_is_warned_of_once(self, session: Session, world: World) -> None:
        world.far.client_id = world.near.client_id
        a_video_meeting(session, world, now=NOW)
        assert kinds(advice(session, world, details(dt.date(2027, 2, 9), dt.time(13)))) == [WarningKind.CLIENT_BUSY]

    def test_a_cancelled_time_is_free_again(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        assert kinds(advice(session, world, details())) == []

    def test_a_time_before_release_must_be_chosen(self, session: Session, world: World) -> None:
        found = advice(session, world, details(dt.date(2026, 12, 29)))
        assert kinds(found)[0] is WarningKind.BEFORE_RELEASE
        assert found.must_confirm

    def test_a_plain_time_needs_no_advice(self, session: Session, world: World) -> None:
        assert advice(session, world, details()) == Advice()

    def test_another_office_never_shows(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        theirs = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        foreign = a_case(session, other, "K-9", release_at=None, actors=[theirs])
        foreign.client_id = world.near.client_id
        session.add(
            Appointment(
                office_id=other.office_id,
                case_id=foreign.id,
                actor_id=theirs.id,
                starts_at=details().starts_at,
                ends_at=details().ends_at,
                what="Hemligt",
            )
        )
        session.flush()
        assert kinds(advice(session, world, details())) == []


class TestWarningsOnAll:
    def test_a_time_that_has_come_to_lie_before_the_release_is_found(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        world.near.release_at = dt.datetime(2027, 1, 25, 7, 30, tzinfo=dt.UTC)
        session.flush()
        found = appointments.advice_on_all(session, world.coordinator, world.near, [row])
        assert [warning.kind for warning in found[row.id]] == [WarningKind.BEFORE_RELEASE]

    def test_a_time_is_not_held_against_itself(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        assert appointments.advice_on_all(session, world.coordinator, world.near, [row]) == {row.id: ()}

    def test_without_times_there_is_nothing_to_say(self, session: Session, world: World) -> None:
        assert appointments.advice_on_all(session, world.coordinator, world.near, []) == {}


class TestChange:
    def test_a_moved_time_is_told_to_the_actor(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        moved = change(session, world, row, details(FRIDAY))
        assert (moved.sent.count, row.starts_at) == (1, at(FRIDAY, dt.time(13), STOCKHOLM))

    def test_what_to_bring_is_between_the_client_and_the_paper(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        assert change(session, world, row, details(bring="Id-handling")).sent.count == 0
        assert row.bring == "Id-handling"

    def test_moving_to_a_holiday_must_be_chosen(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        with pytest.raises(NotConfirmed):
            change(session, world, row, details(EPIPHANY))

    def test_new_words_on_a_chosen_holiday_ask_nothing_again(self, session: Session, world: World) -> None:
        row = a_booking(session, world, details(EPIPHANY), now=NOW)
        assert change(session, world, row, details(EPIPHANY, bring="Varma kläder")).appointment.bring == "Varma kläder"

    def test_it_may_move_within_its_own_hour(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        assert change(session, world, row, details(clock=dt.time(13, 30))).appointment.id == row.id

    def test_an_old_version_is_refused(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        with pytest.raises(Changed):
            change(session, world, row, details(FRIDAY), version=row.version - 1)

    def test_one_who_saves_at_the_same_moment_is_refused(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        session.execute(
            update(Appointment)
            .where(Appointment.id == row.id)
            .values(version=Appointment.version + 1)
            .execution_options(synchronize_session=False)
        )
        with pytest.raises(Changed):
            change(session, world, row, details(FRIDAY))


class TestCancel:
    def test_the_row_stays_and_the_actor_is_told(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        before = session.scalar(select(func.count()).select_from(OutboxMessage)) or 0
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        assert row.cancelled_at == NOW
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == before + 1

    def test_a_cancelled_time_is_not_among_the_cases_times(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        assert appointments.of_case(session, world.coordinator, world.near.id) == []

    def test_it_cannot_be_cancelled_twice(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        with pytest.raises(Changed):
            appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)


class TestAttendance:
    AFTER = details().ends_at + dt.timedelta(minutes=35)

    def test_nobody_has_said_anything_from_the_start(self, session: Session, world: World) -> None:
        assert a_booking(session, world, now=NOW).attendance is None

    @pytest.mark.parametrize("attendance", list(Attendance))
    def test_it_is_said_afterwards(self, session: Session, world: World, attendance: Attendance) -> None:
        row = a_booking(session, world, now=NOW)
        said = appointments.set_attendance(session, world.coordinator, row.id, attendance, now=self.AFTER)
        assert said.attendance is attendance

    def test_it_can_be_taken_back(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.set_attendance(session, world.coordinator, row.id, Attendance.ABSENT, now=self.AFTER)
        assert appointments.set_attendance(session, world.coordinator, row.id, None, now=self.AFTER).attendance is None

    @pytest.mark.parametrize("attendance", [Attendance.CAME, Attendance.ABSENT])
    def test_nobody_knows_who_came_before_the_time(
        self, session: Session, world: World, attendance: Attendance
    ) -> None:
        row = a_booking(session, world, now=NOW)
        with pytest.raises(Invalid):
            appointments.set_attendance(session, world.coordinator, row.id, attendance, now=NOW)

    def test_a_valid_excuse_can_come_beforehand(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        said = appointments.set_attendance(session, world.coordinator, row.id, Attendance.EXCUSED, now=NOW)
        assert said.attendance is Attendance.EXCUSED

    def test_a_cancelled_time_has_no_attendance(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        with pytest.raises(Changed):
            appointments.set_attendance(session, world.coordinator, row.id, Attendance.CAME, now=self.AFTER)


class TestWhoMay:
    def test_another_offices_case_is_absent(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        with pytest.raises(NotFound):
            appointments.book(
                session,
                other,
                case_id=world.near.id,
                actor_id=world.social.id,
                details=details(),
                links=LINKS,
                now=NOW,
            )

    def test_another_offices_actor_is_no_choice(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        theirs = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        with pytest.raises(Invalid) as refused:
            book(session, world, actor_id=theirs.id)
        assert refused.value.field == "actor_id"

    def test_a_partner_sees_no_times(self, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        partner = a_partner(session, world, world.social)
        assert appointments.of_case(session, partner, world.near.id) == []
        with pytest.raises(NotFound):
            appointments.get_appointment(session, partner, row.id)

    def test_the_choices_are_those_in_the_case_and_then_the_others(self, session: Session, world: World) -> None:
        found = appointments.choices(session, world.coordinator, world.near, now=NOW)
        within = {actor.id for actor, takes_part in found if takes_part}
        assert within == {world.social.id, world.employment.id, world.probation.id}
        assert [takes_part for _, takes_part in found] == [True, True, True, False]
