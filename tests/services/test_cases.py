"""What holds for a case, the actors that take part in it and the client's needs."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inslussning.errors import Changed, Invalid, NotFound
from inslussning.models import Case, CaseActor, Client, Need, NeedArea
from inslussning.practice.access import Principal
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.words import sort_key
from inslussning.services import actors, cases
from inslussning.services.cases import CaseDetails, CaseOrder
from tests.conftest import NOW, TODAY
from tests.factories.offices import World, a_case, a_partner, an_actor, an_office

RELEASE = dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC)
NUMBER = "19900101-2384"


def details(**changes: Any) -> CaseDetails:
    return CaseDetails(**({"code": "K-7"} | changes))


def taking_part(session: Session, case_id: UUID) -> set[UUID]:
    query = select(CaseActor.actor_id).where(CaseActor.case_id == case_id, CaseActor.left_on.is_(None))
    return set(session.scalars(query))


def a_foreign_principal(session: Session) -> Principal:
    return an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")[1]


class TestAdd:
    def test_a_new_case_makes_a_client_of_its_own(self, session: Session, world: World) -> None:
        before = session.scalar(select(func.count()).select_from(Client)) or 0
        case = cases.add_case(session, world.coordinator, details(), today=TODAY)
        assert session.scalar(select(func.count()).select_from(Client)) == before + 1
        assert session.get_one(Client, case.client_id).office_id == world.office.id
        assert (case.opened_on, case.closed_on, case.sort_key) == (TODAY, None, sort_key("K-7"))

    def test_the_actors_and_the_lead_take_part_from_today(self, session: Session, world: World) -> None:
        chosen = [world.social.id, world.social.id, world.clinic.id]
        new = details(lead_actor_id=world.probation.id)
        case = cases.add_case(session, world.coordinator, new, actor_ids=chosen, today=TODAY)
        assert taking_part(session, case.id) == {world.social.id, world.clinic.id, world.probation.id}

    @pytest.mark.parametrize("code", ["K-101", "k-101", "  K-101 "])
    def test_a_taken_code_is_refused_however_it_is_written(self, session: Session, world: World, code: str) -> None:
        with pytest.raises(Invalid) as refused:
            cases.add_case(session, world.coordinator, details(code=code), today=TODAY)
        assert refused.value.field == "code"

    def test_two_offices_may_use_the_same_code(self, session: Session, world: World) -> None:
        other = a_foreign_principal(session)
        assert cases.add_case(session, other, details(code=world.near.code), today=TODAY).office_id == other.office_id

    @pytest.mark.parametrize("code", [NUMBER, "Kalle Ek", "", "\x00"])
    def test_a_code_that_may_name_the_client_is_refused(self, session: Session, world: World, code: str) -> None:
        with pytest.raises(Invalid) as refused:
            cases.add_case(session, world.coordinator, details(code=code), today=TODAY)
        assert refused.value.field == "code"

    def test_a_supervision_that_ends_before_the_release_is_refused(self, session: Session, world: World) -> None:
        new = details(release_at=RELEASE, supervision_ends_on=dt.date(2027, 1, 3))
        with pytest.raises(Invalid) as refused:
            cases.add_case(session, world.coordinator, new, today=TODAY)
        assert refused.value.field == "supervision_ends_on"

    def test_only_a_prison_can_be_the_prison(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            cases.add_case(session, world.coordinator, details(prison_actor_id=world.social.id), today=TODAY)
        assert refused.value.field == "prison_actor_id"

    @pytest.mark.parametrize("field", ["prison_actor_id", "lead_actor_id", "actor_ids"])
    def test_an_actor_of_another_office_is_refused_as_an_absent_one_is(
        self, session: Session, world: World, field: str
    ) -> None:
        foreign = an_actor(session, a_foreign_principal(session), "x", "Annan", OrganisationKind.PRISON)
        said = []
        for key in (foreign.id, uuid4()):
            one, many = (details(), [key]) if field == "actor_ids" else (details(**{field: key}), [])
            with pytest.raises(Invalid) as refused:
                cases.add_case(session, world.coordinator, one, actor_ids=many, today=TODAY)
            said.append((refused.value.field, refused.value.message))
            session.rollback()
        assert said == [(field, cases.CHOOSE_ACTOR)] * 2

    def test_an_actor_out_of_use_cannot_be_chosen(self, session: Session, world: World) -> None:
        actors.close_actor(session, world.coordinator, world.clinic.id, today=TODAY)
        with pytest.raises(Invalid, match="avslutad"):
            cases.add_case(session, world.coordinator, details(), actor_ids=[world.clinic.id], today=TODAY)


class TestChange:
    def change(self, session: Session, world: World, version: int = 1, **changes: Any) -> Case:
        said = details(code="K-101", phase=Phase.PLAN, **changes)
        return cases.change_case(session, world.coordinator, world.near.id, said, version=version, today=TODAY)

    def test_a_moved_release_is_saved_as_it_is_said(self, session: Session, world: World) -> None:
        later = RELEASE + dt.timedelta(days=10)
        changed = self.change(session, world, release_at=later)
        assert (changed.release_at, changed.version) == (later, 2)

    def test_a_change_on_top_of_an_unseen_one_is_refused(self, session: Session, world: World) -> None:
        self.change(session, world, release_at=RELEASE)
        with pytest.raises(Changed):
            self.change(session, world, version=1, release_at=None)

    def test_two_that_read_the_same_version_cannot_both_save(self, session: Session, world: World) -> None:
        cases.get_case(session, world.coordinator, world.near.id)  # read here, then saved by somebody else
        session.execute(
            update(Case).where(Case.id == world.near.id).values(version=2),
            execution_options={"synchronize_session": False},
        )
        with pytest.raises(Changed):
            self.change(session, world, version=1, release_at=None)

    def test_a_code_taken_by_another_case_is_refused(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            cases.change_case(session, world.coordinator, world.near.id, details(code="K-102"), version=1, today=TODAY)
        assert refused.value.field == "code"

    def test_a_closed_case_has_an_end_and_an_opened_one_has_none(self, session: Session, world: World) -> None:
        closed = details(code="K-101", phase=Phase.CLOSED)
        case = cases.change_case(session, world.coordinator, world.near.id, closed, version=1, today=TODAY)
        assert case.closed_on == TODAY
        assert self.change(session, world, version=2).closed_on is None

    def test_a_lead_out_of_use_may_stay_the_lead(self, session: Session, world: World) -> None:
        actors.close_actor(session, world.coordinator, world.probation.id, today=TODAY)
        changed = self.change(session, world, lead_actor_id=world.probation.id, release_at=RELEASE)
        assert changed.lead_actor_id == world.probation.id

    def test_a_case_of_another_office_is_absent(self, session: Session, world: World) -> None:
        other = a_foreign_principal(session)
        for key in (world.near.id, uuid4()):
            with pytest.raises(NotFound):
                cases.change_case(session, other, key, details(), version=1, today=TODAY)

    def test_a_partner_sees_no_case_even_one_it_takes_part_in(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotFound):
            cases.get_case(session, partner, world.near.id)
        assert cases.list_cases(session, partner, today=TODAY) == []


class TestTakingPart:
    def test_an_actor_can_join_and_joining_twice_is_one_membership(self, session: Session, world: World) -> None:
        for _ in range(2):
            cases.join(session, world.coordinator, world.near.id, world.clinic.id, today=TODAY)
        query = select(CaseActor).where(CaseActor.case_id == world.near.id, CaseActor.actor_id == world.clinic.id)
        assert session.scalars(query).one().joined_on == TODAY

    def test_an_actor_that_leaves_is_kept_with_its_last_day(self, session: Session, world: World) -> None:
        for day in (TODAY, TODAY + dt.timedelta(days=3)):
            cases.leave(session, world.coordinator, world.near.id, world.social.id, today=day)
        members = {m.actor_id: m for m in cases.get_case(session, world.coordinator, world.near.id).members}
        assert members[world.social.id].left_on == TODAY
        assert world.social.id not in taking_part(session, world.near.id)

    def test_an_actor_that_comes_back_keeps_its_first_day(self, session: Session, world: World) -> None:
        cases.leave(session, world.coordinator, world.near.id, world.social.id, today=TODAY)
        member = cases.join(session, world.coordinator, world.near.id, world.social.id, today=TODAY)
        assert (member.joined_on, member.left_on) == (dt.date(2026, 9, 1), None)

    def test_the_lead_cannot_leave(self, session: Session, world: World) -> None:
        cases.join(session, world.coordinator, world.near.id, world.probation.id, today=TODAY)
        with pytest.raises(Invalid, match="huvudansvarig"):
            cases.leave(session, world.coordinator, world.near.id, world.probation.id, today=TODAY)

    def test_nobody_joins_a_closed_case(self, session: Session, world: World) -> None:
        world.near.phase = Phase.CLOSED
        with pytest.raises(Invalid):
            cases.join(session, world.coordinator, world.near.id, world.clinic.id, today=TODAY)

    def test_one_that_never_took_part_cannot_leave(self, session: Session, world: World) -> None:
        with pytest.raises(NotFound):
            cases.leave(session, world.coordinator, world.near.id, world.clinic.id, today=TODAY)


class TestNeeds:
    def area(self, session: Session, world: World, name: str) -> NeedArea:
        return next(a for a in cases.need_areas(session, world.coordinator) if a.name == name)

    def add(self, session: Session, world: World, area: str = "Boende", text: str = "Egen lägenhet") -> Need:
        key = self.area(session, world, area).id
        return cases.add_need(session, world.coordinator, world.near.id, area_id=key, text=text, today=TODAY)

    def test_needs_stand_in_the_offices_own_order_and_met_ones_last(self, session: Session, world: World) -> None:
        self.add(session, world, "Skulder")
        met = self.add(session, world, "Boende")
        self.add(session, world, "Försörjning")
        cases.meet_need(session, world.coordinator, met.id, today=TODAY)
        session.flush()
        found = cases.needs_of(session, world.coordinator, world.near.id)
        assert [n.area.name for n in found] == ["Försörjning", "Skulder", "Boende"]

    def test_the_same_need_added_twice_is_one(self, session: Session, world: World) -> None:
        assert self.add(session, world) is self.add(session, world)

    def test_a_met_need_keeps_its_day_and_can_be_opened_again(self, session: Session, world: World) -> None:
        need = self.add(session, world)
        for ahead in range(2):
            cases.meet_need(session, world.coordinator, need.id, today=TODAY + dt.timedelta(days=ahead))
        assert need.met_on == TODAY
        assert cases.reopen_need(session, world.coordinator, need.id).met_on is None

    def test_a_need_can_be_put_in_other_words_and_another_area(self, session: Session, world: World) -> None:
        need = self.add(session, world)
        other = self.area(session, world, "Fritid").id
        cases.change_need(session, world.coordinator, need.id, area_id=other, text="Träna")
        assert (need.area_id, need.text) == (other, "Träna")

    def test_a_need_in_an_area_no_longer_used_can_still_be_reworded(self, session: Session, world: World) -> None:
        need = self.add(session, world)
        self.area(session, world, "Boende").closed_on = TODAY
        session.flush()
        changed = cases.change_need(session, world.coordinator, need.id, area_id=need.area_id, text="Rum")
        assert changed.text == "Rum"

    @pytest.mark.parametrize("text", [f"Ring {NUMBER}", "å" * 501])
    def test_a_text_that_will_not_do_is_refused_by_its_field(self, session: Session, world: World, text: str) -> None:
        with pytest.raises(Invalid) as refused:
            self.add(session, world, text=text)
        assert refused.value.field == "text"

    def test_an_area_of_another_office_is_refused_as_an_absent_one_is(self, session: Session, world: World) -> None:
        foreign = cases.need_areas(session, a_foreign_principal(session))[0]
        for key in (foreign.id, uuid4(), None):
            with pytest.raises(Invalid) as refused:
                cases.add_need(session, world.coordinator, world.near.id, area_id=key, today=TODAY)
            assert refused.value.field == "area_id"

    def test_a_need_of_another_office_is_absent(self, session: Session, world: World) -> None:
        need, other = self.add(session, world), a_foreign_principal(session)
        with pytest.raises(NotFound):
            cases.meet_need(session, other, need.id, today=TODAY)
        with pytest.raises(NotFound):
            cases.reopen_need(session, other, need.id)
        with pytest.raises(NotFound):
            cases.change_need(session, other, need.id, area_id=need.area_id, text="")

    def test_a_closed_case_takes_no_more_needs(self, session: Session, world: World) -> None:
        world.near.phase = Phase.CLOSED
        with pytest.raises(Invalid):
            self.add(session, world)


class TestList:
    def some(self, session: Session, world: World, *releases: tuple[str, str | None]) -> None:
        for code, day in releases:
            at = dt.datetime.fromisoformat(f"{day}T08:00+01:00") if day else None
            a_case(session, world.coordinator, code, release_at=at, actors=[])

    def codes(self, session: Session, world: World, **chosen: Any) -> list[str]:
        return [c.code for c in cases.list_cases(session, world.coordinator, today=TODAY, **chosen)]

    def test_nearest_releases_come_first_then_unknown_then_past(self, session: Session, world: World) -> None:
        self.some(session, world, ("K-1", None), ("K-2", "2026-11-20"), ("K-3", "2026-11-24"), ("K-4", "2026-06-01"))
        assert self.codes(session, world) == ["K-3", "K-101", "K-102", "K-1", "K-2", "K-4"]

    def test_by_code_numbers_count_as_numbers_and_swedish_letters_come_last(
        self, session: Session, world: World
    ) -> None:
        self.some(session, world, ("K-10", None), ("Ö-1", None), ("K-2", None), ("Å-1", None), ("Z-1", None))
        found = self.codes(session, world, order=CaseOrder.CODE)
        assert found == ["K-2", "K-10", "K-101", "K-102", "Z-1", "Å-1", "Ö-1"]

    @pytest.mark.parametrize("order", list(CaseOrder))
    def test_page_after_page_shows_every_case_once(self, session: Session, world: World, order: CaseOrder) -> None:
        days = [None, "2026-11-20", "2027-01-04", "2027-01-04", "2026-06-01", None, "2026-11-24"]
        self.some(session, world, *((f"K-{n}", days[n % len(days)]) for n in range(60)))
        whole = cases.list_cases(session, world.coordinator, today=TODAY, order=order)
        pages: list[Case] = []
        while True:
            last = pages[-1].id if pages else None
            more = cases.list_cases(session, world.coordinator, today=TODAY, order=order, after=last, limit=7)
            pages += more
            if len(more) < 7:
                break
        assert len(whole) == 62
        assert [c.id for c in pages] == [c.id for c in whole]

    def test_closed_cases_are_listed_apart_and_are_no_choice(self, session: Session, world: World) -> None:
        world.near.phase = Phase.CLOSED
        session.flush()
        assert self.codes(session, world) == ["K-102"]
        assert self.codes(session, world, closed=True) == ["K-101"]
        assert cases.choices(session, world.coordinator) == [(world.far.id, "K-102")]

    def test_a_case_of_another_office_is_no_place_to_go_on_from(self, session: Session, world: World) -> None:
        with pytest.raises(NotFound):
            cases.list_cases(session, a_foreign_principal(session), today=TODAY, after=world.near.id)
