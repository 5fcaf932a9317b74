"""Handing a function over from one person to another on a date, and filling or ending a place in it.

Nothing else has to be moved: cases, actions and meetings point at the function. What follows a change is access, which is read anew
for every request, and the invitations that went to persons. A hand-over keeps what was there before, so that it can be undone exactly
until the day has passed.
"""

import datetime as dt
from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import contains_eager, joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Actor, Person, StaffChange, Staffing, User
from inslussning.practice.access import Function, Principal
from inslussning.services import actors, handover_mails, invitations, visible
from inslussning.services.invitation_mails import Sent, desk_of
from inslussning.services.invitations import NOBODY
from inslussning.services.links import Links

_DAY = dt.timedelta(days=1)


class HandoverOver(PracticeError):
    """The day of the hand-over has passed: what has happened is not undone, a new change is made instead."""

    status = 409
    message = N_("Överlämningen har redan skett. Gör en ny ändring av bemanningen i stället.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who leaves after which day, and who takes over from the next: somebody known, or a name and an address."""

    leaving_id: UUID
    last_on: dt.date
    person_id: UUID | None = None
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A person, by name and address, and the days they answer for a function; until further notice without a last day."""

    name: str
    email: str
    starts_on: dt.date
    ends_on: dt.date | None = None


def local_today(principal: Principal, now: dt.datetime) -> dt.date:
    """Return the office's own date."""
    return now.astimezone(ZoneInfo(principal.zone)).date()


def leaving_of(session: Session, principal: Principal, actor_id: UUID, key: UUID) -> Staffing:
    """Return one of an actor's staffings with its person; raises NotFound for another actor's."""
    return visible.only(
        session,
        select(Staffing)
        .join(Staffing.person)
        .options(contains_eager(Staffing.person))
        .where(Staffing.id == key, Staffing.actor_id == actor_id, visible.rows(Staffing, principal)),
    )


def coming(session: Session, principal: Principal, actor_id: UUID, *, now: dt.datetime) -> list[StaffChange]:
    """Return the hand-overs of a function that have not happened yet, the first first, with who leaves and who takes over."""
    query = (
        select(StaffChange)
        .where(
            visible.rows(StaffChange, principal),
            StaffChange.actor_id == actor_id,
            StaffChange.undone_at.is_(None),
            StaffChange.last_on >= local_today(principal, now),
        )
        .options(joinedload(StaffChange.person), joinedload(StaffChange.leaving).joinedload(Staffing.person))
        .order_by(StaffChange.last_on, StaffChange.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def check(session: Session, principal: Principal, actor_id: UUID, order: Order) -> tuple[Staffing, Person | None]:
    """Return the staffing that ends and who takes over, None for somebody new. Raises NotFound, and Invalid by the field."""
    leaving = leaving_of(session, principal, actor_id, order.leaving_id)
    if order.last_on < leaving.starts_on:
        raise Invalid(field="last_on", message=N_("Sista dagen ligger före den dag personen började."))
    if order.person_id is not None:
        person = session.scalar(select(Person).where(Person.id == order.person_id, visible.rows(Person, principal)))
        if person is None:
            raise Invalid(field="person_id", message=N_("Personen kan inte väljas. Välj bland dem som visas."))
    else:
        if not order.name:
            raise Invalid(field="name", message=N_("Skriv vem som tar över, eller välj en person ovanför."))
        if not order.email:
            raise Invalid(field="email", message=N_("Skriv en e-postadress till den som tar över."))
        person = actors.person_with(session, principal, order.email)
    if person is not None and person.id == leaving.person_id:
        field = "person_id" if order.person_id is not None else "email"
        raise Invalid(field=field, message=N_("Det är samma person som slutar. Välj någon annan."))
    return leaving, person


def hand_over(
    session: Session, principal: Principal, actor_id: UUID, order: Order, *, links: Links, now: dt.datetime
) -> Sent:
    """Let one person leave a function after a day and another take over the next; told once however often it is asked for.

    An earlier plan for the same person is replaced. Raises NotFound, and Invalid by the field.
    """
    principal.must(Function.COORDINATE, Function.SET_UP)
    actor = _locked(session, principal, actor_id)
    leaving, person = check(session, principal, actor_id, order)
    if person is not None and _is_ordered(session, leaving, person, order.last_on):
        return NOBODY
    pending = next((c for c in coming(session, principal, actor_id, now=now) if c.leaving_id == leaving.id), None)
    before = pending.person if pending is not None else None
    if pending is not None:
        _put_back(session, pending, now)
    if person is None:
        person = actors.add_person(session, principal, actor, order.name, order.email)
    _carry_out(session, principal, actor, leaving, person, order.last_on, now)
    sent = invitations.follow(session, principal, actor, links=links, now=now)
    desk = desk_of(session, principal, links, now)
    posted = handover_mails.farewell(desk, actor, leaving.person, order.last_on)
    posted += handover_mails.welcome(desk, actor, person, order.last_on + _DAY, signs_in=has_account(session, person))
    if before is not None and before.id != person.id:
        posted += handover_mails.not_after_all(desk, actor, before)
    return replace(sent, count=sent.count + posted)


def undo(session: Session, principal: Principal, actor_id: UUID, key: UUID, *, links: Links, now: dt.datetime) -> Sent:
    """Put the staffing back as it was before a hand-over that has not happened yet. Raises NotFound and HandoverOver."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    actor = _locked(session, principal, actor_id)
    change = visible.only(
        session,
        select(StaffChange)
        .where(StaffChange.id == key, StaffChange.actor_id == actor_id, visible.rows(StaffChange, principal))
        .options(joinedload(StaffChange.person), joinedload(StaffChange.leaving).joinedload(Staffing.person))
        .execution_options(populate_existing=True),
    )
    if change.undone_at is not None:
        return NOBODY
    if change.last_on < local_today(principal, now):
        raise HandoverOver
    _put_back(session, change, now)
    sent = invitations.follow(session, principal, actor, links=links, now=now)
    desk = desk_of(session, principal, links, now)
    posted = handover_mails.stays(desk, actor, change.leaving.person)
    posted += handover_mails.not_after_all(desk, actor, change.person)
    return replace(sent, count=sent.count + posted)


def put_in(
    session: Session, principal: Principal, actor_id: UUID, place: Place, *, links: Links, now: dt.datetime
) -> Sent:
    """Let a person answer for a function over an interval; invitations follow. Raises NotFound, and Invalid by the field."""
    actor = _locked(session, principal, actor_id)
    actors.staff(
        session,
        principal,
        actor_id,
        name=place.name,
        email=place.email,
        starts_on=place.starts_on,
        ends_on=place.ends_on,
    )
    return invitations.follow(session, principal, actor, links=links, now=now)


def end(
    session: Session,
    principal: Principal,
    actor_id: UUID,
    key: UUID,
    *,
    ends_on: dt.date,
    links: Links,
    now: dt.datetime,
) -> Sent:
    """Set a person's last day in a function; invitations follow. Raises NotFound, and Invalid by the field."""
    principal.must(Function.COORDINATE)
    actor = _locked(session, principal, actor_id)
    actors.end_staffing(session, principal, actor_id, key, ends_on=ends_on)
    session.flush()  # the invitations follow the staffing as it is in the database
    return invitations.follow(session, principal, actor, links=links, now=now)


def has_account(session: Session, person: Person) -> bool:
    """Tell whether the person may sign in."""
    is_own = exists().where(User.person_id == person.id, User.disabled_at.is_(None))
    return bool(session.scalar(select(is_own)))


def _locked(session: Session, principal: Principal, actor_id: UUID) -> Actor:
    """Return the actor, locked: two who press at once come one after the other, and the second finds it done."""
    return visible.only(
        session,
        select(Actor)
        .where(Actor.id == actor_id, visible.rows(Actor, principal))
        .with_for_update()
        .execution_options(populate_existing=True),
    )


def _is_ordered(session: Session, leaving: Staffing, person: Person, last_on: dt.date) -> bool:
    """Tell whether the very same hand-over has been ordered already and stands."""
    same = select(StaffChange.id).where(
        StaffChange.leaving_id == leaving.id,
        StaffChange.person_id == person.id,
        StaffChange.last_on == last_on,
        StaffChange.undone_at.is_(None),
    )
    return session.scalar(same.limit(1)) is not None


def _carry_out(
    session: Session,
    principal: Principal,
    actor: Actor,
    leaving: Staffing,
    person: Person,
    last_on: dt.date,
    now: dt.datetime,
) -> None:
    first_on = last_on + _DAY
    held = session.scalars(select(Staffing).where(Staffing.actor_id == actor.id, Staffing.person_id == person.id)).all()
    arriving = None
    if not any(one.starts_on <= first_on and (one.ends_on is None or one.ends_on >= first_on) for one in held):
        arriving = Staffing(office_id=actor.office_id, actor_id=actor.id, person_id=person.id, starts_on=first_on)
        session.add(arriving)
        session.flush()  # the change names it by its key
    change = StaffChange(
        office_id=actor.office_id,
        actor_id=actor.id,
        leaving_id=leaving.id,
        arriving_id=arriving.id if arriving is not None else None,
        person_id=person.id,
        last_on=last_on,
        was_ends_on=leaving.ends_on,
        decided_by=principal.person_id,
        decided_at=now,
    )
    leaving.ends_on = last_on
    session.add(change)
    session.flush()  # the invitations follow the staffing as it is in the database


def _put_back(session: Session, change: StaffChange, now: dt.datetime) -> None:
    arriving_id, change.arriving_id, change.undone_at = change.arriving_id, None, now
    change.leaving.ends_on = change.was_ends_on
    session.flush()  # the change no longer names the staffing that goes
    if arriving_id is not None:
        session.delete(session.get_one(Staffing, arriving_id))
        session.flush()  # the invitations follow the staffing as it is in the database
