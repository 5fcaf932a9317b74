"""Step-up: whoever sits at a signed-in browser proves again who they are, before what must not be done by somebody passing by.

The proof is what the person has: a code or a passkey where there is a second factor, else the password (ASVS 5.0 V7.5.3). A right one
changes the session's token.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import AgencyIdentity, User
from inslussning.practice.access import Principal
from inslussning.practice.sign_in import StepKind, Strength
from inslussning.services import passkeys, passwords, second_factors, sessions, sign_in
from inslussning.services.passkeys import PasskeyRefused, Site


@dataclass(frozen=True, slots=True)
class Proof:
    """What was given as proof: one of them."""

    password: str = ""
    code: str = ""
    credential: str = ""
    challenge: str = ""  # the token of the step the credential answers


@dataclass(frozen=True, slots=True)
class Ways:
    """By what a user may prove who they are: a code or passkey where there is a second factor, else a password, and the agency."""

    code: bool
    password: bool
    agency: bool


def ways_of(session: Session, user_id: UUID) -> Ways:
    """Return the ways that are open to a user."""
    has_factor = sign_in.has_factor(session, user_id)
    tied = select(AgencyIdentity.id).where(AgencyIdentity.user_id == user_id, AgencyIdentity.linked_at.is_not(None))
    has_password = bool(session.get_one(User, user_id).password_hash)
    return Ways(has_factor, not has_factor and has_password, session.scalar(tied.limit(1)) is not None)


def with_passkey(database: Database, principal: Principal, site: Site, proof: Proof, *, now: dt.datetime) -> str:
    """Return the session's new token when the passkey is the user's own. Raises PasskeyRefused or StepGone."""
    with database.transaction() as session:
        user = passkeys.holder(session, site, token=proof.challenge, credential=proof.credential, now=now)
        if user.id != principal.user_id:
            raise PasskeyRefused
        return sessions.prove(session, principal, strength=Strength.SECOND_FACTOR, now=now)


def with_secret(database: Database, principal: Principal, proof: Proof, *, network: str, now: dt.datetime) -> str:
    """Return the session's new token when the code, or where there is no second factor the password, is right.

    Raises Invalid by the field, and TooManyTries: wrong ones are counted together with those of signing in.
    """
    with database.transaction() as session:
        user = session.get_one(User, principal.user_id)
        hashed, has_factor = user.password_hash, sign_in.has_factor(session, user.id)
        subject = code_subject(user) if has_factor else user.email
        brake = sessions.CODES if has_factor else sessions.USUAL
        sessions.refuse_when_too_many(session, subject, network, now=now, brake=brake)
        counted = sessions.count_failure(session, subject, network, now=now)
    if not has_factor and not passwords.matches(proof.password, hashed):
        raise Invalid(field="proof_password", message=N_("Lösenordet stämmer inte."))
    with database.transaction() as session:
        if has_factor and not second_factors.is_right(session, principal.user_id, proof.code, now=now):
            raise Invalid(field="proof_code", message=second_factors.WRONG_CODE)
        sessions.forgive(session, counted)
        strength = Strength.SECOND_FACTOR if has_factor else Strength.PASSWORD
        return sessions.prove(session, principal, strength=strength, now=now)


def code_subject(user: User) -> str:
    """Return what wrong codes of a user are counted by."""
    return f"kod {user.id}"


def second_step(database: Database, *, token: str, code: str, network: str, browser: str, now: dt.datetime) -> str:
    """Return a session's token when the code is right for the sign-in under way. Raises Invalid, StepGone or TooManyTries."""
    with database.transaction() as session:
        step = sign_in.look(session, StepKind.SECOND_FACTOR, token, now=now)
        user = session.get_one(User, step.user_id)
        sessions.refuse_when_too_many(session, code_subject(user), network, now=now, brake=sessions.CODES)
        counted = sessions.count_failure(session, code_subject(user), network, now=now)
    with database.transaction() as session:
        user = session.get_one(User, user.id, with_for_update=True)
        if user.disabled_at is not None:
            raise sign_in.StepGone
        if not second_factors.is_right(session, user.id, code, now=now):
            raise Invalid(field="code", message=second_factors.WRONG_CODE)
        sign_in.take(session, StepKind.SECOND_FACTOR, token, now=now)
        sessions.forgive(session, counted)
        return sign_in.enter(session, user, strength=Strength.SECOND_FACTOR, browser=browser, now=now).session
