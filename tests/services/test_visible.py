"""The rule of who sees what, as queries: the same questions to every table, by staff, a partner, and those without cases."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import NotFound
from inslussning.models import (
    Action,
    Actor,
    Case,
    CasePerson,
    Consent,
    Invitation,
    Meeting,
    Need,
    NeedArea,
    Person,
    User,
)
from inslussning.practice.access import Principal, Role
from inslussning.practice.phases import Phase
from inslussning.practice.protection import CasePersonKind, Protection
from inslussning.services import principals, visible
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.minutes import a_weekly_meeting
from tests.factories.offices import World, a_partner, an_office


def again(session: Session, principal: Principal) -> Principal:
    """The same person as the product knows them at the next request."""
    session.flush()
    return principals.of_user(session, principal.user_id, now=NOW)


def of_role(session: Session, world: World, role: Role) -> Principal:
    partner = a_partner(session, world, world.social, email=f"{role}@kommun.example")
    session.get_one(User, partner.user_id).role = role
    return again(session, partner)


def codes(session: Session, principal: Principal) -> set[str]:
    found = set(session.scalars(select(Case.code).where(visible.rows(Case, principal))))
    return found | set(session.scalars(select(Case.code).where(visible.shared(Case, principal))))


class TestStaff:
    def test_they_see_the_offices_cases_and_no_other_offices(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Granvik", email="s@granvik.example")
        assert codes(session, world.coordinator) == {"K-101", "K-102"}
        assert codes(session, other) == set()
        with pytest.raises(NotFound):
            visible.one(session, other, Actor, world.social.id)

    @pytest.mark.parametrize("closing", ["sealed", "protected", "excluded"])
    def test_a_closed_case_is_gone_with_all_that_hangs_on_it(
        self, session: Session, world: World, closing: str
    ) -> None:
        action = an_action(session, world, now=NOW)
        if closing == "sealed":
            world.near.sealed_at = NOW
        elif closing == "protected":
            world.near.protection = Protection.MARKED
        else:
            session.add(_place(world, CasePersonKind.EXCLUDED))
        principal = again(session, world.coordinator)
        assert codes(session, principal) == {"K-102"}
        assert visible.actions_of_case is not None
        with pytest.raises(NotFound):
            visible.one(session, principal, Action, action.id)
        consents = session.scalars(select(Consent.case_id).where(visible.rows(Consent, principal)))
        assert world.near.id not in set(consents)

    def test_the_named_see_it(self, session: Session, world: World) -> None:
        world.near.sealed_at = NOW
        session.add(_place(world, CasePersonKind.NAMED))
        assert codes(session, again(session, world.coordinator)) == {"K-101", "K-102"}


def _place(world: World, kind: CasePersonKind) -> CasePerson:
    who = world.coordinator.person_id
    return CasePerson(
        office_id=world.office.id, case_id=world.near.id, person_id=who, kind=kind, reason="", set_by=who, set_at=NOW
    )


class TestPartner:
    def test_it_sees_the_cases_it_takes_part_in_with_consent(self, session: Session, world: World) -> None:
        assert codes(session, a_partner(session, world, world.clinic)) == {"K-102"}
        assert codes(session, a_partner(session, world, world.prison, email="p@anstalt.example")) == set()

    def test_rows_of_the_staff_are_nothing_to_it(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.clinic)
        for model in (Case, Person, Actor, Need, Invitation, User):
            assert list(session.scalars(select(model.id).where(visible.rows(model, partner)))) == [], model

    def test_a_consent_taken_back_closes_it_at_once(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.clinic)
        session.scalars(select(Consent).where(Consent.actor_id == world.clinic.id)).one().revoked_at = NOW
        assert codes(session, again(session, partner)) == set()

    @pytest.mark.parametrize("closing", ["sealed", "protected", "closed"])
    def test_a_closed_case_does_not_exist_for_it(self, session: Session, world: World, closing: str) -> None:
        partner = a_partner(session, world, world.clinic)
        world.far.sealed_at = NOW if closing == "sealed" else None
        world.far.protection = Protection.POPULATION_REGISTER if closing == "protected" else Protection.NONE
        world.far.phase = Phase.CLOSED if closing == "closed" else world.far.phase
        assert codes(session, again(session, partner)) == set()

    def test_it_sees_its_own_actions_alone(self, session: Session, world: World) -> None:
        own = an_action(session, world, now=NOW, actor=world.clinic, case=world.far)
        an_action(session, world, now=NOW, actor=world.social, case=world.far)
        partner = a_partner(session, world, world.clinic)
        assert list(session.scalars(select(Action.id).where(visible.actions(partner)))) == [own.id]

    def test_it_sees_the_weekly_times_it_is_invited_to(self, session: Session, world: World) -> None:
        a_weekly_meeting(session, world, now=NOW, actors=(world.clinic,))
        invited, other = (
            a_partner(session, world, world.clinic),
            a_partner(session, world, world.social, email="o@kommun.example"),
        )
        counts = [
            len(list(session.scalars(select(Meeting.id).where(visible.shared(Meeting, who)))))
            for who in (invited, other)
        ]
        assert counts[0] > 1
        assert counts[1] == 0


class TestOthers:
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR])
    def test_they_see_no_case(self, session: Session, world: World, role: Role) -> None:
        an_action(session, world, now=NOW, due_on=dt.date(2026, 12, 1))
        principal = of_role(session, world, role)
        assert codes(session, principal) == set()
        assert list(session.scalars(select(Action.id).where(visible.actions(principal)))) == []
        assert list(session.scalars(select(Meeting.id).where(visible.shared(Meeting, principal)))) == []

    def test_an_administrator_sees_what_is_set_up(self, session: Session, world: World) -> None:
        administrator = of_role(session, world, Role.ADMINISTRATOR)
        assert list(session.scalars(select(NeedArea.id).where(visible.rows(NeedArea, administrator))))
        assert not list(session.scalars(select(Consent.id).where(visible.rows(Consent, administrator))))
