"""The extracts: each actor its own actions, a neutral mail, and nothing for those who have nothing to do."""

import datetime as dt
import email
import email.policy
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import NotFound
from inslussning.models import Actor, Meeting, MinutesRevision, OutboxMessage
from inslussning.practice.attendance import Attendance
from inslussning.practice.mail import MailKind
from inslussning.services import actions, agenda, extracts, minutes
from inslussning.services.extracts import Delivery, Extract
from inslussning.services.links import Links, Purpose
from meetings.actions import ActionState
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.minutes import HELD, a_held_meeting, item_of, written
from tests.factories.offices import World
from tests.factories.planning import LINKS

VALID_DAYS = 14


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    return a_held_meeting(session, world, now=NOW)


def finalise(session: Session, world: World, meeting: Meeting, *, now: dt.datetime = HELD) -> Delivery:
    return minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=now)[1]


def mails(session: Session) -> list[OutboxMessage]:
    session.flush()
    query = select(OutboxMessage).where(OutboxMessage.kind == MailKind.EXTRACT)
    return list(session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.recipient)))


def body(mail: OutboxMessage) -> str:
    """Everything the mail says, in both forms."""
    parsed = email.message_from_bytes(mail.mime, policy=email.policy.default)
    return "\n".join(part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text")


def opened(session: Session, mail: OutboxMessage, *, now: dt.datetime = HELD) -> Extract:
    found = re.search(r"/extract/([\w.-]+)", body(mail))
    assert found is not None
    return extracts.open_extract(session, LINKS, found[1], now=now)


def receivers(delivery: Delivery) -> list[str]:
    return [one.actor.short_name for one in delivery.receivers]


class TestDelivery:
    def test_an_actor_with_agreed_or_open_actions_gets_one(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        an_action(session, world, now=NOW, actor=world.employment)
        an_action(session, world, now=HELD, actor=world.social, meeting_id=meeting.id)
        assert sorted(receivers(finalise(session, world, meeting))) == ["af", "soc"]
        assert sorted(mail.recipient for mail in mails(session)) == ["af@partner.example", "soc@partner.example"]

    def test_an_actor_in_the_room_without_actions_gets_nothing(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        an_action(session, world, now=HELD, meeting_id=meeting.id)
        for actor, mark in ((world.clinic, Attendance.CAME), (world.employment, Attendance.ABSENT)):
            minutes.set_attendance(session, world.coordinator, meeting.id, actor.id, mark)
        delivery = minutes.review(session, world.coordinator, meeting.id, now=HELD).delivery
        assert receivers(delivery) == ["soc"]
        assert delivery.nothing == ("Beroendemottagningen – Björkstad",)
        finalise(session, world, meeting)
        assert [mail.recipient for mail in mails(session)] == ["soc@partner.example"]

    def test_an_actor_without_a_mailbox_is_named(self, session: Session, world: World, meeting: Meeting) -> None:
        world.social.mailbox = ""
        an_action(session, world, now=HELD, meeting_id=meeting.id)
        delivery = finalise(session, world, meeting)
        assert [one.actor.id for one in delivery.unreachable] == [world.social.id]
        assert mails(session) == []

    @pytest.mark.parametrize("state", [ActionState.DECLINED, ActionState.DORMANT])
    def test_what_an_actor_declined_or_rests_is_not_asked_of_it(
        self, session: Session, world: World, meeting: Meeting, state: ActionState
    ) -> None:
        action = an_action(session, world, now=HELD, meeting_id=meeting.id)
        actions.set_state(session, world.coordinator, action.id, state, note="Inte vårt", now=HELD)
        assert finalise(session, world, meeting).receivers == ()

    def test_the_clients_own_action_goes_to_nobody(self, session: Session, world: World, meeting: Meeting) -> None:
        new = actions.NewAction(
            case_id=world.near.id, actor_id=None, what="Ringa", due_on=dt.date(2026, 12, 1), meeting_id=meeting.id
        )
        minutes.agree(session, world.coordinator, new, now=HELD)
        assert finalise(session, world, meeting).receivers == ()

    def test_an_action_of_a_case_that_was_not_on_the_agenda_is_left_out(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        from_elsewhere = an_action(session, world, now=NOW, case=world.far, actor=world.clinic)
        agenda.remove_item(session, world.coordinator, meeting.id, item_of(session, meeting, world.far).id)
        assert finalise(session, world, meeting).receivers == ()
        assert from_elsewhere.state.is_open


class TestCorrection:
    @pytest.fixture
    def locked(self, session: Session, world: World, meeting: Meeting) -> Meeting:
        an_action(session, world, now=HELD, what="Ringa", actor=world.social, meeting_id=meeting.id)
        an_action(session, world, now=HELD, what="Boka", actor=world.employment, meeting_id=meeting.id)
        finalise(session, world, meeting)
        minutes.reopen(session, world.coordinator, meeting.id, reason="Fel datum")
        return meeting

    def moved(self, session: Session, world: World, actor: Actor, meeting: Meeting) -> None:
        action = next(a for a in actions.agreed_at(session, world.coordinator, meeting.id) if a.actor_id == actor.id)
        actions.reschedule(session, world.coordinator, action.id, due_on=dt.date(2026, 12, 24), now=HELD)

    def test_a_correction_reaches_only_those_for_whom_something_changed(
        self, session: Session, world: World, locked: Meeting
    ) -> None:
        self.moved(session, world, world.social, locked)
        delivery = finalise(session, world, locked)
        assert receivers(delivery) == ["soc"]
        assert delivery.unchanged == ("Arbetsförmedlare – Björkstad",)
        assert "har ändrats" in body(mails(session)[-1])

    def test_a_correction_of_the_text_alone_reaches_nobody(
        self, session: Session, world: World, locked: Meeting
    ) -> None:
        written(session, world, item_of(session, locked, world.near), notes="Ett ord till")
        assert finalise(session, world, locked).receivers == ()
        assert len(mails(session)) == 2

    def test_an_actor_whose_actions_went_away_is_told(self, session: Session, world: World, locked: Meeting) -> None:
        action = next(
            a for a in actions.agreed_at(session, world.coordinator, locked.id) if a.actor_id == world.social.id
        )
        actions.set_state(session, world.coordinator, action.id, ActionState.DECLINED, note="Fel aktör", now=HELD)
        delivery = finalise(session, world, locked)
        assert [(one.actor.short_name, one.actions) for one in delivery.receivers] == [("soc", 0)]
        assert opened(session, mails(session)[-1]).actions == ()

    def test_the_first_link_leads_on_to_the_latest_version(
        self, session: Session, world: World, locked: Meeting
    ) -> None:
        self.moved(session, world, world.social, locked)
        first = opened(session, next(m for m in mails(session) if m.recipient.startswith("soc")))
        assert first.newer == ""
        finalise(session, world, locked)
        first = opened(session, next(m for m in mails(session) if m.recipient.startswith("soc")))
        assert (first.number, first.actions[0].due_on) == (1, dt.date(2026, 12, 1))
        latest = extracts.open_extract(session, LINKS, first.newer, now=HELD)
        assert (latest.number, latest.actions[0].due_on) == (2, dt.date(2026, 12, 24))


class TestMail:
    def test_it_names_no_case_no_client_no_agency_and_no_action(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        an_action(session, world, now=HELD, what="Skicka in ansökan", meeting_id=meeting.id)
        written(session, world, item_of(session, meeting, world.near), notes="Hemligt", decisions="Beslutat")
        finalise(session, world, meeting)
        (mail,) = mails(session)
        said = f"{mail.subject}\n{body(mail)}"
        for word in ("K-101", "ansökan", "Hemligt", "Beslutat", "Frivård", "Björkstad", "Socialsekreterare", "klient"):
            assert word.casefold() not in re.sub(r"\S+@\S+|http\S+", "", said).casefold()

    def test_it_says_what_it_is_and_until_when(self, session: Session, world: World, meeting: Meeting) -> None:
        an_action(session, world, now=HELD, meeting_id=meeting.id)
        finalise(session, world, meeting)
        (mail,) = mails(session)
        assert mail.subject == "Dina åtgärder från mötet tors 26 nov"
        assert "tors 10 dec" in body(mail)


class TestOpen:
    @pytest.fixture
    def mail(self, session: Session, world: World, meeting: Meeting) -> OutboxMessage:
        an_action(session, world, now=NOW, what="Ringa om boendet", actor=world.social)
        an_action(session, world, now=HELD, what="Boka läkarsamtal", actor=world.clinic, meeting_id=meeting.id)
        finalise(session, world, meeting)
        return next(m for m in mails(session) if m.recipient.startswith("soc"))

    def test_an_actor_reads_its_own_actions_and_nobody_elses(self, session: Session, mail: OutboxMessage) -> None:
        found = opened(session, mail)
        assert [(a.code, a.what) for a in found.actions] == [("K-101", "Ringa om boendet")]

    def test_what_has_happened_since_is_not_there(self, session: Session, world: World, mail: OutboxMessage) -> None:
        an_action(session, world, now=HELD, what="Ny")
        assert [a.what for a in opened(session, mail).actions] == ["Ringa om boendet"]

    def test_it_holds_for_the_days_the_office_decides_and_no_longer(
        self, session: Session, mail: OutboxMessage
    ) -> None:
        last = HELD + dt.timedelta(days=VALID_DAYS)
        assert opened(session, mail, now=last).actions
        over = opened(session, mail, now=last + dt.timedelta(days=1))
        assert (over.expired, over.actions) == (True, ())

    def test_minutes_finalised_late_give_a_link_that_holds_all_the_same(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        late = HELD + dt.timedelta(days=30)
        an_action(session, world, now=HELD, meeting_id=meeting.id)
        finalise(session, world, meeting, now=late)
        assert not opened(session, mails(session)[0], now=late + dt.timedelta(days=VALID_DAYS)).expired

    def test_a_link_that_is_not_ours_opens_nothing(self, session: Session, world: World, mail: OutboxMessage) -> None:
        revision = session.scalars(select(MinutesRevision)).one()
        for token in (
            "",
            "x",
            Links("another key", "http://x").token(Purpose.EXTRACT, revision.id, world.social.id),
            LINKS.token(Purpose.ANSWER, revision.id, world.social.id),
            LINKS.token(Purpose.EXTRACT, revision.id),
            LINKS.token(Purpose.EXTRACT, world.social.id, revision.id),
            LINKS.token(Purpose.EXTRACT, world.near.id, world.social.id),
        ):
            with pytest.raises(NotFound):
                extracts.open_extract(session, LINKS, token, now=HELD)
        assert opened(session, mail).actions
