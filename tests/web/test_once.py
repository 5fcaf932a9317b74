"""A form has a key of its own: posted again it leads to the same place and changes nothing."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.models import Action, PostedForm
from inslussning.services import posted_forms
from inslussning.services.posted_forms import REMEMBERED
from inslussning.web import once
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World
from tests.matrix.forms import forms_in


def actions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Action)) or 0


def a_body(world: World, key: str, **changes: str) -> dict[str, str]:
    usual = {
        "case_id": str(world.near.id),
        "actor_id": str(world.social.id),
        "what": "Ring",
        "due_on": "2026-12-10",
        "once": key,
    }
    return usual | changes


def test_posted_again_it_leads_to_the_same_place_and_changes_nothing(
    either: SiteClient, session: Session, world: World
) -> None:
    first, again = (either.post("/actions/new", a_body(world, "k1")) for _ in range(2))
    assert first.goes_to == again.goes_to == f"/cases/{world.near.id}#needs"
    assert first.status == again.status
    assert actions(session) == 1


def test_the_same_text_from_a_fresh_page_is_another_form(client: SiteClient, session: Session, world: World) -> None:
    for key in ("k1", "k2"):
        client.post("/actions/new", a_body(world, key))
    assert actions(session) == 2


def test_a_form_that_was_refused_may_be_sent_again(client: SiteClient, session: Session, world: World) -> None:
    bad = a_body(world, "k1", what="")
    assert [client.post("/actions/new", bad).status for _ in range(2)] == [422, 422]
    assert client.post("/actions/new", a_body(world, "k1")).status == 303
    assert actions(session) == 1


def test_a_key_counts_for_its_own_session(client: SiteClient, session: Session, world: World) -> None:
    client.post("/actions/new", a_body(world, "k1"))
    SiteClient(client.app).signed_in(world.coordinator).post("/actions/new", a_body(world, "k1"))
    assert actions(session) == 2


def test_every_form_that_posts_carries_a_key(client: SiteClient, world: World) -> None:
    found = 0
    for path in (
        "/cases/new",
        "/actions/new?case=" + str(world.near.id),
        "/slots/new",
        "/actors/new",
        f"/cases/{world.near.id}/edit",
    ):
        bodies = [body for action, body in forms_in(client.get(path).text) if action not in {"/search", "/sign-out"}]
        assert all(any(name == once.FIELD for name, _ in body) for body in bodies if body), path
        found += len(bodies)
    assert found >= 5


def test_keys_are_forgotten_after_some_days(session: Session) -> None:
    posted_forms.claim(session, "a" * 64, now=NOW)
    posted_forms.settle(session, "a" * 64, "/cases")
    posted_forms.claim(session, "b" * 64, now=NOW + REMEMBERED + dt.timedelta(hours=1))
    assert [one.digest for one in session.scalars(select(PostedForm))] == ["b" * 64]


def test_a_form_that_only_looks_like_one_is_left_alone() -> None:
    source = '<form method="get"><input></form><form class="x" method="post" action="{{ a > b }}">\n<input></form>'
    keyed = once.OneTimeKeys.preprocess(None, source, "cases/new.html")  # type: ignore[arg-type] # needs no environment
    assert keyed.count("one_time_key()") == 1
    assert once.OneTimeKeys.preprocess(None, source, "_layout/page.html") == source  # type: ignore[arg-type]
