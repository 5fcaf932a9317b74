"""What an actor's page and the list of actors say of the staffing: who is there, who comes, and the days when nobody is."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from inslussning.db import Session
from inslussning.models import Actor, StaffChange, Staffing
from inslussning.practice import staffing
from inslussning.practice.access import Principal
from inslussning.practice.staffing import Remark, Span
from inslussning.services import actors, handover, recipients


class ActorLine(NamedTuple):
    """A function in the list: who is there today, the next days when nobody is, and whether nobody can be written to."""

    actor: Actor
    staff: tuple[str, ...]
    vacant: Span | None
    is_out_of_reach: bool


class StaffingPage(NamedTuple):
    """A function's staffing: `now` and `coming` in the order they begin, `past` the latest first, and what is unusual ahead."""

    line: ActorLine
    now: Sequence[Staffing]
    coming: Sequence[Staffing]
    past: Sequence[Staffing]
    remarks: Sequence[Remark]
    names: dict[UUID, str]
    changes: Sequence[StaffChange]
    today: dt.date


def line_of(actor: Actor, today: dt.date) -> ActorLine:
    """Return the actor as the list says it; its staffing must be loaded with people."""
    reach = recipients.reach_of(actor)
    return ActorLine(
        actor,
        actors.staffed_today(actor, today),
        staffing.vacant(reach.tenures, today),
        is_out_of_reach=not actor.can_be_asked(today),
    )


def staffing_page(session: Session, principal: Principal, actor: Actor, *, now: dt.datetime) -> StaffingPage:
    """Return everything the actor's page says of the staffing; the actor must be loaded with it."""
    today = handover.local_today(principal, now)
    by_start = sorted(actor.staffings, key=lambda one: one.starts_on)
    is_past = [one for one in by_start if one.ends_on is not None and one.ends_on < today]
    return StaffingPage(
        line=line_of(actor, today),
        now=[one for one in by_start if one not in is_past and one.starts_on <= today],
        coming=[one for one in by_start if one not in is_past and one.starts_on > today],
        past=sorted(is_past, key=lambda one: one.starts_on, reverse=True),
        remarks=staffing.remarks(recipients.reach_of(actor).tenures, today) if actor.closed_on is None else (),
        names={one.person_id: one.person.name for one in actor.staffings},
        changes=handover.coming(session, principal, actor.id, now=now),
        today=today,
    )
