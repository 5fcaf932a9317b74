"""The paper a client gets when a consent has been taken back: what it was, when it ended, and what that means."""

import datetime as dt
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from inslussning.db import Session
from inslussning.errors import NotFound
from inslussning.models import Case, Consent, Invitation, Office
from inslussning.practice.access import Principal
from inslussning.services import consents, parting, visible


class Receipt(NamedTuple):
    """What the paper says. `actor` is what the client calls it, `withdrawn` counts the meetings and times it was taken out of.

    `stays`: a decision lets it know all the same.
    """

    case: Case
    office: Office
    consent: Consent
    actor: str
    revoked_at: dt.datetime
    withdrawn: int
    stays: bool


def receipt(session: Session, principal: Principal, key: UUID) -> Receipt:
    """Return the receipt of a consent that has been taken back; raises NotFound for one that has not."""
    consent = consents.get_consent(session, principal, key)
    if consent.revoked_at is None:
        raise NotFound
    case = visible.one(session, principal, Case, consent.case_id)
    withdrawn = select(func.count()).where(
        visible.rows(Invitation, principal),
        Invitation.actor_id == consent.actor_id,
        Invitation.case_id == case.id,
        Invitation.withdrawn_at == consent.revoked_at,
    )
    revoked = consent.revoked_at.astimezone(ZoneInfo(principal.zone)).date()
    decisions = parting.standing_decisions(session, principal, case.id, consent.actor_id, now=principal.asked_at)
    return Receipt(
        case=case,
        office=session.get_one(Office, principal.office_id),
        consent=consent,
        actor=consent.actor.plain_name or consent.actor.title,
        revoked_at=consent.revoked_at,
        withdrawn=session.scalar(withdrawn) or 0,
        stays=any(one.valid_from <= revoked for one in decisions),
    )
