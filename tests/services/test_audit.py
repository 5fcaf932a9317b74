"""The access log: a chain nobody can change unseen, dense however many write, and silent about nothing."""

# ruff: noqa: S608, S311 - the tables are changed by raw statements on purpose, by a chance that can be repeated

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.models import AuditCase, AuditEntry, Case
from inslussning.practice.audit import Asker, Event
from inslussning.services import audit, audit_chain, audit_check
from inslussning.services.audit_chain import Line, LogUnavailable, use_key
from inslussning.services.audit_check import Fault
from tests.conftest import AUDIT_KEY, NOW, TODAY
from tests.factories.offices import World

TABLES = ("audit_entries", "audit_cases", "audit_anchors")
WRITERS = 8


def a_line(office_id: UUID, *cases: UUID, **more: object) -> Line:
    return Line(at=NOW, asker=Asker.USER, event=Event.READ, office_id=office_id).about(cases, **more)


def entries_of(session: Session) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.office_id, AuditEntry.seq)))


def cases_of(session: Session, seq: int) -> set[UUID]:
    return set(session.scalars(select(AuditCase.case_id).where(AuditCase.seq == seq)))


class TestCollecting:
    """What a session touches is known without anybody saying it."""

    def test_what_is_loaded_is_seen(self, session: Session, world: World) -> None:
        session.expunge_all()
        trail = audit.attend(session)
        session.scalars(select(Case).where(Case.id == world.near.id)).all()
        assert trail.cases == {world.near.id}

    @pytest.mark.usefixtures("world")
    def test_what_is_only_compared_is_not(self, session: Session) -> None:
        session.expunge_all()
        trail = audit.attend(session)
        with audit.aside(session):
            session.scalars(select(Case)).all()
        assert trail.cases == set()

    def test_what_is_saved_is_changed(self, session: Session, world: World) -> None:
        trail = audit.attend(session)
        case = world.near
        case.supervision_ends_on = TODAY
        session.flush()
        assert [case_id for _, case_id in trail.changes] == [case.id]

    def test_what_is_taken_back_is_no_change_and_no_note_but_was_seen(self, session: Session, world: World) -> None:
        trail = audit.attend(session)
        case = world.near
        savepoint = session.begin_nested()
        case.supervision_ends_on = TODAY
        session.flush()
        audit.note(session, Event.CONSENT_GIVEN, case_ids=[case.id])
        savepoint.rollback()
        assert trail.changes == []
        assert trail.notes == []
        assert trail.cases == {case.id}

    def test_a_note_outside_a_request_is_written_with_what_it_tells_of(self, own_database: Database) -> None:
        office = uuid4()
        use_key(own_database, AUDIT_KEY)
        with own_database.transaction() as session:
            audit.note(session, Event.KEYS_CHANGED, office_id=office, detail="k2")
        with own_database.read() as session:
            (entry,) = entries_of(session)
        assert (entry.event, entry.asker, entry.detail) == (Event.KEYS_CHANGED, Asker.SYSTEM, "k2")

    def test_a_note_that_cannot_be_written_stops_what_it_tells_of(self, own_database: Database) -> None:
        with pytest.raises(LogUnavailable), own_database.transaction() as session:
            audit.note(session, Event.KEYS_CHANGED, office_id=uuid4())

    def test_a_note_that_is_nobodys_stops_what_it_tells_of(self, own_database: Database) -> None:
        use_key(own_database, AUDIT_KEY)
        with pytest.raises(LogUnavailable), own_database.transaction() as session:
            audit.note(session, Event.KEYS_CHANGED)


class TestBadInput:
    """What cannot be written as it stands is written otherwise; nothing gets past the log by being odd (nc-sa-2018-006)."""

    @pytest.mark.parametrize("odd", ["\ud800", "a\x00b", "\u202eabc", "x" * 5000, "rad\nbryt", "😀"])
    def test_the_entry_is_written_and_holds(self, session: Session, odd: str) -> None:
        audit_chain.append(session, [a_line(uuid4(), detail=odd, route=odd, role=odd, network=odd)])
        session.expire_all()
        (verdict,) = audit_check.verify(session, AUDIT_KEY)
        assert (verdict.entries, verdict.fault) == (1, None)

    def test_what_cannot_be_printed_is_written_out(self) -> None:
        assert audit_chain.plain("a\x00\ud800\u202e", 40) == "a\\u0000\\ud800\\u202e"

    def test_what_is_too_long_shows_that_it_was_cut(self) -> None:
        assert audit_chain.plain("x" * 50, 10) == "x" * 9 + "…"

    def test_a_short_key_is_refused(self, database: Database) -> None:
        with pytest.raises(ValueError, match="too short"):
            use_key(database, b"short")


@pytest.fixture
def log(own_database: Database) -> Database:
    """Two offices' logs with cases, of which one has its middle and its end on record."""
    use_key(own_database, AUDIT_KEY)
    chance = random.Random(7)
    offices, cases = [UUID(int=1), UUID(int=2)], [UUID(int=n) for n in range(100, 120)]
    for part in range(2):
        with own_database.transaction() as session:
            for n in range(30):
                office = offices[n % 2]
                some = chance.sample(cases, chance.randint(0, 3))
                audit_chain.append(
                    session, [a_line(office, *some, person_id=chance.choice(cases), detail=f"{part} {n}")]
                )
        with own_database.transaction() as session:
            audit_check.anchor(session, AUDIT_KEY, now=NOW)
    return own_database


def without_triggers(database: Database) -> None:
    """What somebody who owns the database can always do."""
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.begin() as connection:
        for table in TABLES:
            for what in ("update", "delete", "truncate")[: 2 if is_sqlite else 3]:
                connection.execute(text(f"DROP TRIGGER {table}_no_{what}" + ("" if is_sqlite else f" ON {table}")))


class TestChain:
    def test_an_untouched_log_holds(self, log: Database) -> None:
        with log.read() as session:
            verdicts = audit_check.verify(session, AUDIT_KEY)
        assert [(v.entries, v.first, v.last, v.fault) for v in verdicts] == [(30, 1, 30, None)] * 2

    def test_another_key_finds_nothing_in_order(self, log: Database) -> None:
        with log.read() as session:
            verdicts = audit_check.verify(session, b"some other key that is long enough")
        assert all(v.fault is not None for v in verdicts)

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE audit_entries SET detail = 'x'", "UPDATE audit_cases SET seq = seq + 100", "DELETE FROM audit_entries",
         "DELETE FROM audit_cases", "DELETE FROM audit_anchors", "UPDATE audit_anchors SET head = 'x'"],
    )  # fmt: skip
    def test_the_database_refuses_to_change_it(self, log: Database, statement: str) -> None:
        with pytest.raises(DBAPIError, match="only added to"), log.engine.begin() as connection:
            connection.execute(text(statement))

    def test_a_tail_cut_is_found_by_the_file_even_when_the_database_has_forgotten(
        self, log: Database, tmp_path: Path
    ) -> None:
        with log.transaction() as session:
            audit_chain.append(session, [a_line(UUID(int=1))])
        heads = audit_check.put_on_record(log, AUDIT_KEY, tmp_path, now=NOW)
        assert [head.seq for head in heads] == [31]
        without_triggers(log)
        with log.engine.begin() as connection:
            for table in TABLES:
                connection.execute(text(f"DELETE FROM {table} WHERE seq > 20"))
        with log.read() as session:
            assert audit_check.verify(session, AUDIT_KEY)[0].fault is None
            found = audit_check.verify(session, AUDIT_KEY, audit_check.read_heads(tmp_path))[0]
        assert (found.place, found.fault) == (21, Fault.TAIL_CUT)

    def test_the_front_is_erased_by_rule_alone_and_the_rest_still_holds(self, log: Database) -> None:
        later = NOW + dt.timedelta(days=1)
        with log.transaction() as session:
            audit_chain.append(session, [a_line(UUID(int=1), UUID(int=100), at=later)])
            assert audit_check.cut(session, AUDIT_KEY, UUID(int=1), before=later, now=later) == 30
        with log.read() as session:
            kept, other = audit_check.verify(session, AUDIT_KEY)
        assert (kept.entries, kept.first, kept.last, kept.fault) == (1, 31, 31, None)
        assert (other.entries, other.fault) == (30, None)

    def test_the_newest_entry_is_never_erased(self, log: Database) -> None:
        later = NOW + dt.timedelta(days=9)
        with log.transaction() as session:
            audit_check.cut(session, AUDIT_KEY, UUID(int=1), before=later, now=later)
            audit_chain.append(session, [a_line(UUID(int=1))])
        with log.read() as session:
            kept = audit_check.verify(session, AUDIT_KEY)[0]
        assert (kept.entries, kept.first, kept.last, kept.fault) == (2, 30, 31, None)


class TestTampering:
    """A thousand changes by somebody who owns the database but not the key: each one is found."""

    TRIES = 1000

    def test_every_change_is_found(self, log: Database) -> None:
        without_triggers(log)
        chance = random.Random(11)
        missed = []
        for n in range(self.TRIES):
            with log.engine.connect() as connection:
                done = chance.choice(TAMPERINGS)(connection, chance)
                with Session(connection, join_transaction_mode="create_savepoint") as session:
                    if all(verdict.fault is None for verdict in audit_check.verify(session, AUDIT_KEY)):
                        missed.append((n, done))
                connection.rollback()
        assert missed == []


def _edit(connection: Connection, chance: random.Random) -> str:
    column, value = chance.choice(
        [("detail", "'annat'"), ("event", "'changed'"), ("asker", "'link'"), ("role", "'manager'"), ("objects", "'x'"),
         ("mac", "previous"), ("previous", "mac"), ("network", "'n'"), ("route", "'r'"), ("user_id", "person_id"),
         ("person_id", "NULL"), ("session_id", "person_id"), ("event", "'nonsense'")]
    )  # fmt: skip
    return _run(connection, f"UPDATE audit_entries SET {column} = {value} WHERE {_one(chance)}")


def _edit_time(connection: Connection, chance: random.Random) -> str:
    at = (NOW + dt.timedelta(microseconds=chance.randint(1, 10**12))).strftime("%Y-%m-%d %H:%M:%S.%f")
    zone = "+00" if connection.dialect.name == "postgresql" else ""
    return _run(connection, f"UPDATE audit_entries SET at = '{at}{zone}' WHERE {_one(chance)}")


def _delete(connection: Connection, chance: random.Random) -> str:
    which = _one(chance)
    connection.execute(text(f"DELETE FROM audit_cases WHERE {which}"))
    return _run(connection, f"DELETE FROM audit_entries WHERE {which}")


def _cut_tail(connection: Connection, chance: random.Random) -> str:
    office, seq = chance.choice([1, 2]), chance.randint(1, 30)
    which = f"office_id = '{UUID(int=office).hex}' AND seq >= {seq}"
    connection.execute(text(f"DELETE FROM audit_cases WHERE {which}"))
    return _run(connection, f"DELETE FROM audit_entries WHERE {which}")


def _insert(connection: Connection, chance: random.Random) -> str:
    """A copy of an entry at the end, with everything but the key."""
    return _run(
        connection,
        "INSERT INTO audit_entries (office_id, seq, at, asker, user_id, person_id, role, session_id, event, route, objects, "
        "detail, network, previous, mac) SELECT office_id, 31, at, asker, user_id, person_id, role, session_id, event, route, "
        "objects, detail, network, (SELECT mac FROM audit_entries b WHERE b.office_id = audit_entries.office_id AND b.seq = 30), "
        f"mac FROM audit_entries WHERE {_one(chance)}",
    )


def _reorder(connection: Connection, chance: random.Random) -> str:
    office, (one, other) = UUID(int=chance.choice([1, 2])).hex, chance.sample(range(1, 31), 2)
    return "".join(
        _run(connection, f"UPDATE audit_entries SET seq = {to} WHERE office_id = '{office}' AND seq = {seq}")
        for seq, to in ((one, -1), (other, one), (-1, other))
    )


def _move_case(connection: Connection, chance: random.Random) -> str:
    what = chance.choice(
        [
            f"UPDATE audit_cases SET case_id = '{uuid4().hex}' WHERE {_with_case(chance)} AND {_FIRST}",
            f"DELETE FROM audit_cases WHERE {_with_case(chance)}",
            f"UPDATE audit_cases SET seq = seq + 1000 WHERE {_with_case(chance)}",
            f"INSERT INTO audit_cases VALUES ('{UUID(int=1).hex}', {chance.randint(1, 40)}, '{uuid4().hex}')",
        ]
    )
    return _run(connection, what)


def _forge_anchor(connection: Connection, chance: random.Random) -> str:
    what = chance.choice(
        ["seq = seq - 1", "head = mac", "is_cut = NOT is_cut", "mac = head", f"office_id = '{UUID(int=3).hex}'"]
    )
    office = UUID(int=chance.choice([1, 2])).hex
    return _run(connection, f"UPDATE audit_anchors SET {what} WHERE office_id = '{office}' AND seq = 30")


def _one(chance: random.Random) -> str:
    return f"office_id = '{UUID(int=chance.choice([1, 2])).hex}' AND seq = {chance.randint(1, 30)}"


_FIRST = (
    "case_id = (SELECT c.case_id FROM audit_cases c WHERE c.office_id = audit_cases.office_id AND c.seq = audit_cases.seq "
    "ORDER BY c.case_id LIMIT 1)"
)


def _with_case(chance: random.Random) -> str:
    number = "SELECT min(seq) FROM audit_cases WHERE office_id = '{0}' AND seq >= {1}"
    office = UUID(int=chance.choice([1, 2])).hex
    return f"office_id = '{office}' AND seq = ({number.format(office, chance.randint(1, 20))})"


def _run(connection: Connection, statement: str) -> str:
    done = connection.execute(text(statement))
    assert done.rowcount > 0, statement
    return statement


TAMPERINGS: list[Callable[[Connection, random.Random], str]] = [
    *(_edit, _edit_time, _delete, _cut_tail, _insert, _reorder, _move_case, _forge_anchor)
]


class TestAtOnce:
    def test_many_writers_leave_a_dense_chain(self, own_database: Database) -> None:
        use_key(own_database, AUDIT_KEY)
        office, each = uuid4(), 40
        start, troubles = Barrier(WRITERS), []

        def write(maker: str) -> None:
            start.wait()
            for n in range(each):
                try:
                    with getattr(own_database, maker).begin() as session:
                        audit_chain.append(session, [a_line(office, uuid4(), detail=str(n))])
                except Exception as trouble:
                    troubles.append(trouble)

        makers = ["audit", "write"] * (WRITERS // 2)
        threads = [Thread(target=write, args=(maker,)) for maker in makers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert troubles == []
        with own_database.read() as session:
            (verdict,) = audit_check.verify(session, AUDIT_KEY)
        assert (verdict.entries, verdict.last, verdict.fault) == (WRITERS * each, WRITERS * each, None)
