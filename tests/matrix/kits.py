"""The parts of the matrix's world: an office, and a case with one of everything in it, by the names the routes' data use."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from inslussning.models import Actor, Case, LegalBasis, Meeting, NeedArea, Office, WeeklySlot
from inslussning.practice.access import Principal

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


class Thing(StrEnum):
    """The six kinds of case."""

    OWN = "own"
    SAME_OFFICE = "same office"
    FOREIGN = "foreign office"
    SEALED = "sealed"
    PROTECTED = "protected identity"
    CLOSED = "closed"


@dataclass
class Kit:
    """A case and one of everything that belongs to it, by the names the routes' data use."""

    thing: Thing
    case: Case
    ids: dict[str, str] = field(default_factory=dict)
    rows: dict[str, UUID] = field(default_factory=dict)  # what a share may be made of


@dataclass
class House:
    """An office with its functions."""

    office: Office
    god: Principal  # a coordinator who is named in every closed case: fills the forms
    actors: dict[str, Actor]
    areas: dict[str, NeedArea]
    basis: LegalBasis
    slot: WeeklySlot
    weekly: Meeting
    held: Meeting
