"""Signing in through an agency's own log-in. It lets in people we have let in already, and nobody else.

Who it is, is decided by the issuer's stable subject, never by an address. A subject is tied to a user by an invitation that the person
holds, or by a colleague who has entered it: then the first sign-in must bring the user's own address, verified by the provider.
"""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select

from inslussning.config import Settings
from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.models import AgencyIdentity, User
from inslussning.practice.access import Principal
from inslussning.practice.sign_in import StepKind, Strength
from inslussning.services import agency_identities, agency_provider, sessions, sign_in, user_invitations
from inslussning.services.agency_provider import Agency, AgencyRefused, Errand, Vouched
from inslussning.services.sign_in import Entry, Taken
from inslussning.services.user_invitations import InvitationGone

log = logging.getLogger("inslussning")
PROOF_LASTS = 120  # seconds: how long ago the person may have proved themselves to the provider, when asked to anew


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who has come back from the agency: into a session or its second step, or back to the session they confirmed."""

    entry: Entry
    next: str


def agency_of(settings: Settings, return_path: str) -> Agency:
    """Return the provider the installation is set up with; raise AgencyRefused when there is none."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        raise AgencyRefused("not set up")
    return Agency(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_secret(),
        return_to=settings.base_url.rstrip("/") + return_path,
        strong=frozenset(settings.oidc_strong.split()),
    )


def leave(
    database: Database,
    agency: Agency,
    *,
    next_path: str,
    invitation: str = "",
    confirming: Principal | None = None,
    now: dt.datetime,
) -> tuple[str, str]:
    """Return where to send the browser and the token of the step it takes there. Raises AgencyRefused, InvitationGone."""
    errand = Errand.fresh()
    url = agency_provider.address(agency, errand, anew=confirming is not None)
    data = asdict(errand) | {"next": next_path}
    with database.transaction() as session:
        if invitation:
            data["invitation"] = str(user_invitations.look(session, invitation, now=now).id)
        user_id = confirming.user_id if confirming else None
        return url, sign_in.begin(session, StepKind.AGENCY, now=now, user_id=user_id, data=data)


def come_back(
    database: Database,
    agency: Agency,
    answer: Mapping[str, str],
    *,
    token: str,
    principal: Principal | None,
    browser: str,
    now: dt.datetime,
) -> Arrived:
    """Take the step, ask the provider and let the person in. Raises AgencyRefused or StepGone, having let nobody in."""
    with database.transaction() as session:
        step = sign_in.take(session, StepKind.AGENCY, token, now=now)
    errand = Errand(step.data["state"], step.data["nonce"], step.data["verifier"])
    try:
        vouched = agency_provider.vouched_for(agency, errand, answer, now=int(now.timestamp()))
        with database.transaction() as session:
            if step.user_id is not None:
                return Arrived(_confirm(session, principal, step, vouched, now=now), step.data["next"])
            user = _user(session, step, vouched, now=now)
            strength = Strength.SECOND_FACTOR if vouched.is_strong else Strength.PASSWORD
            return Arrived(sign_in.enter(session, user, strength=strength, browser=browser, now=now), step.data["next"])
    except AgencyRefused as refusal:
        log.warning("sign-in through the agency refused: %s", refusal.why)
        raise


def _user(session: Session, step: Taken, vouched: Vouched, *, now: dt.datetime) -> User:
    held = session.scalar(
        select(AgencyIdentity)
        .where(AgencyIdentity.issuer == vouched.issuer, AgencyIdentity.subject == vouched.subject)
        .with_for_update()
    )
    if held is None:
        return _invited(session, step, vouched, now=now)
    user = session.get_one(User, held.user_id)
    if user.disabled_at is not None:
        raise AgencyRefused("stopped")
    if held.linked_at is None:
        if not vouched.email_verified or vouched.email != user.email:
            raise AgencyRefused("first sign-in without the user's own verified address")
        held.linked_at = now
    return user


def _invited(session: Session, step: Taken, vouched: Vouched, *, now: dt.datetime) -> User:
    """Return the user that an invitation held by this browser makes; raise AgencyRefused for somebody unknown."""
    if "invitation" not in step.data:
        raise AgencyRefused("unknown subject")
    try:
        user = user_invitations.accept_without_password(session, UUID(step.data["invitation"]), now=now)
    except InvitationGone:
        raise AgencyRefused("invitation gone") from None
    agency_identities.tie(session, user, issuer=vouched.issuer, subject=vouched.subject, now=now)
    return user


def _confirm(
    session: Session, principal: Principal | None, step: Taken, vouched: Vouched, *, now: dt.datetime
) -> Entry:
    """Let the session that went away count as proved again, when the same person came back having just signed in."""
    is_recent = vouched.signed_in_at is not None and now.timestamp() - vouched.signed_in_at <= PROOF_LASTS
    held = session.scalar(
        select(AgencyIdentity.user_id).where(
            AgencyIdentity.issuer == vouched.issuer,
            AgencyIdentity.subject == vouched.subject,
            AgencyIdentity.linked_at.is_not(None),
        )
    )
    if principal is None or principal.user_id != step.user_id or held != step.user_id or not is_recent:
        raise AgencyRefused("not the same person, or not just now")
    strength = Strength.SECOND_FACTOR if vouched.is_strong else Strength.PASSWORD
    return Entry(session=sessions.prove(session, principal, strength=strength, now=now))
