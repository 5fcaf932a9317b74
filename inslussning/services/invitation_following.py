"""Who an actor's invitations go to when its mailbox or staffing changes: what differs is told, and nothing else."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from inslussning.db import Session
from inslussning.models import Actor, Invitation, Office
from inslussning.practice import staffing
from inslussning.practice.staffing import HeldOn, Reach, Recipient, Stretch
from inslussning.services import invitation_letters as letters
from inslussning.services import invitation_threads as threads
from inslussning.services import matters, outbox, recipients
from inslussning.services.invitation_mails import Desk, Outcome
from inslussning.services.invitation_texts import Span
from inslussning.services.invitation_threads import Told
from inslussning.services.matters import Matter, Weekly
from inslussning.services.responses import void_answers


def outlook(
    session: Session, office: Office, actor: Actor, reach: Reach, *, now: dt.datetime
) -> list[tuple[Recipient, bool]]:
    """Return each mail `follow_staffing` would send if the actor were reached so: to whom, and whether it invites. Nothing is changed.

    What only lets somebody know that a series ends, or goes on, counts as not inviting.
    """
    query = select(Invitation).where(
        Invitation.office_id == office.id,
        Invitation.actor_id == actor.id,
        Invitation.withdrawn_at.is_(None),
        Invitation.cancelled_at.is_(None),
    )
    by_matter: dict[tuple[UUID | None, ...], list[Invitation]] = {}
    for one in session.scalars(query):
        by_matter.setdefault((one.slot_id, one.meeting_id, one.appointment_id), []).append(one)
    found: list[tuple[Recipient, bool]] = []
    for rows in by_matter.values():
        matter = matters.matter_of(session, rows[0])
        dates = matters.dates_ahead(matter, now, office.timezone)
        told = {one.key: one for one in recipients.told(matter, rows, dates)}
        if any(one.days for one in told.values()):
            plan = staffing.plan(list(told.values()), recipients.wanted(reach, dates))
            ends = (*plan.taken_back, *plan.ended, *(key for key, _ in plan.kept_until))
            found += [(told[key].recipient, False) for key in ends]
            found += [(stretch.recipient, True) for stretch in plan.fresh]
    return found


def ask(
    desk: Desk,
    matter: Matter,
    actor: Actor,
    known: Sequence[Invitation],
    stretch: Stretch,
    dates: Sequence[HeldOn],
) -> Invitation:
    """Return an invitation for the stretch: one that was taken back from the same recipient begins anew, else a new one."""
    before = [one for one in known if one.withdrawn_at is not None and one.address == stretch.recipient.address]
    before.sort(key=lambda one: one.from_on != stretch.days[0])
    if before:
        invitation = before[0]
        void_answers(desk.session, [invitation])
    else:
        invitation = Invitation(
            office_id=desk.office.id, actor=actor, case_id=threads.case_of(matter), **threads.key_of(matter)
        )
        desk.session.add(invitation)
    threads.start(desk, invitation)
    recipients.place(invitation, matter, stretch, dates)
    return invitation


def follow_staffing(desk: Desk, matter: Matter, actor: Actor, reach: Reach, was: Span | None = None) -> list[Told]:
    """Let one actor's invitations to one matter follow its staffing; `was` is the time its recipients know, when that is another."""
    dates = matters.dates_ahead(matter, desk.now, desk.office.timezone)
    rows = threads.locked(desk, *threads.is_for(matter), Invitation.actor_id == actor.id)
    standing = recipients.told(matter, rows, dates)
    if not any(one.days for one in standing):
        return []
    plan = staffing.plan(standing, recipients.wanted(reach, dates))
    by_key = {one.id: one for one in rows}
    told = [(by_key[key], threads.take_back(desk, by_key[key], matter, was)) for key in plan.taken_back]
    told += [(by_key[key], _end(desk, by_key[key], matter, dates[0].original)) for key in plan.ended]
    told += [(by_key[key], _keep_until(desk, by_key[key], matter, to, dates)) for key, to in plan.kept_until]
    told = [one for one in told if one[1] is not Outcome.NO_MAILBOX]  # nobody was told of what ends
    for key, to in plan.moved:
        threads.leave_address(desk, by_key[key], matter)
        recipients.place(by_key[key], matter, to, dates)
    fresh = [by_key[key] for key, _ in plan.moved]
    fresh += [ask(desk, matter, actor, rows, stretch, dates) for stretch in plan.fresh]
    desk.session.flush()  # the mails' links name the invitations by their keys
    return told + [(one, threads.post_whole(desk, one, matter)) for one in fresh]


def _end(desk: Desk, invitation: Invitation, matter: Matter, before: dt.date) -> Outcome:
    """Let a series end, for one recipient, with the last of its dates before a day: what has been stays in the calendar."""
    part = matters.part_of(invitation)
    days = [matters.original_day(one) for one in matter.dates] if isinstance(matter, Weekly) else []
    return _until(desk, invitation, matter, max(day for day in days if day < before and part.has(day)))


def _keep_until(
    desk: Desk, invitation: Invitation, matter: Matter, stretch: Stretch, dates: Sequence[HeldOn]
) -> Outcome:
    """Let a series go on to another last date under its own name."""
    return _until(desk, invitation, matter, None if stretch.days[-1] == dates[-1].original else stretch.days[-1])


def _until(desk: Desk, invitation: Invitation, matter: Matter, last: dt.date | None) -> Outcome:
    if not isinstance(matter, Weekly):
        raise AssertionError("only a series has a last date")
    told_until, invitation.until_on = invitation.until_on or matter.slot.last_on, last
    if not invitation.messages:
        return Outcome.NO_MAILBOX if not outbox.is_usable(invitation.address) else Outcome.NOTHING
    return threads.post_all(desk, invitation, letters.until_changed(desk, matter, invitation, told_until))
