"""Bringing an office's lists in: everything or nothing, again and again, and never more than a list says."""

import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.errors import NotAllowed
from inslussning.models import Actor, Case, CaseActor, Invitation, Organisation, OutboxMessage, Person, Staffing, User
from inslussning.practice.access import Role
from inslussning.practice.list_columns import ListUnclear
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.rows import ALREADY_ON_LINE, PERSONAL_NUMBER, SUPERVISION_ENDS_EARLY
from inslussning.services import import_matching, importing, list_files, slots
from inslussning.services.importing import Outcome, Report
from inslussning.services.links import Links
from inslussning.services.slots import NewSlot
from meetings.vocabulary import Weekday
from tests.conftest import NOW, TODAY, QueryCounter
from tests.factories.offices import World, a_partner, an_actor, an_office

LINKS = Links("nyckel", "http://127.0.0.1:8000")
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ACTORS = "Organisation;Typ;Funktion;Ort;Kortnamn;E-post;Telefon"
STAFFINGS = "Namn;E-post;Organisation;Funktion;Ort;Från och med;Till och med"
CASES = "Ärende;Frigivning;Klockslag;Anstalt;Övervakningens slut;Aktörer;Fas"
SOCIAL = "Kommun (socialtjänst);Kommun;Socialsekreterare vuxen;Björkstad;soc;soc@partner.example;"
HOUSING = "Björkstads kommun;Kommun;Boendesamordnare;Björkstad;boende;boende@bjorkstad.example;010-123 45 67"
Counts = tuple[int, int, int, int]


def a_list(*lines: str, name: str = "lista.csv") -> tuple[str, bytes]:
    return name, "\r\n".join(lines).encode("utf-8-sig")


def run(session: Session, world: World, *files: tuple[str, bytes], save: bool = True) -> Report:
    return importing.import_files(session, world.coordinator, files, links=LINKS, now=NOW, save=save)


def counts(report: Report) -> Counts:
    found = report.counts
    return found[Outcome.NEW], found[Outcome.CHANGED], found[Outcome.UNCHANGED], found[Outcome.FAILED]


def failures(report: Report) -> list[tuple[int, str, str]]:
    return [(line.number, line.column, line.reason[0]) for line in report.lines if line.outcome is Outcome.FAILED]


def changes(report: Report) -> list[tuple[str, str, str]]:
    return [(change.what, change.was, change.becomes) for line in report.lines for change in line.changes]


def everything(session: Session) -> list[object]:
    """All that an import can touch, as plain values."""
    tables = (Organisation, Actor, Person, Staffing, Case, CaseActor)
    session.expire_all()
    rows: Iterable[object] = (tuple(row) for t in tables for row in session.execute(select(*t.__table__.columns)))
    return sorted(rows, key=str)


class TestActors:
    def test_a_new_function_comes_with_its_organisation(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, HOUSING))
        actor = session.scalars(select(Actor).where(Actor.short_name == "boende")).one()
        organisation = session.get_one(Organisation, actor.organisation_id)
        assert counts(report) == (1, 0, 0, 0)
        assert (actor.function, actor.place, actor.mailbox) == (
            "Boendesamordnare",
            "Björkstad",
            "boende@bjorkstad.example",
        )
        assert (organisation.name, organisation.kind) == ("Björkstads kommun", OrganisationKind.MUNICIPALITY)

    def test_a_known_function_changes_only_where_it_differs(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, f"{SOCIAL}010-555 00 00"))
        assert counts(report) == (0, 1, 0, 0)
        assert changes(report) == [("Telefon", "", "010-555 00 00")]
        assert world.social.phone == "010-555 00 00"

    def test_what_it_is_called_is_known_whatever_the_case_of_its_letters(self, session: Session, world: World) -> None:
        assert counts(run(session, world, a_list(ACTORS, SOCIAL.replace("Socialsek", "SOCIALSEK")))) == (0, 0, 1, 0)

    def test_an_empty_cell_changes_nothing(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, SOCIAL.replace("soc@partner.example", "")))
        assert counts(report) == (0, 0, 1, 0)
        assert world.social.mailbox == "soc@partner.example"

    def test_a_taken_short_name_is_refused_with_its_owner(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, HOUSING.replace(";boende;", ";SOC;")))
        assert failures(report) == [(2, "Kortnamn", import_matching.SHORT_NAME_TAKEN)]
        assert report.lines[0].reason[1] == {"actor": "Socialsekreterare vuxen – Björkstad"}

    def test_a_closed_function_on_the_list_is_in_use_again(self, session: Session, world: World) -> None:
        world.social.closed_on = TODAY
        session.flush()
        report = run(session, world, a_list(ACTORS, SOCIAL))
        assert changes(report) == [("Funktion", import_matching.CLOSED, import_matching.IN_USE)]
        assert world.social.closed_on is None

    def test_the_kind_of_an_organisation_follows_the_list(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, SOCIAL.replace(";Kommun;", ";Annan;")))
        assert changes(report) == [("Typ", "Kommun (socialtjänst)", "Annan")]

    def test_text_that_looks_like_a_formula_is_kept_as_text(self, session: Session, world: World) -> None:
        run(session, world, a_list(ACTORS, HOUSING.replace("Boendesamordnare", "=HYPERLINK(1)")))
        assert session.scalars(select(Actor.function).where(Actor.short_name == "boende")).one() == "=HYPERLINK(1)"

    def test_invitations_follow_to_the_new_mailbox(self, session: Session, world: World) -> None:
        new = NewSlot(
            name="Veckotid",
            weekday=Weekday.THURSDAY,
            local_start=dt.time(9),
            minutes=60,
            first_on=TODAY,
            actor_ids=(world.social.id,),
        )
        slots.create_slot(session, world.coordinator, new, links=LINKS, now=NOW)
        session.flush()
        run(session, world, a_list(ACTORS, SOCIAL.replace("soc@partner.example", "ny@partner.example")))
        assert session.scalars(select(Invitation.address)).all() == ["ny@partner.example"]
        assert "ny@partner.example" in session.scalars(select(OutboxMessage.recipient)).all()


class TestStaffings:
    ROW = "Åsa Öberg;asa@kommun.example;Kommun (socialtjänst);Socialsekreterare vuxen;Björkstad;2026-11-01;"

    def test_a_new_person_answers_for_the_function(self, session: Session, world: World) -> None:
        assert counts(run(session, world, a_list(STAFFINGS, self.ROW))) == (1, 0, 0, 0)
        person = session.scalars(select(Person).where(Person.email == "asa@kommun.example")).one()
        staffing = session.scalars(select(Staffing).where(Staffing.person_id == person.id)).one()
        assert (person.name, staffing.actor_id, staffing.starts_on) == (
            "Åsa Öberg",
            world.social.id,
            dt.date(2026, 11, 1),
        )

    def test_the_same_person_is_known_by_address(self, session: Session, world: World) -> None:
        run(session, world, a_list(STAFFINGS, self.ROW))
        report = run(session, world, a_list(STAFFINGS, self.ROW.replace("Öberg;asa@", "Öberg-Ek;ASA@")))
        assert changes(report) == [("Namn", "Åsa Öberg", "Åsa Öberg-Ek")]

    def test_an_end_can_be_set(self, session: Session, world: World) -> None:
        run(session, world, a_list(STAFFINGS, self.ROW))
        report = run(session, world, a_list(STAFFINGS, f"{self.ROW}2027-01-31"))
        assert changes(report) == [("Till och med", "", "2027-01-31")]

    def test_another_start_of_the_same_interval_moves_it(self, session: Session, world: World) -> None:
        run(session, world, a_list(STAFFINGS, self.ROW))
        report = run(session, world, a_list(STAFFINGS, self.ROW.replace("2026-11-01", "2026-10-01")))
        assert changes(report) == [("Från och med", "2026-11-01", "2026-10-01")]

    def test_a_later_interval_is_one_more(self, session: Session, world: World) -> None:
        run(session, world, a_list(STAFFINGS, f"{self.ROW}2026-12-31"))
        assert counts(run(session, world, a_list(STAFFINGS, self.ROW.replace("2026-11-01", "2027-02-01")))) == (
            1,
            0,
            0,
            0,
        )

    def test_an_interval_over_two_others_is_refused(self, session: Session, world: World) -> None:
        run(session, world, a_list(STAFFINGS, f"{self.ROW}2026-12-31", self.ROW.replace("2026-11-01", "2027-02-01")))
        report = run(session, world, a_list(STAFFINGS, self.ROW.replace("2026-11-01", "2026-10-15")))
        assert failures(report) == [(2, "Från och med", import_matching.TWO_INTERVALS)]

    def test_one_address_with_two_names_is_refused(self, session: Session, world: World) -> None:
        other = self.ROW.replace("Åsa Öberg", "Leo Brandt").replace("2026-11-01", "2027-11-01")
        report = run(session, world, a_list(STAFFINGS, f"{self.ROW}2027-01-31", other))
        assert failures(report) == [(3, "E-post", import_matching.OTHER_NAME)]

    def test_a_function_nobody_has_said_is_refused(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(STAFFINGS, self.ROW.replace("Björkstad;2026", "Ekhamn;2026")))
        assert failures(report) == [(2, "Funktion", import_matching.NO_ACTOR)]

    def test_without_a_place_the_only_such_function_is_meant(self, session: Session, world: World) -> None:
        assert counts(run(session, world, a_list(STAFFINGS, self.ROW.replace("Björkstad;2026", ";2026")))) == (
            1,
            0,
            0,
            0,
        )

    def test_nobody_is_let_in_or_promoted_by_a_list(self, session: Session, world: World) -> None:
        a_partner(session, world, world.social, email="asa@kommun.example", name="Åsa Öberg")
        users = session.scalar(select(func.count()).select_from(User))
        report = run(session, world, a_list(f"{STAFFINGS};Roll", f"{self.ROW};Samordnare"))
        assert session.scalar(select(func.count()).select_from(User)) == users
        role = session.scalars(select(User.role).where(User.email == "asa@kommun.example")).one()
        assert role is Role.PARTNER
        assert report.notes == ((importing.ROLE_IGNORED, {}),)


class TestCases:
    def test_no_consent_comes_with_a_list_and_the_report_says_so(self, session: Session, world: World) -> None:
        report = run(
            session, world, a_list(CASES, "K-301;2027-05-03;;;;soc;", "K-302;2027-05-03;;;;fri;", "K-303;;;;;;")
        )
        assert report.notes == ((importing.NO_CONSENT, {"count": 1}),)  # the probation office is of the own agency

    def test_a_new_case_has_its_release_in_the_offices_own_zone(self, session: Session, world: World) -> None:
        row = "k-201;2027-07-05;08:30;gran;2028-07-05;soc, AF;Inleda"
        assert counts(run(session, world, a_list(CASES, row))) == (1, 0, 0, 0)
        case = session.scalars(select(Case).where(Case.code == "K-201")).one()
        assert case.release_at == dt.datetime(2027, 7, 5, 6, 30, tzinfo=dt.UTC)
        assert (case.prison_actor_id, case.supervision_ends_on, case.phase, case.opened_on) == (
            world.prison.id,
            dt.date(2028, 7, 5),
            Phase.INITIATE,
            TODAY,
        )
        members = set(session.scalars(select(CaseActor.actor_id).where(CaseActor.case_id == case.id)))
        assert members == {world.social.id, world.employment.id}

    def test_a_case_without_a_phase_begins_at_the_first(self, session: Session, world: World) -> None:
        run(session, world, a_list("Ärende;Frigivning", "K-201;"))
        case = session.scalars(select(Case).where(Case.code == "K-201")).one()
        assert (case.phase, case.release_at) == (Phase.VSP, None)

    def test_a_known_case_keeps_what_the_list_does_not_say(self, session: Session, world: World) -> None:
        report = run(session, world, a_list("Ärende;Frigivning", "K-101;"))
        assert counts(report) == (0, 0, 1, 0)
        assert (world.near.phase, world.near.prison_actor_id) == (Phase.PLAN, world.prison.id)

    def test_a_moved_release_is_told_with_both_times(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(CASES, "K-101;2027-01-11;09:00;;;;"))
        assert changes(report) == [("Frigivning", "2027-01-04 08.30", "2027-01-11 09.00")]
        assert world.near.release_at == dt.datetime(2027, 1, 11, 8, 0, tzinfo=dt.UTC)

    def test_a_known_hour_stays_when_the_list_has_the_day_alone(self, session: Session, world: World) -> None:
        assert counts(run(session, world, a_list(CASES, "K-101;2027-01-04;;;;;"))) == (0, 0, 1, 0)

    def test_the_hour_is_unknown_again_when_the_day_moves(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(CASES, "K-101;2027-01-05;;;;;"))
        assert changes(report) == [("Frigivning", "2027-01-04 08.30", "2027-01-05")]

    def test_actors_are_added_and_none_is_taken_away(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(CASES, "K-101;;;;;bero;"))
        assert changes(report) == [("Aktörer", "", "bero")]
        members = select(CaseActor.actor_id).where(CaseActor.case_id == world.near.id, CaseActor.left_on.is_(None))
        assert set(session.scalars(members)) == {world.social.id, world.employment.id, world.clinic.id}

    def test_an_actor_that_had_left_comes_back(self, session: Session, world: World) -> None:
        member = session.scalars(select(CaseActor).where(CaseActor.case_id == world.near.id)).first()
        assert member is not None
        member.left_on = TODAY
        session.flush()
        short = session.get_one(Actor, member.actor_id).short_name
        assert changes(run(session, world, a_list(CASES, f"K-101;;;;;{short};"))) == [("Aktörer", "", short)]
        assert member.left_on is None

    def test_a_closed_case_has_the_day_it_closed(self, session: Session, world: World) -> None:
        run(session, world, a_list(CASES, "K-101;;;;;;Avslutad"))
        assert (world.near.phase, world.near.closed_on) == (Phase.CLOSED, TODAY)
        run(session, world, a_list(CASES, "K-101;;;;;;Genomföra"))
        assert (world.near.phase, world.near.closed_on) == (Phase.CARRY_OUT, None)

    @pytest.mark.parametrize("said", ["gran", "GRANLIDEN", "Granliden", "Anstalt"])
    def test_a_prison_is_known_by_short_name_place_or_organisation(
        self, session: Session, world: World, said: str
    ) -> None:
        world.near.prison_actor_id = None
        session.flush()
        assert changes(run(session, world, a_list(CASES, f"K-101;;;{said};;;"))) == [("Anstalt", "", "gran")]

    def test_two_prisons_at_one_place_must_be_told_apart(self, session: Session, world: World) -> None:
        an_actor(session, world.coordinator, "gran2", "Vakthavande", OrganisationKind.PRISON, place="Granliden")
        report = run(session, world, a_list(CASES, "K-101;;;Granliden;;;"))
        assert failures(report) == [(2, "Anstalt", import_matching.SEVERAL_PRISONS)]

    @pytest.mark.parametrize(
        ("row", "column", "reason"),
        [
            ("K-101;;;Tallmon;;;", "Anstalt", import_matching.NO_PRISON),
            ("K-101;;;soc;;;", "Anstalt", import_matching.NO_PRISON),
            ("K-101;;;;;soc, okänd;", "Aktörer", import_matching.NO_SHORT_NAME),
            ("K-101;;;;2026-12-24;;", "Övervakningens slut", SUPERVISION_ENDS_EARLY),
            ("19800101-1234;;;;;;", "Ärende", PERSONAL_NUMBER),
        ],
    )
    def test_what_cannot_be_is_said_by_line_and_column(
        self, session: Session, world: World, row: str, column: str, reason: str
    ) -> None:
        assert failures(run(session, world, a_list(CASES, row))) == [(2, column, reason)]

    def test_a_closed_function_cannot_take_part(self, session: Session, world: World) -> None:
        world.clinic.closed_on = TODAY
        session.flush()
        report = run(session, world, a_list(CASES, "K-101;;;;;bero;"))
        assert failures(report) == [(2, "Aktörer", import_matching.ACTOR_CLOSED)]


class TestEverythingOrNothing:
    def test_one_bad_row_keeps_every_other_out(self, session: Session, world: World) -> None:
        before = everything(session)
        report = run(
            session,
            world,
            a_list(ACTORS, HOUSING, SOCIAL.replace("soc@partner.example;", "ny@partner.example;växeln")),
            a_list(CASES, "K-201;2027-07-05;08:30;gran;;soc;"),
        )
        assert failures(report)[0][:2] == (3, "Telefon")
        assert report.saved is False
        assert everything(session) == before

    def test_looking_first_says_the_same_and_changes_nothing(self, session: Session, world: World) -> None:
        before = everything(session)
        files = a_list(ACTORS, HOUSING, f"{SOCIAL}010-555 00 00"), a_list(CASES, "K-101;2027-02-01;;;;boende;")
        looked = run(session, world, *files, save=False)
        assert everything(session) == before
        done = run(session, world, *files)
        assert (looked.lines, looked.saved, done.saved) == (done.lines, False, True)
        assert everything(session) != before

    def test_a_file_that_is_no_list_keeps_the_others_out(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, HOUSING), ("bild.csv", b"\x89PNG\r\n\x1a\n\0\0"))
        assert failures(report) == [(1, "", list_files.NOT_A_LIST)]
        assert session.scalar(select(Actor.id).where(Actor.short_name == "boende")) is None

    def test_headings_twice_are_refused(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(f"{ACTORS};Tel", f"{HOUSING};1"))
        assert report.failed

    def test_headings_of_no_list_are_refused(self, session: Session, world: World) -> None:
        assert failures(run(session, world, a_list("Kanin;Morot", "a;b"))) == [(1, "", ListUnclear.message)]

    def test_a_list_without_rows_changes_nothing(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS))
        assert (counts(report), report.failed) == ((0, 0, 0, 0), False)

    def test_the_same_line_twice_is_refused(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, HOUSING, HOUSING))
        assert {reason for _, _, reason in failures(report)} == {ALREADY_ON_LINE}

    def test_a_cell_of_a_megabyte_is_too_long_on_its_own_line(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, HOUSING.replace("Boendesamordnare", "å" * 1_000_000)))
        assert failures(report)[0][:2] == (2, "Funktion")

    def test_more_rows_than_allowed_in_all_the_files_are_refused(self, session: Session, world: World) -> None:
        many = a_list("Ärende;Frigivning", *(f"K-{n};" for n in range(list_files.MOST_ROWS // 2 + 1)))
        assert failures(run(session, world, many, many)) == [(1, "", list_files.TOO_MANY_ROWS)]


class TestFiles:
    @pytest.mark.usefixtures("world")
    def test_the_examples_go_in_whatever_order_they_come_in(self, session: Session) -> None:
        files = [(path.name, path.read_bytes()) for path in sorted(EXAMPLES.glob("*.csv"), reverse=True)]
        assert [name for name, _ in files] == ["bemanning.csv", "arenden.csv", "aktorer.csv"]
        _, ekhamn = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        first = importing.import_files(session, ekhamn, files, links=LINKS, now=NOW, save=True)
        again = importing.import_files(session, ekhamn, files, links=LINKS, now=NOW, save=True)
        assert counts(first) == (22, 0, 0, 0)
        assert counts(again) == (0, 0, 22, 0)

    def test_unknown_columns_are_told(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(f"{ACTORS};Favoritfärg", f"{HOUSING};blå"))
        assert report.notes == ((importing.COLUMN_IGNORED, {"column": "Favoritfärg", "source": "lista.csv"}),)

    def test_a_sheet_that_is_no_list_is_passed_over_and_told(self, session: Session, world: World) -> None:
        book = Workbook()
        book.worksheets[0].append(["Läs mig först"])
        cases = book.create_sheet("Ärenden")
        cases.append(["Ärende", "Frigivning"])
        cases.append(["K-201", dt.datetime.fromisoformat("2027-07-05 08:30")])
        written = io.BytesIO()
        book.save(written)
        report = run(session, world, ("bok.xlsx", written.getvalue()))
        case = session.scalars(select(Case).where(Case.code == "K-201")).one()
        assert report.notes == ((importing.SHEET_IGNORED, {"source": "bok.xlsx, Sheet"}),)
        assert [line.source for line in report.lines] == ["bok.xlsx, Ärenden"]
        assert case.release_at == dt.datetime(2027, 7, 5, 6, 30, tzinfo=dt.UTC)

    def test_progress_is_told_line_by_line(self, session: Session, world: World) -> None:
        told: list[tuple[int, int]] = []
        importing.import_files(
            session,
            world.coordinator,
            [a_list(ACTORS, HOUSING), a_list("Ärende;Frigivning", "K-201;", "K-202;")],
            links=LINKS,
            now=NOW,
            save=False,
            progress=lambda done, total: told.append((done, total)),
        )
        assert told == [(1, 3), (2, 3), (3, 3)]

    def test_problems_come_first_among_what_is_worth_telling(self, session: Session, world: World) -> None:
        report = run(session, world, a_list(ACTORS, HOUSING, SOCIAL, HOUSING.replace(";boende;", ";soc;") + "x"))
        assert [line.outcome for line in report.worth_telling()] == [Outcome.FAILED, Outcome.NEW]


class TestScope:
    @pytest.mark.usefixtures("world")
    def test_another_offices_actors_and_cases_are_not_there(self, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        report = importing.import_files(
            session, other, [a_list(CASES, "K-101;;;;;soc;")], links=LINKS, now=NOW, save=True
        )
        assert failures(report) == [(2, "Aktörer", import_matching.NO_SHORT_NAME)]

    def test_a_partner_may_not_import(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            importing.import_files(session, partner, [a_list(ACTORS, HOUSING)], links=LINKS, now=NOW, save=True)

    def test_ten_times_as_many_rows_take_no_more_statements(
        self, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        def lines(first: int, most: int) -> tuple[str, bytes]:
            return a_list(CASES, *(f"K-{n};2027-07-05;08:30;gran;;soc, af;VSP" for n in range(first, first + most)))

        with query_counter() as few:
            run(session, world, lines(1000, 10))
        with query_counter() as many:
            run(session, world, lines(2000, 100))
        assert len(many) <= len(few) + 2
