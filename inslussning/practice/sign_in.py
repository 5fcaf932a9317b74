"""The rules of signing in that need no database: how strong a proof is, and how long it and a session hold (ASVS 5.0 V6, V7).

How long is the office's to decide, as dated rules; what stands here holds until it has.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from inslussning.practice.access import Role
from inslussning.practice.office_defaults import RuleKey

WHEN_UNSAID = {RuleKey.SESSION_IDLE_HOURS: 10, RuleKey.SESSION_LONGEST_DAYS: 7, RuleKey.PROOF_VALID_MINUTES: 15}
"""What holds in an office that has no rule of its own: a working day with the browser left open, and a week whatever happens."""

REQUIRED_WHEN_UNSAID = frozenset(
    {Role.COORDINATOR, Role.INSPECTOR, Role.CASE_WORKER, Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR}
)
"""Roles that must have a second factor until the office says otherwise: everybody of the agency's own.

Partners and lay supervisors, who see little and come from many places, may; an office that wants more writes a rule.
"""


class Strength(StrEnum):
    """How a session proved whose it is."""

    PASSWORD = "password"  # noqa: S105 - the word, not a password
    SECOND_FACTOR = "second_factor"


class StepKind(StrEnum):
    """What a sign-in under way is waiting for."""

    SECOND_FACTOR = "second_factor"
    PASSKEY = "passkey"
    NEW_PASSKEY = "new_passkey"
    AGENCY = "agency"  # an agency's own log-in


class InvitationKind(StrEnum):
    """What a single-use link is for."""

    JOIN = "join"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the word, not a password


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """When a session ends by itself, and for how long a proof of who is there is enough for what asks for one."""

    idle: dt.timedelta
    longest: dt.timedelta
    proof: dt.timedelta

    @classmethod
    def of(cls, rules: Mapping[RuleKey, int]) -> "SessionLimits":
        """Return the limits the office's numbers mean."""
        numbers = {key: rules.get(key, usual) for key, usual in WHEN_UNSAID.items()}
        return cls(
            idle=dt.timedelta(hours=numbers[RuleKey.SESSION_IDLE_HOURS]),
            longest=dt.timedelta(days=numbers[RuleKey.SESSION_LONGEST_DAYS]),
            proof=dt.timedelta(minutes=numbers[RuleKey.PROOF_VALID_MINUTES]),
        )


USUAL_LIMITS = SessionLimits.of({})


def is_fresh(proved_at: dt.datetime | None, now: dt.datetime, limits: SessionLimits) -> bool:
    """Tell whether a proof is recent enough; one from the future is none."""
    return proved_at is not None and dt.timedelta() <= now - proved_at <= limits.proof
