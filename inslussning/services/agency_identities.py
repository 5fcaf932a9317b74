"""Which person at an agency's own log-in is which user here. Only what a colleague has entered, or an invitation has tied, counts."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import AgencyIdentity, User
from inslussning.practice.access import Function, Principal
from inslussning.services import sign_in, visible

TAKEN = N_("Någon annan här har redan den identiteten.")


def of_user(session: Session, principal: Principal, key: UUID) -> Sequence[AgencyIdentity]:
    """Return what ties a colleague to agencies' own log-ins."""
    own = visible.rows(AgencyIdentity, principal) & (AgencyIdentity.user_id == key)
    return session.scalars(select(AgencyIdentity).where(own)).all()


def expect(session: Session, principal: Principal, key: UUID, *, issuer: str, subject: str, now: dt.datetime) -> None:
    """Say who a colleague is at the issuer; it counts from the first sign-in with the colleague's own, verified address.

    Raises NotFound for a user of another office, Invalid when the subject is somebody else's.
    """
    principal.must(Function.SET_UP)
    user = visible.one(session, principal, User, key)
    if not issuer:
        raise Invalid(field="subject", message=N_("Tjänsten har ingen inloggning hos en myndighet inställd."))
    held = session.scalar(
        select(AgencyIdentity).where(AgencyIdentity.issuer == issuer, AgencyIdentity.subject == subject)
    )
    if held is not None and held.user_id != user.id:
        raise Invalid(field="subject", message=TAKEN)
    if held is not None:
        return
    session.execute(delete(AgencyIdentity).where(AgencyIdentity.user_id == user.id, AgencyIdentity.issuer == issuer))
    session.add(
        AgencyIdentity(office_id=user.office_id, user_id=user.id, issuer=issuer, subject=subject, created_at=now)
    )
    sign_in.note_by(session, principal, user.id, "agency_identity_added")


def forget(session: Session, principal: Principal, key: UUID) -> None:
    """Let no agency's log-in lead to the user any more. Raises NotFound for a user of another office."""
    principal.must(Function.SET_UP)
    user = visible.one(session, principal, User, key)
    session.execute(delete(AgencyIdentity).where(AgencyIdentity.user_id == user.id))
    sign_in.note_by(session, principal, user.id, "agency_identity_removed")


def tie(session: Session, user: User, *, issuer: str, subject: str, now: dt.datetime) -> None:
    """Tie a user to who has just signed in at the issuer: through an invitation of their own."""
    session.add(
        AgencyIdentity(
            office_id=user.office_id,
            user_id=user.id,
            issuer=issuer,
            subject=subject,
            created_at=now,
            linked_at=now,
        )
    )
    session.flush()  # the pair is unique in the database
