"""Two people at the same moment: nothing gets the same number twice, and nothing is answered twice. With real commits."""

import datetime as dt
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from inslussning.db.engine import Database
from inslussning.models import (
    Actor,
    Invitation,
    InvitationResponse,
    Meeting,
    OutboxMessage,
    StaffChange,
    Staffing,
    WeeklySlot,
)
from inslussning.practice.access import Principal
from inslussning.services import actors, answer_links, handover, invitations
from inslussning.services.handover import Order
from inslussning.services.invitation_mails import answer_address
from meetings.vocabulary import Response
from tests.conftest import NOW
from tests.factories.offices import a_world
from tests.factories.planning import LINKS, a_slot
from tests.received import written

LATER = NOW + dt.timedelta(days=1)
A, BEGAN = "a@kommun.example", dt.date(2026, 1, 1)


@pytest.fixture
def coordinator(own_database: Database) -> Principal:
    """The coordinator of an office where social services are asked to a weekly slot."""
    with own_database.transaction() as session:
        world = a_world(session, now=NOW)
        a_slot(session, world.coordinator, now=NOW, last_on=dt.date(2027, 6, 24), actor_ids=(world.social.id,))
    return world.coordinator


def at_once(work: Callable[[int], None], count: int) -> None:
    """Do the work that many times at the same moment; raise the first error any of them met."""
    together, problems = threading.Barrier(count), list[Exception]()

    def one(number: int) -> None:
        together.wait()
        try:
            work(number)
        except Exception as problem:  # handed to the test's own thread below
            problems.append(problem)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def test_dates_moved_at_once_are_numbered_one_after_the_other(own_database: Database, coordinator: Principal) -> None:
    with own_database.read() as session:
        dates = session.scalars(select(Meeting.id).order_by(Meeting.starts_at)).all()

    def move(number: int) -> None:
        with own_database.transaction() as session:
            meeting = session.get_one(Meeting, dates[number])
            was = meeting.starts_at, meeting.ends_at
            meeting.starts_at, meeting.ends_at = (instant - dt.timedelta(days=1) for instant in was)
            invitations.occurrence_moved(session, coordinator, meeting, was=was, links=LINKS, now=LATER)

    at_once(move, 4)
    with own_database.read() as session:
        assert [mail.sequence for mail in written(session)] == [0, 1, 2, 3, 4]
        positions = session.scalars(select(OutboxMessage.position).order_by(OutboxMessage.position))
        assert positions.all() == [0, 1, 2, 3, 4]
        assert session.scalars(select(Invitation.sequence)).one() == 4


@pytest.mark.usefixtures("coordinator")
def test_a_button_pressed_twice_at_once_answers_once(own_database: Database) -> None:
    with own_database.read() as session:
        token = answer_address(LINKS, session.scalars(select(Invitation)).one()).rpartition("/")[2]

    def answer(_number: int) -> None:
        with own_database.transaction() as session:
            opened = answer_links.open_link(session, LINKS, token, now=NOW, lock=True)
            answer_links.give_answer(session, opened, None, answer=Response.ACCEPTED, note="", now=NOW)

    at_once(answer, 4)
    with own_database.read() as session:
        assert session.scalars(select(InvitationResponse.answer)).all() == [Response.ACCEPTED]


def test_an_actor_invited_twice_at_once_is_invited_once(own_database: Database, coordinator: Principal) -> None:
    with own_database.read() as session:
        slot_id: UUID = session.scalars(select(WeeklySlot.id)).one()
        clinic: UUID = session.scalars(select(Actor.id).where(Actor.short_name == "bero")).one()

    def invite(_number: int) -> None:
        with own_database.transaction() as session:
            slot = session.get_one(WeeklySlot, slot_id)
            actor = session.get_one(Actor, clinic)
            invitations.invite_slot(session, coordinator, slot, [actor], links=LINKS, now=LATER)

    at_once(invite, 4)
    with own_database.read() as session:
        assert len(session.scalars(select(Invitation).where(Invitation.actor_id == clinic)).all()) == 1
        assert len(written(session, to="bero@partner.example")) == 1


def test_a_hand_over_ordered_by_two_at_once_is_one(own_database: Database, coordinator: Principal) -> None:
    with own_database.transaction() as session:
        actor = session.scalars(select(Actor).where(Actor.short_name == "soc")).one()
        actor.mailbox, key = "", actor.id
        staffing = actors.staff(session, coordinator, key, name="Anna", email=A, starts_on=BEGAN, ends_on=None)
        invitations.follow(session, coordinator, actor, links=LINKS, now=NOW)
        order = Order(leaving_id=staffing.id, last_on=dt.date(2027, 1, 31), name="Bo Ahl", email="b@kommun.example")

    def hand_over(_: int) -> None:
        with own_database.transaction() as session:
            handover.hand_over(session, coordinator, key, order, links=LINKS, now=LATER)

    at_once(hand_over, 4)
    with own_database.read() as session:
        assert len(session.scalars(select(StaffChange)).all()) == 1
        assert len(written(session, to="b@kommun.example")) == 2
        assert len(session.scalars(select(Staffing)).all()) == 2
