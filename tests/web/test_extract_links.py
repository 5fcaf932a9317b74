"""What the holder of a link does without an account: say how the actor's own actions stand, and nothing else."""

from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import Action, ActionEvent, Consent, MinutesRevision
from inslussning.services import minutes
from inslussning.services.links import Links, Purpose
from meetings.actions import ActionState
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.minutes import HELD, a_held_meeting
from tests.factories.offices import World
from tests.factories.planning import LINKS


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    """The site while the meeting is held."""
    return create_app(settings, database=database, clock=lambda: HELD)


@pytest.fixture
def actions(session: Session, world: World) -> dict[str, UUID]:
    """Two agreed actions in locked minutes: social services' and the clinic's."""
    meeting = a_held_meeting(session, world, now=NOW)
    own = an_action(session, world, now=HELD, meeting_id=meeting.id)
    other = an_action(session, world, now=HELD, what="Boka läkarsamtal", actor=world.employment, meeting_id=meeting.id)
    minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=HELD)
    session.commit()
    return {"own": own.id, "other": other.id}


@pytest.fixture
def path(app: FastAPI, session: Session, world: World, actions: dict[str, UUID]) -> str:
    links: Links = app.state.links
    revision = session.scalars(select(MinutesRevision)).one()
    assert actions
    return f"/extract/{links.token(Purpose.EXTRACT, revision.id, world.social.id)}"


def state(session: Session, key: UUID) -> ActionState:
    query = select(Action.state).where(Action.id == key)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_an_action_is_said_to_be_done(
    anonymous: SiteClient, session: Session, actions: dict[str, UUID], path: str
) -> None:
    done = anonymous.post(f"{path}/actions/{actions['own']}", {"state": "done"})
    assert done.goes_to == f"{path}#a-{actions['own']}"
    assert state(session, actions["own"]) is ActionState.DONE
    event = session.scalars(select(ActionEvent).order_by(ActionEvent.at.desc(), ActionEvent.id.desc())).first()
    assert event is not None
    assert event.person_id is None
    assert "Klar" in anonymous.get(path).said


def test_a_wrong_click_is_taken_back(
    anonymous: SiteClient, session: Session, actions: dict[str, UUID], path: str
) -> None:
    anonymous.post(f"{path}/actions/{actions['own']}", {"state": "done"})
    anonymous.post(f"{path}/actions/{actions['own']}", {"state": "ongoing"})
    assert state(session, actions["own"]) is ActionState.ONGOING


def test_declining_takes_a_reason(anonymous: SiteClient, session: Session, actions: dict[str, UUID], path: str) -> None:
    refused = anonymous.post(f"{path}/actions/{actions['own']}", {"state": "declined", "note": ""})
    assert refused.status == 422
    assert "Skriv varför" in refused.said
    anonymous.post(f"{path}/actions/{actions['own']}", {"state": "declined", "note": "Vi har ingen plats"})
    assert state(session, actions["own"]) is ActionState.DECLINED


@pytest.mark.parametrize("wanted", ["outcome_reached", "dormant"])
def test_what_the_group_decides_is_not_for_a_link(
    anonymous: SiteClient, session: Session, actions: dict[str, UUID], path: str, wanted: str
) -> None:
    assert anonymous.post(f"{path}/actions/{actions['own']}", {"state": wanted}).status == 404
    assert state(session, actions["own"]) is ActionState.PLANNED


def test_another_actors_action_is_as_absent_as_none(
    anonymous: SiteClient, session: Session, actions: dict[str, UUID], path: str
) -> None:
    foreign = anonymous.post(f"{path}/actions/{actions['other']}", {"state": "done"})
    absent = anonymous.post(f"{path}/actions/{uuid4()}", {"state": "done"})
    assert (foreign.status, foreign.text) == (absent.status, absent.text)
    assert foreign.status == 404
    assert state(session, actions["other"]) is ActionState.PLANNED


def test_looking_changes_nothing(anonymous: SiteClient, session: Session, actions: dict[str, UUID], path: str) -> None:
    anonymous.get(path)
    assert anonymous.get(f"{path}/actions/{actions['own']}").status == 405
    assert state(session, actions["own"]) is ActionState.PLANNED


def test_a_revoked_consent_takes_the_action_away(
    anonymous: SiteClient, session: Session, world: World, actions: dict[str, UUID], path: str
) -> None:
    for consent in session.scalars(select(Consent).where(Consent.actor_id == world.social.id)):
        consent.revoked_at = NOW
    session.commit()
    assert "Ringa om boendet" not in anonymous.get(path).said
    assert anonymous.post(f"{path}/actions/{actions['own']}", {"state": "done"}).status == 404


def test_a_link_for_another_purpose_opens_nothing(
    app: FastAPI, anonymous: SiteClient, session: Session, world: World, actions: dict[str, UUID]
) -> None:
    links: Links = app.state.links
    revision = session.scalars(select(MinutesRevision)).one()
    other = links.token(Purpose.ANSWER, revision.id, world.social.id)
    assert anonymous.post(f"/extract/{other}/actions/{actions['own']}", {"state": "done"}).status == 404
