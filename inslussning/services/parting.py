"""What happens to an actor that nothing lets take part in a case any more: shown beforehand, then done in one go.

Its coming meetings and booked times in the case are taken back from it alone, its open actions rest, and it has left the case. The
weekly time is the group's own and names no case, so the actor keeps it. Nothing here says why: others see only that it takes no part.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.i18n import N_, translate
from inslussning.models import (
    Action,
    Actor,
    Appointment,
    Case,
    CaseActor,
    DisclosureDecision,
    Invitation,
    Meeting,
    MinutesRevision,
    SlotActor,
)
from inslussning.models.meetings import MeetingState
from inslussning.practice.access import Function, Principal
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import actions, bases, invitations, offices, visible
from inslussning.services.links import Links
from inslussning.services.minutes_content import MinutesContent
from meetings.actions import ActionState

NO_LONGER_IN = N_("aktören deltar inte")


class Consequences(NamedTuple):
    """What would end: coming meetings and booked times, open actions, links to extracts; `decisions` would let the actor stay."""

    meetings: Sequence[Meeting]
    times: Sequence[Appointment]
    actions: Sequence[Action]
    extracts: int
    keeps_slot: bool
    decisions: Sequence[DisclosureDecision]


class Parted(NamedTuple):
    """What was done. `stays`: a decision still lets the actor take part, so nothing was."""

    stays: bool
    withdrawn: int = 0
    rested: int = 0


def consequences(session: Session, principal: Principal, case: Case, actor: Actor, *, now: dt.datetime) -> Consequences:
    """Return what taking the actor out of the case would end."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    asked = _asked(session, principal, case.id, actor.id)
    held = [one.meeting_id for one in asked if one.meeting_id]
    query = select(Meeting).where(
        visible.rows(Meeting, principal),
        Meeting.id.in_(held),
        Meeting.state == MeetingState.PLANNED,
        Meeting.ends_at > now,
    )
    return Consequences(
        meetings=session.scalars(query.order_by(Meeting.starts_at)).all(),
        times=_times(session, principal, case.id, actor.id, now),
        actions=_open_actions(session, principal, case.id, actor.id),
        extracts=_extracts(session, principal, case.id, actor.id, today),
        keeps_slot=session.scalar(
            select(SlotActor.id).where(SlotActor.actor_id == actor.id, SlotActor.left_on.is_(None)).limit(1)
        )
        is not None,
        decisions=standing_decisions(session, principal, case.id, actor.id, now=now),
    )


def shut_out(
    session: Session, principal: Principal, case: Case, actor: Actor, *, links: Links, now: dt.datetime
) -> Parted:
    """Take the actor out of the case, unless something still lets it stay; return what was done. The actor is told only of meetings."""
    principal.must(Function.COORDINATE)
    if (case.id, actor.id) in bases.actors_with_basis(session, principal, [case.id], now=now):
        return Parted(stays=True)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    withdrawn = 0
    for invitation in _asked(session, principal, case.id, actor.id):
        invitations.withdraw(session, principal, invitation, links=links, now=now)
        withdrawn += 1
    resting = _open_actions(session, principal, case.id, actor.id)
    note = translate(principal.language, NO_LONGER_IN)
    for action in resting:
        actions.set_state(session, principal, action.id, ActionState.DORMANT, note=note, now=now)
    member = session.scalar(select(CaseActor).where(CaseActor.case_id == case.id, CaseActor.actor_id == actor.id))
    if member is not None:
        member.left_on = min(member.left_on, today) if member.left_on else today
    session.flush()  # the page shown next says that it takes no part
    return Parted(stays=False, withdrawn=withdrawn, rested=len(resting))


def standing_decisions(
    session: Session, principal: Principal, case_id: UUID, actor_id: UUID, *, now: dt.datetime
) -> Sequence[DisclosureDecision]:
    """Return the decisions to share without consent that are in force or still to come, the one that holds longest first."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    query = select(DisclosureDecision).where(
        visible.rows(DisclosureDecision, principal),
        DisclosureDecision.case_id == case_id,
        DisclosureDecision.actor_id == actor_id,
        DisclosureDecision.ended_at.is_(None),
        DisclosureDecision.valid_until >= today,
    )
    return session.scalars(query.order_by(DisclosureDecision.valid_until.desc())).all()


def _asked(session: Session, principal: Principal, case_id: UUID, actor_id: UUID) -> Sequence[Invitation]:
    """Return the actor's standing invitations in the case: to its own meetings and booked times, never to a weekly slot."""
    about_case = Invitation.meeting_id.in_(select(Meeting.id).where(Meeting.case_id == case_id))
    about_time = Invitation.appointment_id.in_(select(Appointment.id).where(Appointment.case_id == case_id))
    query = select(Invitation).where(
        visible.rows(Invitation, principal),
        Invitation.actor_id == actor_id,
        Invitation.withdrawn_at.is_(None),
        Invitation.cancelled_at.is_(None),
        about_case | about_time,
    )
    return session.scalars(query.order_by(Invitation.id)).all()


def _times(
    session: Session, principal: Principal, case_id: UUID, actor_id: UUID, now: dt.datetime
) -> Sequence[Appointment]:
    query = select(Appointment).where(
        visible.rows(Appointment, principal),
        Appointment.case_id == case_id,
        Appointment.actor_id == actor_id,
        Appointment.cancelled_at.is_(None),
        Appointment.ends_at > now,
    )
    return session.scalars(query.order_by(Appointment.starts_at)).all()


def _open_actions(session: Session, principal: Principal, case_id: UUID, actor_id: UUID) -> Sequence[Action]:
    query = select(Action).where(
        visible.actions(principal),
        Action.case_id == case_id,
        Action.actor_id == actor_id,
        Action.closed_at.is_(None),
    )
    return session.scalars(query.order_by(Action.due_on, Action.id).options(joinedload(Action.actor))).all()


def _extracts(session: Session, principal: Principal, case_id: UUID, actor_id: UUID, today: dt.date) -> int:
    """Return how many links to extracts the actor has that still open something of the case."""
    days = offices.rules(session, principal.office_id, today)[RuleKey.LINK_VALID_DAYS]
    since = dt.datetime.combine(today, dt.time.min, ZoneInfo(principal.zone)) - dt.timedelta(days=days + 1)
    rows = session.scalars(
        select(MinutesRevision).where(visible.rows(MinutesRevision, principal), MinutesRevision.finalised_at >= since)
    )
    return sum(
        any(one.case_id == case_id for one in MinutesContent.model_validate(row.content).of_actor(actor_id))
        for row in rows
    )
