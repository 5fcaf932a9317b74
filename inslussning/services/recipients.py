"""Whom an actor's invitations go to, read from its mailbox and its staffing: the rule is `practice.staffing`."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.models import Actor, Invitation, Staffing
from inslussning.practice import staffing
from inslussning.practice.staffing import HeldOn, Reach, Recipient, Stretch, Tenure, Told
from inslussning.services import matters, outbox
from inslussning.services.matters import Matter, Weekly


def reaches(session: Session, actors: Iterable[Actor]) -> dict[UUID, Reach]:
    """Return how each of the actors is reached, as the staffing is now in the caller's transaction."""
    boxes = {actor.id: actor.mailbox for actor in actors}
    found: defaultdict[UUID, list[Staffing]] = defaultdict(list)
    query = select(Staffing).where(Staffing.actor_id.in_(boxes)).options(joinedload(Staffing.person, innerjoin=True))
    for one in session.scalars(query):
        found[one.actor_id].append(one)
    return {key: _reach(mailbox, found[key]) for key, mailbox in boxes.items()}


def reach_of(actor: Actor) -> Reach:
    """Return how the actor is reached; its staffing must be loaded with people."""
    return _reach(actor.mailbox, actor.staffings)


def _reach(mailbox: str, staffings: Sequence[Staffing]) -> Reach:
    tenures = tuple(Tenure(one.person_id, one.starts_on, one.ends_on) for one in staffings)
    return Reach(mailbox, tenures, {one.person_id: one.person.email for one in staffings})


def wanted(reach: Reach, dates: Sequence[HeldOn]) -> list[Stretch]:
    """Return who should be asked to the dates."""
    return staffing.stretches(dates, reach)


def told(matter: Matter, invitations: Iterable[Invitation], dates: Sequence[HeldOn]) -> list[Told]:
    """Return who is asked to the coming dates, by the invitations that stand."""
    return [
        Told(
            one.id, Recipient(one.person_id, one.address), _days_of(matter, one, dates), _has_begun(matter, one, dates)
        )
        for one in invitations
        if one.withdrawn_at is None and one.cancelled_at is None
    ]


def _days_of(matter: Matter, invitation: Invitation, dates: Sequence[HeldOn]) -> tuple[dt.date, ...]:
    if not isinstance(matter, Weekly):
        return tuple(date.original for date in dates)
    part = matters.part_of(invitation)
    return tuple(date.original for date in dates if part.has(date.original))


def _has_begun(matter: Matter, invitation: Invitation, dates: Sequence[HeldOn]) -> bool:
    """Tell whether one of the series' dates that the invitation was for has been; a single meeting has not while it is ahead."""
    if not isinstance(matter, Weekly) or not dates:
        return False
    part = matters.part_of(invitation)
    return any(part.has(day) and day < dates[0].original for day in map(matters.original_day, matter.dates))


def place(invitation: Invitation, matter: Matter, stretch: Stretch, dates: Sequence[HeldOn]) -> None:
    """Let the invitation be for a stretch of the coming dates; one that runs to the last of them is without an end."""
    invitation.person_id, invitation.address = stretch.recipient
    if isinstance(matter, Weekly):
        invitation.from_on = stretch.days[0]
        invitation.until_on = None if stretch.days[-1] == dates[-1].original else stretch.days[-1]


def addresses(reach: Reach, day: dt.date) -> tuple[str, ...]:
    """Return the addresses a plain mail to the function goes to on a day, those alone that can be written to."""
    return tuple(one.address for one in reach.on(day) if outbox.is_usable(one.address))


def addresses_from(reach: Reach, day: dt.date) -> tuple[str, ...]:
    """Return the addresses of everybody the function is reached through from a day on; one empty address when there is nobody."""
    if reach.mailbox:
        return (reach.mailbox,)
    known = reach.addresses or {}
    ahead = dict.fromkeys(one.person for one in reach.tenures if one.last is None or one.last >= day)
    return tuple(known[key] for key in ahead) or ("",)
