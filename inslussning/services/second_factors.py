"""The second factor: a code app (TOTP, RFC 6238) and codes on paper that stand in for it (ASVS 5.0 V6.5).

A code is good for its half minute and the ones beside it, and each half minute only once. Codes on paper are good once each. Adding,
changing and removing ends every other session of the user and every sign-in under way.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select

from inslussning.config import CLEAR_LETTERS
from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import CodeApp, Passkey, RecoveryCode, SignInStep, User, UserSession
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.sign_in import Strength
from inslussning.services import audit, factor_rules, passwords, sessions, visible

ISSUER = "Inslussning"
STEP_SECONDS = 30
STEPS_BESIDE = (0, -1, 1)  # clocks differ
HOW_MANY_CODES = 10
WRONG_CODE = N_("Koden stämmer inte. Vänta på nästa kod i appen och försök igen.")
STILL_REQUIRED = N_("Kontoret kräver ett andra steg. Lägg till ett annat först, sedan kan du ta bort det här.")
NOTHING_PENDING = N_("Börja om: koden hör inte till en app som håller på att läggas till.")


@dataclass(frozen=True, slots=True)
class Factors:
    """What a user has beside the password."""

    has_app: bool
    app_since: dt.datetime | None
    passkeys: Sequence[Passkey]
    codes_left: int
    is_required: bool

    @property
    def has_any(self) -> bool:
        """Tell whether there is a second factor."""
        return self.has_app or bool(self.passkeys)

    @property
    def may_remove(self) -> bool:
        """Tell whether one may be removed: where the office demands one, not the last."""
        return not self.is_required or (int(self.has_app) + len(self.passkeys)) > 1


def factors_of(session: Session, principal: Principal, *, now: dt.datetime) -> Factors:
    """Return what the user has."""
    user = session.get_one(User, principal.user_id)
    app = _app(session, user.id)
    left = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return Factors(
        has_app=app is not None and app.confirmed_at is not None,
        app_since=app.confirmed_at if app else None,
        passkeys=session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.created_at)).all(),
        codes_left=session.scalar(left) or 0,
        is_required=factor_rules.is_required(session, user, now=now),
    )


def _app(session: Session, user_id: UUID) -> CodeApp | None:
    return session.scalar(select(CodeApp).where(CodeApp.user_id == user_id).with_for_update())


@dataclass(frozen=True, slots=True)
class Pending:
    """An app being added: the key to type, and the address that its square code holds."""

    key: str
    address: str


def start_app(session: Session, principal: Principal) -> None:
    """Make the secret of a new code app. The one in use, if any, stays until a code of the new one has been shown to be right."""
    app = _app(session, principal.user_id)
    if app is None:
        app = CodeApp(office_id=principal.office_id, user_id=principal.user_id)
        session.add(app)
    app.pending_secret = pyotp.random_base32(32)


def pending_app(session: Session, principal: Principal) -> Pending | None:
    """Return the app being added, or None."""
    app = session.scalar(select(CodeApp).where(CodeApp.user_id == principal.user_id))
    if app is None or not app.pending_secret:
        return None
    user = session.get_one(User, principal.user_id)
    address = pyotp.TOTP(app.pending_secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    groups = (app.pending_secret[at : at + 4] for at in range(0, len(app.pending_secret), 4))
    return Pending(" ".join(groups), address)


def confirm_app(session: Session, principal: Principal, code: str, *, now: dt.datetime) -> list[str]:
    """Take the new app into use when the code is right; return new codes for the paper, shown this once. Raises Invalid."""
    app = _app(session, principal.user_id)
    if app is None or not app.pending_secret:
        raise Invalid(field="code", message=NOTHING_PENDING)
    step = _step_of(app.pending_secret, code, after=0, now=now)
    if step is None:
        raise Invalid(field="code", message=WRONG_CODE)
    app.secret, app.pending_secret = app.pending_secret, ""
    app.confirmed_at, app.last_step = now, step
    factor_changed(session, principal, "code_app_added")
    return new_codes(session, principal, now=now)


def new_codes(session: Session, principal: Principal, *, now: dt.datetime) -> list[str]:
    """Replace the user's codes on paper and return the new ones: nothing can show them again."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == principal.user_id))
    codes = ["-".join(_group() for _ in range(3)) for _ in range(HOW_MANY_CODES)]
    session.add_all(
        RecoveryCode(
            office_id=principal.office_id,
            user_id=principal.user_id,
            code_hash=passwords.hash_random(_letters(code)),
            created_at=now,
        )
        for code in codes
    )
    return codes


def _group() -> str:
    return "".join(secrets.choice(CLEAR_LETTERS) for _ in range(4))


def _letters(code: str) -> str:
    return "".join(c for c in code.upper() if c in CLEAR_LETTERS)


def is_right(session: Session, user_id: UUID, code: str, *, now: dt.datetime) -> bool:
    """Tell whether it is a code of the user's app or paper, and use it up. Of two at once with the same code only one is right."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    app = _app(session, user_id)
    if app is not None and app.confirmed_at is not None:
        step = _step_of(app.secret, code, after=app.last_step, now=now)
        if step is not None:
            app.last_step = step
            return True
    return _use_paper(session, user_id, code, now=now)


def _step_of(secret: str, code: str, *, after: int, now: dt.datetime) -> int | None:
    """Return the time step a code belongs to, if it is right now or close by and no step up to `after`."""
    digits = "".join(c for c in code if c.isascii() and c.isdigit())
    app, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (current + beside for beside in STEPS_BESIDE):
        is_same = hmac.compare_digest(app.at(step * STEP_SECONDS), digits)
        if is_same and step > after:
            return step
    return None


def _use_paper(session: Session, user_id: UUID, code: str, *, now: dt.datetime) -> bool:
    letters = _letters(code)
    if len(letters) != 12:  # noqa: PLR2004 - three groups of four
        return False
    unused = select(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    for kept in session.scalars(unused.with_for_update()):
        if passwords.matches(letters, kept.code_hash):
            kept.used_at = now
            return True
    return False


def remove_app(session: Session, principal: Principal, *, now: dt.datetime) -> None:
    """Stop using the code app. Raises Invalid when it is the last factor and the office demands one."""
    _refuse_the_last(session, principal, now=now)
    session.execute(delete(CodeApp).where(CodeApp.user_id == principal.user_id))
    _drop_codes_without_factor(session, principal.user_id)
    factor_changed(session, principal, "code_app_removed")


def remove_passkey(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> None:
    """Forget one of the user's own passkeys. Raises NotFound for another's, Invalid for the last one where one is demanded."""
    own = select(Passkey).where(Passkey.id == key, Passkey.user_id == principal.user_id)
    passkey = visible.only(session, own)
    _refuse_the_last(session, principal, now=now)
    session.delete(passkey)
    session.flush()  # what is left is counted
    _drop_codes_without_factor(session, principal.user_id)
    factor_changed(session, principal, "passkey_removed")


def _refuse_the_last(session: Session, principal: Principal, *, now: dt.datetime) -> None:
    session.execute(
        select(User.id).where(User.id == principal.user_id).with_for_update()
    )  # two at once: one is the last
    if not factors_of(session, principal, now=now).may_remove:
        raise Invalid(message=STILL_REQUIRED)


def _drop_codes_without_factor(session: Session, user_id: UUID) -> None:
    app = select(CodeApp.id).where(CodeApp.user_id == user_id, CodeApp.confirmed_at.is_not(None))
    has_key = select(Passkey.id).where(Passkey.user_id == user_id)
    if session.scalar(app.limit(1)) is None and session.scalar(has_key.limit(1)) is None:
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def factor_changed(session: Session, principal: Principal, what: str) -> None:
    """End the user's other sessions and sign-ins under way, let this session go on with what it may, and log it."""
    sessions.end_others(session, principal)
    session.execute(delete(SignInStep).where(SignInStep.user_id == principal.user_id))
    held = session.get(UserSession, principal.session_id) if principal.session_id else None
    if held is not None and what.endswith("_added"):
        held.must_add_factor, held.strength = False, Strength.SECOND_FACTOR
    _note(session, principal, principal.user_id, what)


def reset(session: Session, principal: Principal, key: UUID) -> None:
    """Take away everything a colleague has beside the password, when the phone is lost. Ends all their sessions, and is logged.

    Raises NotFound for a user of another office, Invalid for oneself: one's own is changed with a fresh proof instead.
    """
    principal.must(Function.SET_UP)
    if key == principal.user_id:
        raise Invalid(message=N_("Ditt eget andra steg ändrar du under Mitt konto."))
    user = visible.one(session, principal, User, key)
    for table in (CodeApp, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user.id))
    sessions.end_all_of(session, user.id)
    _note(session, principal, user.id, "reset_by_colleague")


def _note(session: Session, principal: Principal, user_id: UUID, what: str) -> None:
    audit.note(
        session,
        Event.FACTOR_CHANGED,
        object_id=user_id,
        detail=what,
        office_id=principal.office_id,
        person_id=principal.person_id,
    )
