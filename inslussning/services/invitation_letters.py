"""Which letters a change asks for: rows and times in, what each mail says and the calendar shape it carries out."""

import datetime as dt
from dataclasses import replace

from inslussning.models import Appointment, Invitation, Meeting, WeeklySlot
from inslussning.practice.mail import MailKind
from inslussning.services import invitation_texts as texts
from inslussning.services import matters
from inslussning.services.invitation_mails import Desk, Letter
from inslussning.services.invitation_texts import Occasion, Span
from inslussning.services.matters import Matter, Part, Weekly


def of_whole(desk: Desk, matter: Matter, invitation: Invitation) -> list[Letter]:
    """Return the invitation itself, and for a series one letter more for each date held another time than the rule says."""
    part = matters.part_of(invitation)
    shape = matters.shape_of(matter, desk.office.timezone, part)
    almanac = desk.almanac(shape.zone)
    if not isinstance(matter, Weekly):
        wording = texts.invited_once(shape.occasion, shape.span, almanac)
        return [Letter(kind=MailKind.INVITATION, shape=shape, wording=wording)]
    from_on, until_on = part.first or matter.slot.first_on, part.last or matter.slot.last_on
    wording = texts.invited_weekly(matter.slot.as_series(), from_on, until_on, almanac.today)
    first = Letter(kind=MailKind.INVITATION, shape=shape, wording=wording)
    return [first, *_dates_elsewhere(desk, matter, part)]


def until_changed(desk: Desk, matter: Weekly, invitation: Invitation, told_until: dt.date) -> list[Letter]:
    """Return the letter about a series' new last date for this recipient, and one more for each date held another time.

    `told_until` is the last date the recipient knows of: an earlier one now means that the later dates are taken back.
    """
    part, slot = matters.part_of(invitation), matter.slot
    until_on, series = part.last or slot.last_on, slot.as_series()
    today = desk.almanac(slot.timezone).today
    whole = Letter(
        kind=MailKind.UPDATE,
        shape=matters.shape_of(matter, desk.office.timezone, part),
        wording=texts.ends_earlier(series, until_on, today)
        if until_on < told_until
        else texts.goes_on(series, until_on, today),
    )
    return [whole, *_dates_elsewhere(desk, matter, part)]


def _dates_elsewhere(desk: Desk, matter: Weekly, part: Part) -> list[Letter]:
    moved = matters.moved_ahead(matter, part, desk.now)
    return [date_changed(desk, matter.slot, one, matters.original_span(matter.slot, one)) for one in moved]


def details_of_slot(desk: Desk, matter: Weekly, invitation: Invitation) -> list[Letter]:
    """Return the letter about a series' new place or link, and one for each date held another time."""
    slot, part = matter.slot, matters.part_of(invitation)
    whole = Letter(
        kind=MailKind.UPDATE,
        shape=matters.shape_of(matter, desk.office.timezone, part),
        wording=texts.details_changed(Occasion.MEETING, texts.weekly(slot.as_series())),
        is_detail=True,
    )
    moved = matters.moved_ahead(matter, part, desk.now)
    return [whole, *(date_changed(desk, slot, one, (one.starts_at, one.ends_at)) for one in moved)]


def date_changed(desk: Desk, slot: WeeklySlot, meeting: Meeting, was: Span) -> Letter:
    """Return the letter about one date of a series; it is a detail when the time is what it was."""
    shape, almanac = matters.shape_of_date(slot, meeting), desk.almanac(slot.timezone)
    is_detail, rule = shape.span == was, matters.original_span(slot, meeting)
    wording = (
        texts.details_changed(Occasion.MEETING, almanac.moment(shape.starts))
        if is_detail
        else texts.moved(Occasion.MEETING, was, shape.span, almanac, one_of=texts.weekdays(slot.as_series()))
    )
    return Letter(
        kind=MailKind.UPDATE,
        shape=shape,
        wording=wording,
        standing="" if shape.span == rule else texts.standing(rule, almanac),
        component=matters.original_day(meeting).isoformat(),
        meeting_id=meeting.id,
        is_detail=is_detail,
    )


def date_called_off(desk: Desk, slot: WeeklySlot, meeting: Meeting) -> Letter:
    """Return the letter that says that one date of a series is not held."""
    shape, habit = matters.shape_of_date(slot, meeting), texts.weekdays(slot.as_series())
    wording = texts.called_off(Occasion.MEETING, shape.span, desk.almanac(slot.timezone), one_of=habit)
    return Letter(
        kind=MailKind.CANCELLATION,
        shape=shape,
        wording=wording,
        component=matters.original_day(meeting).isoformat(),
        meeting_id=meeting.id,
    )


def changed(desk: Desk, matter: Meeting | Appointment, was: Span) -> Letter:
    """Return the letter about a single meeting or booked time; it is a detail when the time is what it was."""
    shape = matters.shape_of(matter, desk.office.timezone)
    almanac = desk.almanac(shape.zone)
    is_detail = shape.span == was
    wording = (
        texts.details_changed(shape.occasion, almanac.moment(shape.starts))
        if is_detail
        else texts.moved(shape.occasion, was, shape.span, almanac)
    )
    return Letter(kind=MailKind.UPDATE, shape=shape, wording=wording, is_detail=is_detail)


def called_off(desk: Desk, matter: Matter, invitation: Invitation) -> Letter:
    """Return the letter that cancels the whole."""
    shape = matters.shape_of(matter, desk.office.timezone, matters.part_of(invitation))
    wording = (
        texts.series_called_off(matter.slot.as_series())
        if isinstance(matter, Weekly)
        else texts.called_off(shape.occasion, shape.span, desk.almanac(shape.zone))
    )
    return Letter(kind=MailKind.CANCELLATION, shape=shape, wording=wording)


def withdrawn(desk: Desk, matter: Matter, invitation: Invitation, was: Span | None = None) -> Letter:
    """Return the letter that takes the invitation back; `was` is the time the recipient knows, when it has just changed."""
    shape = matters.shape_of(matter, desk.office.timezone, matters.part_of(invitation))
    if was is not None:
        shape = replace(shape, starts=was[0], ends=was[1])
    when = (
        texts.weekly(matter.slot.as_series())
        if isinstance(matter, Weekly)
        else desk.almanac(shape.zone).moment(shape.starts)
    )
    return Letter(kind=MailKind.WITHDRAWAL, shape=shape, wording=texts.withdrawn(shape.occasion, when))


def without_place(desk: Desk, matter: Meeting | Appointment) -> Letter:
    """Return the letter that takes the place out of a calendar that has it: the time and the answer stand, the number is raised."""
    shape = matters.shape_of(matter, desk.office.timezone)
    wording = texts.place_withdrawn(shape.occasion, desk.almanac(shape.zone).moment(shape.starts))
    return Letter(kind=MailKind.UPDATE, shape=shape, wording=wording, is_released=True)


def released(letter: Letter) -> Letter:
    """Return the letter as somebody has let it go."""
    return replace(letter, is_released=True)
