"""Attacks on signing in, each from an incident elsewhere, by their numbers in the list of attacks."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.engine import Database
from inslussning.errors import Invalid
from inslussning.models import SignInStep, User, UserInvitation, UserSession
from inslussning.practice.access import Role
from inslussning.services import proofs, second_factors, sessions, sign_in, user_invitations
from inslussning.services.audit_chain import use_key
from inslussning.services.sessions import TooManyTries
from inslussning.services.sign_in import SignInRefused, StepGone
from inslussning.services.user_invitations import InvitationGone, NewColleague
from tests.clients import SiteClient
from tests.conftest import AUDIT_KEY, NOW
from tests.factories.offices import PASSWORD, World, a_partner, an_office
from tests.factories.sign_in import a_code_app, code_at

EMAIL = "samordnare@bjorkstad.example"
RIGHT = {"email": EMAIL, "password": PASSWORD}
ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\t//evil.example",
    "https:evil.example",
    "/@evil.example\\..",
    "https://evil.example",
    "/%09/../\\evil",
]


def test_attack_04_nobody_ends_a_session_of_somebody_else(
    client: SiteClient, app: FastAPI, session: Session, world: World
) -> None:
    partner = a_partner(session, world, world.social)
    session.commit()
    theirs = SiteClient(app).signed_in(partner)
    key = session.scalars(select(UserSession.id).where(UserSession.user_id == partner.user_id)).one()
    foreign = client.post(f"/account/sessions/{key}/end")
    absent = client.post(f"/account/sessions/{UUID(int=key.int ^ 1)}/end")
    assert (foreign.status, foreign.text) == (404, absent.text)
    assert theirs.get("/account").status == 200


def test_attack_12_six_figures_cannot_be_guessed(database: Database, session: Session, world: World) -> None:
    a_code_app(session, world.coordinator, now=NOW)
    session.commit()
    step = sign_in.with_password(database, email=EMAIL, password=PASSWORD, network="", browser="", now=NOW).step
    looked_at = 0
    for guess in range(40):
        try:
            proofs.second_step(
                database, token=step, code=f"{guess:06}", network=f"198.51.100.{guess}", browser="", now=NOW
            )
        except Invalid:
            looked_at += 1
        except TooManyTries:
            continue
    assert looked_at == sessions.CODES.subject


def test_attack_12_a_code_is_no_use_in_another_browser(
    app: FastAPI, anonymous: SiteClient, session: Session, world: World
) -> None:
    a_code_app(session, world.coordinator, now=NOW)
    session.commit()
    anonymous.post("/sign-in", RIGHT)
    code = code_at(session, world.coordinator, NOW)
    assert SiteClient(app).post("/sign-in/second", {"code": code}).goes_to == "/sign-in"
    assert anonymous.post("/sign-in/second", {"code": code}).goes_to == "/"


def test_attack_12_many_at_once_get_no_more_tries_than_one_by_one(own_database: Database) -> None:
    use_key(own_database, AUDIT_KEY)
    with own_database.transaction() as session:
        an_office(session, now=NOW)

    def guess(number: int) -> bool:
        try:
            sign_in.with_password(
                own_database, email=EMAIL, password=f"gissning {number}", network="x", browser="", now=NOW
            )
        except SignInRefused:
            return True
        except TooManyTries:
            return False
        return False

    with ThreadPoolExecutor(8) as pool:
        looked_at = sum(pool.map(guess, range(24)))
    assert looked_at == sessions.FAILURES_PER_PAIR


def test_attack_13_an_invitation_never_takes_an_account_over(app: FastAPI, session: Session, world: World) -> None:
    session.merge(world.office).mail_address = ""
    new = NewColleague(
        name="Per",
        email="partner@kommun.example",
        role=Role.ADMINISTRATOR,
        organisation_id=world.social.organisation_id,
    )
    link = user_invitations.invite(session, world.coordinator, new, base_url="", now=NOW).link
    partner = a_partner(session, world, world.social, email="partner@kommun.example")
    session.commit()
    before = session.get_one(User, partner.user_id)
    hashed, role = before.password_hash, before.role
    assert SiteClient(app).post(link, {"password": "fyra nya ord i följd"}).status == 404
    session.expire_all()
    after = session.get_one(User, partner.user_id)
    assert (after.password_hash, after.role) == (hashed, role)
    assert session.scalars(select(UserInvitation.used_at)).one() is None


def test_attack_13_no_form_changes_the_address_one_signs_in_with(client: SiteClient, session: Session) -> None:
    typed = {
        "language": "sv",
        "appearance": "auto",
        "email": "evil@evil.example",
        "user_id": "x",
        "role": "administrator",
    }
    client.post("/account/preferences", typed)
    client.post(
        "/account/password", {"current": PASSWORD, "password": "fyra nya ord i följd", "email": "evil@evil.example"}
    )
    session.expire_all()
    assert session.scalars(select(User.email)).one() == EMAIL


@pytest.mark.parametrize("target", ELSEWHERE)
def test_attack_20_no_way_in_leads_out(anonymous: SiteClient, session: Session, world: World, target: str) -> None:
    codes = a_code_app(session, world.coordinator, now=NOW)
    session.commit()
    second = anonymous.post("/sign-in", RIGHT | {"next": target}).goes_to
    assert second == "/sign-in/second?next=/"
    assert anonymous.post("/sign-in/second", {"code": codes[0], "next": target}).goes_to == "/"
    assert anonymous.get(f"/account/confirm?next={quote(target)}").one("input[name=proof_next]")["value"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/second",
        "/sign-in/passkey",
        "/sign-in/passkey/options",
        "/sign-in/agency",
        "/account/confirm",
        "/join/x",
        "/sign-out",
    ],
)
@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
@pytest.mark.usefixtures("world")
def test_attack_24_another_site_signs_nobody_in(anonymous: SiteClient, path: str, headers: dict[str, str]) -> None:
    answer = anonymous.post(path, RIGHT, headers=headers)
    assert answer.status == 403
    assert "set-cookie" not in answer.response.headers


class TestAttack29:
    def test_attack_29_a_step_begun_under_the_old_password_is_dead(
        self, database: Database, session: Session, world: World
    ) -> None:
        codes = a_code_app(session, world.coordinator, now=NOW)
        session.commit()
        step = sign_in.with_password(database, email=EMAIL, password=PASSWORD, network="", browser="", now=NOW).step
        sign_in.change_password(session, world.coordinator, current=PASSWORD, new="fyra nya ord i följd")
        session.commit()
        with pytest.raises(StepGone):
            proofs.second_step(database, token=step, code=codes[0], network="", browser="", now=NOW)

    def test_attack_29_a_new_password_by_link_does_not_skip_the_second_step(
        self, anonymous: SiteClient, session: Session, world: World
    ) -> None:
        partner = a_partner(session, world, world.social)
        a_code_app(session, partner, now=NOW)
        session.merge(world.office).mail_address = ""
        link = user_invitations.offer_new_password(
            session, world.coordinator, partner.user_id, base_url="", now=NOW
        ).link
        session.commit()
        assert anonymous.post(link, {"password": "fyra nya ord i följd"}).goes_to == "/sign-in/second?next=/"
        assert anonymous.get("/account").goes_to.startswith("/sign-in")

    def test_attack_29_past_the_password_no_new_app_can_be_added(
        self, anonymous: SiteClient, session: Session, world: World
    ) -> None:
        a_code_app(session, world.coordinator, now=NOW)
        session.commit()
        anonymous.post("/sign-in", RIGHT)
        assert anonymous.post("/account/second-factor/app").goes_to.startswith("/sign-in")
        assert anonymous.get("/account/second-factor/app").goes_to.startswith("/sign-in")

    def test_attack_29_an_old_session_cannot_exchange_the_app(
        self, app: FastAPI, session: Session, world: World
    ) -> None:
        a_code_app(session, world.coordinator, now=NOW)
        session.commit()
        client = SiteClient(app).signed_in(world.coordinator)
        session.execute(UserSession.__table__.update().values(proved_at=NOW - dt.timedelta(hours=1)))  # type: ignore[attr-defined]
        session.commit()
        assert client.post("/account/second-factor/app").status == 403
        assert client.post("/account/confirm", {"proof_password": PASSWORD}).status == 422

    def test_attack_29_a_reset_ends_the_sign_ins_under_way(
        self, database: Database, session: Session, world: World
    ) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ådal", email="a@adal.example")
        assert other
        partner = a_partner(session, world, world.social, email="p@k.example")
        a_code_app(session, partner, now=NOW)
        session.commit()
        sign_in.with_password(database, email="p@k.example", password=PASSWORD, network="", browser="", now=NOW)
        assert session.scalars(select(SignInStep)).all()
        second_factors.reset(session, world.coordinator, partner.user_id)
        session.commit()
        assert not session.scalars(select(SignInStep)).all()

    def test_attack_29_a_link_that_has_been_taken_back_is_dead(self, session: Session, world: World) -> None:
        session.merge(world.office).mail_address = ""
        new = NewColleague(
            name="Per", email="p@k.example", role=Role.PARTNER, organisation_id=world.social.organisation_id
        )
        sent = user_invitations.invite(session, world.coordinator, new, base_url="", now=NOW)
        session.flush()
        user_invitations.withdraw(session, world.coordinator, sent.invitation.id, now=NOW)
        session.flush()
        with pytest.raises(InvitationGone):
            user_invitations.look(session, sent.link.rpartition("/")[2], now=NOW)
