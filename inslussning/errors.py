"""Errors are named facts of the practice, each with the HTTP status it means and a text a person can act on.

The texts are message ids in Swedish; the page that shows one translates it and fills in the parameters.
"""

from collections.abc import Sequence
from typing import ClassVar

from inslussning.i18n import N_


class PracticeError(Exception):
    """Something the practice does not allow. Subclasses name it; `message` says what to do instead."""

    status: ClassVar[int] = 400
    message: str = N_("Det gick inte att göra det du bad om.")

    def __init__(self, *, message: str | None = None, **params: object) -> None:
        if message is not None:
            self.message = message
        self.params = params
        super().__init__(self.message % params if params else self.message)


class NotFound(PracticeError):
    """The row is absent or not this principal's to see: the two must look the same."""

    status = 404
    message = N_("Sidan finns inte, eller så har du inte tillgång till den.")


class Changed(PracticeError):
    """Somebody else saved the row since it was read."""

    status = 409
    message = N_("Någon annan hann ändra samma uppgift. Läs igenom och spara igen.")


class NotSignedIn(PracticeError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    message = N_("Du behöver logga in.")


class ProofNeeded(PracticeError):
    """What was asked for wants a fresh proof of who is there; `kept` is what had been typed."""

    status = 403
    message = N_("Bekräfta först att det är du.")

    def __init__(self, kept: Sequence[tuple[str, str]] = ()) -> None:
        self.kept = tuple(kept)
        super().__init__()


class SecondFactorNeeded(PracticeError):
    """The office demands a second factor of the role, and the person has none yet."""

    status = 403
    message = N_("Lägg först till ett andra steg för din inloggning.")


class NotAllowed(PracticeError):
    """The principal is known but the function is not theirs (never used for rows: those are absent)."""

    status = 403
    message = N_("Du har inte behörighet till den här funktionen.")


class Invalid(PracticeError):
    """A value that cannot be used, tied to the form field it was typed in."""

    status = 422
    message = N_("Kontrollera uppgiften.")

    def __init__(self, *, field: str = "", message: str | None = None, **params: object) -> None:
        self.field = field
        super().__init__(message=message, **params)
