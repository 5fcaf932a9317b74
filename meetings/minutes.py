"""Minutes: a draft that everybody may still change, then numbered versions that nobody can."""

from dataclasses import dataclass
from enum import StrEnum


class MinutesState(StrEnum):
    """A draft can be changed; finalised minutes cannot."""

    DRAFT = "draft"
    FINALISED = "finalised"


class MinutesLocked(ValueError):
    """The minutes are finalised; they must be reopened, with a reason, before anything changes."""


class NothingToReopen(ValueError):
    """Only finalised minutes can be reopened."""


class ReasonMissing(ValueError):
    """Reopening changes what others have read, so somebody has to say why."""


@dataclass(frozen=True, slots=True)
class MinutesStatus:
    """The state and the number of the last locked version (0 before the first)."""

    state: MinutesState = MinutesState.DRAFT
    number: int = 0


def change(status: MinutesStatus) -> MinutesStatus:
    """Return the status unchanged when the draft may be edited; raise MinutesLocked otherwise."""
    if status.state is MinutesState.FINALISED:
        raise MinutesLocked
    return status


def finalise(status: MinutesStatus) -> MinutesStatus:
    """Lock the draft as the next version; raise MinutesLocked when it already is locked."""
    change(status)
    return MinutesStatus(MinutesState.FINALISED, status.number + 1)


def reopen(status: MinutesStatus, *, reason: str) -> MinutesStatus:
    """Open the latest version for a correction; its text is kept and the next lock gets the next number."""
    if status.state is not MinutesState.FINALISED:
        raise NothingToReopen
    if not reason.strip():
        raise ReasonMissing
    return MinutesStatus(MinutesState.DRAFT, status.number)
