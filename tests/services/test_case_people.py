"""Keeping a colleague out of a case, and naming those who may read a restricted one."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotFound
from inslussning.models import CasePerson, Person, User
from inslussning.practice.access import Principal, Role
from inslussning.practice.protection import CasePersonKind, Protection, Refusal
from inslussning.services import case_people, cases, protection
from inslussning.services.links import Links
from tests.conftest import NOW
from tests.factories.offices import PASSWORD_HASH, World, principal_for

LINKS = Links("test-key", "http://127.0.0.1:8000")


def a_colleague(
    session: Session, world: World, *, email: str = "kollega@bjorkstad.example", role: Role = Role.INSPECTOR
) -> Principal:
    person = Person(
        office_id=world.office.id,
        name="Olle Kollega",
        email=email,
        organisation_id=world.coordinator.organisation_id,
    )
    session.add(person)
    session.flush()
    session.add(
        User(office_id=world.office.id, person_id=person.id, email=email, password_hash=PASSWORD_HASH, role=role)
    )
    session.flush()
    return principal_for(session, world.office, email)


def again(session: Session, world: World, colleague: Principal, now: dt.datetime = NOW) -> Principal:
    """The same person on the next request."""
    email = session.scalars(select(User.email).where(User.id == colleague.user_id)).one()
    return principal_for(session, world.office, email, now=now)


class TestKeepingSomebodyOut:
    def test_the_case_is_gone_on_the_next_request(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        assert cases.get_case(session, colleague, world.near.id)
        case_people.exclude(
            session, world.coordinator, world.near.id, colleague.person_id, reason="Släkt med klienten", now=NOW
        )
        colleague = again(session, world, colleague)
        with pytest.raises(NotFound):
            cases.get_case(session, colleague, world.near.id)
        assert cases.get_case(session, colleague, world.far.id)

    def test_oneself_cannot_be_kept_out(self, session: Session, world: World) -> None:
        own = world.coordinator
        with pytest.raises(Invalid, match="dig själv"):
            case_people.exclude(session, own, world.near.id, own.person_id, reason="Släkt", now=NOW)

    def test_a_reason_is_needed(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        with pytest.raises(Invalid) as refused:
            case_people.exclude(session, world.coordinator, world.near.id, colleague.person_id, reason=" ", now=NOW)
        assert refused.value.field == "reason"

    @pytest.mark.parametrize("reason", ["19800101-1234", "x" * 301])
    def test_a_reason_is_short_and_without_a_personal_number(self, session: Session, world: World, reason: str) -> None:
        colleague = a_colleague(session, world)
        with pytest.raises(Invalid):
            case_people.exclude(session, world.coordinator, world.near.id, colleague.person_id, reason=reason, now=NOW)

    def test_a_person_of_another_office_is_no_choice(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            case_people.exclude(session, world.coordinator, world.near.id, world.near.id, reason="Släkt", now=NOW)
        assert refused.value.field == "person_id"

    def test_who_is_kept_out_can_let_nobody_in_again(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        case_people.exclude(session, world.coordinator, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        colleague = again(session, world, colleague)
        with pytest.raises(NotFound):
            case_people.remove(session, colleague, world.near.id, colleague.person_id)

    def test_an_exclusion_can_be_ended(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        case_people.exclude(session, world.coordinator, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        case_people.remove(session, world.coordinator, world.near.id, colleague.person_id)
        assert cases.get_case(session, again(session, world, colleague), world.near.id)

    def test_the_page_lists_everybody_with_why_and_by_whom(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        case_people.exclude(session, world.coordinator, world.near.id, colleague.person_id, reason="Granne", now=NOW)
        seen = case_people.who_sees(session, world.coordinator, world.near.id, now=NOW)
        assert [(one.name, one.reason, one.set_by) for one in seen.excluded] == [("Olle Kollega", "Granne", "Maria Ek")]
        assert seen.named == ()


class TestNaming:
    def test_only_the_named_see_a_sealed_case(self, session: Session, world: World) -> None:
        colleague, other = (
            a_colleague(session, world),
            a_colleague(session, world, email="annan@bjorkstad.example"),
        )
        protection.seal(
            session, world.coordinator, world.near.id, [world.coordinator.person_id, colleague.person_id], now=NOW
        )
        assert cases.get_case(session, again(session, world, colleague), world.near.id)
        assert cases.get_case(session, again(session, world, world.coordinator), world.near.id)
        with pytest.raises(NotFound):
            cases.get_case(session, again(session, world, other), world.near.id)

    def test_a_case_is_not_sealed_without_anybody_named(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            protection.seal(session, world.coordinator, world.near.id, [], now=NOW)
        assert refused.value.message == Refusal.NOBODY_NAMED.message
        assert world.near.sealed_at is None

    def test_the_last_named_can_be_neither_removed_nor_kept_out(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        protection.seal(session, world.coordinator, world.near.id, [colleague.person_id], now=NOW)
        colleague = again(session, world, colleague)
        with pytest.raises(Invalid, match="enda"):
            case_people.remove(session, colleague, world.near.id, colleague.person_id)

    def test_a_named_colleague_may_be_kept_out_while_another_is_named(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        own = world.coordinator
        protection.seal(session, own, world.near.id, [own.person_id, colleague.person_id], now=NOW)
        own = again(session, world, own)
        case_people.exclude(session, own, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        with pytest.raises(NotFound):
            cases.get_case(session, again(session, world, colleague), world.near.id)
        kinds = session.scalars(select(CasePerson.kind).order_by(CasePerson.kind)).all()
        assert kinds == [CasePersonKind.EXCLUDED, CasePersonKind.NAMED]

    def test_a_partner_alone_does_not_keep_a_case(self, session: Session, world: World) -> None:
        partner = a_colleague(session, world, role=Role.PARTNER, email="p@kommun.example")
        with pytest.raises(Invalid):
            protection.seal(session, world.coordinator, world.near.id, [partner.person_id], now=NOW)

    def test_a_reviewer_is_no_choice(self, session: Session, world: World) -> None:
        reviewer = a_colleague(session, world, role=Role.REVIEWER, email="g@bjorkstad.example")
        assert reviewer.person_id not in dict(case_people.choices(session, world.coordinator))
        with pytest.raises(Invalid):
            case_people.name(session, world.coordinator, world.near.id, reviewer.person_id, reason="Nej", now=NOW)

    def test_unsealing_opens_the_case_to_the_office_and_keeps_the_list(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        protection.seal(session, world.coordinator, world.near.id, [world.coordinator.person_id], now=NOW)
        own = again(session, world, world.coordinator)
        protection.unseal(session, own, world.near.id)
        assert cases.get_case(session, again(session, world, colleague), world.near.id)
        assert len(case_people.who_sees(session, own, world.near.id, now=NOW).named) == 1

    def test_naming_ends_an_exclusion(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        own = world.coordinator
        case_people.exclude(session, own, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        case_people.name(session, own, world.near.id, colleague.person_id, reason="Fel person", now=NOW)
        assert cases.get_case(session, again(session, world, colleague), world.near.id)

    def test_protected_identity_closes_the_case_as_a_seal_does(self, session: Session, world: World) -> None:
        colleague = a_colleague(session, world)
        own = world.coordinator
        protection.protect(session, own, world.near.id, Protection.MARKED, [own.person_id], links=LINKS, now=NOW)
        with pytest.raises(NotFound):
            cases.get_case(session, again(session, world, colleague), world.near.id)
