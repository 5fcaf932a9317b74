"""Invitations: asking actors to a weekly slot, a meeting or a booked time, and telling each of them of every change.

Each actor has its own invitation with its own UID, and its mails name nobody else. Mails are written in the caller's transaction.
An office that has no mail address yet, and an actor without a mailbox, can be invited all the same: the invitation is there to be
answered by telephone, and `send_missing` or `mailbox_changed` writes the mail when there is somewhere to send it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import contains_eager

from inslussning.db import Session
from inslussning.models import Actor, Appointment, Invitation, Meeting, OutboxMessage, WeeklySlot
from inslussning.practice.access import Principal
from inslussning.practice.mail import OutboxState
from inslussning.services import invitation_letters as letters
from inslussning.services import matters, outbox, visible
from inslussning.services.invitation_mails import Desk, Letter, Outcome, Sent, desk_of, post, summary
from inslussning.services.invitation_texts import Span
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
    standing = _standing(desk, principal, *_is_for(matter))
    return _tell(desk, matter, standing, lambda invitation: letters.details_of_slot(desk, matter, invitation))


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
    return _tell(desk, matters.weekly(session, slot), asked, lambda _: [letter])


def occurrence_cancelled(
    session: Session, principal: Principal, meeting: Meeting, *, links: Links, now: dt.datetime
) -> Sent:
    """Tell that one date is not held; the others are as they were."""
    desk, slot = desk_of(session, principal, links, now), session.get_one(WeeklySlot, meeting.slot_id)
    letter = letters.date_called_off(desk, slot, meeting)
    asked = _asked_to_date(desk, principal, meeting)
    return summary((invitation, _post_parting(desk, invitation, letter)) for invitation in asked)


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
    for invitation in _standing(desk, principal, *_is_for(appointment)):
        if invitation.actor_id != appointment.actor_id:
            _take_back(desk, invitation, appointment)
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
    return summary((one, _take_back(desk, one, matters.matter_of(session, one))) for one in standing)


def send_missing(session: Session, principal: Principal, *, links: Links, now: dt.datetime) -> Sent:
    """Write the first mail of every invitation that has had none and is still ahead: the office now has a mail address."""
    desk = desk_of(session, principal, links, now)
    silent = _standing(desk, principal, Invitation.messages == 0)
    return summary((one, _post_whole(desk, one, matters.matter_of(session, one))) for one in silent)


def mailbox_changed(session: Session, principal: Principal, actor: Actor, *, links: Links, now: dt.datetime) -> Sent:
    """Move an actor's invitations to its new mailbox: taken back from the old one, and sent anew with a UID of their own."""
    desk = desk_of(session, principal, links, now)
    standing = _standing(desk, principal, Invitation.actor_id == actor.id, Invitation.address != actor.mailbox)
    told = []
    for invitation in standing:
        matter = matters.matter_of(session, invitation)
        if matters.last_end(matter) > now:
            _leave_address(desk, invitation, matter)
            told.append((invitation, _post_whole(desk, invitation, matter)))
    return summary(told)


def _invite(desk: Desk, principal: Principal, matter: Matter, actors: Sequence[Actor]) -> Sent:
    if matters.last_end(matter) <= desk.now:
        return NOBODY
    row = matter.slot if isinstance(matter, Weekly) else matter
    desk.session.execute(  # locked, so that two who invite the same actor at once see one another
        select(type(row).id).where(type(row).id == row.id).with_for_update()
    )
    known = {one.actor_id: one for one in _locked(desk, principal, *_is_for(matter))}
    fresh = []
    for actor in actors:
        invitation = known.get(actor.id)
        if invitation is None:
            invitation = Invitation(office_id=desk.office.id, actor=actor, address=actor.mailbox, **_key_of(matter))
            desk.session.add(invitation)
        elif invitation.withdrawn_at is None:
            continue
        else:
            void_answers(desk.session, [invitation])
        _start(desk, invitation)
        fresh.append(invitation)
    desk.session.flush()  # the mails' links name the invitations by their keys
    return summary((invitation, _post_whole(desk, invitation, matter)) for invitation in fresh)


def _start(desk: Desk, invitation: Invitation) -> None:
    """Begin a thread of mails: never with a UID that was cancelled before, which some calendars refuse for ever."""
    invitation.uid = f"{uuid4()}@{outbox.host_of(desk.links.base_url)}"
    invitation.sequence = invitation.messages = 0
    invitation.numbers = {}
    invitation.dtstamp = desk.now.replace(microsecond=0)
    invitation.withdrawn_at = None


def _post_whole(desk: Desk, invitation: Invitation, matter: Matter) -> Outcome:
    """Write an invitation's first mail from how things are now, and one more for each date held another time."""
    if matters.is_called_off(matter) or matters.last_end(matter) <= desk.now:
        return Outcome.NOTHING
    invitation.address = invitation.actor.mailbox
    if isinstance(matter, Weekly):
        invitation.from_on = matters.first_ahead(matter, desk.now) or invitation.from_on
    return _post_all(desk, invitation, letters.of_whole(desk, matter, invitation))


def _post_all(desk: Desk, invitation: Invitation, written: Iterable[Letter]) -> Outcome:
    outcomes = {post(desk, invitation, letter) for letter in written}
    return outcomes.pop() if outcomes else Outcome.NOTHING


def _tell(
    desk: Desk, matter: Matter, invitations: Iterable[Invitation], written: Callable[[Invitation], Iterable[Letter]]
) -> Sent:
    """Tell each of a change; who has never been written to is told how things are now instead."""
    return summary(
        (one, _post_all(desk, one, written(one)) if one.messages else _post_whole(desk, one, matter))
        for one in invitations
    )


def _change(desk: Desk, principal: Principal, matter: Meeting | Appointment, was: Span) -> Sent:
    letter = letters.changed(desk, matter, was)
    standing = _standing(desk, principal, *_is_for(matter))
    if not letter.is_detail:
        void_answers(desk.session, standing)
    return _tell(desk, matter, standing, lambda _: [letter])


def _call_off(desk: Desk, principal: Principal, matter: Matter) -> Sent:
    told = []
    for invitation in _standing(desk, principal, *_is_for(matter)):
        letter = letters.called_off(desk, matter, invitation)
        told.append((invitation, _post_parting(desk, invitation, letter)))
        invitation.cancelled_at = desk.now
    return summary(told)


def _take_back(desk: Desk, invitation: Invitation, matter: Matter) -> Outcome:
    outcome = _post_parting(desk, invitation, letters.withdrawn(desk, matter, invitation))
    invitation.withdrawn_at = desk.now
    return outcome


def _post_parting(desk: Desk, invitation: Invitation, letter: Letter) -> Outcome:
    """Write what ends something, to whoever has been told that it was to be."""
    if not invitation.messages and outbox.is_usable(invitation.address):
        return Outcome.NOTHING
    return post(desk, invitation, letter)


def _leave_address(desk: Desk, invitation: Invitation, matter: Matter) -> None:
    """Take the invitation back where it has arrived; mails that have not left yet never will."""
    thread = OutboxMessage.thread == invitation.uid
    unsent = thread & OutboxMessage.state.in_((OutboxState.WAITING, OutboxState.FAILED))
    desk.session.execute(delete(OutboxMessage).where(unsent))
    if desk.session.scalar(select(OutboxMessage.id).where(thread).limit(1)) is not None:
        post(desk, invitation, letters.withdrawn(desk, matter, invitation))
    _start(desk, invitation)


def _standing(desk: Desk, principal: Principal, *conditions: ColumnElement[bool]) -> list[Invitation]:
    """Return the invitations that hold, locked, so that two changes at once are numbered one after the other."""
    found = _locked(desk, principal, *conditions)
    return [one for one in found if one.withdrawn_at is None and one.cancelled_at is None]


def _asked_to_date(desk: Desk, principal: Principal, meeting: Meeting) -> list[Invitation]:
    day = matters.original_day(meeting)
    standing = _standing(desk, principal, Invitation.slot_id == meeting.slot_id)
    return [one for one in standing if one.from_on is None or one.from_on <= day]


def _locked(desk: Desk, principal: Principal, *conditions: ColumnElement[bool]) -> Sequence[Invitation]:
    query = (
        select(Invitation)
        .join(Invitation.actor)
        .options(contains_eager(Invitation.actor))
        .where(visible.rows(Invitation, principal), *conditions)
        .order_by(Actor.sort_key, Invitation.id)
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    )
    return desk.session.scalars(query).all()


def _key_of(matter: Matter) -> dict[str, UUID]:
    if isinstance(matter, Weekly):
        return {"slot_id": matter.slot.id}
    return {"appointment_id" if isinstance(matter, Appointment) else "meeting_id": matter.id}


def _is_for(matter: Matter) -> list[ColumnElement[bool]]:
    return [getattr(Invitation, name) == key for name, key in _key_of(matter).items()]
