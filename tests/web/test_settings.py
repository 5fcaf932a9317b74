"""The settings' pages: the office, its mail, its own lists of words, agendas and numbers, and who may sign in."""

from collections.abc import Callable
from typing import ClassVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.config import Settings
from inslussning.models import (
    AgendaTemplate,
    Invitation,
    NeedArea,
    Office,
    OfficeRule,
    OutboxMessage,
    User,
    UserSession,
)
from inslussning.models.meetings import MeetingKind
from inslussning.practice.mail import MailKind, MailSecurity
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import agenda_templates, need_areas, offices
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY
from tests.factories.offices import World, a_partner, an_office

MAIL = {
    "mail_address": "samordning@bjorkstad.example",
    "mail_name": "Samordning",
    "mail_host": "mejl.bjorkstad.example",
    "mail_port": "587",
    "mail_security": "starttls",
    "mail_user": "samordning",
}
PATHS = [
    "/settings",
    "/settings/office",
    "/settings/mail",
    "/settings/needs",
    "/settings/agendas/weekly",
    "/settings/agendas/video",
    "/settings/rules",
    "/settings/rules/video_before_days",
    "/settings/colleagues",
    "/settings/colleagues/new",
    "/settings/import",
]


def fresh(session: Session, world: World) -> Office:
    """The office as it is in the database now."""
    session.refresh(world.office)
    return world.office


class TestWhoMayLook:
    @pytest.mark.parametrize("path", PATHS)
    def test_the_coordinator_sees_every_part(self, client: SiteClient, path: str) -> None:
        assert client.get(path).status == 200

    @pytest.mark.parametrize("path", PATHS)
    def test_a_partner_sees_none(self, anonymous: SiteClient, session: Session, world: World, path: str) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert anonymous.signed_in(partner).get(path).status == 403

    @pytest.mark.parametrize(
        "path",
        ["/settings/agendas/party", "/settings/rules/everything", "/settings/needs/x", "/settings/rules/x/y/withdraw"],
    )
    def test_what_is_no_part_is_absent(self, client: SiteClient, path: str) -> None:
        assert client.get(path).status in {404, 405}


class TestOffice:
    def test_name_phone_and_zone_can_be_changed(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(
            "/settings/office", {"name": "Frivården Ån", "phone": "010 – 1 23", "timezone": "Europe/Helsinki"}
        )
        assert answer.goes_to == "/settings"
        office = fresh(session, world)
        assert (office.name, office.phone, office.timezone) == (
            "Frivården Ån",
            "010 - 1 23",
            "Europe/Helsinki",
        )

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("name", ""), ("name", "x" * 121), ("phone", "växeln"), ("timezone", "Månen"), ("timezone", "Etc/GMT+1")],
    )
    def test_what_cannot_be_used_is_said_by_the_field(self, either: SiteClient, field: str, typed: str) -> None:
        answer = either.post("/settings/office", {"name": "Ny", "timezone": "Europe/Stockholm", field: typed})
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one(f"#f-{field}")["value"] == typed


class TestMail:
    def test_how_mail_leaves_can_be_changed(
        self, either: SiteClient, session: Session, world: World, settings: Settings
    ) -> None:
        answer = either.post("/settings/mail", MAIL | {"mail_password": "hemligt"})
        assert answer.goes_to == "/settings/mail"
        office = fresh(session, world)
        assert (office.mail_host, office.mail_security) == (
            "mejl.bjorkstad.example",
            MailSecurity.STARTTLS,
        )
        assert settings.mail_password() == "hemligt"

    def test_the_password_is_never_shown_and_kept_when_left_empty(self, client: SiteClient, settings: Settings) -> None:
        client.post("/settings/mail", MAIL | {"mail_password": "hemligt"})
        client.post("/settings/mail", MAIL | {"mail_password": ""})
        page = client.get("/settings/mail")
        assert settings.mail_password() == "hemligt"
        assert "hemligt" not in page.text
        assert "Ett lösenord är sparat" in page.said

    def test_the_password_can_be_forgotten(self, client: SiteClient, settings: Settings) -> None:
        client.post("/settings/mail", MAIL | {"mail_password": "hemligt"})
        client.post("/settings/mail", MAIL | {"forget_password": "1"})
        assert settings.mail_password() == ""

    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            ("mail_address", {"mail_address": ""}),
            ("mail_address", {"mail_address": "samordning@å.example"}),
            ("mail_host", {"mail_host": ""}),
            ("mail_host", {"mail_host": "mejl.example:587"}),
            ("mail_host", {"mail_host": "mejl example"}),
            ("mail_port", {"mail_port": "0"}),
            ("mail_port", {"mail_port": "9" * 30}),
            ("mail_security", {"mail_security": "none"}),
            ("mail_security", {"mail_security": ""}),
            ("mail_user", {"mail_user": "x" * 255}),
        ],
    )
    def test_settings_that_cannot_work_are_refused_by_the_field(
        self, either: SiteClient, settings: Settings, field: str, changed: dict[str, str]
    ) -> None:
        answer = either.post("/settings/mail", MAIL | {"mail_password": "hemligt"} | changed)
        assert answer.status == 422
        assert answer.error_of(field)
        assert settings.mail_password() == ""

    @pytest.mark.parametrize("host", ["localhost", "192.0.2.7", "[2001:db8::1]", "a"])
    def test_servers_without_a_public_name_are_fine(
        self, client: SiteClient, session: Session, world: World, host: str
    ) -> None:
        client.post("/settings/mail", MAIL | {"mail_host": host})
        assert fresh(session, world).mail_host == host

    def test_line_ends_never_reach_a_header(self, client: SiteClient, session: Session, world: World) -> None:
        client.post("/settings/mail", MAIL | {"mail_name": "Samordning\r\nBcc: alla@example.se"})
        assert fresh(session, world).mail_name == "Samordning Bcc: alla@example.se"

    def test_invitations_that_have_waited_for_an_address_are_sent(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        world.office.mail_address = ""
        session.commit()
        client.post(
            "/slots/new",
            {
                "name": "Veckotid",
                "weekday": "3",
                "local_start": "9",
                "minutes": "60",
                "first_on": "2027-01-14",
                "actor_ids": [str(world.social.id)],
                "anyway": "1",
            },
        )
        assert session.scalar(select(func.count()).select_from(Invitation)) == 1
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
        client.post("/settings/mail", MAIL)
        assert session.scalars(select(OutboxMessage.recipient)).all() == ["soc@partner.example"]

    def test_a_test_mail_to_oneself_lies_in_the_outbox(self, client: SiteClient, session: Session) -> None:
        client.post("/settings/mail", MAIL)
        assert client.post("/settings/mail/test").goes_to == "/settings/mail"
        message = session.scalars(select(OutboxMessage)).one()
        assert (message.kind, message.recipient) == (MailKind.TEST, "samordnare@bjorkstad.example")

    def test_without_a_sender_there_is_no_test_mail(self, client: SiteClient, session: Session, world: World) -> None:
        world.office.mail_address = ""
        session.commit()
        client.post("/settings/mail/test")
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
        assert "avsändaradress först" in client.get("/settings/mail").said


class TestNeedAreas:
    @pytest.fixture
    def names(self, session: Session, world: World) -> Callable[[], list[str]]:
        """The areas in use, in order."""
        return lambda: [area.name for area in need_areas.list_areas(session, world.coordinator)[0]]

    def key_of(self, session: Session, name: str) -> str:
        return str(session.scalars(select(NeedArea.id).where(NeedArea.name == name)).one())

    def test_a_new_area_comes_last(self, either: SiteClient, names: Callable[[], list[str]]) -> None:
        either.post("/settings/needs", {"name": "Husdjur"})
        assert names()[-1] == "Husdjur"

    @pytest.mark.parametrize("name", ["", " ", "x" * 61, "Boende", "BOENDE"])
    def test_an_empty_long_or_taken_name_is_refused(self, either: SiteClient, name: str) -> None:
        answer = either.post("/settings/needs", {"name": name})
        assert answer.status == 422
        assert answer.error_of("name")

    def test_an_area_can_get_another_name_or_the_same_in_capitals(
        self, either: SiteClient, session: Session, names: Callable[[], list[str]]
    ) -> None:
        either.post(f"/settings/needs/{self.key_of(session, 'Boende')}", {"name": "BOENDE"})
        assert names()[0] == "BOENDE"

    def test_a_name_that_is_taken_is_kept_in_the_box(self, either: SiteClient, session: Session) -> None:
        answer = either.post(f"/settings/needs/{self.key_of(session, 'Boende')}", {"name": "Skulder"})
        assert answer.status == 422
        assert answer.one("#f-name")["value"] == "Skulder"

    def test_an_area_has_a_page_with_its_name(self, client: SiteClient, session: Session) -> None:
        page = client.get(f"/settings/needs/{self.key_of(session, 'Boende')}")
        assert page.one("#f-name")["value"] == "Boende"

    def test_areas_move_a_step_and_stop_at_the_ends(
        self, client: SiteClient, session: Session, names: Callable[[], list[str]]
    ) -> None:
        first, second, *_ = names()
        key = self.key_of(session, first)
        client.post(f"/settings/needs/{key}/move", {"by": "1"})
        assert names()[:2] == [second, first]
        client.post(f"/settings/needs/{key}/move", {"by": "-1"})
        client.post(f"/settings/needs/{key}/move", {"by": "-1"})
        assert names()[:2] == [first, second]

    @pytest.mark.parametrize("by", ["", "7", "upp"])
    def test_no_other_step_is_taken(self, client: SiteClient, session: Session, by: str) -> None:
        assert client.post(f"/settings/needs/{self.key_of(session, 'Boende')}/move", {"by": by}).status == 422

    def test_a_closed_area_can_be_used_again_and_comes_last(
        self, client: SiteClient, session: Session, names: Callable[[], list[str]]
    ) -> None:
        key = self.key_of(session, "Boende")
        client.post(f"/settings/needs/{key}/close")
        assert "Boende" not in names()
        client.post(f"/settings/needs/{key}/reopen")
        assert names()[-1] == "Boende"

    def test_another_offices_area_looks_absent(self, client: SiteClient, session: Session) -> None:
        office, _ = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        foreign = session.scalars(select(NeedArea.id).where(NeedArea.office_id == office.id)).first()
        absent = "00000000-0000-7000-8000-000000000000"
        for way in ("", "/move", "/close", "/reopen"):
            typed = {"name": "Ny", "by": "1"}
            answers = [client.post(f"/settings/needs/{key}{way}", typed) for key in (foreign, absent)]
            assert answers[0].status == answers[1].status == 404
            assert answers[0].text == answers[1].text


class TestAgenda:
    LINES = (("standing", "Välkomna", "5"), ("case", "Ärende", "12"), ("standing", "Nästa möte", "5"))

    def form(self, *lines: tuple[str, str, str], do: str = "save") -> dict[str, object]:
        columns = zip(*lines, strict=True) if lines else ((), (), ())
        return dict(zip(("kind", "title", "minutes"), map(list, columns), strict=True)) | {"do": do}

    def template(self, session: Session, world: World) -> list[tuple[str, str, int]]:
        items = offices.agenda_template(session, world.office.id, MeetingKind.WEEKLY, TODAY)
        return [(item.kind.value, item.title, item.minutes) for item in items]

    def typed(self, page: SiteClient, *lines: tuple[str, str, str], do: str) -> list[str]:
        soup = page.post("/settings/agendas/weekly", self.form(*lines, do=do)).soup
        return [str(box["value"]) for box in soup.select("input[name=title]")]

    def test_the_lines_are_saved_as_a_version_from_today(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        before = len(agenda_templates.versions(session, world.coordinator, MeetingKind.WEEKLY))
        answer = either.post("/settings/agendas/weekly", self.form(*self.LINES))
        assert answer.goes_to == "/settings/agendas/weekly"
        assert self.template(session, world) == [
            ("standing", "Välkomna", 5),
            ("case", "Ärende", 12),
            ("standing", "Nästa möte", 5),
        ]
        assert len(agenda_templates.versions(session, world.coordinator, MeetingKind.WEEKLY)) == before + 1

    def test_saving_twice_on_a_day_keeps_one_version_of_that_day(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        client.post("/settings/agendas/weekly", self.form(*self.LINES))
        client.post("/settings/agendas/weekly", self.form(*self.LINES[:2]))
        days = session.scalars(select(AgendaTemplate.valid_from).where(AgendaTemplate.meeting_kind == "weekly")).all()
        assert len(days) == len(set(days)) == 2
        assert len(self.template(session, world)) == 2

    def test_what_is_saved_unchanged_is_no_new_version(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        lines = [(kind, title, str(minutes)) for kind, title, minutes in self.template(session, world)]
        client.post("/settings/agendas/weekly", self.form(*lines))
        assert len(agenda_templates.versions(session, world.coordinator, MeetingKind.WEEKLY)) == 1

    def test_lines_are_added_moved_and_removed_before_anything_is_saved(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        before = self.template(session, world)
        assert self.typed(either, *self.LINES, do="add") == ["Välkomna", "Ärende", "Nästa möte", ""]
        assert self.typed(either, *self.LINES, do="up-1") == ["Ärende", "Välkomna", "Nästa möte"]
        assert self.typed(either, *self.LINES, do="down-0") == ["Ärende", "Välkomna", "Nästa möte"]
        assert self.typed(either, *self.LINES, do="down-2") == ["Välkomna", "Ärende", "Nästa möte"]
        assert self.typed(either, *self.LINES, do="drop-1") == ["Välkomna", "Nästa möte"]
        assert self.template(session, world) == before

    @pytest.mark.parametrize("do", ["up-99", "up-", "up-x", "down-²", "explode-1", "-", "up--1"])
    def test_an_unknown_wish_changes_nothing(self, client: SiteClient, do: str) -> None:
        assert self.typed(client, *self.LINES, do=do) == ["Välkomna", "Ärende", "Nästa möte"]

    def test_a_line_left_empty_is_passed_over(self, client: SiteClient, session: Session, world: World) -> None:
        client.post("/settings/agendas/weekly", self.form(*self.LINES, ("standing", " ", "5")))
        assert len(self.template(session, world)) == 3

    @pytest.mark.parametrize(
        "lines",
        [
            (),
            (("standing", "Bara prat", "5"),),
            (("case", "Ett", "5"), ("case", "Två", "5")),
            (("case", "Ärende", "0"),),
            (("case", "Ärende", "241"),),
            (("case", "Ärende", "fem"),),
            (("case", "Ärende", "²"),),
            (("case", "Ärende", ""),),
            (("case", "x" * 121, "5"),),
            tuple(("standing" if n else "case", f"Punkt {n}", "1") for n in range(41)),
        ],
    )
    def test_an_agenda_no_meeting_could_follow_is_refused_and_kept(
        self, either: SiteClient, session: Session, world: World, lines: tuple[tuple[str, str, str], ...]
    ) -> None:
        before = self.template(session, world)
        answer = either.post("/settings/agendas/weekly", self.form(*lines))
        assert answer.status == 422
        assert [str(box["value"]) for box in answer.soup.select("input[name=title]")] == [line[1] for line in lines]
        assert self.template(session, world) == before


class TestRules:
    PATH = "/settings/rules/video_before_days"

    def in_force(self, session: Session, world: World) -> int:
        return offices.rules(session, world.office.id, TODAY)[RuleKey.VIDEO_BEFORE_DAYS]

    def test_a_number_can_change_from_today(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(self.PATH, {"value": "28", "valid_from": "i dag", "source": "Lokal rutin 2026:4"})
        assert answer.goes_to == self.PATH
        assert self.in_force(session, world) == 28

    def test_a_coming_number_waits_and_can_be_withdrawn(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        client.post(self.PATH, {"value": "28", "valid_from": "2027-01-01", "source": "Lokal rutin"})
        assert self.in_force(session, world) == 21
        assert "28 från fre 1 jan 2027" in client.get("/settings/rules").said
        row = session.scalars(select(OfficeRule.id).where(OfficeRule.value == 28, OfficeRule.valid_from > TODAY)).one()
        client.post(f"{self.PATH}/{row}/withdraw")
        assert session.get(OfficeRule, row) is None

    def test_what_holds_already_cannot_be_withdrawn(self, client: SiteClient, session: Session) -> None:
        row = session.scalars(select(OfficeRule.id).where(OfficeRule.key == RuleKey.VIDEO_BEFORE_DAYS)).one()
        assert client.post(f"{self.PATH}/{row}/withdraw").status == 422
        assert session.get(OfficeRule, row) is not None

    def test_the_history_stays_visible(self, client: SiteClient) -> None:
        client.post(self.PATH, {"value": "28", "valid_from": "i dag", "source": "Lokal rutin 2026:4"})
        said = client.get(self.PATH).said
        assert "Lokal rutin 2026:4" in said
        assert "från början" in said

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("value", "0"),
            ("value", "401"),
            ("value", "tre"),
            ("value", "9" * 40),
            ("valid_from", "2026-11-23"),
            ("valid_from", "snart"),
            ("source", ""),
            ("source", "x" * 201),
        ],
    )
    def test_what_cannot_be_used_is_said_by_the_field(self, either: SiteClient, field: str, typed: str) -> None:
        usual = {"value": "28", "valid_from": "2027-01-01", "source": "Lokal rutin"}
        answer = either.post(self.PATH, usual | {field: typed})
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one(f"#f-{field}")["value"] == typed

    def test_months_have_a_limit_of_their_own(self, client: SiteClient) -> None:
        typed = {"value": "37", "valid_from": "i dag", "source": "Lokal rutin"}
        assert "36" in client.post("/settings/rules/planning_starts_months", typed).error_of("value")


class TestColleagues:
    NEW: ClassVar = {
        "name": "Jonas Hall",
        "email": "Jonas@bjorkstad.example",
        "role": "coordinator",
        "password": "tre ord i följd",
    }

    def add(self, client: SiteClient, world: World, **changed: str) -> object:
        typed = self.NEW | {"organisation_id": str(world.coordinator.organisation_id)} | changed
        return client.post("/settings/colleagues/new", typed)

    def test_a_new_colleague_can_sign_in(self, client: SiteClient, anonymous: SiteClient, world: World) -> None:
        self.add(client, world)
        typed = {"email": "jonas@bjorkstad.example", "password": self.NEW["password"]}
        assert anonymous.post("/sign-in", typed).goes_to == "/"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", ""),
            ("email", "jonas"),
            ("email", "samordnare@bjorkstad.example"),
            ("email", "SAMORDNARE@bjorkstad.example"),
            ("role", "kung"),
            ("role", ""),
            ("organisation_id", "x"),
            ("password", "för kort"),
        ],
    )
    def test_what_cannot_be_used_is_said_by_the_field(
        self, either: SiteClient, session: Session, world: World, field: str, typed: str
    ) -> None:
        users = session.scalar(select(func.count()).select_from(User))
        organisation = {"organisation_id": str(world.coordinator.organisation_id)}
        answer = either.post("/settings/colleagues/new", self.NEW | organisation | {field: typed})
        assert answer.status == 422
        assert answer.error_of(field)
        assert self.NEW["password"] not in answer.text
        assert session.scalar(select(func.count()).select_from(User)) == users

    def test_another_offices_organisation_cannot_be_chosen(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        typed = self.NEW | {"organisation_id": str(other.organisation_id)}
        assert client.post("/settings/colleagues/new", typed).status == 404

    def test_who_is_stopped_is_signed_out_at_once_and_can_be_let_in_again(
        self, client: SiteClient, anonymous: SiteClient, session: Session, world: World
    ) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        theirs = anonymous.signed_in(partner)
        client.post(f"/settings/colleagues/{partner.user_id}/stop")
        assert theirs.get("/actions").goes_to.startswith("/sign-in")
        assert session.scalar(select(UserSession.id).where(UserSession.user_id == partner.user_id)) is None
        assert "Avstängd" in client.get("/settings/colleagues").said
        client.post(f"/settings/colleagues/{partner.user_id}/let-in")
        assert session.get_one(User, partner.user_id).disabled_at is None

    def test_nobody_can_stop_oneself(self, client: SiteClient, world: World) -> None:
        assert client.post(f"/settings/colleagues/{world.coordinator.user_id}/stop").status == 422
        assert client.get("/settings/colleagues").status == 200

    def test_another_offices_user_looks_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        for way in ("stop", "let-in"):
            assert client.post(f"/settings/colleagues/{other.user_id}/{way}").status == 404
        assert session.get_one(User, other.user_id).disabled_at is None
