"""What closes a case: protected identity, exclusion of a colleague, and what opens it again for some hours.

A marking in the population register is a warning that comes with the person; how it is handled is for whoever receives it to decide.
Here every kind masks place and address, stops what leaves the house, and lets only named people read.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from inslussning.i18n import N_
from inslussning.practice.schedule import Booked

ASK_YOUR_OFFICER = N_("Kontakta din frivårdsinspektör")
BOOKED_TIME = N_("Bokad tid")  # in place of words that would tell where


class Protection(StrEnum):
    """Protected identity, by the Tax Agency's three kinds, lightest first."""

    NONE = "none"
    MARKED = "marked"
    POPULATION_REGISTER = "population_register"
    ASSUMED_IDENTITY = "assumed_identity"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _PROTECTION[self]


_PROTECTION = {
    Protection.NONE: N_("Inga skyddade personuppgifter"),
    Protection.MARKED: N_("Sekretessmarkering"),
    Protection.POPULATION_REGISTER: N_("Skyddad folkbokföring"),
    Protection.ASSUMED_IDENTITY: N_("Fingerade personuppgifter"),
}


class CasePersonKind(StrEnum):
    """A person's own place in a case, whatever the role says."""

    EXCLUDED = "excluded"
    NAMED = "named"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {CasePersonKind.EXCLUDED: N_("Utestängd"), CasePersonKind.NAMED: N_("Har läsrätt")}[self]


class OpeningKind(StrEnum):
    """Why a case was opened beyond the rule."""

    EMERGENCY = "emergency"
    MANAGEMENT = "management"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {OpeningKind.EMERGENCY: N_("Nödöppning"), OpeningKind.MANAGEMENT: N_("Chefens läsning")}[self]


class ReleaseKind(StrEnum):
    """What may leave the house about a protected case, one act at a time."""

    INVITATION = "invitation"
    PAPER = "paper"
    CALENDAR = "calendar"

    @property
    def label(self) -> str:
        """Return the words people use."""
        return _RELEASES[self]


_RELEASES = {
    ReleaseKind.INVITATION: N_("Mejl till aktören"),
    ReleaseKind.PAPER: N_("Schema på papper"),
    ReleaseKind.CALENDAR: N_("Kalenderfil"),
}


def masked(booked: Booked, secrets: Iterable[str]) -> Booked:
    """Return a time as it may be told when the client is protected: no place, no way there, nobody to look up.

    Whatever else names one of the secrets (a place, an address) is left out with it; the client's own words for the time give way to
    neutral ones.
    """
    hidden = [secret.casefold() for secret in secrets if secret.strip()]

    def kept(text: str, instead: str = "") -> str:
        return instead if any(secret in text.casefold() for secret in hidden) else text

    return replace(
        booked,
        what=kept(booked.what, BOOKED_TIME),
        whom=kept(booked.whom),
        where=ASK_YOUR_OFFICER,
        getting_there="",
        bring=kept(booked.bring),
        contact="",
    )


class Refusal(StrEnum):
    """Why who may see a case cannot be changed as asked."""

    ONESELF = "oneself"
    LAST_NAMED = "last named"
    NOBODY_NAMED = "nobody named"
    OPENED_ONLY = "opened only"

    @property
    def message(self) -> str:
        """Return what to do instead."""
        return _REFUSALS[self]


_REFUSALS = {
    Refusal.ONESELF: N_("Du kan inte stänga ute dig själv. Be en kollega göra det."),
    Refusal.LAST_NAMED: N_("Personen är den enda på kontoret som får läsa ärendet. Namnge en kollega först."),
    Refusal.NOBODY_NAMED: N_("Välj minst en av kontorets egna som får läsa ärendet, annars blir det stängt för alla."),
    Refusal.OPENED_ONLY: N_("Du läser ärendet med en nödöppning. Vem som får se det ändras av någon som är namngiven."),
}


@dataclass(frozen=True, slots=True)
class Openness:
    """Who may see a case by name. `restricted`: the named alone."""

    restricted: bool
    named: frozenset[UUID] = frozenset()


def why_not_exclude(case: Openness, person_id: UUID, *, by: UUID) -> Refusal | None:
    """Return why a person cannot be kept out of the case by somebody, or None."""
    if person_id == by:
        return Refusal.ONESELF
    return why_not_remove(case, person_id)


def why_not_remove(case: Openness, person_id: UUID) -> Refusal | None:
    """Return why a person's name cannot be taken off the case's list, or None."""
    return Refusal.LAST_NAMED if case.restricted and case.named == {person_id} else None


def why_not_close(named: Iterable[UUID]) -> Refusal | None:
    """Return why a case cannot be closed to all but these, or None."""
    return None if any(True for _ in named) else Refusal.NOBODY_NAMED


SECOND_CHOICE_WITHIN = dt.timedelta(minutes=15)  # the second choice is made while the first is fresh in mind
TRIES_WINDOW = dt.timedelta(minutes=15)
MOST_TRIES = 5  # codes that are no closed case, by one person within the window


def may_try(failed: int) -> bool:
    """Tell whether somebody may ask about another code; `failed` tries in the window led nowhere."""
    return failed < MOST_TRIES


def opened_until(now: dt.datetime, hours: int) -> dt.datetime:
    """Return when an opening ends by itself."""
    return now + dt.timedelta(hours=hours)
