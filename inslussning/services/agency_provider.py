"""The conversation with an agency's own log-in: OpenID Connect, authorization code with PKCE (RFC 6749, RFC 7636, RFC 9700; ASVS 5.0 V10).

The provider's addresses come from its own description, fetched from the issuer the installation was set up with and nowhere else. No
redirect is followed, and whatever is not exactly right ends the sign-in.
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from inslussning.errors import PracticeError
from inslussning.i18n import N_

PATIENCE = 5.0  # seconds for each answer of the provider
KEPT_SECONDS = 3600.0  # how long the provider's description is believed
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AgencyRefused(PracticeError):
    """The agency's log-in did not vouch for anybody we know; why is in the log, not on the page."""

    status = 403
    message = N_("Det gick inte att logga in den vägen. Försök igen eller logga in på ett annat sätt.")

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """The provider as the installation is set up with it. `strong`: acr values that count as two factors."""

    issuer: str
    client_id: str
    client_secret: str
    return_to: str
    strong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. An address counts only when the provider has verified it."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    is_strong: bool
    signed_in_at: int | None


@dataclass(frozen=True, slots=True)
class Errand:
    """What one sign-in must come back with, kept on our side."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> "Errand":
        """Return a new one, 256 random bits each."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


_kept: dict[str, tuple[float, dict[str, Any]]] = {}


def address(agency: Agency, errand: Errand, *, anew: bool = False) -> str:
    """Return where to send the browser; `anew` asks the provider to have the person prove again who they are."""
    challenge = urlsafe_b64encode(hashlib.sha256(errand.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": agency.client_id,
        "redirect_uri": agency.return_to,
        "scope": "openid email",
        "state": errand.state,
        "nonce": errand.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if agency.strong:
        asked["acr_values"] = " ".join(sorted(agency.strong))
    if anew:
        asked |= {"prompt": "login", "max_age": "0"}
    endpoint = _described(agency, "authorization_endpoint")
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def vouched_for(agency: Agency, errand: Errand, answer: Mapping[str, str], *, now: int) -> Vouched:
    """Return whom the provider's answer vouches for. Raises AgencyRefused for anything that is not exactly right."""
    if not secrets.compare_digest(answer.get("state", "").encode(), errand.state.encode()):
        raise AgencyRefused("state")
    if answer.get("iss", agency.issuer) != agency.issuer:  # RFC 9207: another provider's answer
        raise AgencyRefused("iss")
    if "error" in answer or not answer.get("code"):
        raise AgencyRefused("refused by the provider")
    return _read(agency, errand, _exchange(agency, errand, answer["code"]), now=now)


def _exchange(agency: Agency, errand: Errand, code: str) -> str:
    """Return the ID token for a code."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": agency.return_to,
        "code_verifier": errand.verifier,
    }
    endpoint = _described(agency, "token_endpoint")
    try:
        answer = httpx2.post(
            endpoint,
            data=asked,
            auth=(agency.client_id, agency.client_secret),
            timeout=PATIENCE,
            follow_redirects=False,
        )
        given = answer.json() if answer.status_code == 200 else {}  # noqa: PLR2004 - HTTP's OK
    except (httpx2.HTTPError, ValueError):
        raise AgencyRefused("no answer to the code") from None
    token = given.get("id_token") if isinstance(given, dict) else None
    if not isinstance(token, str):
        raise AgencyRefused("no ID token")
    return token


def _read(agency: Agency, errand: Errand, token: str, *, now: int) -> Vouched:
    """Return what a token says when it is signed by the provider, for us, now, for this very sign-in."""
    claims = _signed(agency, token)
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": agency.issuer},
        aud={"essential": True, "value": agency.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as problem:
        raise AgencyRefused(f"claim: {problem.error}") from None
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != agency.client_id:
        raise AgencyRefused("azp")
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), errand.nonce.encode()):
        raise AgencyRefused("nonce")
    return _vouched(agency, claims)


def _vouched(agency: Agency, claims: Mapping[str, Any]) -> Vouched:
    subject, methods, at = claims["sub"], claims.get("amr"), claims.get("auth_time")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:  # noqa: PLR2004 - OpenID Connect Core §2
        raise AgencyRefused("sub")
    is_strong = (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in agency.strong
    return Vouched(
        issuer=agency.issuer,
        subject=subject,
        email=str(claims.get("email", "")).casefold(),
        email_verified=claims.get("email_verified") is True,
        is_strong=is_strong,
        signed_in_at=at if isinstance(at, int) else None,
    )


def _signed(agency: Agency, token: str) -> dict[str, Any]:
    """Return the claims of a token the provider has signed; its keys are asked for again when it uses a new one."""
    try:
        return jwt.decode(token, _keys(agency), algorithms=ALGORITHMS).claims
    except InvalidKeyIdError:
        _kept.pop(_described(agency, "jwks_uri"), None)
    except (JoseError, ValueError) as problem:
        raise AgencyRefused(f"signature: {type(problem).__name__}") from None
    try:
        return jwt.decode(token, _keys(agency), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as problem:
        raise AgencyRefused(f"signature: {type(problem).__name__}") from None


def _keys(agency: Agency) -> KeySet:
    try:
        return KeySet.import_key_set(cast(Any, _fetch(_described(agency, "jwks_uri"))))
    except (JoseError, ValueError, KeyError, TypeError):
        raise AgencyRefused("keys") from None


def _described(agency: Agency, name: str) -> str:
    """Return an address from the provider's own description, which must say that it is the issuer's."""
    described = _fetch(f"{agency.issuer.rstrip('/')}/.well-known/openid-configuration")
    if described.get("issuer") != agency.issuer:
        raise AgencyRefused("another issuer's description")
    found = described.get(name)
    if not isinstance(found, str) or not _is_safe(found):
        raise AgencyRefused(f"no {name}")
    return found


def _fetch(url: str) -> dict[str, Any]:
    kept = _kept.get(url)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    if not _is_safe(url):
        raise AgencyRefused("an address without TLS")
    try:
        answer = httpx2.get(url, timeout=PATIENCE, follow_redirects=False)
        found = answer.json() if answer.status_code == 200 else None  # noqa: PLR2004 - HTTP's OK
    except (httpx2.HTTPError, ValueError):
        raise AgencyRefused("no answer") from None
    if not isinstance(found, dict):
        raise AgencyRefused("no description")
    _kept[url] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def _is_safe(url: str) -> bool:
    """Tell whether an address is spoken to over TLS; this machine's own is let through for tests and side-cars."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
