"""Passkeys (WebAuthn level 3): a key in the person's own device, opened by fingerprint, face or PIN, that only works on our address.

A passkey alone signs in: the device has checked who holds it (user verification), which makes two factors. What the server must check is
done by py_webauthn; the challenge is ours, bound to the browser, and good once.
"""

import datetime as dt
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from inslussning.db import Session
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Passkey, User
from inslussning.practice.access import Principal
from inslussning.practice.sign_in import StepKind, Strength
from inslussning.services import second_factors, sign_in
from inslussning.services.sign_in import Entry

MOST_PASSKEYS = 20


class PasskeyRefused(PracticeError):
    """The device's answer is not a right one, or no passkey of ours."""

    status = 422
    message = N_("Det gick inte att logga in med passkey. Försök igen eller logga in på ett annat sätt.")


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys work: the host they are bound to, and the address pages are shown from."""

    host: str
    origin: str

    @classmethod
    def of(cls, base_url: str) -> "Site":
        """Return the site of the installation's own address."""
        parts = urlsplit(base_url)
        return cls(parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}")


def options_for_new(session: Session, principal: Principal, site: Site, *, now: dt.datetime) -> tuple[str, str]:
    """Return what the browser needs to make a passkey, as JSON, and the token of the step."""
    user = session.get_one(User, principal.user_id)
    held = session.scalars(select(Passkey.credential_id).where(Passkey.user_id == user.id)).all()
    if len(held) >= MOST_PASSKEYS:
        raise Invalid(message=N_("Du har redan så många passkeys som går att ha. Ta bort en först."))
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Inslussning",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=principal.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key) for key in held],
    )
    challenge = {"challenge": b64encode(options.challenge).decode()}
    token = sign_in.begin(session, StepKind.NEW_PASSKEY, now=now, user_id=user.id, data=challenge)
    return options_to_json(options), token


def add(
    session: Session, principal: Principal, site: Site, *, token: str, credential: str, name: str, now: dt.datetime
) -> list[str]:
    """Keep the passkey the browser has made; return codes for the paper if these are the user's first. Raises PasskeyRefused, StepGone."""
    step = sign_in.take(session, StepKind.NEW_PASSKEY, token, now=now)
    if step.user_id != principal.user_id:
        raise PasskeyRefused
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=b64decode(step.data["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        raise PasskeyRefused(message=N_("Det gick inte att lägga till din passkey. Försök igen.")) from None
    had = second_factors.factors_of(session, principal, now=now)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise PasskeyRefused(message=N_("Den passkeyn finns redan."))
    session.add(
        Passkey(
            office_id=principal.office_id,
            user_id=principal.user_id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name or N_("Passkey"),
            created_at=now,
        )
    )
    second_factors.factor_changed(session, principal, "passkey_added")
    return [] if had.codes_left else second_factors.new_codes(session, principal, now=now)


def options_for_use(session: Session, site: Site, *, now: dt.datetime) -> tuple[str, str]:
    """Return what the browser needs to ask the device, the same for everybody, and the token of the step."""
    options = generate_authentication_options(rp_id=site.host, user_verification=UserVerificationRequirement.REQUIRED)
    data = {"challenge": b64encode(options.challenge).decode()}
    return options_to_json(options), sign_in.begin(session, StepKind.PASSKEY, now=now, data=data)


def holder(session: Session, site: Site, *, token: str, credential: str, now: dt.datetime) -> User:
    """Return whose passkey answered this browser's challenge. Raises PasskeyRefused for every other answer, StepGone for a used one."""
    step = sign_in.take(session, StepKind.PASSKEY, token, now=now)
    passkey = session.scalar(select(Passkey).where(Passkey.credential_id == _id_of(credential)).with_for_update())
    user = session.get(User, passkey.user_id) if passkey else None
    if passkey is None or user is None or user.disabled_at is not None:
        raise PasskeyRefused
    try:
        answer = verify_authentication_response(
            credential=credential,
            expected_challenge=b64decode(step.data["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        raise PasskeyRefused from None
    passkey.sign_count, passkey.used_at = answer.new_sign_count, now
    return user


def enter(session: Session, site: Site, *, token: str, credential: str, browser: str, now: dt.datetime) -> Entry:
    """Open a session for whoever's passkey it is."""
    user = holder(session, site, token=token, credential=credential, now=now)
    return sign_in.enter(session, user, strength=Strength.SECOND_FACTOR, browser=browser, now=now)


def _id_of(credential: str) -> bytes:
    """Return the passkey's id from the browser's answer; raise PasskeyRefused for what is no answer."""
    try:
        return base64url_to_bytes(json.loads(credential)["id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PasskeyRefused from None
