"""Closing a case to all but the named: sealing it, and saying that the client has protected identity.

Protected identity does more than close the case: nothing about it leaves the house without an act of its own (`services.releases`), and
what has left already is told again without the place. Taking the mark away tells nobody anything by itself.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Appointment, Case, Invitation, OutboxMessage
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.mail import MailKind, OutboxState
from inslussning.practice.protection import Protection, Refusal, why_not_close
from inslussning.services import audit, case_people, invitation_letters, matters
from inslussning.services.invitation_mails import Desk, Sent, desk_of, post, summary
from inslussning.services.links import Links
from inslussning.services.matters import Weekly

NAMED_WHEN_CLOSED = N_("Namngavs när ärendet stängdes.")
_TELLS_PLACE = (MailKind.INVITATION, MailKind.UPDATE)
NOBODY = Sent(0, ())


def seal(session: Session, principal: Principal, case_id: UUID, named: Sequence[UUID], *, now: dt.datetime) -> None:
    """Close the case to all but the named, of whom there must be one. Raises NotFound, and Invalid by the field."""
    principal.must(Function.COORDINATE)
    case = case_people.to_govern(session, principal, case_id)
    _name(session, principal, case, named, now)
    case.sealed_at = case.sealed_at or now
    audit.note(session, Event.SEALED, case_ids=[case.id], detail="sealed")
    _save(session)


def unseal(session: Session, principal: Principal, case_id: UUID) -> None:
    """Open a sealed case to the whole office again; the list of the named stays. Raises NotFound."""
    principal.must(Function.COORDINATE)
    case = case_people.to_govern(session, principal, case_id)
    case.sealed_at = None
    audit.note(session, Event.SEALED, case_ids=[case.id], detail="unsealed")
    _save(session)


def protect(
    session: Session,
    principal: Principal,
    case_id: UUID,
    kind: Protection,
    named: Sequence[UUID],
    *,
    links: Links,
    now: dt.datetime,
) -> Sent:
    """Say which protected identity the client has; the first time, what has been sent is sent again without the place.

    Raises NotFound, and Invalid when nobody would be left to read the case.
    """
    case = case_people.to_govern(session, principal, case_id)
    was = case.protection
    if kind is not Protection.NONE:
        _name(session, principal, case, named, now)
    case.protection = kind
    audit.note(session, Event.PROTECTED, case_ids=[case.id], detail=kind.value)
    _save(session)
    if kind is Protection.NONE or was is not Protection.NONE:
        return NOBODY
    return _tell_again(desk_of(session, principal, links, now), case)


def note_unmasked(session: Session, row: Appointment) -> None:
    """Give the log a line when the form of a time shows where a protected client will be; the case must be loaded."""
    if row.case.protection is not Protection.NONE:
        audit.note(session, Event.UNMASKED, case_ids=[row.case_id], object_id=row.id)


def _name(session: Session, principal: Principal, case: Case, named: Sequence[UUID], now: dt.datetime) -> None:
    held = case_people.openness(session, case).named
    if why_not_close(held | case_people.keepers(session, principal, named)) is Refusal.NOBODY_NAMED:
        raise Invalid(field="person_ids", message=Refusal.NOBODY_NAMED.message)
    case_people.name_all(session, principal, case, named, reason=NAMED_WHEN_CLOSED, now=now)


def _tell_again(desk: Desk, case: Case) -> Sent:
    """Send every invitation that has left once more without the place; what has not left yet is taken out of the queue and held."""
    standing = desk.session.scalars(
        select(Invitation)
        .where(Invitation.case_id == case.id, Invitation.withdrawn_at.is_(None), Invitation.cancelled_at.is_(None))
        .options(joinedload(Invitation.actor, innerjoin=True))
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    ).all()
    told = []
    for invitation in standing:
        _unsend(desk, invitation)
        matter = matters.matter_of(desk.session, invitation)
        if isinstance(matter, Weekly) or not invitation.messages or matters.last_end(matter) <= desk.now:
            continue  # a series is about no case
        told.append((invitation, post(desk, invitation, invitation_letters.without_place(desk, matter))))
    return summary(told)


def _unsend(desk: Desk, invitation: Invitation) -> None:
    """Take back the mails that still wait to leave and may name the place; with none left, the first is held until it is let go."""
    thread = OutboxMessage.thread == invitation.uid
    waiting = OutboxMessage.state.in_((OutboxState.WAITING, OutboxState.FAILED))
    desk.session.execute(delete(OutboxMessage).where(thread, waiting, OutboxMessage.kind.in_(_TELLS_PLACE)))
    if desk.session.scalar(select(OutboxMessage.id).where(thread).limit(1)) is None:
        invitation.messages, invitation.sequence, invitation.numbers = 0, 0, {}
        invitation.held_at = desk.now


def _save(session: Session) -> None:
    try:
        session.flush()  # the mails are written from the row, and two who change it at once must not both win
    except StaleDataError:
        raise Changed from None
