"""The case pages: the list, adding and changing a case, and everything on its own page."""

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Case, CaseActor, Consent, ConsentArea
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.services import actors, cases
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY, QueryCounter
from tests.factories.actions import a_need, an_action
from tests.factories.case_parts import a_schedule, a_video_meeting, an_appointment
from tests.factories.offices import World, a_case, a_partner, an_actor, an_office

ABSENT = "00000000-0000-7000-8000-000000000000"
RELEASE = dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC)
ODD = {
    "31 feb": "finns inte",
    "VF": "inget frigivningsdatum",
    "9999999999999999999": "Skriv datumet",
    "å" * 1_000_000: "Skriv datumet",
    "\u202e\U0001f600\u0000": "Skriv datumet",
    "14": "vilken dag",
}


def some_cases(session: Session, world: World, count: int) -> None:
    for number in range(count):
        at = RELEASE + dt.timedelta(days=number)
        a_case(
            session, world.coordinator, f"X-{number + 1}", release_at=at, actors=[world.social], lead=world.probation
        )
    session.commit()


def a_foreign_case(session: Session) -> Case:
    _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
    case = a_case(session, other, "HEMLIG-1", release_at=RELEASE, actors=[])
    session.commit()
    return case


def codes(site: SiteClient, path: str = "/cases") -> Sequence[str]:
    return [a.get_text(strip=True) for a in site.get(path).soup.select("a.case-code")]


class TestIndex:
    def test_it_lists_cases_with_release_phase_readiness_and_lead(self, client: SiteClient) -> None:
        said = client.get("/cases").said
        assert "K-101 mån 4 jan 2027, om 6 veckor Planera" in said
        assert "Inget klart än" in said
        assert "Frivårdsinspektör – Björkstad" in said

    def test_what_stands_ready_and_what_is_late_is_said_in_words(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        a_video_meeting(session, world.near, NOW + dt.timedelta(days=3))
        session.get_one(Case, world.far.id).release_at = NOW + dt.timedelta(days=10)
        session.commit()
        said = client.get("/cases").said
        assert "Klart: Videomöte" in said
        assert "Försenat: Videomöte, Behov" in said

    def test_open_and_late_actions_are_counted_in_words(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        an_action(session, world, now=NOW)
        an_action(session, world, now=NOW, due_on=TODAY - dt.timedelta(days=3))
        session.commit()
        assert "2 öppna , 1 försenad" in client.get("/cases").said

    def test_a_case_can_be_sorted_by_code_as_people_count(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        for code in ("K-10", "K-2"):
            a_case(session, world.coordinator, code, release_at=RELEASE, actors=[])
        session.commit()
        assert codes(client, "/cases?order=code") == ["K-2", "K-10", "K-101", "K-102"]

    def test_closed_cases_have_a_list_of_their_own(self, client: SiteClient, session: Session, world: World) -> None:
        world.near.phase = Phase.CLOSED
        session.merge(world.near)
        session.commit()
        assert codes(client) == ["K-102"]
        assert codes(client, "/cases?show=closed") == ["K-101"]

    def test_an_office_without_cases_is_told_what_they_are_for(self, client: SiteClient, session: Session) -> None:
        for table in (ConsentArea, Consent, CaseActor, Case):
            session.execute(table.__table__.delete())  # type: ignore[attr-defined] # a Table has it
        session.commit()
        answer = client.get("/cases")
        assert "Inga ärenden än" in answer.said
        links = [str(a["href"]) for a in answer.soup.select(".empty a")]
        assert links == ["/cases/new", "/settings/import"]

    def test_sixty_cases_come_in_pages_and_each_once(self, client: SiteClient, session: Session, world: World) -> None:
        some_cases(session, world, 60)
        found: list[str] = []
        path = "/cases"
        pages = 0
        while path:
            answer = client.get(path)
            found += [a.get_text(strip=True) for a in answer.soup.select("a.case-code")]
            more = answer.soup.select(".more-row a")
            path = str(more[0]["href"]) if more else ""
            pages += 1
        assert pages == 3
        assert len(found) == len(set(found)) == 62

    def test_htmx_gets_the_next_rows_alone(self, client: SiteClient, session: Session, world: World) -> None:
        some_cases(session, world, 30)
        more = str(client.get("/cases").one(".more-row a")["hx-get"])
        answer = client.as_htmx().get(more)
        assert answer.text.lstrip().startswith("<tr>")
        assert len(answer.soup.select("a.case-code")) == 7

    def test_a_wish_that_means_nothing_is_said_so(self, client: SiteClient) -> None:
        assert client.get("/cases?order=secret").status == 400
        assert client.get("/cases?after=x").status == 400
        assert client.get(f"/cases?after={ABSENT}").status == 404

    def test_a_partner_has_no_case_list(self, client: SiteClient, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        site = SiteClient(client.app).signed_in(partner)
        assert site.get("/cases").status == 403
        assert site.get(f"/cases/{world.near.id}").status == 403

    def test_statements_do_not_grow_with_the_rows(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        with query_counter() as few:
            client.get("/cases")
        some_cases(session, world, 60)
        with query_counter() as many:
            client.get("/cases")
        assert len(many) == len(few) <= 10


class TestAdd:
    def test_the_form_offers_prisons_as_prison_and_every_function_as_lead(self, either: SiteClient) -> None:
        answer = either.get("/cases/new")
        offered = {
            name: len(answer.one(f"#f-{name}").select("option[value]")) for name in ("prison_actor_id", "lead_actor_id")
        }
        assert offered == {"prison_actor_id": 2, "lead_actor_id": 6}  # and "none" in both
        assert len(answer.soup.select("input[name=actor_ids]")) == 5

    def test_a_code_is_enough(self, either: SiteClient, session: Session) -> None:
        answer = either.post("/cases/new", {"code": "k-7", "phase": "vsp"})
        added = session.scalars(select(Case).where(Case.code == "K-7")).one()
        assert answer.goes_to == f"/cases/{added.id}"
        assert either.get(f"/cases/{added.id}").status == 200

    def test_the_clock_time_is_wall_time_in_the_office(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        typed = {"code": "K-7", "release_on": "5 juli 2027", "release_time": "8.30", "supervision_ends_on": "VF + 1 år"}
        client.post("/cases/new", typed | {"actor_ids": [str(world.social.id), str(world.clinic.id)]})
        added = session.scalars(select(Case).where(Case.code == "K-7")).one()
        assert added.release_at == dt.datetime(2027, 7, 5, 6, 30, tzinfo=dt.UTC)
        assert added.supervision_ends_on == dt.date(2028, 7, 5)
        assert session.scalars(select(CaseActor.actor_id).where(CaseActor.case_id == added.id)).all()

    def test_an_unknown_clock_time_is_shown_nowhere(self, client: SiteClient) -> None:
        answer = client.post("/cases/new", {"code": "K-7", "release_on": "2027-07-05"})
        assert "00.00" not in client.get(answer.goes_to).said
        assert client.get(f"{answer.goes_to}/edit").one("#f-release_time")["value"] == ""

    @pytest.mark.parametrize("field", ["release_on", "supervision_ends_on"])
    @pytest.mark.parametrize("typed", list(ODD), ids=range(len(ODD)))
    def test_a_date_nobody_can_read_is_kept_and_explained(self, either: SiteClient, field: str, typed: str) -> None:
        answer = either.post("/cases/new", {"code": "K-7", field: typed})
        assert answer.status == 422
        assert ODD[typed] in answer.error_of(field)
        assert answer.one(f"#f-{field}")["value"] == typed
        assert answer.one("#f-code")["value"] == "K-7"

    @pytest.mark.parametrize("typed", ["25.00", "nio", "9999999999999999999", "8.30" * 250_000])
    def test_a_clock_time_nobody_can_read_is_kept_and_explained(self, client: SiteClient, typed: str) -> None:
        answer = client.post("/cases/new", {"code": "K-7", "release_on": "2027-01-04", "release_time": typed})
        assert answer.error_of("release_time")
        assert answer.one("#f-release_time")["value"] == typed

    def test_a_clock_time_without_a_day_is_refused(self, client: SiteClient) -> None:
        answer = client.post("/cases/new", {"code": "K-7", "release_time": "8.30"})
        assert "Skriv frigivningsdatumet" in answer.error_of("release_time")

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("", "Fyll i"),
            ("K-101", "används redan"),
            ("Kalle Ek", "aldrig ett namn"),
            ("900101-2384", "personnummer"),
            ("K" * 1_000_000, "för lång"),
            ("\u0000", "Fyll i"),
            ("<script>1</script>", "aldrig ett namn"),
        ],
        ids=range(7),
    )
    def test_a_code_that_will_not_do_is_kept_and_explained(self, client: SiteClient, code: str, said: str) -> None:
        answer = client.post("/cases/new", {"code": code, "release_on": "2027-01-04"})
        assert answer.status == 422
        assert said in answer.error_of("code")
        assert answer.one("#f-release_on")["value"] == "2027-01-04"

    def test_half_a_character_in_the_post_is_no_error_of_ours(self, client: SiteClient) -> None:
        answer = client.post(
            "/cases/new",
            content=b"code=K-%ED%A0%80&release_on=%ED%BF%BF",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status == 422

    @pytest.mark.parametrize("field", ["prison_actor_id", "lead_actor_id", "actor_ids"])
    def test_an_actor_of_another_office_cannot_be_told_from_an_absent_one(
        self, client: SiteClient, session: Session, field: str
    ) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig", OrganisationKind.PRISON)
        session.commit()
        said = [client.post("/cases/new", {"code": "K-7", field: key}) for key in (str(foreign.id), ABSENT)]
        assert [a.status for a in said] == [422, 422]
        assert said[0].error_of(field) == said[1].error_of(field)
        assert "Hemlig" not in said[0].text

    @pytest.mark.parametrize("field", ["prison_actor_id", "lead_actor_id", "actor_ids", "phase"])
    def test_a_choice_that_is_no_choice_is_said_by_its_field(self, client: SiteClient, field: str) -> None:
        assert client.post("/cases/new", {"code": "K-7", field: "' OR 1=1"}).error_of(field)


class TestEdit:
    def path(self, world: World) -> str:
        return f"/cases/{world.near.id}/edit"

    def filled_in(self, client: SiteClient, world: World) -> dict[str, str]:
        soup = client.get(self.path(world)).soup
        values = {str(i["name"]): str(i.get("value", "")) for i in soup.select("main form.card input[name]")}
        chosen = soup.select("main form.card option[selected]")
        return values | {str(o.parent["name"]): str(o["value"]) for o in chosen if o.parent}

    def test_saving_the_form_as_it_stands_changes_nothing(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        before = cases.get_case(session, world.coordinator, world.near.id)
        kept = {c: getattr(before, c) for c in Case.__table__.columns.keys()}  # noqa: SIM118 - a column collection
        assert client.post(self.path(world), self.filled_in(client, world)).goes_to == f"/cases/{world.near.id}"
        session.expire_all()
        after = cases.get_case(session, world.coordinator, world.near.id)
        assert {c: getattr(after, c) for c in kept} == kept

    def test_a_release_can_be_moved_by_days(self, either: SiteClient, session: Session, world: World) -> None:
        typed = self.filled_in(SiteClient(either.app).signed_in(world.coordinator), world)
        either.post(self.path(world), typed | {"release_on": "VF + 10", "supervision_ends_on": "VF + 1 år"})
        session.expire_all()
        case = session.get_one(Case, world.near.id)
        assert case.release_at == RELEASE + dt.timedelta(days=10)
        assert case.supervision_ends_on == dt.date(2028, 1, 14)

    def test_when_somebody_else_was_first_both_are_kept(self, client: SiteClient, world: World) -> None:
        stale = self.filled_in(client, world)
        client.post(self.path(world), stale | {"release_on": "2027-01-14"})
        answer = client.post(self.path(world), stale | {"release_on": "2027-02-01", "code": "K-111"})
        assert answer.status == 409
        row = answer.one("tr:-soup-contains('Villkorlig frigivning')").get_text(" ", strip=True)
        assert row == "Villkorlig frigivning (VF) 2027-01-14 2027-02-01"
        assert "Någon annan hann ändra ärendet" in answer.said
        assert answer.one("#f-release_on")["value"] == "2027-02-01"
        again = stale | {"release_on": "2027-02-01", "version": str(answer.one("#f-version")["value"])}
        assert client.post(self.path(world), again).status == 303

    @pytest.mark.parametrize("version", ["", "x", "9999999999999999999", "-1"])
    def test_a_version_made_up_saves_nothing(
        self, client: SiteClient, session: Session, world: World, version: str
    ) -> None:
        answer = client.post(self.path(world), self.filled_in(client, world) | {"version": version, "code": "K-9"})
        assert answer.status in {409, 422}
        session.expire_all()
        assert session.get_one(Case, world.near.id).code == "K-101"

    def test_a_lead_out_of_use_can_stay_chosen(self, client: SiteClient, session: Session, world: World) -> None:
        actors.close_actor(session, world.coordinator, world.probation.id, today=TODAY)
        actors.close_actor(session, world.coordinator, world.prison.id, today=TODAY)
        session.commit()
        typed = self.filled_in(client, world)
        assert (typed["lead_actor_id"], typed["prison_actor_id"]) == (str(world.probation.id), str(world.prison.id))
        assert client.post(self.path(world), typed | {"code": "K-111"}).status == 303


class TestShow:
    def test_the_head_says_code_phase_and_release(self, either: SiteClient, world: World) -> None:
        answer = either.get(f"/cases/{world.near.id}")
        assert "Ärende K-101" in answer.said
        assert "Villkorlig frigivning (VF) mån 4 jan 2027 kl. 08.30, om 6 veckor" in answer.said
        assert "Verkställighetsplan (VSP)" in answer.said
        assert answer.one("[aria-current=step]").get_text(strip=True) == "Planera"

    def test_the_lawful_first_meeting_is_said_with_its_source(self, client: SiteClient, world: World) -> None:
        said = client.get(f"/cases/{world.near.id}").said
        assert "Första mötet i övervakningen senast tors 4 feb 2027 Förordning 1998:642, 5 kap." in said

    def test_the_next_step_is_one_sentence_with_one_primary_button(self, client: SiteClient, world: World) -> None:
        answer = client.get(f"/cases/{world.near.id}")
        assert "Nästa steg Boka videomöte med klienten och aktörerna." in answer.said
        primary = answer.soup.select("main .ds-button:not([data-variant])")
        assert [str(b["href"]) for b in primary] == [f"/meetings/new?case={world.near.id}"]

    def test_needs_show_what_is_agreed_and_by_whom(self, client: SiteClient, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        a_need(session, world, world.near, area="Skulder")
        an_action(session, world, now=NOW, need_id=need.id, what="Ringa hyresvärden")
        an_action(session, world, now=NOW, what="Ta reda på pass", due_on=TODAY - dt.timedelta(days=4))
        session.commit()
        said = client.get(f"/cases/{world.near.id}").said
        assert "Ringa hyresvärden Socialsekreterare vuxen – Björkstad senast tis 1 dec" in said
        assert "Ingen öppen åtgärd." in said
        assert "försenad sedan fre 20 nov" in said

    def test_meetings_times_and_schedule_are_there(self, client: SiteClient, session: Session, world: World) -> None:
        a_video_meeting(session, world.near, RELEASE - dt.timedelta(days=25))
        a_video_meeting(session, world.near, NOW - dt.timedelta(days=25))
        an_appointment(session, world.near, world.social, RELEASE + dt.timedelta(days=1))
        a_schedule(session, world.coordinator, world.near, NOW)
        session.commit()
        said = client.get(f"/cases/{world.near.id}").said
        assert "tors 10 dec kl. 08.30–09.30 Videomöte" in said
        assert "Ett tidigare möte" in said
        assert "tis 5 jan 2027 kl. 08.30–09.30 Möte om boende" in said
        assert "Schema: version 1 är överlämnad tis 24 nov." in said

    def test_what_lies_before_the_release_is_noted(self, client: SiteClient, session: Session, world: World) -> None:
        an_appointment(session, world.near, world.social, RELEASE - dt.timedelta(days=3))
        a_video_meeting(session, world.near, RELEASE - dt.timedelta(days=5))
        session.commit()
        said = client.get(f"/cases/{world.near.id}").said
        assert (
            "Tiden fre 1 jan 2027 kl. 08.30 hos Socialsekreterare vuxen – Björkstad ligger före frigivningen." in said
        )
        assert "5 dagar före frigivningen. Kontoret räknar med att det hålls minst 21 dagar före." in said

    def test_an_actor_that_left_work_behind_is_noted(self, client: SiteClient, session: Session, world: World) -> None:
        an_action(session, world, now=NOW)
        session.commit()
        client.post(f"/cases/{world.near.id}/actors/{world.social.id}/leave")
        said = client.get(f"/cases/{world.near.id}").said
        assert "Socialsekreterare vuxen – Björkstad deltar inte längre men har öppna åtgärder kvar: 1." in said
        assert "Har deltagit tidigare" in said

    def test_a_closed_case_is_read_only_and_says_what_is_left(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        an_action(session, world, now=NOW)
        an_appointment(session, world.near, world.social, RELEASE)
        session.get_one(Case, world.near.id).phase = Phase.CLOSED
        session.commit()
        answer = client.get(f"/cases/{world.near.id}")
        assert "Ärendet är avslutat men har öppna åtgärder: 1." in answer.said
        assert "kommande bokade tider: 1." in answer.said
        assert not answer.soup.select("main form")

    def test_a_case_with_nothing_in_it_can_be_shown(self, client: SiteClient, session: Session, world: World) -> None:
        empty = a_case(session, world.coordinator, "K-1", release_at=None, actors=[])
        session.commit()
        answer = client.get(f"/cases/{empty.id}")
        assert "Skriv in frigivningsdatumet" in answer.said
        assert "Inga aktörer deltar än" in answer.said

    def test_a_case_of_another_office_looks_absent(self, either: SiteClient, session: Session, world: World) -> None:
        foreign = a_foreign_case(session)
        for tail in ("", "/edit"):
            absent, refused = either.get(f"/cases/{ABSENT}{tail}"), either.get(f"/cases/{foreign.id}{tail}")
            assert refused.status == absent.status == 404
            assert refused.text == absent.text
        for tail in ("/edit", "/actors", "/needs", f"/actors/{world.social.id}/leave"):
            absent, refused = either.post(f"/cases/{ABSENT}{tail}"), either.post(f"/cases/{foreign.id}{tail}")
            assert refused.status == absent.status == 404
            assert refused.text == absent.text

    def test_statements_do_not_grow_with_what_the_case_holds(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        self.fill(session, world, 1)
        with query_counter() as few:
            client.get(f"/cases/{world.near.id}")
        self.fill(session, world, 30)
        with query_counter() as many:
            assert client.get(f"/cases/{world.near.id}").status == 200
        assert len(many) == len(few) <= 42

    def fill(self, session: Session, world: World, count: int) -> None:
        for number in range(count):
            need = a_need(session, world, world.near)
            an_action(session, world, now=NOW, need_id=need.id)
            a_video_meeting(session, world.near, NOW + dt.timedelta(days=number + 1))
            an_appointment(session, world.near, world.social, RELEASE + dt.timedelta(days=number))
            kind = OrganisationKind.REGION
            actor = an_actor(session, world.coordinator, f"a{count}-{number}", f"Funktion {count}-{number}", kind)
            cases.join(session, world.coordinator, world.near.id, actor.id, today=TODAY)
        session.commit()
