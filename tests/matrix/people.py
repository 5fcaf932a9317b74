"""Everybody who asks: staff, partners, the client, those who may no longer, and what each has been given of the cases."""

import datetime as dt
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from inslussning.models import BreakGlass, CasePerson, Person, Staffing, User
from inslussning.models.client_access import ClientSession
from inslussning.practice.access import Role
from inslussning.practice.protection import CasePersonKind, OpeningKind
from inslussning.services import sessions
from tests.factories.offices import PASSWORD_HASH
from tests.matrix.kits import DAY, HOUR, House, Kit, Thing


@dataclass(frozen=True)
class Somebody:
    """A person who may sign in."""

    name: str
    role: Role
    house: str = "own"
    function: str = ""


PEOPLE = (
    Somebody("partner in the case", Role.PARTNER, function="social"),
    Somebody("partner invited to one meeting", Role.PARTNER, function="guest"),
    Somebody("partner whose function left", Role.PARTNER, function="clinic"),
    Somebody("partner of another case", Role.PARTNER, function="housing"),
    Somebody("prison's case worker", Role.CASE_WORKER, function="prison"),
    Somebody("lay supervisor", Role.LAY_SUPERVISOR, function="lay"),
    Somebody("inspector, owner", Role.INSPECTOR, function="probation"),
    Somebody("colleague", Role.INSPECTOR, function="probation2"),
    Somebody("coordinator", Role.COORDINATOR),
    Somebody("colleague of another office", Role.COORDINATOR, house="foreign"),
    Somebody("excluded colleague", Role.INSPECTOR),
    Somebody("manager", Role.MANAGER),
    Somebody("manager with a reason", Role.MANAGER),
    Somebody("reviewer", Role.REVIEWER),
    Somebody("administrator", Role.ADMINISTRATOR),
    Somebody("nödöppning active", Role.INSPECTOR),
    Somebody("nödöppning over", Role.INSPECTOR),
    Somebody("disabled", Role.COORDINATOR),
    Somebody("session ended", Role.COORDINATOR),
)
NOBODY = ("anonymous", "client")


def people(session: Session, houses: dict[str, House], kits: dict[Thing, Kit], *, now: dt.datetime) -> dict[str, str]:
    """Make everybody and return the tokens of their sessions."""
    tokens = dict.fromkeys(NOBODY, "")
    for number, one in enumerate(PEOPLE):
        house = houses[one.house]
        function = house.actors[one.function or "probation"]
        mail = f"person{number}@{one.house}.example"
        person = Person(
            office_id=house.office.id, name=f"Person {number}", email=mail, organisation_id=function.organisation_id
        )
        session.add(person)
        session.flush()
        user = User(
            office_id=house.office.id,
            person_id=person.id,
            email=mail,
            password_hash=PASSWORD_HASH,
            role=one.role,
            disabled_at=now - DAY if one.name == "disabled" else None,
        )
        session.add(user)
        if one.function:
            session.add(
                Staffing(
                    office_id=house.office.id, actor_id=function.id, person_id=person.id, starts_on=dt.date(2026, 1, 1)
                )
            )
        session.flush()
        _places(session, one.name, house, person, user, kits, now)
        since = now - dt.timedelta(days=30) if one.name == "session ended" else now
        tokens[one.name] = sessions.open_session(session, user.id, browser="Test", now=since)
    client = secrets.token_urlsafe(24)
    session.add(
        ClientSession(
            office_id=houses["own"].office.id,
            case_id=kits[Thing.OWN].case.id,
            token_hash=sessions.token_hash(client),
            opened_at=now,
            expires_at=now + 9 * DAY,
        )
    )
    tokens["client"] = client
    tokens["coordinator, named"] = sessions.open_session(session, houses["own"].god.user_id, browser="Test", now=now)
    tokens["foreign, named"] = sessions.open_session(session, houses["foreign"].god.user_id, browser="Test", now=now)
    session.flush()
    return tokens


def _places(
    session: Session, name: str, house: House, person: Person, user: User, kits: dict[Thing, Kit], now: dt.datetime
) -> None:
    """Give a person its own place in the cases."""

    def place(kind: CasePersonKind, *things: Thing) -> None:
        session.add_all(
            CasePerson(
                office_id=house.office.id,
                case_id=kits[thing].case.id,
                person_id=person.id,
                kind=kind,
                reason="x",
                set_by=house.god.person_id,
                set_at=now,
            )
            for thing in things
        )

    def opening(kind: OpeningKind, began: dt.datetime, *things: Thing) -> None:
        session.add_all(
            BreakGlass(
                office_id=house.office.id,
                case_id=kits[thing].case.id,
                user_id=user.id,
                kind=kind,
                reason="x",
                opened_at=began,
                expires_at=began + 2 * HOUR,
            )
            for thing in things
        )

    if name == "inspector, owner":
        place(CasePersonKind.NAMED, Thing.SEALED, Thing.PROTECTED)
    if name == "excluded colleague":
        place(CasePersonKind.EXCLUDED, Thing.OWN)
        opening(OpeningKind.EMERGENCY, now - HOUR, Thing.OWN)
    if name == "nödöppning active":
        opening(OpeningKind.EMERGENCY, now - HOUR, Thing.SEALED)
    if name == "nödöppning over":
        opening(OpeningKind.EMERGENCY, now - 5 * HOUR, Thing.SEALED)
    if name == "manager with a reason":
        opening(OpeningKind.MANAGEMENT, now - HOUR, Thing.OWN)


def shares(kits: dict[Thing, Kit]) -> dict[str, frozenset[UUID]]:
    """Say row by row what somebody outside the staff may see of the case they take part in."""
    own, other = kits[Thing.OWN].rows, kits[Thing.SAME_OFFICE].rows

    def of(rows: dict[str, UUID], *names: str) -> frozenset[UUID]:
        return frozenset(rows[name] for name in names)

    in_area = ("action social", "event social", "action probation", "event probation")
    return {
        "partner in the case": of(own, "case", "need", *in_area, "video", "video_held", "appointment social"),
        "client": of(own, "case", "schedule", *(k for k in own if "appointment" in k)),
        "partner of another case": of(other, "case", "action housing", "event housing"),
        "lay supervisor": of(
            own, "case", "action lay", "event lay", "schedule", *(k for k in own if "appointment" in k)
        )
        | of(other, "case", "action lay", "event lay", "schedule", *(k for k in other if "appointment" in k)),
    }
