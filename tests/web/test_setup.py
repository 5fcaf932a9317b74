"""The first run: the page that makes the office, once, for whoever can read the terminal."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import AgendaTemplate, NeedArea, Office, OfficeRule, Person, User
from inslussning.practice.access import Role
from inslussning.practice.mail import MailSecurity
from inslussning.services import sessions
from tests.clients import SiteClient
from tests.conftest import NOW

PASSWORD = "tre ord i följd"
OFFICE = {
    "name": "Frivården Ekhamn",
    "timezone": "Europe/Stockholm",
    "coordinator": "Maria Ek",
    "email": "Maria@Ekhamn.example",
    "password": PASSWORD,
}
MAIL = {
    "mail_address": "samordning@ekhamn.example",
    "mail_name": "Samordning Ekhamn",
    "mail_host": "mejl.ekhamn.example",
    "mail_port": "465",
    "mail_security": "tls",
    "mail_user": "samordning",
    "mail_password": "hemligt hos servern",
}


@pytest.fixture
def code(settings: Settings) -> str:
    return settings.make_setup_code()


def offices_in(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Office)) or 0


class TestBefore:
    @pytest.mark.parametrize("path", ["/", "/cases", "/settings", "/sign-in"])
    def test_every_page_leads_to_the_first_run(self, anonymous: SiteClient, path: str) -> None:
        answer = anonymous.get(path)
        if answer.goes_to.startswith("/sign-in"):
            answer = anonymous.get(answer.goes_to)
        assert answer.goes_to == "/setup"

    @pytest.mark.usefixtures("code")
    def test_the_page_asks_for_everything(self, anonymous: SiteClient) -> None:
        answer = anonymous.get("/setup")
        assert answer.status == 200
        assert all(answer.one(f"#f-{name}") for name in [*OFFICE, *MAIL, "code"])

    def test_the_code_is_not_on_the_page(self, anonymous: SiteClient, code: str) -> None:
        assert code not in anonymous.get("/setup").text

    def test_without_a_code_the_page_says_how_to_get_one(self, anonymous: SiteClient) -> None:
        assert "inslussning serve" in anonymous.get("/setup").said


class TestSettingUp:
    def test_the_office_gets_its_starting_lists_and_its_coordinator(
        self, anonymous: SiteClient, session: Session, code: str
    ) -> None:
        answer = anonymous.post("/setup", OFFICE | {"code": code})
        office = session.scalars(select(Office)).one()
        user = session.scalars(select(User)).one()
        assert answer.goes_to == "/sign-in"
        assert (office.name, office.timezone, user.role) == ("Frivården Ekhamn", "Europe/Stockholm", Role.COORDINATOR)
        assert session.scalars(select(Person.name)).one() == "Maria Ek"
        assert all(session.scalars(select(table)).first() for table in (NeedArea, OfficeRule, AgendaTemplate))

    def test_the_coordinator_can_sign_in_and_is_told_so(self, anonymous: SiteClient, code: str) -> None:
        anonymous.post("/setup", OFFICE | {"code": code})
        assert "Kontoret är klart" in anonymous.get("/sign-in").said
        assert anonymous.post("/sign-in", {"email": "maria@ekhamn.example", "password": PASSWORD}).goes_to == "/"

    def test_nobody_is_signed_in_by_it(self, anonymous: SiteClient, code: str) -> None:
        anonymous.post("/setup", OFFICE | {"code": code})
        assert anonymous.get("/").goes_to.startswith("/sign-in")

    def test_mail_settings_are_kept_and_the_password_only_in_its_file(
        self, anonymous: SiteClient, session: Session, settings: Settings, code: str
    ) -> None:
        anonymous.post("/setup", OFFICE | MAIL | {"code": code})
        office = session.scalars(select(Office)).one()
        assert (office.mail_host, office.mail_port, office.mail_security) == (
            "mejl.ekhamn.example",
            465,
            MailSecurity.TLS,
        )
        assert settings.mail_password() == "hemligt hos servern"
        assert (settings.data_dir / "smtp.password").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
    def test_the_code_may_be_typed_as_one_likes(
        self, anonymous: SiteClient, settings: Settings, code: str, write: object
    ) -> None:
        assert callable(write)
        assert anonymous.post("/setup", OFFICE | {"code": write(code)}).goes_to == "/sign-in"
        assert settings.setup_code() == ""

    def test_it_works_with_htmx_too(self, anonymous: SiteClient, code: str) -> None:
        assert anonymous.as_htmx().post("/setup", OFFICE | {"code": code}).goes_to == "/sign-in"


class TestRefusals:
    @pytest.mark.parametrize("wrong", ["ABCD-EFGH-JKLM", "å" * 12, "\ud800", "x" * 40])
    def test_a_wrong_code_makes_nothing(
        self, anonymous: SiteClient, session: Session, settings: Settings, code: str, wrong: str
    ) -> None:
        answer = anonymous.post("/setup", OFFICE | {"code": wrong.encode("utf-8", "surrogatepass")})
        assert answer.status == 422
        assert answer.error_of("code")
        assert offices_in(session) == 0
        assert settings.setup_code() == code

    def test_without_a_code_file_no_code_is_right(self, anonymous: SiteClient, session: Session) -> None:
        assert anonymous.post("/setup", OFFICE | {"code": "-"}).status == 422
        assert offices_in(session) == 0

    def test_guessing_is_stopped_even_when_the_code_is_right_at_last(
        self, anonymous: SiteClient, session: Session, code: str
    ) -> None:
        for _ in range(sessions.FAILURES_PER_PAIR):
            anonymous.post("/setup", OFFICE | {"code": "ABCD-EFGH-JKLM"})
        answer = anonymous.post("/setup", OFFICE | {"code": code})
        assert answer.status == 429
        assert offices_in(session) == 0

    def test_after_a_while_one_may_try_again(self, settings: Settings, database: Database, code: str) -> None:
        now = NOW
        client = SiteClient(create_app(settings, database=database, clock=lambda: now))
        for _ in range(sessions.FAILURES_PER_PAIR):
            client.post("/setup", OFFICE | {"code": "ABCD-EFGH-JKLM"})
        now += sessions.FAILURE_WINDOW + dt.timedelta(seconds=1)
        assert client.post("/setup", OFFICE | {"code": code}).goes_to == "/sign-in"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", ""),
            ("name", "å" * 121),
            ("timezone", "Europa/Björkstad"),
            ("timezone", "../../etc/passwd"),
            ("timezone", "posixrules"),
            ("coordinator", " "),
            ("email", "maria"),
            ("password", "för kort"),
            ("password", "x" * 201),
            ("mail_address", "samordning"),
            ("mail_host", "https://mejl.example"),
            ("mail_port", "70000"),
            ("mail_port", "många"),
            ("mail_security", "ibland"),
        ],
    )
    def test_what_cannot_be_used_is_said_by_the_field_and_the_rest_is_kept(
        self, anonymous: SiteClient, session: Session, code: str, field: str, typed: str
    ) -> None:
        answer = anonymous.post("/setup", OFFICE | MAIL | {"code": code, field: typed})
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one("#f-coordinator")["value"] == (typed if field == "coordinator" else "Maria Ek")
        assert offices_in(session) == 0

    def test_passwords_are_never_sent_back(self, anonymous: SiteClient, code: str) -> None:
        answer = anonymous.post("/setup", OFFICE | MAIL | {"code": code, "name": ""})
        assert PASSWORD not in answer.text
        assert MAIL["mail_password"] not in answer.text

    def test_a_wrong_mail_server_is_shown_although_its_part_was_folded(self, anonymous: SiteClient, code: str) -> None:
        answer = anonymous.post("/setup", OFFICE | {"code": code, "mail_user": "samordning"})
        assert answer.error_of("mail_host")
        assert answer.one("details.more").has_attr("open")


@pytest.mark.usefixtures("world")
class TestAfterwards:
    def test_the_page_is_absent(self, anonymous: SiteClient) -> None:
        assert anonymous.get("/setup").status == 404
        assert "redan inställd" in anonymous.get("/setup").said

    @pytest.mark.parametrize("typed", [{}, OFFICE])
    def test_a_second_office_cannot_be_made_even_with_a_code(
        self, anonymous: SiteClient, session: Session, code: str, typed: dict[str, str]
    ) -> None:
        assert anonymous.post("/setup", typed | {"code": code}).status == 404
        assert offices_in(session) == 1

    def test_the_sign_in_page_no_longer_leads_there(self, anonymous: SiteClient) -> None:
        assert anonymous.get("/sign-in").status == 200
