"""What actors have answered, by the link in their mail or by telephone.

An answer is to everything an invitation is for, or to one date of a series; the narrower one counts. When a date moves, a yes to
all dates says nothing about it any more, so the date gets an answer of its own that says that none has been given.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import Actor, Invitation, InvitationResponse, Meeting, OutboxMessage
from inslussning.practice.access import Function, Principal
from inslussning.practice.mail import MailKind
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.words import looks_like_personal_number
from inslussning.services import bases, matters, visible
from inslussning.services import invitation_texts as texts
from inslussning.services.invitation_mails import Sent, desk_of, post_reminder, summary
from inslussning.services.links import Links
from inslussning.services.matters import Matter
from meetings.vocabulary import Response

BETWEEN_REMINDERS = dt.timedelta(hours=1)  # a button pressed twice reminds once


class Invitee(NamedTuple):
    """One recipient that is asked to a meeting and what it has answered; `address` is empty when there is nobody to write to.

    `title` is the actor's, with the name of whoever is asked for an actor without a mailbox of its own.
    """

    invitation_id: UUID
    actor_id: UUID
    title: str
    kind: OrganisationKind
    address: str
    answer: Response
    note: str
    answered_at: dt.datetime | None

    @property
    def function(self) -> str:
        """Return the title without its place, for a line of many."""
        return self.title.partition(" – ")[0]


def answers(session: Session, principal: Principal, meeting: Meeting) -> list[Invitee]:
    """Return everyone asked to the meeting with the answer that counts for it, in Swedish alphabetical order."""
    asked = session.scalars(_asked_to(principal, meeting)).all()
    given = _answers_to(session, asked, meeting.id)
    return [_invitee(invitation, given.get(invitation.id)) for invitation in asked]


def record_answer(
    session: Session,
    principal: Principal,
    invitation_id: UUID,
    *,
    meeting_id: UUID | None,
    answer: Response,
    note: str = "",
    now: dt.datetime,
) -> None:
    """Write down an answer given by telephone. Raises NotFound for what the invitation is not for, Invalid for the note."""
    principal.must(Function.COORDINATE)
    invitation = visible.only(
        session,
        select(Invitation).where(Invitation.id == invitation_id, visible.rows(Invitation, principal)).with_for_update(),
    )
    matter = matters.matter_of(session, invitation)
    save_answer(session, invitation, date_in(matter, meeting_id), answer=answer, note=note, now=now)


def save_answer(
    session: Session, invitation: Invitation, meeting_id: UUID | None, *, answer: Response, note: str, now: dt.datetime
) -> None:
    """Keep an answer in place of an earlier one to the same; the invitation must be locked. Raises Invalid for the note."""
    if looks_like_personal_number(note):
        raise Invalid(field="note", message=N_("Här verkar stå ett personnummer. Ta bort det, det får inte sparas."))
    response = session.scalar(
        select(InvitationResponse).where(
            InvitationResponse.invitation_id == invitation.id, InvitationResponse.meeting_id == meeting_id
        )
    )
    if response is None:
        response = InvitationResponse(
            office_id=invitation.office_id, invitation_id=invitation.id, meeting_id=meeting_id
        )
        session.add(response)
    response.answer, response.note, response.answered_at = answer, note, now
    session.flush()  # the page that is shown next reads it


def date_in(matter: Matter, meeting_id: UUID | None) -> UUID | None:
    """Return the date an answer is kept for; None for the whole. Raises NotFound for a meeting the matter has no part in."""
    if meeting_id is None:
        return None
    if not matters.is_in(matter, meeting_id):
        raise NotFound
    return meeting_id if isinstance(matter, matters.Weekly) else None


def remind_silent(session: Session, principal: Principal, meeting: Meeting, *, links: Links, now: dt.datetime) -> Sent:
    """Ask those who have not answered once more, at most once an hour."""
    desk = desk_of(session, principal, links, now)
    occasion = texts.Occasion.MEETING
    wording = texts.reminded(occasion, (meeting.starts_at, meeting.ends_at), desk.almanac(meeting.timezone))
    asked = session.scalars(_asked_to(principal, meeting).with_for_update(of=Invitation)).all()
    if meeting.case_id is not None:
        allowed = bases.actors_with_basis(session, principal, [meeting.case_id], now=now)
        asked = [one for one in asked if (meeting.case_id, one.actor_id) in allowed]
    given, recently = _answers_to(session, asked, meeting.id), _reminded(session, asked, wording.subject, now)
    silent = [
        one for one in asked if _answer_of(given.get(one.id)) is Response.NEEDS_ACTION and one.uid not in recently
    ]
    return summary((one, post_reminder(desk, one, wording, meeting.id)) for one in silent)


def void_answers(session: Session, invitations: Iterable[Invitation]) -> None:
    """Forget every answer to these invitations: what was answered to is no longer so."""
    keys = [invitation.id for invitation in invitations]
    session.execute(delete(InvitationResponse).where(InvitationResponse.invitation_id.in_(keys)))


def void_date(session: Session, invitations: Iterable[Invitation], meeting: Meeting, *, now: dt.datetime) -> None:
    """Forget what was answered to one date, and let a standing answer to all dates say nothing about it."""
    keys = [invitation.id for invitation in invitations]
    found = session.scalars(select(InvitationResponse).where(InvitationResponse.invitation_id.in_(keys))).all()
    whole = [response for response in found if response.meeting_id is None]
    for response in found:
        if response.meeting_id == meeting.id:
            session.delete(response)
    session.flush()  # the rows below have the same names
    session.add_all(
        InvitationResponse(
            office_id=response.office_id,
            invitation_id=response.invitation_id,
            meeting_id=meeting.id,
            answer=Response.NEEDS_ACTION,
            answered_at=now,
        )
        for response in whole
    )


def _asked_to(principal: Principal, meeting: Meeting) -> Select[Invitation]:
    """Return the query for the invitations a meeting has: who was taken back before it is not asked, who joined later neither."""
    query = (
        select(Invitation)
        .join(Invitation.actor)
        .join(Actor.organisation)
        .options(contains_eager(Invitation.actor).contains_eager(Actor.organisation), joinedload(Invitation.person))
        .where(visible.rows(Invitation, principal))
        .where(or_(Invitation.withdrawn_at.is_(None), Invitation.withdrawn_at > meeting.ends_at))
        .order_by(Actor.sort_key, Invitation.id)
    )
    if meeting.slot_id is None:
        return query.where(Invitation.meeting_id == meeting.id)
    day = matters.original_day(meeting)
    is_from_then = or_(Invitation.from_on.is_(None), Invitation.from_on <= day)
    is_until_then = or_(Invitation.until_on.is_(None), Invitation.until_on >= day)
    return query.where(Invitation.slot_id == meeting.slot_id, is_from_then, is_until_then)


def _answers_to(
    session: Session, invitations: Sequence[Invitation], meeting_id: UUID
) -> dict[UUID, InvitationResponse]:
    """Return each invitation's answer for the meeting: the one to the date, else the one to all."""
    found = session.scalars(
        select(InvitationResponse).where(
            InvitationResponse.invitation_id.in_([invitation.id for invitation in invitations]),
            or_(InvitationResponse.meeting_id.is_(None), InvitationResponse.meeting_id == meeting_id),
        )
    ).all()
    return {one.invitation_id: one for one in sorted(found, key=lambda one: one.meeting_id is not None)}


def _answer_of(response: InvitationResponse | None) -> Response:
    return response.answer if response is not None else Response.NEEDS_ACTION


def _invitee(invitation: Invitation, response: InvitationResponse | None) -> Invitee:
    actor, answer = invitation.actor, _answer_of(response)
    has_answered = response is not None and answer is not Response.NEEDS_ACTION
    return Invitee(
        invitation_id=invitation.id,
        actor_id=actor.id,
        title=_called(invitation),
        kind=actor.organisation.kind,
        address=invitation.address,
        answer=answer,
        note=response.note if response is not None and has_answered else "",
        answered_at=response.answered_at if response is not None and has_answered else None,
    )


def _called(invitation: Invitation) -> str:
    """Return the function, with the name of the person who is asked for it unless that name is protected."""
    person, title = invitation.person, invitation.actor.title
    return title if person is None or person.protected else f"{title} ({person.name})"


def _reminded(session: Session, invitations: Sequence[Invitation], subject: str, now: dt.datetime) -> frozenset[str]:
    """Return the threads in which the same reminder was written a moment ago."""
    found = session.scalars(
        select(OutboxMessage.thread).where(
            OutboxMessage.thread.in_([invitation.uid for invitation in invitations]),
            OutboxMessage.kind == MailKind.REMINDER,
            OutboxMessage.subject == subject,
            OutboxMessage.created_at > now - BETWEEN_REMINDERS,
        )
    )
    return frozenset(found)
