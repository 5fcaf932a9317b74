"""Many people writing the same minutes at once, with real commits: what was acknowledged is there, whoever else wrote."""

import threading
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import func, select

from inslussning.db.engine import Database
from inslussning.models import AgendaItem, MeetingAttendance, Minutes, MinutesRevision
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.services import minutes
from inslussning.services.drafts import MinutesLocked
from inslussning.services.minutes import ItemChanged, ItemDraft
from inslussning.services.minutes_content import MinutesContent
from tests.conftest import NOW
from tests.factories.minutes import HELD, a_held_meeting, items_of
from tests.factories.offices import a_world
from tests.factories.planning import LINKS

WRITERS = 6
ROUNDS = 6


class Desk(NamedTuple):
    """A meeting everybody writes in."""

    database: Database
    who: Principal
    meeting: UUID
    items: list[UUID]
    actor: UUID

    def read(self, item: UUID) -> tuple[str, int]:
        with self.database.read() as session:
            found = session.get_one(AgendaItem, item)
            return found.notes, found.version

    def save(self, item: UUID, notes: str, version: int, writer: str = "") -> None:
        """Save and commit; returns only when it is acknowledged."""
        with self.database.transaction() as session:
            draft = ItemDraft(notes=notes, decisions="", version=version, writer=writer)
            minutes.save_item(session, self.who, self.meeting, item, draft, now=HELD)

    def finalise(self) -> None:
        with self.database.transaction() as session:
            minutes.finalise(session, self.who, self.meeting, links=LINKS, now=HELD)


@pytest.fixture
def desk(own_database: Database) -> Desk:
    with own_database.transaction() as session:
        world = a_world(session, now=NOW)
        meeting = a_held_meeting(session, world, now=NOW)
        items = [item.id for item in items_of(session, meeting)]
        return Desk(own_database, world.coordinator, meeting.id, items, world.social.id)


def at_once(work: Callable[[int], None], people: int = WRITERS) -> None:
    """Let everybody begin at the same moment, and pass on the first thing that went wrong."""
    gate, troubles = threading.Barrier(people), list[BaseException]()

    def run(number: int) -> None:
        try:
            gate.wait(timeout=30)
            work(number)
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    if troubles:
        raise troubles[0]


def test_nothing_acknowledged_is_lost_when_many_write_in_one_item(desk: Desk) -> None:
    item = desk.items[1]

    def write(number: int) -> None:
        for turn in range(ROUNDS):
            while True:
                text, version = desk.read(item)
                try:
                    desk.save(item, f"{text}\nrad {number}.{turn}", version, f"page {number}")
                except ItemChanged:
                    continue
                break

    at_once(write)
    text, version = desk.read(item)
    assert sorted(text.split("\n")[1:] if text.startswith("\n") else text.split("\n")) == sorted(
        f"rad {number}.{turn}" for number in range(WRITERS) for turn in range(ROUNDS)
    )
    assert version == 1 + WRITERS * ROUNDS


def test_of_many_who_began_from_the_same_version_one_saves_and_the_others_are_told(desk: Desk) -> None:
    told, saved = [], []

    def write(number: int) -> None:
        try:
            desk.save(desk.items[1], f"text {number}", 1, f"page {number}")
        except ItemChanged:
            told.append(number)
        else:
            saved.append(number)

    at_once(write)
    assert (len(saved), len(told)) == (1, WRITERS - 1)
    assert desk.read(desk.items[1])[0] == f"text {saved[0]}"


def test_the_draft_is_opened_once_when_many_begin_in_different_items(desk: Desk) -> None:
    at_once(lambda number: desk.save(desk.items[number], f"text {number}", 1), people=len(desk.items))
    assert [desk.read(item)[0] for item in desk.items] == [f"text {n}" for n in range(len(desk.items))]
    with desk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Minutes)) == 1


def test_a_text_is_in_the_locked_version_or_its_writer_is_told_that_it_is_locked(desk: Desk) -> None:
    acknowledged: dict[UUID, str] = {}

    def write(number: int) -> None:
        if number == 0:
            desk.finalise()
            return
        item = desk.items[number % len(desk.items)]
        for turn in range(ROUNDS * 3):
            try:
                desk.save(item, f"text {turn}", desk.read(item)[1], f"page {number}")
            except MinutesLocked:
                return
            acknowledged[item] = f"text {turn}"

    at_once(write, people=len(desk.items))
    with desk.database.read() as session:
        content = MinutesContent.model_validate(session.scalars(select(MinutesRevision)).one().content)
    assert {item.key: item.notes for item in content.items if item.notes} == acknowledged


def test_of_many_who_finalise_at_once_one_does(desk: Desk) -> None:
    refused = []

    def lock(number: int) -> None:
        try:
            desk.finalise()
        except MinutesLocked:
            refused.append(number)

    at_once(lock)
    assert len(refused) == WRITERS - 1
    with desk.database.read() as session:
        assert session.scalars(select(MinutesRevision.number)).all() == [1]


def test_an_actor_marked_by_many_at_once_has_one_mark(desk: Desk) -> None:
    marks = (Attendance.CAME, Attendance.EXCUSED, Attendance.ABSENT)

    def mark(number: int) -> None:
        with desk.database.transaction() as session:
            minutes.set_attendance(session, desk.who, desk.meeting, desk.actor, marks[number % len(marks)])

    at_once(mark)
    with desk.database.read() as session:
        assert len(session.scalars(select(MeetingAttendance.attendance)).all()) == 1
