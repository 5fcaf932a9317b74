"""A second office beside the tests' own, and the tables as one value."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.base import Base
from inslussning.models import Actor, Case, Meeting, WeeklySlot
from inslussning.practice.access import Principal
from inslussning.practice.organisations import OrganisationKind
from inslussning.services.links import Links
from tests.conftest import NOW
from tests.factories.minutes import a_held_meeting
from tests.factories.offices import World, a_case, an_actor, an_office
from tests.factories.planning import a_slot

LOGS = ("audit", "access_log", "user_sessions", "sign_in_failures")  # what may change by looking


@dataclass
class Foreign:
    """Another office with a case, a function, a weekly time and a meeting of its own."""

    coordinator: Principal
    actor: Actor
    case: Case
    slot: WeeklySlot
    meeting: Meeting


@pytest.fixture
def foreign(session: Session, world: World) -> Foreign:  # noqa: ARG001 - comes second
    office, principal = an_office(session, now=NOW, name="Frivården Granvik", email="samordnare@granvik.example")
    actor = an_actor(session, principal, "hemlig", "Hemlig funktion", OrganisationKind.REGION)
    case = a_case(session, principal, "G-900", release_at=datetime(2027, 2, 1, 8, tzinfo=UTC), actors=[actor])
    slot = a_slot(session, principal, now=NOW, actor_ids=(actor.id,))
    meeting = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).first()
    assert meeting is not None
    assert office.id == case.office_id
    session.commit()
    return Foreign(principal, actor, case, slot, meeting)


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    """The own office's meeting with an agenda."""
    found = a_held_meeting(session, world, now=NOW, actors=(world.social, world.clinic))
    session.commit()
    return found


@pytest.fixture
def links(app: object) -> Links:
    found: Links = app.state.links  # type: ignore[attr-defined] # the app is FastAPI's
    return found


def fingerprint(session: Session) -> dict[str, str]:
    """Return a hash of every table but the logs."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if not table.name.startswith(LOGS):
            rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
