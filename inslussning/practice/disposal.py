"""When something shall be erased, and what it is called on the receipt.

How long is kept is the office's own dated rule: one for whole cases, and one for an organisation that wants its own parts gone sooner.
The clock starts when the case is closed; an organisation's own when it left or, at the latest, then. The product is a place to work,
not a file of record: what must be kept is kept by each agency in its own.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from inslussning.i18n import N_
from inslussning.practice.dates import months_from

WORDS = {
    "needs": N_("behov"),
    "actions": N_("åtgärder"),
    "appointments": N_("bokade tider"),
    "schedules": N_("klientscheman"),
    "meetings": N_("videomöten"),
    "agenda_items": N_("punkter på dagordningar"),
    "minutes_revisions": N_("minnesanteckningar"),
    "consents": N_("samtycken"),
    "disclosure_decisions": N_("beslut om att lämna ut uppgifter"),
    "invitations": N_("kallelser"),
    "outbox_messages": N_("mejl"),
    "clients": N_("klientens personuppgifter"),
}
"""What a reader of a receipt recognises; the rest is counted together."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many months something is kept, from a day on. Without an organisation it is for whole cases."""

    organisation_id: UUID | None
    months: int
    valid_from: dt.date
    source: str


def rule_in_force(rules: Iterable[Retention], organisation_id: UUID | None, day: dt.date) -> Retention | None:
    """Return the newest rule for the organisation (None: for whole cases) that holds on the day."""
    held = [rule for rule in rules if rule.organisation_id == organisation_id and rule.valid_from <= day]
    return max(held, key=lambda rule: rule.valid_from, default=None)


def part_clock(closed_on: dt.date | None, left_on: Iterable[dt.date | None]) -> dt.date | None:
    """Return the day an organisation's own clock starts: its last function left, or the case was closed; None while it takes part."""
    days = [left or closed_on for left in left_on]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def due_on(started_on: dt.date, rule: Retention) -> dt.date:
    """Return the first day on which it shall be erased."""
    return months_from(started_on, rule.months)


def summed(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return what was erased in words with its number, in the order people ask for it, what has no word of its own last."""
    named = [(word, counts[table]) for table, word in WORDS.items() if counts.get(table)]
    rest = sum(number for table, number in counts.items() if table not in WORDS)
    return [*named, (N_("övriga uppgifter"), rest)] if rest else named
