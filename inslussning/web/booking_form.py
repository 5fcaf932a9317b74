"""The form that books a time: what was typed, what it would mean, and what was chosen when the time raised a question.

A choice ("another time" or "book anyway") answers a question about one actor and one time. It counts only for those, so
that a yes to one time is never taken for a yes to the next.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field
from starlette.datastructures import FormData

from inslussning.practice.access import Principal
from inslussning.practice.dates import time_text
from inslussning.practice.release import release_day
from inslussning.services.appointments import AppointmentDetails
from inslussning.web.forms import Clock, Day, EndOrLength, Form, FormModel, FormRejected, KeyOrNone, Line
from meetings.recurrence import at

ANYWAY = "anyway"


class SpanForm(FormModel):
    """When: an end is a clock time or a length."""

    day: Day
    starts: Clock
    ends: EndOrLength


class ChangeForm(SpanForm):
    """A time with its texts, written for the client."""

    what: Annotated[Line, Field(min_length=1, max_length=200)]
    place: Annotated[Line, Field(max_length=200)] = ""
    getting_there: Annotated[Line, Field(max_length=300)] = ""
    bring: Annotated[Line, Field(max_length=300)] = ""
    contact: Annotated[Line, Field(max_length=120)] = ""
    choice: str = ""
    version: int = 0


class NewForm(ChangeForm):
    """A new time, with whom. `filled_for` is the actor whose address and telephone the form was filled in with."""

    actor_id: UUID
    filled_for: str = ""


class WithWhom(FormModel):
    """The actor alone, which may not be chosen yet."""

    actor_id: KeyOrNone = None


M = TypeVar("M", bound=ChangeForm)


@dataclass(frozen=True, slots=True)
class Asked(Generic[M]):
    """A posted booking. `actor_id` and `span` are what it is about as far as that is understood; `span` is in UTC."""

    form: Form[M]
    actor_id: UUID | None
    span: tuple[dt.datetime, dt.datetime] | None
    confirmed: bool

    @property
    def details(self) -> AppointmentDetails:
        """Return what the use case wants; raise FormRejected when the form has errors."""
        if self.form.errors or self.span is None:
            raise FormRejected
        texts = self.form.value.model_dump(include={"what", "place", "getting_there", "bring", "contact"})
        return AppointmentDetails(starts_at=self.span[0], ends_at=self.span[1], **texts)


def read_booking(
    model: type[M],
    data: FormData,
    principal: Principal,
    *,
    release_at: dt.datetime | None,
    now: dt.datetime,
    actor_id: UUID | None = None,
) -> Asked[M]:
    """Read a posted booking; a chosen other time takes the place of the typed one. `actor_id` is given when it is fixed."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    release = release_day(release_at, principal.zone) if release_at else None
    whom = actor_id or _whom(data)
    span = _span(Form.read(SpanForm, data, today=today, release=release), principal.zone)
    answered = span is not None and data.get("asked") == question(whom, span)
    choice = data.get("choice", "") if answered else ""
    if span is not None and (picked := _instant(choice)):
        span = picked, picked + (span[1] - span[0])
        data = _with_span(data, span, principal.zone)
    form = Form.read(model, data, today=today, release=release)
    form.values["choice"] = (
        ANYWAY if choice == ANYWAY else ""
    )  # a yes to another time is not shown as a yes to this one
    return Asked(form, whom, span, confirmed=choice == ANYWAY)


def question(actor_id: UUID | None, span: tuple[dt.datetime, dt.datetime]) -> str:
    """Return the mark of what a choice is about: one actor and one time."""
    return f"{actor_id}/{span[0].isoformat()}/{span[1].isoformat()}"


def typed_span(span: tuple[dt.datetime, dt.datetime], zone: str) -> dict[str, str]:
    """Return day, start and end as they are written in the form."""
    return {name: str(value) for name, value in _typed(span, zone)}


def _typed(span: tuple[dt.datetime, dt.datetime], zone: str) -> list[tuple[str, str]]:
    starts, ends = (instant.astimezone(ZoneInfo(zone)) for instant in span)
    return [("day", starts.date().isoformat()), ("starts", time_text(starts.time())), ("ends", time_text(ends.time()))]


def _with_span(data: FormData, span: tuple[dt.datetime, dt.datetime], zone: str) -> FormData:
    """Return the posted fields with another time in place of the typed one."""
    others = [(name, value) for name, value in data.multi_items() if name not in SpanForm.model_fields]
    return FormData([*others, *_typed(span, zone)])


def _whom(data: FormData) -> UUID | None:
    form = Form.read(WithWhom, data)
    return None if form.errors else form.value.actor_id


def _span(form: Form[SpanForm], zone: str) -> tuple[dt.datetime, dt.datetime] | None:
    if form.errors:
        return None
    value = form.value
    starts = at(value.day, value.starts, zone)
    ends = starts + value.ends if isinstance(value.ends, dt.timedelta) else at(value.day, value.ends, zone)
    return starts, ends


def _instant(choice: Any) -> dt.datetime | None:  # noqa: ANN401 - a form field may be a file
    """Return the instant a choice names, or None when it names none."""
    try:
        instant = dt.datetime.fromisoformat(str(choice))
    except ValueError:
        return None
    return instant.astimezone(dt.UTC) if instant.tzinfo else None
