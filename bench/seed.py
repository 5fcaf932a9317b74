"""Fills a database with made-up offices, the same every time, so that only the number of rows differs between two runs.

Every office has the same number of actors, cases and actions: more rows means more offices. Rows of different offices are mixed on disk,
as they are where many offices write at once.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from inslussning.db.base import Base
from inslussning.db.data_keys import DataKey
from inslussning.db.engine import Database
from inslussning.db.keyring import Keyring
from inslussning.db.sealed import SEALED_TYPES, Token, seal_value
from inslussning.db.sealed_parts import Owners
from inslussning.db.vault import Vault
from inslussning.models import (
    Action,
    ActionEvent,
    Actor,
    AgendaItem,
    Case,
    CaseActor,
    Client,
    Invitation,
    InvitationResponse,
    Meeting,
    Need,
    NeedArea,
    Office,
    Organisation,
    Person,
    SlotActor,
    Staffing,
    User,
    UserSession,
    WeeklySlot,
)
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Role
from inslussning.practice.office_defaults import NEED_AREAS
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from meetings.actions import ActionState
from meetings.agenda import ItemKind
from meetings.vocabulary import Response

ACTIONS_PER_OFFICE = 500
OPEN_PER_OFFICE = 125
CASES_PER_OFFICE = 40
ACTORS_PER_OFFICE = 10
CASES_ON_AGENDA = 12
SESSIONS = 50  # signed-in coordinators at most, each of an office of its own
_CHUNK = 5_000
_KINDS = [kind for kind in OrganisationKind if kind is not OrganisationKind.OTHER][:5]
_WORDS = [
    "Ringa",
    "Boka tid",
    "Skicka blankett",
    "Följa med",
    "Kontrollera",
    "Ansöka om",
    "Lämna besked om",
    "Möta upp",
]
_THINGS = [
    "boendet",
    "försörjningen",
    "legitimationen",
    "läkemedel",
    "praktikplatsen",
    "skuldrådgivningen",
    "resan hem",
]
_CLOSED = [ActionState.DONE, ActionState.OUTCOME_REACHED, ActionState.DECLINED]

Values = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """A signed-in coordinator with a meeting of its office to open at one of its cases."""

    token: str
    meeting: str
    item: str


@dataclass(frozen=True)
class Filled:
    """What was put in."""

    desks: list[Desk]
    actions: int
    offices: int


class Rows:
    """Rows to be, per table in the order tables may be filled, with keys that grow with time as the product's own do."""

    def __init__(self, seed: int, now: dt.datetime) -> None:
        self.random = Random(seed)  # noqa: S311 - made-up rows, not secrets
        self.now = now
        self.tables: dict[type[Base], list[Values]] = {}
        self._clock = int(now.timestamp() * 1000) - 10_000_000

    def key(self) -> UUID:
        """Return the next version 7 key (RFC 9562)."""
        self._clock += 1
        return UUID(int=self._clock << 80 | 0x7 << 76 | self.random.getrandbits(76) & ~(0xF << 60) | 0x8 << 60)

    def add(self, model: type[Base], **values: object) -> UUID:
        """Add a row and return its key."""
        key = self.key()
        self.tables.setdefault(model, []).append({"id": key, **values})
        return key


def fill(database: Database, keyring: Keyring, actions: int, *, now: dt.datetime, seed: int = 7) -> Filled:
    """Fill a migrated, empty database with at least so many actions, their texts sealed with the keyring."""
    rows = Rows(seed, now)
    count = max(1, actions // ACTIONS_PER_OFFICE)
    desks = [_office(rows, number, f"bench-{seed}-{number}") for number in range(count)]
    _mix(rows)
    with database.engine.begin() as connection:
        _seal(rows, connection, keyring)
        for model, values in rows.tables.items():
            for chunk in _chunks(values):
                connection.execute(insert(model), chunk)
        if database.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
    return Filled(desks[:SESSIONS], count * ACTIONS_PER_OFFICE, count)


def _seal(rows: Rows, connection: Connection, keyring: Keyring) -> None:
    """Give every office, client and case its data key, and seal every text with its case's, as the product does when a row is saved."""
    vault = Vault(keyring, life=3600, most=10_000_000)
    keys = [
        vault.fresh_row(row["id"], row["id"] if model is Office else row["office_id"], model.holds_key)
        for model in (Office, Client, Case)
        for row in rows.tables[model]
    ]
    for model, values in rows.tables.items():
        sealed = [c for c in model.__table__.columns if isinstance(c.type, SEALED_TYPES)]
        for row in values:
            for column in sealed:
                if text := row.get(column.name):
                    owners = Owners(row["case_id"], row["office_id"])
                    row[column.name] = Token(seal_value(vault, connection, column, row["id"], owners, text))
    offices = rows.tables.pop(Office)
    rows.tables = {Office: offices, DataKey: keys, **rows.tables}


def _office(rows: Rows, number: int, token: str) -> Desk:
    office = rows.add(Office, name=f"Kontor {number}", timezone="Europe/Stockholm", created_at=rows.now)
    areas = [rows.add(NeedArea, office_id=office, name=name, position=n) for n, name in enumerate(NEED_AREAS)]
    organisations = [
        rows.add(Organisation, office_id=office, name=f"Organisation {kind}", kind=kind) for kind in _KINDS
    ]
    actors = [_actor(rows, office, organisations[n % len(organisations)], n) for n in range(ACTORS_PER_OFFICE)]
    person = _coordinator(rows, office, organisations[0], actors[0], number, token)
    cases = [_case(rows, office, n, actors, areas) for n in range(CASES_PER_OFFICE)]
    for n in range(ACTIONS_PER_OFFICE):
        _action(rows, office, cases[n % len(cases)], actors, person, n < OPEN_PER_OFFICE)
    meeting, item = _meeting(rows, office, actors, [case for case, _ in cases[:CASES_ON_AGENDA]])
    return Desk(token, str(meeting), str(item))


def _actor(rows: Rows, office: UUID, organisation: UUID, number: int) -> UUID:
    return rows.add(
        Actor,
        office_id=office,
        organisation_id=organisation,
        function=f"Funktion {number}",
        place="Björkstad",
        short_name=f"f{number}",
        sort_key=f"{number:03}",
        mailbox=f"f{number}@partner.example",
    )


def _coordinator(rows: Rows, office: UUID, organisation: UUID, actor: UUID, number: int, token: str) -> UUID:
    """Add a coordinator who is signed in and staffs one function; return the person."""
    email = f"m{number}@kontor.example"
    person = rows.add(Person, office_id=office, name="Maria Ek", email=email, organisation_id=organisation)
    rows.add(Staffing, office_id=office, actor_id=actor, person_id=person, starts_on=dt.date(2020, 1, 1))
    no_password = {"password_hash": "none"}  # no password has this hash
    user = rows.add(User, office_id=office, person_id=person, email=email, role=Role.COORDINATOR, **no_password)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    times = {
        "created_at": rows.now,
        "seen_at": rows.now,
        "proved_at": rows.now,
        "ends_at": rows.now + dt.timedelta(days=1),
    }
    rows.add(UserSession, user_id=user, token_hash=hashed, browser="Bench", **times)
    return person


def _meeting(rows: Rows, office: UUID, actors: list[UUID], cases: list[UUID]) -> tuple[UUID, UUID]:
    """Add tomorrow's meeting of the weekly slot, with every case on its agenda; return it and the item of the third case."""
    starts = rows.now.replace(hour=8, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    slot = rows.add(
        WeeklySlot,
        office_id=office,
        name="Veckotid",
        weekday=starts.weekday(),
        local_start=dt.time(9),
        minutes=120,
        timezone="Europe/Stockholm",
        first_on=starts.date(),
        last_on=starts.date() + dt.timedelta(days=180),
    )
    meeting = rows.add(
        Meeting,
        office_id=office,
        kind=MeetingKind.WEEKLY,
        slot_id=slot,
        original_on=starts.date(),
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=2),
        timezone="Europe/Stockholm",
    )
    for number, actor in enumerate(actors):
        _invited(rows, office, slot, actor, number)
    items = [_item(rows, office, meeting, case, place) for place, case in enumerate(cases)]
    return meeting, items[2]


def _invited(rows: Rows, office: UUID, slot: UUID, actor: UUID, number: int) -> None:
    """Give an actor a place in the slot and an invitation; every second one has answered."""
    rows.add(SlotActor, office_id=office, slot_id=slot, actor_id=actor)
    uid, address = f"{slot}-{actor}@bench.example", f"f{number}@partner.example"
    invitation = rows.add(
        Invitation, office_id=office, slot_id=slot, actor_id=actor, uid=uid, address=address, dtstamp=rows.now
    )
    if number % 2:
        answer = {"office_id": office, "answer": Response.ACCEPTED, "answered_at": rows.now}
        rows.add(InvitationResponse, invitation_id=invitation, **answer)


def _item(rows: Rows, office: UUID, meeting: UUID, case: UUID, place: int) -> UUID:
    notes = "Boendet är ordnat från den första. Ansökan om försörjningsstöd är inskickad." if place < 2 else ""
    kind = {"kind": ItemKind.CASE, "title": "Ärende", "minutes": 10, "notes": notes}
    return rows.add(AgendaItem, office_id=office, meeting_id=meeting, position=place, case_id=case, **kind)


def _case(rows: Rows, office: UUID, number: int, actors: list[UUID], areas: list[UUID]) -> tuple[UUID, list[UUID]]:
    client = rows.add(Client, office_id=office)
    today = rows.now.date()
    case = rows.add(
        Case,
        office_id=office,
        client_id=client,
        code=f"K-{100 + number}",
        sort_key=f"k{100 + number}",
        phase=Phase.PLAN,
        release_at=rows.now + dt.timedelta(days=7 + 5 * number),
        opened_on=today,
        lead_actor_id=actors[0],
        prison_actor_id=actors[1],
    )
    for actor in rows.random.sample(actors, 4):
        rows.add(CaseActor, office_id=office, case_id=case, actor_id=actor, joined_on=today)
    needs = [
        rows.add(Need, office_id=office, case_id=case, area_id=area, opened_on=today)
        for area in rows.random.sample(areas, 4)
    ]
    return case, needs


def _action(
    rows: Rows, office: UUID, case: tuple[UUID, list[UUID]], actors: list[UUID], person: UUID, is_open: bool
) -> None:
    random = rows.random
    state = random.choice([ActionState.PLANNED, ActionState.ONGOING] if is_open else _CLOSED)
    due_on = rows.now.date() + dt.timedelta(days=random.randrange(-20, 60) if is_open else random.randrange(-700, -1))
    closed_at = None if is_open else dt.datetime.combine(due_on, dt.time(9), dt.UTC)
    action = rows.add(
        Action,
        office_id=office,
        case_id=case[0],
        need_id=random.choice(case[1]),
        actor_id=random.choice(actors),
        what=f"{random.choice(_WORDS)} {random.choice(_THINGS)} före mötet",
        due_on=due_on,
        state=state,
        created_at=rows.now - dt.timedelta(days=800),
        closed_at=closed_at,
    )
    rows.add(
        ActionEvent,
        office_id=office,
        action_id=action,
        person_id=person,
        at=closed_at or rows.now,
        state=state,
        due_on=due_on,
    )


def _mix(rows: Rows) -> None:
    """Put actions of all offices in one order, with keys that follow it."""
    actions = rows.tables[Action]
    keys = sorted((a["id"] for a in actions), key=lambda key: key.int)
    rows.random.shuffle(actions)
    fresh = {}
    for action, key in zip(actions, keys, strict=True):
        fresh[action["id"]] = key
        action["id"] = key
    for event in rows.tables[ActionEvent]:
        event["action_id"] = fresh[event["action_id"]]


def _chunks(values: list[Values]) -> Iterator[list[Values]]:
    rows = iter(values)
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
