"""What the installation says of itself to whatever watches over it."""

import datetime as dt

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import open_database
from inslussning.models import OutboxMessage
from inslussning.practice.mail import MailKind, OutboxState
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World

LONG_AGO = NOW - dt.timedelta(minutes=16)


def a_mail(session: Session, world: World, **changes: object) -> None:
    values: dict[str, object] = {
        "office_id": world.office.id,
        "kind": MailKind.INVITATION,
        "thread": "uid@inslussning.example",
        "position": 0,
        "recipient": "soc@partner.example",
        "subject": "Kallelse",
        "message_id": f"<{changes.get('position', 0)}@inslussning.example>",
        "mime": b"",
        "next_try_at": LONG_AGO,
        "created_at": LONG_AGO,
    }
    session.add(OutboxMessage(**(values | changes)))
    session.commit()


def ready(client: SiteClient) -> tuple[int, str]:
    answer = client.get("/readyz")
    return answer.status, answer.text


def test_the_process_answers_that_it_is_there(anonymous: SiteClient) -> None:
    answer = anonymous.get("/livez")
    assert (answer.status, answer.text) == (200, "alive")


def test_an_installation_in_order_is_ready(anonymous: SiteClient) -> None:
    assert ready(anonymous) == (200, "ready")


@pytest.mark.parametrize(
    "changes",
    [{"state": OutboxState.WAITING}, {"state": OutboxState.SENDING, "lease_until": LONG_AGO}],
    ids=["waiting", "abandoned"],
)
def test_a_mail_left_past_its_time_means_that_nobody_sends(
    anonymous: SiteClient, session: Session, world: World, changes: dict[str, object]
) -> None:
    a_mail(session, world, **changes)
    assert ready(anonymous) == (503, "outbox")


@pytest.mark.parametrize(
    "changes",
    [
        {"next_try_at": NOW - dt.timedelta(minutes=14)},
        {"next_try_at": NOW + dt.timedelta(hours=2), "attempts": 5},
        {"state": OutboxState.SENDING, "lease_until": NOW},
        {"state": OutboxState.SENT, "sent_at": LONG_AGO},
        {"state": OutboxState.FAILED},
    ],
    ids=["due lately", "tried again later", "being sent", "sent", "given up"],
)
def test_a_mail_in_any_other_state_is_in_order(
    anonymous: SiteClient, session: Session, world: World, changes: dict[str, object]
) -> None:
    a_mail(session, world, **changes)
    assert ready(anonymous) == (200, "ready")


def test_a_mail_behind_one_that_is_tried_later_waits_its_turn(
    anonymous: SiteClient, session: Session, world: World
) -> None:
    a_mail(session, world, next_try_at=NOW + dt.timedelta(hours=2))
    a_mail(session, world, position=1)
    assert ready(anonymous) == (200, "ready")


def test_a_database_of_another_version_is_not_served(anonymous: SiteClient, session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    session.commit()
    assert ready(anonymous) == (503, "migrations")


def test_a_database_that_does_not_answer_gives_one_word_and_nothing_more(settings: Settings) -> None:
    database = open_database("sqlite:////nowhere/at/all.sqlite3")
    app: FastAPI = create_app(settings, database=database, clock=lambda: NOW)
    assert ready(SiteClient(app)) == (503, "database")
    database.dispose()
