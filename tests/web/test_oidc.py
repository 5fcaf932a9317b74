"""An agency's own log-in: a real provider in a process of its own, and a crooked one that tries everything."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import AgencyIdentity, User, UserInvitation, UserSession
from inslussning.practice.access import Principal, Role
from inslussning.practice.sign_in import Strength
from inslussning.services import agency_identities, agency_provider, user_invitations
from inslussning.services.user_invitations import NewColleague
from tests.clients import Answer, SiteClient
from tests.conftest import NOW
from tests.factories.offices import World
from tests.factories.sign_in import a_code_app, demand
from tests.oidc_server import Crook, a_crook, a_provider, agree

EMAIL = "samordnare@bjorkstad.example"
MARIA = {"sub": "maria-1", "email": EMAIL, "email_verified": True}
CLIENT = "inslussning"


@pytest.fixture(autouse=True)
def _forget_providers() -> None:
    agency_provider._kept.clear()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A real provider that knows Maria, somebody with an address nobody has verified, and one who proves himself in two ways."""
    people = [
        MARIA,
        {"sub": "unverified", "email": EMAIL, "email_verified": False},
        {"sub": "elsewhere", "email": "other@bjorkstad.example", "email_verified": True},
        {"sub": "strong", "email": EMAIL, "email_verified": True, "amr": ["pwd", "mfa"]},
    ]
    with a_provider(*people) as found:
        yield found


@pytest.fixture
def crook() -> Iterator[Crook]:
    with a_crook() as found:
        yield found


def settings_for(settings: Settings, issuer: str) -> Settings:
    given = {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr("hemlig"),
        "oidc_name": "Kommun-ID",
    }
    return settings.model_copy(update=given)


@pytest.fixture
def site(settings: Settings, database: Database, issuer: str, world: World) -> SiteClient:
    assert world.office
    return SiteClient(create_app(settings_for(settings, issuer), database=database, clock=utc_now))


@pytest.fixture
def crooked_site(settings: Settings, database: Database, crook: Crook, world: World, session: Session) -> SiteClient:
    expect(session, world.coordinator, crook.issuer, "maria-1")
    return SiteClient(create_app(settings_for(settings, crook.issuer), database=database, clock=lambda: NOW))


def expect(session: Session, principal: Principal, issuer: str, subject: str) -> None:
    agency_identities.expect(session, principal, principal.user_id, issuer=issuer, subject=subject, now=NOW)
    session.commit()


def leave(client: SiteClient, **typed: str) -> str:
    """Press the button; return where the browser is sent."""
    answer = client.post("/sign-in/agency", typed)
    assert answer.status == 200, answer.goes_to
    url = str(answer.response.headers["refresh"]).removeprefix("0; url=")
    assert answer.one("main a")["href"] == url
    return url


def come_back(client: SiteClient, url: str) -> Answer:
    return client.get(url.removeprefix("http://127.0.0.1:8000"), **{"Sec-Fetch-Site": "cross-site"})


def is_in(client: SiteClient) -> bool:
    return client.get("/account").status == 200


class TestARealProvider:
    def test_who_a_colleague_has_entered_comes_in_with_the_own_verified_address(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        assert come_back(site, agree(leave(site, next="/actions"), "maria-1")).goes_to == "/actions"
        assert is_in(site)
        assert session.scalars(select(AgencyIdentity.linked_at)).one() is not None

    def test_the_request_is_a_code_with_pkce_state_and_nonce(self, site: SiteClient) -> None:
        asked = parse_qs(urlsplit(leave(site)).query)
        assert asked["response_type"] == ["code"]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == ["http://127.0.0.1:8000/sign-in/agency/return"]
        assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))

    @pytest.mark.parametrize("subject", ["unverified", "elsewhere"])
    def test_the_first_time_takes_the_own_verified_address(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str, subject: str
    ) -> None:
        expect(session, coordinator, issuer, subject)
        assert come_back(site, agree(leave(site), subject)).goes_to == "/sign-in"
        assert not is_in(site)

    def test_an_address_alone_lets_nobody_in_and_makes_nobody(self, site: SiteClient, session: Session) -> None:
        come_back(site, agree(leave(site), "maria-1"))
        assert not is_in(site)
        assert len(session.scalars(select(User)).all()) == 1

    def test_an_invitation_in_the_same_browser_ties_the_two(
        self, site: SiteClient, session: Session, world: World
    ) -> None:
        token = an_invitation(session, world)
        assert come_back(site, agree(leave(site, invitation=token), "nytt-subjekt")).goes_to == "/"
        assert is_in(site)
        assert session.scalars(select(UserInvitation.used_at)).one() is not None
        assert session.scalars(select(User.password_hash).where(User.email == "p@k.example")).one() == ""

    def test_the_second_step_is_asked_for_unless_the_agency_has_taken_two(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        a_code_app(session, coordinator, now=utc_now())
        session.commit()
        assert come_back(site, agree(leave(site), "maria-1")).goes_to == "/sign-in/second?next=/"
        assert not is_in(site)

    def test_two_factors_at_the_agency_are_two_factors_here(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "strong")
        demand(session, coordinator, since=dt.date(2020, 1, 1))
        session.commit()
        assert come_back(site, agree(leave(site), "strong")).goes_to == "/"
        assert is_in(site)
        assert session.scalars(select(UserSession.strength)).one() is Strength.SECOND_FACTOR

    def test_a_stopped_user_stays_out(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        session.get_one(User, coordinator.user_id).disabled_at = NOW
        session.commit()
        come_back(site, agree(leave(site), "maria-1"))
        assert not is_in(site)

    def test_the_same_answer_is_not_taken_twice(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        url = agree(leave(site), "maria-1")
        come_back(site, url)
        site.post("/sign-out")
        assert come_back(site, url).goes_to == "/sign-in"
        assert not is_in(site)

    def test_a_used_code_is_not_taken_in_a_new_sign_in(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        used = parse_qs(urlsplit(agree(leave(site), "maria-1")).query)
        come_back(site, f"/sign-in/agency/return?{urlencode({k: v[0] for k, v in used.items()})}")
        site.post("/sign-out")
        fresh = parse_qs(urlsplit(leave(site)).query)["state"][0]
        come_back(site, f"/sign-in/agency/return?{urlencode({'code': used['code'][0], 'state': fresh})}")
        assert not is_in(site)

    def test_another_browser_cannot_come_back(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        url = agree(leave(site), "maria-1")
        other = SiteClient(site.app)
        leave(other)
        assert come_back(other, url).goes_to == "/sign-in"
        assert not is_in(other)

    def test_a_nonce_of_somebody_elses_is_refused(
        self, site: SiteClient, session: Session, coordinator: Principal, issuer: str
    ) -> None:
        expect(session, coordinator, issuer, "maria-1")
        parts = urlsplit(leave(site))
        asked = dict(parse_qsl(parts.query)) | {"nonce": "planterad"}
        come_back(site, agree(parts._replace(query=urlencode(asked)).geturl(), "maria-1"))
        assert not is_in(site)


def an_invitation(session: Session, world: World) -> str:
    organisation = world.social.organisation_id
    new = NewColleague(name="Per", email="p@k.example", role=Role.PARTNER, organisation_id=organisation)
    session.merge(world.office).mail_address = ""
    sent = user_invitations.invite(session, world.coordinator, new, base_url="http://x", now=utc_now())
    session.commit()
    return sent.link.rpartition("/")[2]


def right(crook: Crook, asked: dict[str, list[str]]) -> dict[str, Any]:
    at = int(NOW.timestamp())
    claims = {"iss": crook.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": asked["nonce"][0]}
    return claims | {"sub": "maria-1", "email": EMAIL, "email_verified": True}


def try_with(client: SiteClient, crook: Crook, **changes: Any) -> Answer:
    """Come back with a token that is right but for the changes."""
    asked = parse_qs(urlsplit(leave(client)).query)
    crook.claims = {k: v for k, v in (right(crook, asked) | changes).items() if v is not ...}
    return come_back(client, f"/sign-in/agency/return?code=x&state={asked['state'][0]}")


class TestACrookedProvider:
    def test_the_right_token_would_have_been_taken(self, crooked_site: SiteClient, crook: Crook) -> None:
        assert try_with(crooked_site, crook).goes_to == "/"
        assert is_in(crooked_site)
        assert len(crook.asked[0]["code_verifier"][0]) >= 43

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "someone-else"},
            {"aud": ["someone-else"]},
            {"aud": [CLIENT, "someone-else"]},
            {"aud": [CLIENT, "someone-else"], "azp": "someone-else"},
            {"azp": "someone-else"},
            {"iss": "https://evil.example"},
            {"iss": ...},
            {"nonce": "planterad"},
            {"nonce": ...},
            {"nonce": ""},
            {"exp": int(NOW.timestamp()) - 120},
            {"exp": ...},
            {"exp": "imorgon"},
            {"iat": int(NOW.timestamp()) + 3_600},
            {"nbf": int(NOW.timestamp()) + 3_600},
            {"sub": ...},
            {"sub": ""},
            {"sub": 7},
            {"sub": "x" * 256},
            {"sub": "maria-2"},
            {"sub": "MARIA-1"},
            {"email_verified": "true"},
            {"email_verified": 1},
            {"email": "other@bjorkstad.example"},
        ],
        ids=str,
    )
    def test_one_wrong_claim_is_enough(self, crooked_site: SiteClient, crook: Crook, changes: dict[str, Any]) -> None:
        assert try_with(crooked_site, crook, **changes).goes_to == "/sign-in"
        assert not is_in(crooked_site)

    def test_a_token_signed_with_another_key_is_refused(self, crooked_site: SiteClient, crook: Crook) -> None:
        crook.signing = RSAKey.generate_key(2048, parameters={"kid": "one"})
        try_with(crooked_site, crook)
        assert not is_in(crooked_site)

    def test_a_token_without_signature_is_refused(self, crooked_site: SiteClient, crook: Crook) -> None:
        crook.header = {"alg": "none"}
        try_with(crooked_site, crook)
        assert not is_in(crooked_site)

    def test_the_public_key_is_no_shared_secret(self, crooked_site: SiteClient, crook: Crook) -> None:
        crook.header = {"alg": "HS256", "kid": "one"}
        crook.signing = OctKey.import_key(CLIENT * 8)
        try_with(crooked_site, crook)
        assert not is_in(crooked_site)

    def test_a_new_key_of_the_providers_is_fetched(self, crooked_site: SiteClient, crook: Crook) -> None:
        try_with(crooked_site, crook)
        crooked_site.post("/sign-out")
        crook.key = crook.signing = RSAKey.generate_key(2048, parameters={"kid": "two", "use": "sig"})
        crook.header = {"alg": "RS256", "kid": "two"}
        try_with(crooked_site, crook)
        assert is_in(crooked_site)

    @pytest.mark.parametrize("status", [302, 400, 500])
    def test_a_provider_that_fails_lets_nobody_in(self, crooked_site: SiteClient, crook: Crook, status: int) -> None:
        crook.status = status
        assert try_with(crooked_site, crook).goes_to == "/sign-in"
        assert not is_in(crooked_site)

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "code=x",
            "state={0}",
            "error=access_denied&state={0}",
            "code=x&state={0}&iss=https://evil.example",
            "code=x&state={0}x",
        ],
    )
    def test_an_answer_that_is_not_quite_one_is_refused(
        self, crooked_site: SiteClient, crook: Crook, query: str
    ) -> None:
        asked = parse_qs(urlsplit(leave(crooked_site)).query)
        crook.claims = right(crook, asked)
        assert (
            come_back(crooked_site, f"/sign-in/agency/return?{query.format(asked['state'][0])}").goes_to == "/sign-in"
        )
        assert not is_in(crooked_site)

    def test_a_description_of_another_issuer_is_not_believed(self, crooked_site: SiteClient, crook: Crook) -> None:
        crook.issuer = "https://evil.example"
        assert crooked_site.post("/sign-in/agency").goes_to == "/sign-in"

    @pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "/\t/evil.example"])
    def test_it_never_leads_to_another_site(self, crooked_site: SiteClient, crook: Crook, target: str) -> None:
        asked = parse_qs(urlsplit(leave(crooked_site, next=target)).query)
        crook.claims = right(crook, asked)
        assert come_back(crooked_site, f"/sign-in/agency/return?code=x&state={asked['state'][0]}").goes_to == "/"


class TestWithoutAProvider:
    def test_there_is_no_button_and_no_way(self, anonymous: SiteClient, world: World) -> None:
        assert world.office
        assert not anonymous.get("/sign-in").soup.select("[formaction]")
        assert anonymous.post("/sign-in/agency").goes_to == "/sign-in"
        assert anonymous.get("/sign-in/agency/return?code=x&state=y").goes_to == "/sign-in"

    def test_a_provider_that_does_not_answer_is_said_calmly(
        self, settings: Settings, database: Database, world: World
    ) -> None:
        assert world.office
        dead = settings_for(settings, "http://127.0.0.1:9")
        client = SiteClient(create_app(dead, database=database, clock=lambda: NOW))
        assert client.post("/sign-in/agency").goes_to == "/sign-in"
        assert "Det gick inte att logga in den vägen" in client.get("/sign-in").said


class TestProvingAgain:
    @pytest.mark.parametrize(("seconds_ago", "is_taken"), [(5, True), (600, False), (None, False)])
    def test_it_takes_having_just_signed_in_there(
        self, crooked_site: SiteClient, crook: Crook, seconds_ago: int | None, *, is_taken: bool
    ) -> None:
        try_with(crooked_site, crook)
        before = crooked_site.http.cookies["inslussning_session"]
        answer = crooked_site.post("/account/confirm/agency", {"proof_next": "/settings"})
        asked = parse_qs(urlsplit(str(answer.response.headers["refresh"]).removeprefix("0; url=")).query)
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        crook.claims = right(crook, asked)
        if seconds_ago is not None:
            crook.claims["auth_time"] = int(NOW.timestamp()) - seconds_ago
        back = come_back(crooked_site, f"/sign-in/agency/return?code=x&state={asked['state'][0]}")
        assert back.goes_to == ("/settings" if is_taken else "/sign-in")
        assert (crooked_site.http.cookies["inslussning_session"] != before) is is_taken
