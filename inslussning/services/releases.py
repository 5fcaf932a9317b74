"""What leaves the house about a client with protected identity: one act at a time, with a reason and a name.

A mark is a warning, and most people who are exposed are exposed by somebody who did not know. So nothing goes by itself: whoever lets
something go is first told what it says and who gets it. The act holds for that one mail or paper and for nothing after it. The paper
and the file are the answer to the act itself, so there is no address that hands them out again.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound, PracticeError
from inslussning.i18n import N_
from inslussning.models import Case, CaseRelease, Invitation
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.protection import Protection, ReleaseKind
from inslussning.services import audit, invitation_letters, matters, visible
from inslussning.services.case_people import checked_reason
from inslussning.services.invitation_mails import Outcome, desk_of, post
from inslussning.services.invitation_texts import Occasion
from inslussning.services.links import Links

WRITE_REASON = N_("Skriv varför uppgiften måste lämna huset.")
CANNOT_BE_SENT = N_("Mejlet kan inte skickas: brevlådan eller kontorets egen adress saknas.")
_EVENTS = {ReleaseKind.INVITATION: Event.SENT, ReleaseKind.PAPER: Event.PRINTED, ReleaseKind.CALENDAR: Event.EXPORTED}


class NotReleased(PracticeError):
    """Something about a protected case was asked for past the act that lets it go."""

    status = 409
    message = N_("Klienten har skyddade personuppgifter. Ta ut schemat från ärendets sida för utlämnande.")


class Waiting(NamedTuple):
    """A mail that waits for somebody to let it go: what it is about, when that is, and which mailbox gets it."""

    invitation_id: UUID
    occasion: Occasion
    starts_at: dt.datetime
    ends_at: dt.datetime
    actor: str
    address: str
    held_at: dt.datetime
    is_change: bool


class Act(NamedTuple):
    """One act of the past: what left, when, why, and by whom."""

    kind: ReleaseKind
    actor: str
    reason: str
    by: str
    at: dt.datetime


def waiting(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> list[Waiting]:
    """Return the case's mails that wait, the nearest time first; what has been is left out."""
    held = session.scalars(
        select(Invitation)
        .where(
            visible.rows(Invitation, principal),
            Invitation.case_id == case_id,
            Invitation.held_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.cancelled_at.is_(None),
        )
        .options(joinedload(Invitation.actor))
    ).all()
    found = (_waiting(session, invitation) for invitation in held)
    return sorted((one for one in found if one.ends_at > now), key=lambda one: one.starts_at)


def waiting_one(
    session: Session, principal: Principal, case_id: UUID, invitation_id: UUID, *, now: dt.datetime
) -> Waiting:
    """Return one of the case's mails that wait; raises NotFound."""
    for one in waiting(session, principal, case_id, now=now):
        if one.invitation_id == invitation_id:
            return one
    raise NotFound


def send(
    session: Session,
    principal: Principal,
    case_id: UUID,
    invitation_id: UUID,
    *,
    reason: str,
    links: Links,
    now: dt.datetime,
) -> CaseRelease:
    """Let one mail go, saying how things are now and never where. Raises NotFound, and Invalid by the field."""
    principal.must(Function.COORDINATE)
    reason = checked_reason(reason, missing=WRITE_REASON)
    invitation = visible.only(
        session,
        select(Invitation)
        .where(
            visible.rows(Invitation, principal),
            Invitation.id == invitation_id,
            Invitation.case_id == case_id,
            Invitation.held_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.cancelled_at.is_(None),
        )
        .options(joinedload(Invitation.actor, innerjoin=True))
        .with_for_update(of=Invitation),
    )
    desk = desk_of(session, principal, links, now)
    matter = matters.matter_of(session, invitation)
    letters = invitation_letters.of_whole(desk, matter, invitation)
    outcomes = {post(desk, invitation, invitation_letters.released(letter)) for letter in letters}
    if outcomes != {Outcome.POSTED}:
        raise Invalid(field="reason", message=CANNOT_BE_SENT)
    invitation.held_at = None
    return _record(session, principal, case_id, ReleaseKind.INVITATION, reason, now, actor_id=invitation.actor_id)


def hand_out(
    session: Session, principal: Principal, case_id: UUID, kind: ReleaseKind, *, reason: str, now: dt.datetime
) -> CaseRelease:
    """Let one paper or one calendar file go, to the client. Raises NotFound, and Invalid by the field."""
    principal.must(Function.COORDINATE)
    if kind is ReleaseKind.INVITATION:
        raise NotFound
    case = visible.one(session, principal, Case, case_id)
    return _record(session, principal, case.id, kind, checked_reason(reason, missing=WRITE_REASON), now)


def require(session: Session, principal: Principal, case_id: UUID, released: CaseRelease | None) -> None:
    """Let something about a case leave only when nobody has to let it go, or somebody has. Raises NotFound and NotReleased."""
    case = visible.one(session, principal, Case, case_id)
    if case.protection is not Protection.NONE and (released is None or released.case_id != case_id):
        raise NotReleased


def is_protected(session: Session, principal: Principal, case_id: UUID) -> bool:
    """Tell whether nothing about the case leaves without an act; raises NotFound."""
    return visible.one(session, principal, Case, case_id).protection is not Protection.NONE


def acts(session: Session, principal: Principal, case_id: UUID) -> Sequence[Act]:
    """Return what has been let go of a case, the latest first."""
    rows = session.scalars(
        select(CaseRelease)
        .where(visible.rows(CaseRelease, principal), CaseRelease.case_id == case_id)
        .options(joinedload(CaseRelease.actor), joinedload(CaseRelease.releaser))
        .order_by(CaseRelease.released_at.desc())
    )
    return [
        Act(row.kind, row.actor.title if row.actor else "", row.reason, row.releaser.name, row.released_at)
        for row in rows
    ]


def _record(
    session: Session,
    principal: Principal,
    case_id: UUID,
    kind: ReleaseKind,
    reason: str,
    now: dt.datetime,
    actor_id: UUID | None = None,
) -> CaseRelease:
    row = CaseRelease(
        office_id=principal.office_id,
        case_id=case_id,
        kind=kind,
        actor_id=actor_id,
        reason=reason,
        released_by=principal.person_id,
        released_at=now,
    )
    session.add(row)
    audit.note(session, _EVENTS[kind], case_ids=[case_id], object_id=actor_id, detail=kind.value)
    session.flush()  # the page shown next lists it
    return row


def _waiting(session: Session, invitation: Invitation) -> Waiting:
    matter = matters.matter_of(session, invitation)
    shape = matters.shape_of(matter, "UTC")
    assert invitation.held_at is not None  # noqa: S101 - the query has looked
    return Waiting(
        invitation_id=invitation.id,
        occasion=shape.occasion,
        starts_at=shape.starts,
        ends_at=shape.ends,
        actor=invitation.actor.title,
        address=invitation.address,
        held_at=invitation.held_at,
        is_change=invitation.messages > 0,
    )
