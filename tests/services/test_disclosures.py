"""Sharing without consent, asking the client, the office's own grounds, and what a need asks for."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotAllowed, NotFound
from inslussning.models import Action, AskAgain, ConsentQuestion, LegalBasis, NeedArea, OfficeRule, OfficeText
from inslussning.practice.consent import Answer, Form, ReasonCode
from inslussning.practice.office_defaults import LEGAL_BASES, RuleKey, TextKey
from inslussning.practice.phases import Phase
from inslussning.services import (
    bases,
    case_consents,
    cases,
    consent_facts,
    consent_questions,
    consents,
    disclosures,
    legal_bases,
    need_cover,
    office_starts,
    office_texts,
    offices,
    parting,
)
from inslussning.services.consent_questions import NewQuestion
from inslussning.services.consents import Said
from inslussning.services.disclosures import NewDecision
from inslussning.services.legal_bases import BasisDetails
from meetings.actions import ActionState
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_need, an_action
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World, a_consent, a_partner, an_office, principal_for
from tests.factories.planning import LINKS

LATER = NOW + dt.timedelta(hours=1)
REASON = "Klienten kan inte tillfrågas före frigivningen och läkemedlet måste finnas första dagen."


@pytest.fixture
def new(session: Session, world: World) -> Any:
    """A decision to let the employment service know of work until the new year."""

    def make(**changes: Any) -> NewDecision:
        area = session.scalars(
            select(NeedArea.id).where(NeedArea.office_id == world.office.id, NeedArea.name == "Sysselsättning")
        ).one()
        said: dict[str, Any] = {
            "actor_id": world.employment.id,
            "basis_id": legal_bases.list_bases(session, world.coordinator)[0].id,
            "area_ids": (area,),
            "valid_until": dt.date(2026, 12, 31),
            "reason": REASON,
        }
        return NewDecision(**(said | changes))

    return make


def may_know(session: Session, world: World, *, now: dt.datetime = NOW) -> bool:
    found = bases.actors_with_basis(session, world.coordinator, [world.far.id], now=now)
    return (world.far.id, world.employment.id) in found


class TestDecide:
    def test_it_opens_its_areas_until_its_last_day(self, session: Session, world: World, new: Any) -> None:
        assert not may_know(session, world)
        disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        assert may_know(session, world)
        assert not may_know(session, world, now=dt.datetime(2027, 1, 1, 8, 0, tzinfo=dt.UTC))

    def test_it_names_who_decided_and_when(self, session: Session, world: World, new: Any) -> None:
        decision = disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        assert (decision.decided_by, decision.decided_at) == (world.coordinator.person_id, NOW)
        [shown] = disclosures.of_case(session, world.coordinator, world.far.id)
        assert (shown.decider.name, shown.reason, shown.basis.name) == ("Maria Ek", REASON, LEGAL_BASES[0].name)

    def test_made_twice_it_is_one(self, session: Session, world: World, new: Any) -> None:
        first, second = (disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW) for _ in range(2))
        assert first.id == second.id

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("actor_id", {"actor_id": None}),
            ("basis_id", {"basis_id": None}),
            ("basis_id", {"basis_id": uuid4()}),
            ("area_ids", {"area_ids": ()}),
            ("valid_until", {"valid_until": TODAY - dt.timedelta(days=1)}),
            ("valid_until", {"valid_until": dt.date(2031, 1, 1)}),
            ("reason", {"reason": ""}),
            ("reason", {"reason": "behövs"}),
            ("reason", {"reason": "x" * 2001}),
            ("reason", {"reason": "Det gäller 19121212-1212 som inte kan svara själv."}),
        ],
    )
    def test_what_will_not_do_is_said_by_its_field(
        self, session: Session, world: World, new: Any, field: str, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid) as refused:
            disclosures.decide(session, world.coordinator, world.far.id, new(**changes), now=NOW)
        assert refused.value.field == field

    def test_a_ground_that_has_ended_is_none(self, session: Session, world: World, new: Any) -> None:
        row = legal_bases.list_bases(session, world.coordinator)[0]
        legal_bases.end_basis(session, world.coordinator, row.id, last_on=TODAY - dt.timedelta(days=1))
        with pytest.raises(Invalid) as refused:
            disclosures.decide(session, world.coordinator, world.far.id, new(basis_id=row.id), now=NOW)
        assert refused.value.field == "basis_id"

    def test_the_own_agency_and_a_closed_case_need_no_decision(self, session: Session, world: World, new: Any) -> None:
        with pytest.raises(Invalid):
            disclosures.decide(session, world.coordinator, world.far.id, new(actor_id=world.prison.id), now=NOW)
        world.far.phase = Phase.CLOSED
        session.flush()
        with pytest.raises(Invalid):
            disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)

    def test_a_partner_decides_nothing_and_another_office_finds_nothing(
        self, session: Session, world: World, new: Any
    ) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            disclosures.decide(session, partner, world.far.id, new(), now=NOW)
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="ekhamn@ekhamn.example")
        with pytest.raises(NotFound):
            disclosures.decide(session, other, world.far.id, new(), now=NOW)


class TestEnd:
    def test_it_ends_at_once_and_the_actor_is_out(self, session: Session, world: World, new: Any) -> None:
        decision = disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        action = an_action(session, world, now=NOW, case=world.far, actor=world.employment)
        _, parted = disclosures.end(session, world.coordinator, decision.id, links=LINKS, now=LATER)
        assert (parted.stays, parted.rested) == (False, 1)
        assert not may_know(session, world, now=LATER)
        session.refresh(action)
        assert action.state is ActionState.DORMANT

    def test_ended_twice_the_first_moment_stands(self, session: Session, world: World, new: Any) -> None:
        decision = disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        disclosures.end(session, world.coordinator, decision.id, links=LINKS, now=LATER)
        ended, _ = disclosures.end(
            session, world.coordinator, decision.id, links=LINKS, now=LATER + dt.timedelta(days=1)
        )
        assert ended.ended_at == LATER

    def test_beside_a_consent_it_changes_nothing_else(self, session: Session, world: World, new: Any) -> None:
        decision = disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        a_consent(session, world.coordinator, world.far, world.employment)
        _, parted = disclosures.end(session, world.coordinator, decision.id, links=LINKS, now=LATER)
        assert parted.stays
        assert may_know(session, world, now=LATER)

    def test_a_consent_taken_back_beside_a_decision_leaves_the_actor_there(
        self, session: Session, world: World, new: Any
    ) -> None:
        a_consent(session, world.coordinator, world.far, world.employment)
        disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        found = parting.consequences(session, world.coordinator, world.far, world.employment, now=NOW)
        assert len(found.decisions) == 1
        said = Said(form=Form.WRITTEN)
        _, parted = consents.revoke(
            session, world.coordinator, world.far.id, world.employment.id, said, links=LINKS, now=LATER
        )
        assert parted.stays
        assert may_know(session, world, now=LATER)


class TestGrounds:
    def test_a_new_office_begins_with_some(self, session: Session, world: World) -> None:
        found = legal_bases.list_bases(session, world.coordinator)
        assert [one.citation for one in found] == [one.citation for one in LEGAL_BASES]
        assert legal_bases.in_force(session, world.coordinator, today=TODAY) == list(found)

    def test_an_older_office_is_given_what_it_lacks_and_keeps_its_own(self, session: Session, world: World) -> None:
        session.execute(delete(LegalBasis))
        session.execute(delete(OfficeText))
        session.execute(delete(OfficeRule).where(OfficeRule.key == RuleKey.CONSENT_REMIND_DAYS))
        kept = session.scalars(select(OfficeRule).where(OfficeRule.key == RuleKey.LINK_VALID_DAYS)).one()
        kept.value = 99
        session.flush()
        for _ in range(2):  # a migration may be run again after it was stopped half-way
            office_starts.complete(session.connection())
        session.expire_all()
        assert len(legal_bases.list_bases(session, world.coordinator)) == len(LEGAL_BASES)
        numbers = offices.rules(session, world.office.id, TODAY)
        assert (numbers[RuleKey.CONSENT_REMIND_DAYS], numbers[RuleKey.LINK_VALID_DAYS]) == (30, 99)
        assert "Färre besök" in office_texts.text(session, world.coordinator, TextKey.MOTIVATION)

    def test_one_that_a_decision_rests_on_cannot_be_rewritten(self, session: Session, world: World, new: Any) -> None:
        row = legal_bases.list_bases(session, world.coordinator)[0]
        words = BasisDetails(name="Annat", citation="1 §", explanation="", valid_from=dt.date(2026, 1, 1))
        legal_bases.change_basis(session, world.coordinator, row.id, words)
        disclosures.decide(session, world.coordinator, world.far.id, new(), now=NOW)
        with pytest.raises(Invalid):
            legal_bases.change_basis(session, world.coordinator, row.id, words)

    def test_a_new_one_comes_last_and_the_same_twice_is_refused(self, session: Session, world: World) -> None:
        words = BasisDetails(name="Lag 2025:170", citation="4 §", explanation="", valid_from=dt.date(2027, 1, 1))
        legal_bases.add_basis(session, world.coordinator, words)
        assert legal_bases.list_bases(session, world.coordinator)[-1].name == "Lag 2025:170"
        assert len(legal_bases.in_force(session, world.coordinator, today=TODAY)) == len(LEGAL_BASES)
        with pytest.raises(Invalid), session.begin_nested():
            legal_bases.add_basis(session, world.coordinator, words)

    def test_one_cannot_end_before_it_begins(self, session: Session, world: World) -> None:
        row = legal_bases.list_bases(session, world.coordinator)[0]
        with pytest.raises(Invalid):
            legal_bases.end_basis(session, world.coordinator, row.id, last_on=dt.date(1999, 1, 1))

    def test_the_office_words_its_own_text(self, session: Session, world: World) -> None:
        office_texts.set_text(session, world.coordinator, TextKey.MOTIVATION, "  Kortare möten.  ")
        assert office_texts.text(session, world.coordinator, TextKey.MOTIVATION) == "Kortare möten."
        with pytest.raises(Invalid):
            office_texts.set_text(session, world.coordinator, TextKey.MOTIVATION, "x" * 2001)


class TestAsking:
    def ask(self, session: Session, world: World, **changes: Any) -> ConsentQuestion:
        said: dict[str, Any] = {
            "asked_on": TODAY,
            "form": Form.ORAL,
            "answer": Answer.NO,
            "reason_code": ReasonCode.NOT_SAID,
            "again_on": (dt.date(2026, 12, 28), dt.date(2027, 2, 15)),
        }
        new = NewQuestion(**(said | changes))
        return consent_questions.ask(session, world.coordinator, world.far.id, new, now=NOW)

    def test_the_days_are_proposed_by_the_offices_rules(self, session: Session, world: World) -> None:
        days = consent_questions.proposed_days(session, world.coordinator, world.far, asked_on=TODAY, today=TODAY)
        assert days == (dt.date(2026, 12, 28), dt.date(2027, 2, 15))  # 24 December is Christmas Eve

    def test_a_no_opens_nothing_and_comes_up_when_its_day_does(self, session: Session, world: World) -> None:
        self.ask(session, world)
        assert consent_facts.to_ask(session, world.coordinator, dt.date(2026, 12, 20)) == ()
        [found] = consent_facts.to_ask(session, world.coordinator, dt.date(2026, 12, 28))
        assert (found.code, found.on) == ("K-102", dt.date(2026, 12, 28))

    def test_a_day_is_ticked_off_once(self, session: Session, world: World) -> None:
        first = self.ask(session, world).again[0]
        consent_questions.tick_off(session, world.coordinator, first.id, now=LATER)
        consent_questions.tick_off(session, world.coordinator, first.id, now=LATER + dt.timedelta(days=1))
        assert first.done_at == LATER
        assert consent_facts.to_ask(session, world.coordinator, dt.date(2026, 12, 28)) == ()

    def test_asking_again_ticks_off_the_days_that_have_come(self, session: Session, world: World) -> None:
        self.ask(session, world)
        later = dt.datetime(2026, 12, 28, 8, 0, tzinfo=dt.UTC)
        yes = NewQuestion(asked_on=dt.date(2026, 12, 28), form=Form.ORAL, answer=Answer.YES)
        consent_questions.ask(session, world.coordinator, world.far.id, yes, now=later)
        still = session.scalars(select(AskAgain.on_day).where(AskAgain.done_at.is_(None))).all()
        assert still == [dt.date(2027, 2, 15)]

    def test_after_a_yes_nobody_is_asked_again(self, session: Session, world: World) -> None:
        question = self.ask(session, world, answer=Answer.YES)
        assert (question.again, question.reason_code) == ([], "")

    def test_the_same_answer_twice_is_one(self, session: Session, world: World) -> None:
        assert self.ask(session, world).id == self.ask(session, world).id

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("asked_on", {"asked_on": TODAY + dt.timedelta(days=1)}),
            ("reason_code", {"reason_code": None}),
            ("again", {"again_on": (TODAY,)}),
            ("note", {"note": "x" * 501}),
            ("note", {"note": "Det var 19121212-1212"}),
        ],
    )
    def test_what_will_not_do_is_said_by_its_field(
        self, session: Session, world: World, field: str, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid) as refused:
            self.ask(session, world, **changes)
        assert refused.value.field == field

    def test_a_closed_case_is_not_asked_about(self, session: Session, world: World) -> None:
        world.far.phase = Phase.CLOSED
        session.flush()
        with pytest.raises(Invalid):
            self.ask(session, world)

    def test_a_partner_sees_none_of_it(self, session: Session, world: World) -> None:
        again = self.ask(session, world).again[0]
        partner = a_partner(session, world, world.social)
        assert consent_questions.of_case(session, partner, world.far.id) == []
        assert consents.of_case(session, partner, world.far.id) == []
        assert disclosures.of_case(session, partner, world.far.id) == []
        with pytest.raises(NotAllowed):
            consent_questions.tick_off(session, partner, again.id, now=NOW)


class TestReminder:
    def test_a_consent_comes_up_some_days_before_it_ends_unless_it_is_renewed(
        self, session: Session, world: World
    ) -> None:
        day = dt.date(2027, 6, 1)
        due = consent_facts.ending(session, world.coordinator, day, 30)
        assert {(one.code, one.last_on) for one in due} == {
            ("K-101", dt.date(2027, 6, 30)),
            ("K-102", dt.date(2027, 6, 30)),
        }
        a_consent(session, world.coordinator, world.far, world.clinic, valid_until=dt.date(2027, 12, 31))
        a_consent(session, world.coordinator, world.far, world.social, valid_until=dt.date(2027, 12, 31))
        assert {one.code for one in consent_facts.ending(session, world.coordinator, day, 30)} == {"K-101"}
        assert consent_facts.ending(session, world.coordinator, TODAY, 30) == ()


class TestNeeds:
    """What a need asks for (S7)."""

    def cover(self, session: Session, world: World, need_id: Any, *, now: dt.datetime = NOW) -> need_cover.Cover | None:
        case = cases.get_case(session, world.coordinator, world.near.id)
        needs = cases.needs_of(session, world.coordinator, case.id)
        shares = bases.shares_now(session, world.office.id, [case.id], now=now, zone="Europe/Stockholm")
        return need_cover.of_case(session, world.coordinator, case, needs, shares).get(need_id)

    @pytest.fixture(autouse=True)
    def narrow(self, session: Session, world: World) -> None:
        """In K-101 social services may know of housing alone; the employment service of nothing."""
        for actor in (world.social, world.employment):
            for one in consents.revocable(session, world.coordinator, world.near.id, actor.id, today=TODAY):
                one.valid_until = dt.date(2026, 11, 1)
        session.flush()
        a_consent(session, world.coordinator, world.near, world.social, areas=["Boende"])

    def test_a_new_one_points_at_who_usually_takes_it(self, session: Session, world: World) -> None:
        elsewhere = a_need(session, world, world.far, area="Skulder")
        an_action(session, world, now=NOW, case=world.far, actor=world.clinic, need_id=elsewhere.id)
        found = self.cover(session, world, a_need(session, world, world.near, area="Skulder").id)
        assert found is not None
        assert found.lacks
        assert [actor.id for actor in found.usual] == [world.clinic.id]

    def test_one_that_somebody_may_know_of_asks_for_nothing(self, session: Session, world: World) -> None:
        found = self.cover(session, world, a_need(session, world, world.near).id)
        assert found is not None
        assert not found.lacks
        assert found.knows == ("Socialsekreterare vuxen – Björkstad",)

    def test_one_that_the_own_agency_or_the_client_takes_asks_for_nothing(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near, area="Skulder")
        an_action(session, world, now=NOW, actor=world.probation, need_id=need.id)
        found = self.cover(session, world, need.id)
        assert found is not None
        assert not found.lacks

    def test_a_client_who_is_out_gets_a_first_time_within_the_offices_days(
        self, session: Session, world: World
    ) -> None:
        need = a_need(session, world, world.near)
        need.opened_on = dt.date(2027, 1, 21)
        session.flush()
        found = self.cover(session, world, need.id)
        assert found is not None
        assert found.book is not None
        assert (found.book.id, found.first_by) == (world.social.id, dt.date(2027, 2, 4))
        a_booking(session, world, details(dt.date(2027, 2, 1)), now=NOW)
        found = self.cover(session, world, need.id)
        assert found is not None
        assert found.book is None

    def test_a_met_need_asks_whether_the_actor_is_done(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        cases.meet_need(session, world.coordinator, need.id, today=TODAY)
        found = self.cover(session, world, need.id)
        assert found is not None
        assert [actor.id for actor in found.done] == [world.social.id]
        cases.leave(session, world.coordinator, world.near.id, world.social.id, today=TODAY + dt.timedelta(days=1))
        session.flush()
        session.expire_all()
        assert self.cover(session, world, need.id) is None

    def test_an_actor_with_an_action_left_is_not_done(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        an_action(session, world, now=NOW, need_id=need.id)
        cases.meet_need(session, world.coordinator, need.id, today=TODAY)
        assert self.cover(session, world, need.id) is None

    def test_an_actor_that_leaves_tomorrow_sees_the_case_today(self, session: Session, world: World) -> None:
        a_partner(session, world, world.social)
        cases.leave(session, world.coordinator, world.near.id, world.social.id, today=TODAY + dt.timedelta(days=1))
        tomorrow = NOW + dt.timedelta(days=1)
        assert principal_for(session, world.office, "partner@kommun.example").scope.share(world.near.id) is not None
        later = principal_for(session, world.office, "partner@kommun.example", now=tomorrow)
        assert later.scope.share(world.near.id) is None


class TestThePage:
    def test_it_says_how_it_stands_for_every_actor(self, session: Session, world: World) -> None:
        cases.join(session, world.coordinator, world.far.id, world.employment.id, today=TODAY)
        an_action(session, world, now=NOW, case=world.far, actor=world.employment)
        consents.revoke(
            session, world.coordinator, world.far.id, world.clinic.id, Said(form=Form.WRITTEN), links=LINKS, now=NOW
        )
        session.expire_all()
        case = cases.get_case(session, world.coordinator, world.far.id)
        shares = bases.shares_now(session, world.office.id, [case.id], now=LATER, zone="Europe/Stockholm")
        view = case_consents.of_case(session, world.coordinator, case, shares, now=LATER)
        lines = {line.actor.short_name: line for line in view.lines}
        said = {name: line.state.said[0] % line.state.said[1] for name, line in lines.items()}
        assert said == {"soc": "gäller t.o.m. ons 30 juni 2027", "af": "saknas", "bero": "återkallat tis 24 nov"}
        assert [name for name, line in lines.items() if line.takes_part] == ["af", "soc"]
        assert (lines["af"].resting, lines["soc"].resting) == (1, 0)
        assert [line.actor.short_name for line in view.lacking] == ["af"]
        assert not view.said_no
        assert session.scalars(select(Action.state).where(Action.case_id == world.far.id)).all() == [
            ActionState.PLANNED
        ]
