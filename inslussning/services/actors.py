"""Organisations, their functions and who staffs them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Organisation, Person, Staffing
from inslussning.practice.access import Function, Principal
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.words import sort_key
from inslussning.services import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorDetails:
    """What an office says of a function. `wants_place`: it has itself asked for place and video link in its calendar."""

    organisation: str
    kind: OrganisationKind
    function: str
    place: str = ""
    short_name: str
    plain_name: str = ""
    mailbox: str = ""
    phone: str = ""
    visiting_address: str = ""
    wants_place: bool = False


def list_actors(session: Session, principal: Principal, *, with_closed: bool = False) -> Sequence[Actor]:
    """Return the office's actors with organisation and staffing, in Swedish alphabetical order."""
    query = (
        select(Actor)
        .join(Actor.organisation)
        .where(visible.rows(Actor, principal))
        .options(contains_eager(Actor.organisation), selectinload(Actor.staffings).joinedload(Staffing.person))
        .order_by(Actor.sort_key)
    )
    return session.scalars(query if with_closed else query.where(Actor.closed_on.is_(None))).all()


def open_actors(
    session: Session, principal: Principal, keys: Sequence[UUID], *, field: str = "actor_ids"
) -> list[Actor]:
    """Return the chosen actors in Swedish alphabetical order. Raises Invalid by the field for one that is not the office's or is closed."""
    chosen = set(keys)
    found = [actor for actor in list_actors(session, principal) if actor.id in chosen]
    if len(found) < len(chosen):
        raise Invalid(field=field, message=N_("En av aktörerna kan inte längre väljas. Välj bland dem som visas."))
    return found


def get_actor(session: Session, principal: Principal, key: UUID) -> Actor:
    """Return one actor with organisation and staffing; raises NotFound."""
    return visible.one(
        session,
        principal,
        Actor,
        key,
        joinedload(Actor.organisation),
        selectinload(Actor.staffings).joinedload(Staffing.person),
    )


def add_actor(session: Session, principal: Principal, details: ActorDetails) -> Actor:
    """Add a function, and its organisation when it is new. Raises Invalid when the function or short name is taken."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    actor = Actor(office_id=principal.office_id)
    _describe(session, principal, actor, details)
    session.add(actor)
    _flush(session)
    return actor


def change_actor(session: Session, principal: Principal, key: UUID, details: ActorDetails) -> Actor:
    """Change what is said of a function. Raises Invalid when the function or short name is taken."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    actor = get_actor(session, principal, key)
    _describe(session, principal, actor, details)
    _flush(session)
    return actor


def _describe(session: Session, principal: Principal, actor: Actor, details: ActorDetails) -> None:
    organisation = find_or_add_organisation(session, principal.office_id, details.organisation, details.kind)
    actor.organisation_id = organisation.id
    for name in (
        "function",
        "place",
        "short_name",
        "plain_name",
        "mailbox",
        "phone",
        "visiting_address",
        "wants_place",
    ):
        setattr(actor, name, getattr(details, name))
    actor.sort_key = sort_key(f"{details.organisation} {details.function} {details.place}")


def _flush(session: Session) -> None:
    try:
        session.flush()  # the unique names are checked by the database, where two at once cannot both win
    except IntegrityError:
        raise Invalid(
            field="short_name",
            message=N_("Det finns redan en aktör med samma funktion eller kortnamn. Välj ett annat kortnamn."),
        ) from None


def find_or_add_organisation(session: Session, office_id: UUID, name: str, kind: OrganisationKind) -> Organisation:
    """Return the organisation of that name, made if it is new; its kind follows the latest word."""
    found = session.scalar(select(Organisation).where(Organisation.office_id == office_id, Organisation.name == name))
    if found is None:
        found = Organisation(office_id=office_id, name=name, kind=kind)
        session.add(found)
    found.kind = kind
    session.flush()  # the caller needs the key
    return found


def close_actor(session: Session, principal: Principal, key: UUID, *, today: dt.date) -> Actor:
    """Take a function out of use from today; what it has been part of stays as it was."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    actor = get_actor(session, principal, key)
    actor.closed_on = today
    return actor


def person_with(session: Session, principal: Principal, email: str) -> Person | None:
    """Return the office's person with the address, if there is one."""
    return session.scalar(select(Person).where(visible.rows(Person, principal), Person.email == email.casefold()))


def add_person(session: Session, principal: Principal, actor: Actor, name: str, email: str) -> Person:
    """Add somebody of the actor's own organisation."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    person = Person(
        office_id=principal.office_id, name=name, email=email.casefold(), organisation_id=actor.organisation_id
    )
    session.add(person)
    session.flush()  # the staffing names the person
    return person


def staff(
    session: Session,
    principal: Principal,
    key: UUID,
    *,
    name: str,
    email: str,
    starts_on: dt.date,
    ends_on: dt.date | None,
) -> Staffing:
    """Let a person answer for a function over an interval, made once; the person is made when the address is new."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    if ends_on is not None and ends_on < starts_on:
        raise Invalid(field="ends_on", message=N_("Slutdatumet ligger före startdatumet."))
    actor = get_actor(session, principal, key)
    person = person_with(session, principal, email) or add_person(session, principal, actor, name, email)
    span = (person.id, starts_on, ends_on)
    same = next((s for s in actor.staffings if (s.person_id, s.starts_on, s.ends_on) == span), None)
    if same is not None:
        return same
    staffing = Staffing(office_id=principal.office_id, actor=actor, person=person, starts_on=starts_on, ends_on=ends_on)
    session.add(staffing)
    session.flush()  # the list that is shown next reads it
    return staffing


def end_staffing(session: Session, principal: Principal, actor_id: UUID, key: UUID, *, ends_on: dt.date) -> None:
    """Set the last day of one of an actor's staffings; one of another actor's is absent."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    staffing = visible.only(
        session,
        select(Staffing).where(Staffing.id == key, Staffing.actor_id == actor_id, visible.rows(Staffing, principal)),
    )
    if ends_on < staffing.starts_on:
        raise Invalid(field="ends_on", message=N_("Slutdatumet ligger före startdatumet."))
    staffing.ends_on = ends_on


def people_for(session: Session, principal: Principal, actor: Actor) -> list[Person]:
    """Return the office's people with organisation, those of the actor's own first, each group by name."""
    found = session.scalars(
        select(Person).where(visible.rows(Person, principal)).options(joinedload(Person.organisation, innerjoin=True))
    ).all()
    return sorted(found, key=lambda one: (one.organisation_id != actor.organisation_id, sort_key(one.name)))


def staffed_today(actor: Actor, today: dt.date) -> tuple[str, ...]:
    """Return the names of those who answer for the function today; none means a vacancy."""
    return tuple(person.name for person in _today(actor, today))


def known_outside(actor: Actor, today: dt.date) -> tuple[str, ...]:
    """Return the same names as they may be told outside their own organisation: a protected person's is left out."""
    return tuple(person.name for person in _today(actor, today) if not person.protected)


def _today(actor: Actor, today: dt.date) -> list[Person]:
    return [
        s.person
        for s in sorted(actor.staffings, key=lambda s: s.starts_on)
        if s.starts_on <= today and (s.ends_on is None or s.ends_on >= today)
    ]


def protect_person(session: Session, principal: Principal, actor_id: UUID, person_id: UUID, *, protected: bool) -> None:
    """Say whether a person's name is told outside the own organisation. Raises NotFound for one who has never staffed the actor."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    staffed = select(Staffing.person_id).where(Staffing.actor_id == actor_id, visible.rows(Staffing, principal))
    person = visible.only(
        session, select(Person).where(Person.id == person_id, Person.id.in_(staffed), visible.rows(Person, principal))
    )
    person.protected = protected
