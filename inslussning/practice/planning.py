"""What to think of before a meeting of the group is put on a day, or left out.

A date is chosen by people who know more than a calendar does, so nothing here forbids: each concern is told before the change is
saved, and whoever plans says yes to it or picks another day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from inslussning.i18n import N_
from inslussning.practice.dates import day_text, moment_span_text
from meetings.holidays import DayKind, DayMark, mark

_SHOWN = 5  # of one kind: a list longer than that is not read
_WORKING_DAYS = 5


class Concern(NamedTuple):
    """One thing to consider: a message id and its parameters."""

    message: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Another meeting of the office; a video meeting is named by its case, an occurrence by its weekly slot."""

    starts: datetime
    ends: datetime
    is_video: bool
    name: str
    slot: UUID | None = None


class DayOption(NamedTuple):
    """A day a meeting could move to, and what kind of day it is."""

    day: date
    mark: DayMark


_DAYS = {
    DayKind.PUBLIC: N_("%(day)s är helgdag (%(name)s)."),
    DayKind.EVE: N_("%(day)s är en afton (%(name)s). De flesta är lediga."),
    DayKind.WEEKEND: N_("%(day)s är en lördag eller söndag."),
    DayKind.BRIDGE: N_("%(day)s är en klämdag. Många kan vara lediga."),
}


def about_day(day: date, *, today: date, lang: str = "sv") -> Iterator[Concern]:
    """Yield a concern when the day is one on which people are away."""
    found = mark(day)
    if found.kind in _DAYS:
        name = day_text(day, today, lang)
        yield Concern(_DAYS[found.kind], {"day": name[:1].upper() + name[1:], "name": found.name})


def about_release(
    day: date, release: date | None, *, before_days: int, today: date, lang: str = "sv"
) -> Iterator[Concern]:
    """Yield a concern when a meeting before release comes after it, or later than the office's own rule."""
    if release is None:
        return
    when = day_text(release, today, lang)
    before = (release - day).days
    if before <= 0:
        yield Concern(N_("Mötet ligger inte före frigivningsdagen, %(release)s."), {"release": when})
    elif before < before_days:
        yield Concern(
            N_("Mötet är %(days)s dagar före frigivningen %(release)s. Kontoret räknar med minst %(least)s dagar."),
            {"days": before, "release": when, "least": before_days},
        )


def about_overlaps(
    starts: datetime, ends: datetime, others: Sequence[Taken], *, zone: str, today: date, lang: str = "sv"
) -> Iterator[Concern]:
    """Yield a concern for each other meeting at the same time."""
    for other in [one for one in others if one.starts < ends and starts < one.ends][:_SHOWN]:
        yield _overlap(other, zone, today, lang)


def about_series(
    spans: Sequence[tuple[datetime, datetime]], others: Sequence[Taken], *, zone: str, today: date, lang: str = "sv"
) -> Iterator[Concern]:
    """Yield a concern for each other weekly slot, with how often, and for each single meeting, that a series overlaps."""
    hits = [o for o in others if any(o.starts < ends and starts < o.ends for starts, ends in spans)]
    slots: dict[UUID, list[Taken]] = {}
    singles: list[Taken] = []
    for one in hits:
        if one.slot is None:
            singles.append(one)
        else:
            slots.setdefault(one.slot, []).append(one)
    for found in slots.values():
        if len(found) == 1:
            singles.append(found[0])
        else:
            first = moment_span_text(found[0].starts, found[0].ends, zone, today, lang)
            params: dict[str, object] = {"name": found[0].name, "times": len(found), "first": first}
            yield Concern(N_("Krockar med veckotiden %(name)s %(times)s gånger, först %(first)s."), params)
    for one in sorted(singles, key=lambda one: one.starts)[:_SHOWN]:
        yield _overlap(one, zone, today, lang)


def about_waiting(releases: Sequence[tuple[str, date]], *, today: date, lang: str = "sv") -> Iterator[Concern]:
    """Yield a concern for each case (code, release) that would be released before the group meets again."""
    for code, release in releases[:_SHOWN]:
        yield Concern(
            N_("%(code)s friges %(release)s, innan gruppen hinner träffas igen."),
            {"code": code, "release": day_text(release, today, lang)},
        )


def same_week(day: date, *, after: date) -> tuple[DayOption, ...]:
    """Return the other days, Monday to Friday, of the day's week that lie after a date and are not red or an eve."""
    monday = day - timedelta(days=day.weekday())
    days = (monday + timedelta(days=ahead) for ahead in range(_WORKING_DAYS))
    options = (DayOption(one, mark(one)) for one in days if one > after and one != day)
    return tuple(one for one in options if one.mark.kind not in {DayKind.PUBLIC, DayKind.EVE})


def wall_day(instant: datetime, zone: str) -> date:
    """Return the date on the wall when it happens."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _overlap(other: Taken, zone: str, today: date, lang: str) -> Concern:
    when = moment_span_text(other.starts, other.ends, zone, today, lang)
    if other.is_video and not other.name:  # about a case that is not for whoever asks
        return Concern(N_("Krockar med ett annat möte, %(when)s."), {"when": when})
    if other.is_video:
        return Concern(N_("Krockar med videomötet om %(name)s, %(when)s."), {"name": other.name, "when": when})
    return Concern(N_("Krockar med veckotiden %(name)s, %(when)s."), {"name": other.name, "when": when})
