"""What proves a person beside the password: codes, passkeys, an agency's own log-in; and the invitations that let people in.

Tokens and codes are kept as hashes, the secret of a code app sealed: the database alone lets nobody in (ASVS 5.0 V6.5).
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inslussning.db.base import OfficeRow, Row, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.practice.access import Role
from inslussning.practice.sign_in import InvitationKind, StepKind


class CodeApp(OfficeRow):
    """A user's code app (TOTP, RFC 6238). `last_step` is the newest time step used, which no code is taken from again.

    `pending_secret` is one being added: it takes over when a code of it has been shown to be right.
    """

    __tablename__ = "code_apps"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = sealed_text(default="")
    pending_secret: Mapped[str] = sealed_text(default="")
    confirmed_at: Mapped[dt.datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(OfficeRow):
    """One code on paper that stands in for the app once. Only an argon2id hash of it is kept."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class Passkey(OfficeRow):
    """A passkey (WebAuthn): the public half of a key that never leaves the person's device."""

    __tablename__ = "passkeys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class AgencyIdentity(OfficeRow):
    """Who a user is in an agency's own log-in (OpenID Connect). Until `linked_at` it waits for a first sign-in with the same address."""

    __tablename__ = "agency_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[dt.datetime]
    linked_at: Mapped[dt.datetime | None]


class SignInStep(Row):
    """A sign-in under way, bound to one browser by a cookie whose hash is here, good for minutes and once."""

    __tablename__ = "sign_in_steps"

    kind: Mapped[StepKind] = mapped_column(enum_column(StepKind))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)


class UserInvitation(OfficeRow):
    """A single-use link: to start signing in, or to choose a new password. A hash of its token is all there is of it."""

    __tablename__ = "user_invitations"

    kind: Mapped[InvitationKind] = mapped_column(enum_column(InvitationKind))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]


class SecondFactorRule(OfficeRow):
    """Whether a role must have a second factor, from a day; the newest row not after today counts."""

    __tablename__ = "second_factor_rules"
    __table_args__ = (UniqueConstraint("office_id", "role", "valid_from"),)

    role: Mapped[Role] = mapped_column(enum_column(Role))
    required: Mapped[bool]
    valid_from: Mapped[dt.date]
