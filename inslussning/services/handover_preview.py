"""What a hand-over, or the closing of a function, would lead to, counted before anything is saved."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.db.base import OfficeRow
from inslussning.models import (
    Action,
    Actor,
    Appointment,
    Case,
    CaseActor,
    Invitation,
    Meeting,
    Office,
    Person,
    Staffing,
)
from inslussning.models.meetings import MeetingState
from inslussning.practice import staffing
from inslussning.practice.access import Principal
from inslussning.practice.phases import Phase
from inslussning.practice.staffing import Reach, Remark, Tenure
from inslussning.services import handover, invitation_following, outbox, visible
from inslussning.services.handover import Order
from meetings.actions import OPEN_STATES
from meetings.recurrence import at

_DAY = dt.timedelta(days=1)


class Follows(NamedTuple):
    """What points at a function from a day on, as far as whoever asks may see it."""

    cases: int
    actions: int
    dates: int  # of weekly slots
    meetings: int
    appointments: int


class Hears(NamedTuple):
    """How many mails one person gets: plain ones, invitations, and such as take an invitation back or end it."""

    name: str
    plain: int
    invited: int
    taken_back: int

    @property
    def total(self) -> int:
        """Return all of them."""
        return self.plain + self.invited + self.taken_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """Everything the page says before a hand-over. `mailbox`: nothing is sent again; `waits`: the office has no address yet."""

    leaving: str
    arriving: str
    last_on: dt.date
    first_on: dt.date
    mailbox: str
    follows: Follows
    hears: tuple[Hears, ...]
    remarks: tuple[Remark, ...]
    names: dict[UUID, str]
    has_account: bool
    waits: bool


def preview(session: Session, principal: Principal, actor_id: UUID, order: Order, *, now: dt.datetime) -> Consequences:
    """Return what the hand-over would lead to; nothing is changed. Raises NotFound, and Invalid by the field."""
    leaving, person = handover.check(session, principal, actor_id, order)
    actor = visible.one(session, principal, Actor, actor_id)
    office = session.get_one(Office, principal.office_id)
    arriving = person.id if person is not None else uuid4()
    email, name = (person.email, person.name) if person is not None else (order.email.casefold(), order.name)
    reach = _as_ordered(session, principal, actor, order, (arriving, email), now)
    people = _names(session, reach) | {arriving: name}
    hears = _hears(session, office, actor, reach, now)
    hears[leaving.person_id] += Counter(plain=1)
    hears[arriving] += Counter(plain=1)
    today = handover.local_today(principal, now)
    return Consequences(
        leaving=leaving.person.name,
        arriving=name,
        last_on=order.last_on,
        first_on=order.last_on + _DAY,
        mailbox=actor.mailbox,
        follows=follows(session, principal, actor_id, since=order.last_on + _DAY, now=now),
        hears=tuple(
            Hears(people[key], told["plain"], told["invited"], told["taken back"])
            for key, told in hears.items()
            if key is not None
        ),
        remarks=tuple(staffing.remarks(reach.tenures, today)),
        names=people,
        has_account=person is not None and handover.has_account(session, person),
        waits=outbox.sender_of(office) is None,
    )


def follows(session: Session, principal: Principal, actor_id: UUID, *, since: dt.date, now: dt.datetime) -> Follows:
    """Count what points at a function from a day on: open cases, open actions, and what is planned."""
    starts = max(now, at(since, dt.time(), principal.zone))
    open_cases = select(CaseActor.case_id).join(Case, Case.id == CaseActor.case_id)
    open_cases = open_cases.where(
        visible.rows(CaseActor, principal),
        visible.rows(Case, principal),
        CaseActor.actor_id == actor_id,
        CaseActor.left_on.is_(None),
        Case.phase != Phase.CLOSED,
    )
    return Follows(
        cases=_count(session, Case, visible.rows(Case, principal), Case.id.in_(open_cases)),
        actions=_count(
            session, Action, visible.actions(principal), Action.actor_id == actor_id, Action.state.in_(OPEN_STATES)
        ),
        dates=_count(session, Meeting, *_asked(principal, actor_id, starts, weekly=True)),
        meetings=_count(session, Meeting, *_asked(principal, actor_id, starts, weekly=False)),
        appointments=_count(
            session,
            Appointment,
            visible.rows(Appointment, principal),
            Appointment.actor_id == actor_id,
            Appointment.cancelled_at.is_(None),
            Appointment.starts_at >= starts,
        ),
    )


def _asked(principal: Principal, actor_id: UUID, starts: dt.datetime, *, weekly: bool) -> list[ColumnElement[bool]]:
    column, key = (Invitation.slot_id, Meeting.slot_id) if weekly else (Invitation.meeting_id, Meeting.id)
    standing = select(column).where(
        visible.rows(Invitation, principal),
        Invitation.actor_id == actor_id,
        Invitation.withdrawn_at.is_(None),
        Invitation.cancelled_at.is_(None),
        column.is_not(None),
    )
    return [
        visible.rows(Meeting, principal),
        Meeting.state == MeetingState.PLANNED,
        Meeting.starts_at >= starts,
        key.in_(standing),
    ]


def _count(session: Session, model: type[OfficeRow], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def _as_ordered(
    session: Session, principal: Principal, actor: Actor, order: Order, arriving: tuple[UUID, str], now: dt.datetime
) -> Reach:
    """Return how the actor would be reached after the hand-over; an earlier plan for the same person is put back first."""
    changes = handover.coming(session, principal, actor.id, now=now)
    replaced = next((one for one in changes if one.leaving_id == order.leaving_id), None)
    gone = replaced.arriving_id if replaced is not None else None
    rows = session.scalars(
        select(Staffing)
        .where(Staffing.actor_id == actor.id)
        .options(joinedload(Staffing.person))
        .execution_options(populate_existing=True)
    )
    staffings = [one for one in rows if one.id != gone]
    tenures = [
        Tenure(one.person_id, one.starts_on, order.last_on if one.id == order.leaving_id else one.ends_on)
        for one in staffings
    ]
    person, email = arriving
    first_on = order.last_on + _DAY
    if not any(one.person == person and one.covers(first_on) for one in tenures):
        tenures.append(Tenure(person, first_on, None))
    return Reach(
        actor.mailbox, tuple(tenures), {one.person_id: one.person.email for one in staffings} | {person: email}
    )


def _names(session: Session, reach: Reach) -> dict[UUID, str]:
    keys = [one.person for one in reach.tenures]
    return {one.id: one.name for one in session.scalars(select(Person).where(Person.id.in_(keys)))}


def _hears(
    session: Session, office: Office, actor: Actor, reach: Reach, now: dt.datetime
) -> defaultdict[UUID | None, Counter[str]]:
    """Count the mails about invitations that each recipient would get."""
    found: defaultdict[UUID | None, Counter[str]] = defaultdict(Counter)
    for recipient, is_invited in invitation_following.outlook(session, office, actor, reach, now=now):
        if outbox.is_usable(recipient.address):
            found[recipient.person]["invited" if is_invited else "taken back"] += 1
    return found
