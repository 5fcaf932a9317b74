"""Who answers for a function and when, and whom its mail goes to.

A function's mail goes to its own mailbox. One without a mailbox is reached through whoever staffs it on the day in question, so
an invitation to a series is a row of stretches, one for each person and unbroken run of dates, and a stretch with nobody in it is a
vacancy that shows. When the staffing changes, what has been told is compared with what should be, and only the difference is mailed.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

_DAY = dt.timedelta(days=1)


class Tenure(NamedTuple):
    """A person's time in a function, both days included; without a last day until further notice."""

    person: UUID
    first: dt.date
    last: dt.date | None

    def covers(self, day: dt.date) -> bool:
        """Tell whether the person answers for the function on the day."""
        return self.first <= day and (self.last is None or day <= self.last)


class Span(NamedTuple):
    """Some days in a row, both included; without a last day for as long as anybody knows."""

    first: dt.date
    last: dt.date | None


class RemarkKind(StrEnum):
    """What is unusual in a staffing."""

    VACANCY = "vacancy"
    TOGETHER = "together"


class Remark(NamedTuple):
    """Days on which nobody, or more than one, answers for a function. Both are allowed and both are said."""

    kind: RemarkKind
    span: Span
    people: tuple[UUID, ...] = ()


class HeldOn(NamedTuple):
    """A date of a series: the day the rule gave it, and the day it is held on."""

    original: dt.date
    day: dt.date


class Recipient(NamedTuple):
    """Whom mail goes to: a person, or with `person` None the function's own mailbox; without an address nobody."""

    person: UUID | None
    address: str


class Stretch(NamedTuple):
    """One recipient's unbroken run of dates, by the days the rule gave them."""

    recipient: Recipient
    days: tuple[dt.date, ...]


class Told(NamedTuple):
    """An invitation that stands: to whom, which coming dates it is for, and whether any of its dates has been."""

    key: UUID
    recipient: Recipient
    days: tuple[dt.date, ...]
    begun: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """How a function is reached: its mailbox, its tenures, and the addresses of the people in them."""

    mailbox: str
    tenures: tuple[Tenure, ...] = ()
    addresses: Mapping[UUID, str] | None = None

    def on(self, day: dt.date) -> tuple[Recipient, ...]:
        """Return whom mail about the day goes to; a vacancy has one recipient without an address."""
        if self.mailbox:
            return (Recipient(None, self.mailbox),)
        addresses = self.addresses or {}
        return tuple(Recipient(one, addresses[one]) for one in on_day(self.tenures, day)) or (NOBODY,)


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes the invitations right again.

    `ended` have dates behind them and keep those, `taken_back` have none; `kept_until` get another last date, `moved` go on with
    another mailbox, and `fresh` are asked for the first time.
    """

    taken_back: tuple[UUID, ...] = ()
    ended: tuple[UUID, ...] = ()
    kept_until: tuple[tuple[UUID, Stretch], ...] = ()
    moved: tuple[tuple[UUID, Stretch], ...] = ()
    fresh: tuple[Stretch, ...] = ()


NOBODY = Recipient(None, "")


def on_day(tenures: Sequence[Tenure], day: dt.date) -> tuple[UUID, ...]:
    """Return who answers for the function on the day, the one who began first named first; nobody means a vacancy."""
    here = sorted((one for one in tenures if one.covers(day)), key=lambda one: one.first)
    return tuple(dict.fromkeys(one.person for one in here))


def vacant(tenures: Sequence[Tenure], since: dt.date) -> Span | None:
    """Return the first days from `since` on when nobody answers for the function, or None when that day is not known."""
    day: dt.date | None = since
    while day is not None and (here := [one for one in tenures if one.covers(day)]):
        ends = [one.last for one in here]
        day = None if None in ends else max(last for last in ends if last is not None) + _DAY
    if day is None:
        return None
    later = [one.first for one in tenures if one.first > day]
    return Span(day, min(later) - _DAY if later else None)


def remarks(tenures: Sequence[Tenure], since: dt.date) -> list[Remark]:
    """Return the days from `since` on with nobody or with several in the function, the first first.

    A vacancy at the end is one: after it nobody is known.
    """
    edges = {since, *(one.first for one in tenures), *(one.last + _DAY for one in tenures if one.last is not None)}
    days = sorted(day for day in edges if day >= since)
    found: list[Remark] = []
    for at, day in enumerate(days):
        here = on_day(tenures, day)
        if len(here) == 1:
            continue
        last = days[at + 1] - _DAY if at + 1 < len(days) else None
        kind = RemarkKind.TOGETHER if here else RemarkKind.VACANCY
        if found and (found[-1].kind, found[-1].people) == (kind, here) and found[-1].span.last == day - _DAY:
            found[-1] = Remark(kind, Span(found[-1].span.first, last), here)
        else:
            found.append(Remark(kind, Span(day, last), here))
    return found


def stretches(dates: Sequence[HeldOn], reach: Reach) -> list[Stretch]:
    """Return who is asked to which of the dates, given in the order of the rule; every date is in at least one stretch."""
    running: dict[Recipient, list[dt.date]] = {}
    found: list[Stretch] = []
    for date in dates:
        here = reach.on(date.day)
        gone = [one for one in running if one not in here]
        found += [Stretch(one, tuple(running.pop(one))) for one in gone]
        for one in here:
            running.setdefault(one, []).append(date.original)
    found += [Stretch(one, tuple(days)) for one, days in running.items()]
    return sorted(found, key=lambda one: one.days[0])


def plan(told: Sequence[Told], wanted: Sequence[Stretch]) -> Plan:
    """Return what has to be done so that those who are told are those who should be.

    An invitation that begins with the date it should goes on under its own name in the calendar; any other is replaced, because
    calendars disagree on what becomes of a series whose first date moves.
    """
    left = [one for one in told if one.days]
    kept, fresh = [], []
    for stretch in wanted:
        same = next((t for t in left if t.recipient == stretch.recipient and t.days[0] == stretch.days[0]), None)
        if same is None:
            fresh.append(stretch)
            continue
        left.remove(same)
        if same.days != stretch.days:
            kept.append((same.key, stretch))
    moved = []
    for one in [one for one in left if one.recipient.person is None and (one.recipient.address or not one.begun)]:
        to = next((stretch for stretch in fresh if stretch.recipient.person is None), None)
        if to is not None:
            left.remove(one)
            fresh.remove(to)
            moved.append((one.key, to))
    return Plan(
        taken_back=tuple(one.key for one in left if not one.begun),
        ended=tuple(one.key for one in left if one.begun),
        kept_until=tuple(kept),
        moved=tuple(moved),
        fresh=tuple(fresh),
    )
