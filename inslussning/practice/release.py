"""The release: a day that is known months ahead, a clock time that the prison often sets last, and what lies wrong around them.

When the clock time is not known yet the instant is kept as the day's midnight, which is no hour anybody is released at and
what a spreadsheet writes after a bare date. A release moves often; what was planned around it is listed, never moved silently.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from inslussning.i18n import N_
from inslussning.practice.dates import day_text, moment_text
from meetings.recurrence import at

_NOT_KNOWN = time(0)

Note = tuple[str, dict[str, object]]  # a message id and its parameters


def release_moment(day: date, clock: time | None, zone: str) -> datetime:
    """Return the release as an instant in UTC; without a clock time it is the start of the day in the zone."""
    return at(day, clock or _NOT_KNOWN, zone)


def release_day(release_at: datetime, zone: str) -> date:
    """Return the day of the release on the office's calendar."""
    return release_at.astimezone(ZoneInfo(zone)).date()


def release_clock(release_at: datetime, zone: str) -> time | None:
    """Return the wall-clock time of the release, or None when it is not known yet."""
    clock = release_at.astimezone(ZoneInfo(zone)).time()
    return None if clock == _NOT_KNOWN else clock


@dataclass(frozen=True, slots=True)
class Planned:
    """Something planned around the release; `label` says with whom, and is empty for a video meeting."""

    starts: datetime
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """A release with everything still to come around it, and the distances the office has decided."""

    release_at: datetime | None
    zone: str
    today: date
    videos: tuple[Planned, ...] = ()
    times: tuple[Planned, ...] = ()
    video_before_days: int
    first_week_days: int


TIMES_WITHOUT_RELEASE = N_(
    "Frigivningsdatumet saknas, men det finns bokade tider. Skriv in datumet eller avboka tiderna."
)
TIME_BEFORE = N_("Tiden %(when)s hos %(whom)s ligger före frigivningen.")
FIRST_TIME_LATE = N_(
    "Den första bokade tiden är %(day)s, %(days)s dagar efter frigivningen. Kontoret räknar med högst %(most)s."
)
VIDEO_AFTER = N_("Videomötet %(when)s ligger efter frigivningen.")
VIDEO_CLOSE = N_(
    "Videomötet %(when)s är %(days)s dagar före frigivningen. Kontoret räknar med att det hålls minst %(least)s dagar före."
)


def misplaced(around: Surroundings, lang: str = "sv") -> tuple[Note, ...]:
    """Return what lies on the wrong side of the release, or further from it than the office has decided, in time order."""
    if around.release_at is None:
        return ((TIMES_WITHOUT_RELEASE, {}),) if around.times else ()
    return (*_videos(around, around.release_at, lang), *_times(around, around.release_at, lang))


def _videos(around: Surroundings, release_at: datetime, lang: str) -> Iterator[Note]:
    day = release_day(release_at, around.zone)
    for video in sorted(around.videos, key=lambda one: one.starts):
        when = moment_text(video.starts, around.zone, around.today, lang)
        before = (day - release_day(video.starts, around.zone)).days
        if before < 0 or (before == 0 and video.starts >= release_at):
            yield VIDEO_AFTER, {"when": when}
        elif before < around.video_before_days:
            yield VIDEO_CLOSE, {"when": when, "days": before, "least": around.video_before_days}


def _times(around: Surroundings, release_at: datetime, lang: str) -> Iterator[Note]:
    day = release_day(release_at, around.zone)
    times = sorted(around.times, key=lambda one: one.starts)
    for booked in times:
        if booked.starts < release_at:
            when = moment_text(booked.starts, around.zone, around.today, lang)
            yield TIME_BEFORE, {"when": when, "whom": booked.label}
    first = next((one for one in times if one.starts >= release_at), None)
    if first is not None and around.today <= day:
        on = release_day(first.starts, around.zone)
        if (on - day).days > around.first_week_days:
            params = {"day": day_text(on, around.today, lang), "days": (on - day).days, "most": around.first_week_days}
            yield FIRST_TIME_LATE, params
