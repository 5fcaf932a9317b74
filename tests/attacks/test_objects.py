"""Whose is it: attacks on the check that a row is the asker's to see or change."""

import datetime as dt
import re
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.models import (
    Action,
    AgendaItem,
    Case,
    CaseActor,
    Invitation,
    Meeting,
    Need,
    NeedArea,
    OutboxMessage,
    Person,
    SlotActor,
    Staffing,
    User,
)
from inslussning.services import slots
from inslussning.services.invitation_mails import answer_address
from inslussning.services.links import Links, Purpose
from tests.attacks.conftest import Foreign, fingerprint
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.minutes import items_of
from tests.factories.offices import World, a_partner
from tests.matrix.asking import route_list
from tests.matrix.rules import RULES

NOWHERE = "00000000-0000-7000-8000-000000000000"


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", NOWHERE, path)


def test_attack_01_nobody_gets_into_any_route_without_signing_in(
    app: FastAPI, anonymous: SiteClient, world: World
) -> None:
    asked = 0
    for method, path in route_list(app):
        rule = RULES.get(f"{method} {path}")
        if rule is not None and rule.needs in {
            "nothing",
            "client",
        }:  # the client's own has a door of its own: tests/matrix
            continue
        answer = anonymous.get(filled(path)) if method == "GET" else anonymous.post(filled(path))
        asked += 1
        assert (answer.status, answer.goes_to[:8]) == (303, "/sign-in"), f"{method} {path}"
        assert world.near.code not in answer.text
    assert asked > 100


def test_attack_02_a_right_in_one_office_is_none_in_another(
    client: SiteClient, session: Session, foreign: Foreign, meeting: Meeting, world: World
) -> None:
    before = session.scalar(select(func.count()).select_from(AgendaItem))
    mine = f"/meetings/{meeting.id}"
    assert client.post(f"{mine}/agenda/cases", {"case_id": str(foreign.case.id)}).status in {404, 422}
    item = next(item for item in items_of(session, meeting) if item.case_id == world.near.id)
    quick = {"actor_id": str(foreign.actor.id), "what": "Ring", "due_on": "2026-12-10"}
    assert client.post(f"{mine}/items/{item.id}/actions", quick).status in {404, 422}
    new = {"case_id": str(world.near.id), "actor_id": str(foreign.actor.id), "what": "Ring", "due_on": "2026-12-10"}
    assert client.post("/actions/new", new).status in {404, 422}
    assert client.post("/actions/new", new | {"case_id": str(foreign.case.id)}).status in {404, 422}
    assert client.post(f"/cases/{world.near.id}/actors", {"joining_id": str(foreign.actor.id)}).status in {404, 422}
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(AgendaItem)) == before
    assert session.scalars(select(Action).where(Action.actor_id == foreign.actor.id)).all() == []
    joined = select(CaseActor.id).where(CaseActor.actor_id == foreign.actor.id, CaseActor.case_id == world.near.id)
    assert session.scalars(joined).all() == []


def test_attack_03_a_right_parent_does_not_open_anothers_child(
    client: SiteClient, session: Session, foreign: Foreign, meeting: Meeting, world: World
) -> None:
    other = AgendaItem(
        office_id=foreign.meeting.office_id,
        meeting_id=foreign.meeting.id,
        position=0,
        kind=items_of(session, meeting)[0].kind,
        title="Hemlig punkt",
        case_id=foreign.case.id,
        minutes=5,
        notes="Hemlig text",
    )
    session.add(other)
    session.commit()
    theirs = session.scalars(select(Staffing.id).where(Staffing.office_id == foreign.case.office_id)).first() or uuid4()
    texts = {"notes": "kapat", "decisions": "", "version": "1"}
    answers = [
        client.post(f"/meetings/{meeting.id}/items/{other.id}", texts),
        client.post(
            f"/meetings/{meeting.id}/items/{other.id}/actions", {"actor_id": "client", "what": "x", "due_on": "idag"}
        ),
        client.post(f"/meetings/{meeting.id}/agenda/items/{other.id}/remove"),
        client.post(f"/meetings/{meeting.id}/agenda/items/{other.id}/move", {"by": "1"}),
        client.post(f"/actors/{world.social.id}/staffing/{theirs}/end", {"ends_on": "2027-01-01"}),
        client.get(f"/slots/{meeting.slot_id}/actors/{foreign.actor.id}/remove"),
        client.post(f"/cases/{world.near.id}/actors/{foreign.actor.id}/leave"),
    ]
    assert [answer.status for answer in answers] == [404] * len(answers)
    assert not any("Hemlig" in answer.text for answer in answers)
    session.expire_all()
    assert session.get_one(AgendaItem, other.id).notes == "Hemlig text"


def test_attack_05_an_id_alone_gives_no_calendar(
    client: SiteClient, anonymous: SiteClient, session: Session, foreign: Foreign, meeting: Meeting, links: Links
) -> None:
    assert client.get(f"/schedules/{foreign.case.id}/ics").status == 404
    assert client.get(f"/schedules/{foreign.case.id}/pdf").status == 404
    invitation = session.scalars(select(Invitation).where(Invitation.slot_id == meeting.slot_id)).first()
    assert invitation is not None
    good = answer_address(links, invitation).rpartition("/")[2]
    assert anonymous.get(f"/answer/{good}/meeting.ics").status == 200
    unsigned = good.rpartition(".")[0]
    for made_up in (
        str(invitation.id),
        unsigned,
        f"{unsigned}.",
        f"{unsigned}.{'A' * 43}",
        invitation.uid.partition("@")[0],
    ):
        answer = anonymous.get(f"/answer/{made_up}/meeting.ics")
        assert answer.status == 404, made_up
        assert "VCALENDAR" not in answer.text


def test_attack_06_no_picker_and_no_search_names_people_of_another_office(
    client: SiteClient, session: Session, foreign: Foreign, world: World
) -> None:
    session.add(
        Person(
            office_id=foreign.case.office_id,
            name="Zacharias Hemlig",
            email="zacharias@granvik.example",
            organisation_id=foreign.actor.organisation_id,
        )
    )
    session.commit()
    pages = ["/actors/new", "/cases/new", "/slots/new", "/settings/colleagues/new", "/settings/colleagues"]
    pages += [f"/actors/{world.social.id}", f"/actions/new?case={world.near.id}", f"/meetings/new?case={world.near.id}"]
    said = [client.get(page) for page in pages]
    assert {answer.status for answer in said} == {200}
    found = [client.post("/search", {"text": text}) for text in ("Zacharias", "Hemlig", "G-900", "granvik")]
    for answer in said:
        assert "Zacharias" not in answer.text
    for answer in [*said, *found]:  # a search says again what was looked for, and nothing more
        assert "zacharias@" not in answer.text
        assert "Hemlig funktion" not in answer.text
        assert not any(str(key) in answer.text + answer.goes_to for key in (foreign.case.id, foreign.actor.id))


def test_attack_07_a_sealed_case_shows_in_no_list_count_search_or_clash(
    client: SiteClient, session: Session, meeting: Meeting, world: World
) -> None:
    an_action(session, world, now=NOW, what="Hemlig åtgärd", due_on=dt.date(2026, 11, 20))
    world.near.sealed_at = NOW
    session.commit()
    pages = [
        "/",
        "/?everything=1",
        "/cases",
        "/cases?show=closed",
        "/actions",
        "/actions?scope=all",
        "/schedules",
        "/meetings",
    ]
    pages += ["/slots", f"/slots/{meeting.slot_id}", f"/meetings/{meeting.id}", f"/meetings/{meeting.id}/agenda"]
    pages += [
        f"/meetings/{meeting.id}/finalise",
        "/outbox",
        "/actions/new",
        "/meetings/new",
        f"/actors/{world.social.id}",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status == 200, page
        assert "K-101" not in answer.text, page
        assert "Hemlig åtgärd" not in answer.text, page
        assert str(world.near.id) not in answer.text, page
    found = client.post("/search", {"text": "K-101"})
    assert found.status == 200
    assert str(world.near.id) not in found.text
    assert "1 öppen" not in client.get("/actions").said


def test_attack_09_a_link_is_only_in_its_own_mail_and_dies_with_the_invitation(
    anonymous: SiteClient, client: SiteClient, session: Session, meeting: Meeting, world: World, links: Links
) -> None:
    invitation = session.scalars(
        select(Invitation).where(Invitation.slot_id == meeting.slot_id, Invitation.actor_id == world.clinic.id)
    ).one()
    token = answer_address(links, invitation).rpartition("/")[2]
    assert anonymous.get(f"/answer/{token}").status == 200
    holders = [
        mail.recipient
        for mail in session.scalars(select(OutboxMessage))
        if token.encode() in mail.mime.replace(b"=\r\n", b"").replace(b"\r\n ", b"")
    ]
    assert set(holders) <= {world.clinic.mailbox}
    for page in ("/", "/slots", f"/slots/{meeting.slot_id}", f"/meetings/{meeting.id}", "/outbox", "/meetings"):
        assert token not in client.get(page).text
    slots.remove_actor(session, world.coordinator, meeting.slot_id, world.clinic.id, links=links, now=NOW)  # type: ignore[arg-type]
    session.commit()
    for path in (f"/answer/{token}", f"/answer/{token}/meeting.ics"):
        answer = anonymous.get(path)
        assert answer.status == 410
        assert "Storgatan" not in answer.text
    assert anonymous.post(f"/answer/{token}", {"answer": "accepted"}).status == 410


def test_attack_10_a_name_that_comes_back_inherits_nothing(client: SiteClient, session: Session, world: World) -> None:
    gone = a_partner(session, world, world.clinic, email="igen@region.example")
    an_action(session, world, now=NOW, what="Hemlig åtgärd", actor=world.clinic, case=world.far)
    user = session.get_one(User, gone.user_id)
    user.disabled_at = NOW
    before = user.password_hash
    session.commit()
    new = {
        "name": "Ny Person",
        "email": "IGEN@region.example",
        "role": "partner",
        "password": "ett helt nytt lösenord",
        "organisation_id": str(world.social.organisation_id),
    }
    answer = client.post("/settings/colleagues/new", new)
    session.expire_all()
    assert answer.status == 422
    user = session.get_one(User, gone.user_id)
    assert user.disabled_at is not None
    assert user.password_hash == before
    assert len(session.scalars(select(User).where(User.email == "igen@region.example")).all()) == 1


def test_attack_11_no_link_can_be_worked_out_or_used_for_something_else(
    anonymous: SiteClient, session: Session, meeting: Meeting, links: Links
) -> None:
    invitation = session.scalars(select(Invitation).where(Invitation.slot_id == meeting.slot_id)).first()
    assert invitation is not None
    token = answer_address(links, invitation).rpartition("/")[2]
    proof = token.rpartition(".")[2]
    assert len(proof) * 6 >= 128
    for at in range(len(token)):
        other = "A" if token[at] != "A" else "B"
        if at == len(token) - 1:
            continue  # the last letter carries bits that mean nothing
        assert anonymous.get(f"/answer/{token[:at]}{other}{token[at + 1 :]}").status in {404, 410}, at
    assert anonymous.get(f"/extract/{token}").status == 404
    ids = links.read(Purpose.ANSWER, token)
    assert anonymous.get(f"/answer/{links.token(Purpose.EXTRACT, *ids)}").status == 404
    assert anonymous.get(f"/answer/{Links('another key', links.base_url).token(Purpose.ANSWER, *ids)}").status == 404
    assert len({answer_address(links, one) for one in session.scalars(select(Invitation))}) > 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_attack_14_what_a_mail_scanner_opens_changes_nothing(
    anonymous: SiteClient, session: Session, meeting: Meeting, links: Links, method: str
) -> None:
    before = fingerprint(session)
    invitations = session.scalars(select(Invitation)).all()
    assert len(invitations) > 1
    for invitation in invitations:
        address = answer_address(links, invitation).removeprefix(links.base_url)
        for path in (address, f"{address}?answer=accepted", f"{address}/meeting.ics"):
            answer = anonymous.http.request(method, path, headers=anonymous.headers)
            assert answer.status_code == 200
    session.expire_all()
    assert fingerprint(session) == before
    assert meeting.id


def test_attack_31_absent_and_forbidden_are_the_same_answer(
    client: SiteClient, session: Session, foreign: Foreign, world: World
) -> None:
    need = Need(
        office_id=foreign.case.office_id,
        case_id=foreign.case.id,
        area_id=session.scalars(select(Need.area_id)).first() or _an_area(session, foreign),
        opened_on=foreign.case.opened_on,
    )
    session.add(need)
    world.far.sealed_at = NOW
    session.commit()
    for path, key in (
        ("/cases/{}", foreign.case.id),
        ("/cases/{}", world.far.id),
        ("/cases/{}/edit", world.far.id),
        ("/schedules/{}", foreign.case.id),
        ("/actors/{}", foreign.actor.id),
        ("/slots/{}", foreign.slot.id),
        ("/meetings/{}", foreign.meeting.id),
        ("/needs/{}", need.id),
    ):
        there, nowhere = client.get(path.format(key)), client.get(path.format(uuid4()))
        assert there.status == nowhere.status == 404, path
        assert there.text == nowhere.text, path
        assert dict(there.response.headers) == dict(nowhere.response.headers), path


def _an_area(session: Session, foreign: Foreign) -> object:
    return session.scalars(select(NeedArea.id).where(NeedArea.office_id == foreign.case.office_id)).first()


def test_attack_34_there_is_no_second_way_in_that_answers_in_json(
    app: FastAPI, anonymous: SiteClient, session: Session, world: World
) -> None:
    for path in (
        "/openapi.json",
        "/docs",
        "/redoc",
        "/api",
        "/api/cases",
        "/graphql",
        "/cases.json",
        f"/cases/{world.near.id}.json",
    ):
        assert anonymous.get(path, Accept="application/json").status in {303, 404}
    assert session.scalar(select(func.count()).select_from(Case)) == 2
    for method, path in route_list(app):
        if method == "GET":
            answer = anonymous.get(filled(path), Accept="application/json")
            kind = answer.response.headers.get("content-type", "")
            assert "json" not in kind or path in {"/livez", "/readyz"}, path
            assert world.near.code not in answer.text
    assert session.scalar(select(func.count()).select_from(SlotActor)) == 0
