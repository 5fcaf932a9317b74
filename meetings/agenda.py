"""The agenda: standing items and case items in order, against the time the meeting has.

A template says which standing items an office wants and where the cases go. Cases come nearest release first, because
the days around a release are the riskiest; cases without a date come last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID


class ItemKind(StrEnum):
    """A standing item is about the group; a case item is about one case."""

    STANDING = "standing"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class TemplateItem:
    """One line of an office's template; a case line stands for every case of the meeting."""

    kind: ItemKind
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class CaseOnAgenda:
    """What ordering needs to know of a case."""

    key: UUID
    code: str
    release: date | None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item to be, with the minutes it may take."""

    kind: ItemKind
    title: str
    minutes: int
    case: UUID | None = None


def propose(template: Sequence[TemplateItem], cases: Iterable[CaseOnAgenda], *, today: date) -> tuple[PlannedItem, ...]:
    """Return the agenda: the template's lines with every case in place of the case line.

    Coming releases first, nearest first; then the released with most overdue actions; undated last; then by code.
    """

    def order(case: CaseOnAgenda) -> tuple[int, int, int, str]:
        if case.release is None:
            return (2, -case.overdue, 0, case.code)
        if case.release < today:
            return (1, -case.overdue, (today - case.release).days, case.code)
        return (0, (case.release - today).days, -case.overdue, case.code)

    in_order = sorted(cases, key=order)
    items: list[PlannedItem] = []
    for line in template:
        if line.kind is ItemKind.CASE:
            items += [PlannedItem(ItemKind.CASE, line.title, line.minutes, c.key) for c in in_order]
        else:
            items.append(PlannedItem(ItemKind.STANDING, line.title, line.minutes))
    return tuple(items)


@dataclass(frozen=True, slots=True)
class Window:
    """The clock time an item is expected to take."""

    starts: datetime
    ends: datetime


def windows(minutes: Sequence[int], *, starts: datetime) -> tuple[Window, ...]:
    """Return each item's expected time, one after the other from the meeting's start."""
    result = []
    for length in minutes:
        ends = starts + timedelta(minutes=length)
        result.append(Window(starts, ends))
        starts = ends
    return tuple(result)


def minutes_over(minutes: Sequence[int], length: timedelta) -> int:
    """Return how many minutes the agenda is over the meeting's length; 0 when it fits."""
    return max(0, sum(minutes) - int(length.total_seconds() // 60))


def moved(keys: Sequence[UUID], key: UUID, by: int) -> tuple[UUID, ...]:
    """Return the order with one item moved `by` places; it stops at the ends. Raises ValueError for an unknown key."""
    order = list(keys)
    at = order.index(key)
    order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
    return tuple(order)
