"""Invitations: asking actors to a weekly slot, a meeting or a booked time, and telling each of them of every change.

Each recipient has its own invitation with its own UID, and its mails name nobody else: an actor's mailbox, or where it has none
each person who staffs it, for the time that person does. Mails are written in the caller's transaction. An office that has no mail
address yet, and an actor nobody can be reached through, can be invited all the same: the invitation is there to be answered by
telephone, and `send_missing` or `follow` writes the mail when there is somewhere to send it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from inslussning.db import Session
from inslussning.models import Actor, Appointment, Invitation, Meeting, WeeklySlot
from inslussning.practice.access import Principal
from inslussning.services import bases, matters, recipients, visible
from inslussning.services import invitation_letters as letters
from inslussning.services import invitation_threads as threads
from inslussning.services.invitation_following import ask, follow_staffing
from inslussning.services.invitation_mails import Desk, Letter, Outcome, Sent, desk_of, summary
from inslussning.services.invitation_texts import Span
from inslussning.services.invitation_threads import Told
from inslussning.services.links import Links
from inslussning.services.matters import Matter, Weekly
from inslussning.services.responses import Invitee, answers, record_answer, remind_silent, void_answers, void_date

__all__ = [
    "Invitee",
    "Sent",
    "answers",
    "appointment_cancelled",
    "appointment_changed",
    "end_slot",
    "follow",
    "invite_appointment",
    "invite_meeting",
    "invite_slot",
    "mailbox_changed",
    "meeting_cancelled",
    "meeting_changed",
    "occurrence_cancelled",
    "occurrence_moved",
    "record_answer",
    "remind_silent",
    "send_missing",
    "update_slot",
    "withdraw",
    "withdraw_actor",
]
NOBODY = Sent(0, ())


def invite_slot(
    session: Session, principal: Principal, slot: WeeklySlot, actors: Sequence[Actor], *, links: Links, now: dt.datetime
) -> Sent:
    """Ask actors to every date of the slot that is still to be held; those already asked are left alone."""
    desk = desk_of(session, principal, links, now)
    return _invite(desk, principal, matters.weekly(session, slot), actors)


def invite_meeting(
    session: Session, principal: Principal, meeting: Meeting, actors: Sequence[Actor], *, links: Links, now: dt.datetime
) -> Sent:
    """Ask actors to one meeting; those already asked are left alone."""
    return _invite(desk_of(session, principal, links, now), principal, meeting, actors)


def invite_appointment(
    session: Session, principal: Principal, appointment: Appointment, *, links: Links, now: dt.datetime
) -> Sent:
    """Tell the appointment's actor of the booked time."""
    actor = session.get_one(Actor, appointment.actor_id)
    return _invite(desk_of(session, principal, links, now), principal, appointment, [actor])


def update_slot(session: Session, principal: Principal, slot: WeeklySlot, *, links: Links, now: dt.datetime) -> Sent:
    """Tell of a new place or link; answers stay.

    Dates held another time are told of once more: a message about the whole makes several calendars forget them.
    """
    desk, matter = desk_of(session, principal, links, now), matters.weekly(session, slot)
    standing = _standing(desk, principal, *threads.is_for(matter))
    return summary(_tell(desk, matter, standing, lambda invitation: letters.details_of_slot(desk, matter, invitation)))


def end_slot(session: Session, principal: Principal, slot: WeeklySlot, *, links: Links, now: dt.datetime) -> Sent:
    """Cancel the whole series for everyone."""
    return _call_off(desk_of(session, principal, links, now), principal, matters.weekly(session, slot))


def occurrence_moved(
    session: Session, principal: Principal, meeting: Meeting, *, was: Span, links: Links, now: dt.datetime
) -> Sent:
    """Tell that one date is held another time than `was`; every answer to it is void, also what a yes to all said of it."""
    desk, slot = desk_of(session, principal, links, now), session.get_one(WeeklySlot, meeting.slot_id)
    letter = letters.date_changed(desk, slot, meeting, was)
    asked = _asked_to_date(desk, principal, meeting)
    if not letter.is_detail:
        void_date(session, asked, meeting, now=now)
    matter = matters.weekly(session, slot)
    told = _tell(desk, matter, asked, lambda _: [letter])
    for actor in {one.actor_id: one.actor for one in asked if not one.actor.mailbox}.values():
        told += follow_staffing(
            desk, matter, actor, recipients.reaches(session, [actor])[actor.id]
        )  # another may staff it then
    return summary(told)


def occurrence_cancelled(
    session: Session, principal: Principal, meeting: Meeting, *, links: Links, now: dt.datetime
) -> Sent:
    """Tell that one date is not held; the others are as they were."""
    desk, slot = desk_of(session, principal, links, now), session.get_one(WeeklySlot, meeting.slot_id)
    letter = letters.date_called_off(desk, slot, meeting)
    asked = _asked_to_date(desk, principal, meeting)
    return summary((invitation, threads.post_parting(desk, invitation, letter)) for invitation in asked)


def meeting_changed(
    session: Session, principal: Principal, meeting: Meeting, *, was: Span, links: Links, now: dt.datetime
) -> Sent:
    """Tell of a new time, which makes every answer void, or of a new place or link, which does not."""
    return _change(desk_of(session, principal, links, now), principal, meeting, was)


def meeting_cancelled(
    session: Session, principal: Principal, meeting: Meeting, *, links: Links, now: dt.datetime
) -> Sent:
    """Cancel a single meeting for everyone."""
    return _call_off(desk_of(session, principal, links, now), principal, meeting)


def appointment_changed(
    session: Session, principal: Principal, appointment: Appointment, *, was: Span, links: Links, now: dt.datetime
) -> Sent:
    """Tell of a change of a booked time; one that has gone to another actor is taken back from the first."""
    desk = desk_of(session, principal, links, now)
    for invitation in _standing(desk, principal, *threads.is_for(appointment)):
        if invitation.actor_id != appointment.actor_id:
            threads.take_back(desk, invitation, appointment)  # the time the first was told of is in its calendar
    fresh = invite_appointment(session, principal, appointment, links=links, now=now)
    return fresh if fresh != NOBODY else _change(desk, principal, appointment, was)


def appointment_cancelled(
    session: Session, principal: Principal, appointment: Appointment, *, links: Links, now: dt.datetime
) -> Sent:
    """Cancel a booked time for its actor."""
    return _call_off(desk_of(session, principal, links, now), principal, appointment)


def withdraw(session: Session, principal: Principal, invitation: Invitation, *, links: Links, now: dt.datetime) -> Sent:
    """Take one actor's invitation back: what it was for does take place, without the actor."""
    desk = desk_of(session, principal, links, now)
    standing = _standing(desk, principal, Invitation.id == invitation.id)
    return summary((one, threads.take_back(desk, one, matters.matter_of(session, one))) for one in standing)


def send_missing(session: Session, principal: Principal, *, links: Links, now: dt.datetime) -> Sent:
    """Write the first mail of every invitation that has had none and is still ahead: the office now has a mail address."""
    desk = desk_of(session, principal, links, now)
    silent = _standing(desk, principal, Invitation.messages == 0)
    return summary((one, threads.post_whole(desk, one, matters.matter_of(session, one))) for one in silent)


def ahead_of_actor(
    session: Session, principal: Principal, actor_id: UUID, *conditions: ColumnElement[bool], now: dt.datetime
) -> list[tuple[Invitation, Matter]]:
    """Return an actor's invitations, of those the conditions name, that stand and have something ahead, with what they are for."""
    rows = session.scalars(
        select(Invitation).where(
            visible.rows(Invitation, principal),
            Invitation.actor_id == actor_id,
            Invitation.withdrawn_at.is_(None),
            Invitation.cancelled_at.is_(None),
            *conditions,
        )
    ).all()
    found = [(one, matters.matter_of(session, one)) for one in rows]
    return [(one, to) for one, to in found if matters.last_end_of(to, matters.part_of(one)) > now]


def withdraw_actor(
    session: Session,
    principal: Principal,
    actor_id: UUID,
    *conditions: ColumnElement[bool],
    links: Links,
    now: dt.datetime,
) -> Sent:
    """Take back all of an actor's invitations, of those the conditions name, that have something ahead."""
    desk = desk_of(session, principal, links, now)
    standing = _standing(desk, principal, Invitation.actor_id == actor_id, *conditions)
    ahead = {one.id: matter for one, matter in ahead_of_actor(session, principal, actor_id, *conditions, now=now)}
    return summary((one, threads.take_back(desk, one, ahead[one.id])) for one in standing if one.id in ahead)


def follow(session: Session, principal: Principal, actor: Actor, *, links: Links, now: dt.datetime) -> Sent:
    """Let an actor's invitations follow its mailbox and its staffing as they are now; only what differs is mailed.

    What goes to another mailbox is taken back from the old one and sent anew with a UID of its own. A person who leaves is told
    that the invitation is taken back, or in a series that it ends, and the one who takes over is invited to what comes after.
    What is told is about the cases that whoever makes the change may see.
    """
    desk = desk_of(session, principal, links, now)
    reach = recipients.reaches(session, [actor])[actor.id]
    of_actor = (Invitation.office_id == desk.office.id, Invitation.actor_id == actor.id)
    rows = threads.that_hold(
        desk, threads.locked(desk, *of_actor)
    )  # also in cases closed to whoever changes the staffing
    asked = {(one.slot_id, one.meeting_id, one.appointment_id): matters.matter_of(session, one) for one in rows}
    told: list[Told] = []
    for matter in asked.values():
        told += follow_staffing(desk, matter, actor, reach)
    of_theirs = select(Invitation.id).where(visible.rows(Invitation, principal), Invitation.actor_id == actor.id)
    seen = set(session.scalars(of_theirs))
    return summary((one, outcome) for one, outcome in told if one.id in seen)  # a count would tell of a closed case


mailbox_changed = follow  # a new mailbox is one of the changes that invitations follow


def _invite(desk: Desk, principal: Principal, matter: Matter, actors: Sequence[Actor]) -> Sent:
    if matters.last_end(matter) <= desk.now:
        return NOBODY
    row = matter.slot if isinstance(matter, Weekly) else matter
    case_id = threads.case_of(matter)
    if case_id is not None:  # whoever asks has been told by the field; nothing leaves for an actor without a basis
        bases.require(desk.session, principal, case_id, actors, now=desk.now)
    desk.session.execute(  # locked, so that two who invite the same actor at once see one another
        select(type(row).id).where(type(row).id == row.id).with_for_update()
    )
    rows = threads.locked(desk, visible.rows(Invitation, principal), *threads.is_for(matter))
    dates = matters.dates_ahead(matter, desk.now, desk.office.timezone)
    ways = recipients.reaches(desk.session, actors)
    fresh = []
    for actor in actors:
        known = [one for one in rows if one.actor_id == actor.id]
        if any(one.days for one in recipients.told(matter, known, dates)):
            continue
        wanted = recipients.wanted(ways[actor.id], dates)
        fresh += [ask(desk, matter, actor, known, stretch, dates) for stretch in wanted]
    desk.session.flush()  # the mails' links name the invitations by their keys
    return summary((invitation, threads.post_whole(desk, invitation, matter)) for invitation in fresh)


def _tell(
    desk: Desk, matter: Matter, invitations: Iterable[Invitation], written: Callable[[Invitation], Iterable[Letter]]
) -> list[Told]:
    """Tell each of a change; who has never been written to is told how things are now instead.

    From an actor that may no longer know of the case the invitation is taken back, and nothing more is said.
    """
    may_hear = threads.may_hear(desk, matter)

    def tell(one: Invitation) -> Outcome:
        if not may_hear(one):
            return threads.take_back(desk, one, matter)
        return threads.post_all(desk, one, written(one)) if one.messages else threads.post_whole(desk, one, matter)

    return [(one, tell(one)) for one in invitations]


def _change(desk: Desk, principal: Principal, matter: Meeting | Appointment, was: Span) -> Sent:
    """Tell of a change; on another day it may be somebody else who staffs the actor, and is asked instead."""
    letter = letters.changed(desk, matter, was)
    standing = _standing(desk, principal, *threads.is_for(matter))
    others: list[Told] = []
    if not letter.is_detail:
        void_answers(desk.session, standing)
        for actor in {one.actor_id: one.actor for one in standing if not one.actor.mailbox}.values():
            others += follow_staffing(desk, matter, actor, recipients.reaches(desk.session, [actor])[actor.id], was)
    done = {one.id for one, _ in others} | {one.id for one in standing if one.withdrawn_at is not None}
    told = _tell(desk, matter, [one for one in standing if one.id not in done], lambda _: [letter])
    return summary([*others, *told])


def _call_off(desk: Desk, principal: Principal, matter: Matter) -> Sent:
    told = []
    for invitation in _standing(desk, principal, *threads.is_for(matter)):
        letter = letters.called_off(desk, matter, invitation)
        told.append((invitation, threads.post_parting(desk, invitation, letter)))
        invitation.cancelled_at = desk.now
    return summary(told)


def _standing(desk: Desk, principal: Principal, *conditions: ColumnElement[bool]) -> list[Invitation]:
    """Return the invitations that hold, locked, so that two changes at once are numbered one after the other."""
    return threads.that_hold(desk, threads.locked(desk, visible.rows(Invitation, principal), *conditions))


def _asked_to_date(desk: Desk, principal: Principal, meeting: Meeting) -> list[Invitation]:
    day = matters.original_day(meeting)
    standing = _standing(desk, principal, Invitation.slot_id == meeting.slot_id)
    return [one for one in standing if matters.part_of(one).has(day)]
