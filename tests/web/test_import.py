"""The page that brings the office's lists in: a look that changes nothing, then the same files for real."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.models import Actor, Case
from inslussning.services import list_files
from inslussning.web.security import MOST_BYTES
from tests.clients import Answer, SiteClient
from tests.factories.offices import World, a_partner

ACTORS = "Organisation;Typ;Funktion;Ort;Kortnamn;E-post;Telefon"
HOUSING = "Björkstads kommun;Kommun;Boendesamordnare;Björkstad;boende;boende@bjorkstad.example;010-123 45 67"
GOOD = f"{ACTORS}\r\n{HOUSING}\r\n".encode("cp1252")
BAD = f"{ACTORS}\r\n{HOUSING.replace('010', 'ring 010')}\r\n".encode()


def send(client: SiteClient, *files: tuple[str, bytes], step: str = "look") -> Answer:
    return client.post("/settings/import", {"step": step}, files=[("files", file) for file in files])


def actors(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Actor)) or 0


class TestLooking:
    def test_it_says_row_by_row_what_would_happen_and_changes_nothing(
        self, either: SiteClient, session: Session
    ) -> None:
        before = actors(session)
        answer = send(
            either, ("aktorer.csv", GOOD), ("arenden.csv", b"\xef\xbb\xbf\xc3\x84rende;Frigivning\r\nK-101;\r\n")
        )
        assert answer.status == 200
        assert "1 nya 0 ändras 1 oförändrade 0 fel" in answer.said
        assert "2 aktorer.csv Boendesamordnare – Björkstad ny" in answer.said
        assert actors(session) == before

    def test_problems_are_said_with_line_and_column(self, either: SiteClient) -> None:
        answer = send(either, ("aktorer.csv", BAD))
        assert answer.status == 422
        assert "2 aktorer.csv" in answer.said
        assert "Telefon: Skriv telefonnumret" in answer.said

    def test_no_more_than_two_hundred_lines_are_shown(self, client: SiteClient) -> None:
        rows = "\r\n".join(["Ärende;Frigivning", *(f"K-{n};" for n in range(1000, 1250))])
        answer = send(client, ("arenden.csv", rows.encode()))
        assert len(answer.soup.select("tbody tr")) == 200
        assert "50 rader till visas inte här" in answer.said

    def test_what_a_list_says_is_shown_as_text(self, client: SiteClient) -> None:
        row = HOUSING.replace("Boendesamordnare", "<script>alert(1)</script>")
        answer = send(client, ("<b>lista</b>.csv", f"{ACTORS}\r\n{row}\r\n".encode()))
        assert "<script>alert" not in answer.text
        assert "<b>lista" not in answer.text

    def test_a_list_that_says_nothing_new_is_said_to(self, client: SiteClient) -> None:
        assert "säger samma sak" in send(client, ("arenden.csv", "Ärende;Frigivning\r\nK-101;".encode())).said


class TestImporting:
    def test_everything_goes_in(self, either: SiteClient, session: Session) -> None:
        answer = send(either, ("aktorer.csv", GOOD), step="save")
        assert answer.goes_to == "/settings/import"
        assert session.scalar(select(Actor.id).where(Actor.short_name == "boende"))

    def test_the_page_says_how_much_went_in(self, client: SiteClient) -> None:
        send(client, ("aktorer.csv", GOOD), step="save")
        assert "1 nya, 0 ändrade, 0 oförändrade" in client.get("/settings/import").said

    def test_one_bad_file_keeps_the_others_out(self, either: SiteClient, session: Session) -> None:
        before = actors(session)
        cases = "Ärende;Frigivning\r\nK-777;snart".encode()
        answer = send(either, ("aktorer.csv", GOOD), ("arenden.csv", cases), step="save")
        assert answer.status == 422
        assert "Inget är inläst" in answer.said
        assert actors(session) == before
        assert session.scalar(select(Case.id).where(Case.code == "K-777")) is None

    def test_anything_else_than_save_is_a_look(self, client: SiteClient, session: Session) -> None:
        before = actors(session)
        send(client, ("aktorer.csv", GOOD), step="SAVE")
        client.post("/settings/import", {}, files=[("files", ("aktorer.csv", GOOD))])
        assert actors(session) == before


class TestBadFiles:
    @pytest.mark.parametrize("step", ["look", "save"])
    def test_without_a_file_one_is_asked_for(self, either: SiteClient, step: str) -> None:
        answer = either.post("/settings/import", {"step": step}, files=[("files", ("", b""))])
        assert answer.status == 422
        assert "Välj minst en fil" in answer.said

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("lista.csv", b"", "Filen är tom"),
            ("bild.png", b"\x89PNG\r\n\x1a\n\0\0\0", "går inte att läsa som en lista"),
            ("bok.xlsx", b"inte en arbetsbok", "går inte att öppna"),
            ("bok.xls", bytes.fromhex("d0cf11e0a1b11ae1"), "äldre arbetsbok"),
            ("stor.csv", b"x" * (list_files.MOST_BYTES + 1), "Högst 5 MB"),
            ("lista.csv", b"Kanin;Morot\r\n1;2", "vilken lista"),
            ("lista.csv", b'Kanin;Morot\r\n"1;2', "citattecken"),
        ],
    )
    def test_what_is_no_list_is_said_to_be_none(self, either: SiteClient, name: str, data: bytes, said: str) -> None:
        answer = send(either, (name, data), step="save")
        assert answer.status == 422
        assert said in answer.said

    def test_a_long_name_is_cut(self, client: SiteClient) -> None:
        assert "x" * 200 not in send(client, (f"{'x' * 5_000}.csv", GOOD)).text

    def test_text_where_files_belong_is_no_file(self, client: SiteClient) -> None:
        assert client.post("/settings/import", {"files": "text", "step": "save"}).status == 422

    def test_more_files_than_anybody_has_are_refused(self, client: SiteClient) -> None:
        assert send(client, *[("lista.csv", GOOD)] * 7).status == 400

    def test_an_upload_without_end_is_cut_off(self, client: SiteClient) -> None:
        answer = send(client, ("enorm.csv", b"x" * (MOST_BYTES + 1)))
        assert answer.status == 413
        assert "för stor" in answer.said

    def test_a_form_without_files_takes_none(self, client: SiteClient) -> None:
        answer = client.post("/settings/needs", {"name": "Husdjur"}, files=[("bild", ("bild.png", b"x"))])
        assert answer.status == 400

    def test_a_partner_cannot_send_files_at_all(self, anonymous: SiteClient, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert send(anonymous.signed_in(partner), ("aktorer.csv", GOOD), step="save").status == 403
