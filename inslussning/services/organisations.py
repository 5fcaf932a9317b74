"""Organisations: what they are, whether information to them needs a basis, their functions and their people."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, CaseActor, Organisation, Person, Staffing
from inslussning.practice.access import Function, Principal
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.words import sort_key
from inslussning.services import visible


class OrganisationPage(NamedTuple):
    """An organisation with its functions, closed ones last, and its people by name."""

    organisation: Organisation
    actors: Sequence[Actor]
    people: Sequence[Person]


def list_organisations(session: Session, principal: Principal) -> list[Organisation]:
    """Return the office's organisations in Swedish alphabetical order."""
    found = session.scalars(select(Organisation).where(visible.rows(Organisation, principal))).all()
    return sorted(found, key=lambda one: sort_key(one.name))


def get_organisation(session: Session, principal: Principal, key: UUID) -> OrganisationPage:
    """Return one organisation with its functions and their staffing, and its people; raises NotFound."""
    organisation = visible.one(session, principal, Organisation, key)
    actors = session.scalars(
        select(Actor)
        .where(visible.rows(Actor, principal), Actor.organisation_id == key)
        .options(selectinload(Actor.staffings).joinedload(Staffing.person))
        .order_by(Actor.closed_on.is_not(None), Actor.sort_key)
    ).all()
    people = session.scalars(select(Person).where(visible.rows(Person, principal), Person.organisation_id == key)).all()
    return OrganisationPage(organisation, actors, sorted(people, key=lambda one: sort_key(one.name)))


def open_cases(session: Session, principal: Principal, key: UUID) -> int:
    """Count the open cases that the organisation's functions take part in, as far as whoever asks may see them."""
    parts = (
        select(CaseActor.case_id)
        .join(Actor, Actor.id == CaseActor.actor_id)
        .where(visible.rows(CaseActor, principal), Actor.organisation_id == key, CaseActor.left_on.is_(None))
    )
    query = select(func.count()).select_from(Case)
    return (
        session.scalar(query.where(visible.rows(Case, principal), Case.phase != Phase.CLOSED, Case.id.in_(parts))) or 0
    )


def change_organisation(
    session: Session, principal: Principal, key: UUID, *, name: str, kind: OrganisationKind, needs_basis: bool
) -> Organisation:
    """Change what is said of an organisation. Raises NotFound, Changed, and Invalid for a name that is taken."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    organisation = visible.one(session, principal, Organisation, key)
    taken = select(Organisation.id).where(
        visible.rows(Organisation, principal), Organisation.name == name, Organisation.id != key
    )
    if session.scalar(taken) is not None:
        raise Invalid(field="name", message=N_("Det finns redan en organisation med det namnet."))
    organisation.name, organisation.kind, organisation.needs_basis = name, kind, needs_basis
    for actor in session.scalars(select(Actor).where(visible.rows(Actor, principal), Actor.organisation_id == key)):
        actor.sort_key = sort_key(f"{name} {actor.function} {actor.place}")
    try:
        session.flush()  # two who give the same name at once: the database lets one of them
    except IntegrityError:
        raise Changed from None
    return organisation
