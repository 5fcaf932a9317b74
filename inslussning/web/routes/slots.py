"""Weekly slots: making one, its dates through the year, and the actors with a place in it."""

import datetime as dt
from itertools import groupby
from typing import Annotated, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import Response

from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import WeeklySlot
from inslussning.practice.access import Principal
from inslussning.practice.calendar_words import words
from inslussning.practice.planning import Concern
from inslussning.services import actors, invitations, meetings, planning, slots
from inslussning.services.slots import NewSlot, SlotDate, SlotDetails
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep, Today
from inslussning.web.forms import Clock, Day, DayOrNone, Form, FormModel, Line, Ticked, WebAddressOrBlank
from inslussning.web.receipts import receipt
from inslussning.web.render import page, see_other
from meetings.holidays import DayKind, DayMark, mark
from meetings.recurrence import LONGEST
from meetings.vocabulary import Occurrence, Weekday

router = APIRouter(prefix="/slots")

SHORTEST_MINUTES = 5
LONGEST_MINUTES = int(LONGEST.total_seconds() // 60)
COMING = 5  # on the overview; the rest has a page of its own
_MARKED = frozenset({DayKind.PUBLIC, DayKind.EVE, DayKind.BRIDGE})

Minutes = Annotated[int, Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)]


class DatesForm(FormModel):
    """When a slot happens: enough to say which dates it would have."""

    weekday: Weekday
    local_start: Clock
    minutes: Minutes
    first_on: Day
    last_on: DayOrNone = None


class DetailsForm(FormModel):
    """What may change in a running series."""

    name: Annotated[Line, Field(min_length=1, max_length=80)]
    place: Annotated[Line, Field(max_length=200)] = ""
    video_link: WebAddressOrBlank = ""


class SlotForm(DatesForm, DetailsForm):
    """A new slot. `anyway`: what speaks against it has been read."""

    actor_ids: tuple[UUID, ...] = ()
    anyway: Ticked = False

    def as_new(self) -> NewSlot:
        """Return what the use case asks for."""
        return NewSlot(**self.model_dump(exclude={"anyway"}))


class ActorForm(FormModel):
    """An actor to add."""

    actor_id: UUID


class Preview(NamedTuple):
    """The dates a slot would have: how many, from when to when, and those on which people are away."""

    dates: tuple[Occurrence, ...]
    marked: list[tuple[dt.date, DayMark]]


class MonthOfDates(NamedTuple):
    """A month's heading and its dates."""

    name: str
    dates: list[SlotDate]


@router.get("", name="slots")
def index(request: Request, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """List the office's weekly slots with the next date of each, and the nearest meetings of both kinds."""
    lines = [
        (line, invitations.answers(session, principal, line.next) if line.next else [])
        for line in slots.overview(session, principal, now=now)
    ]
    found = meetings.list_meetings(session, principal, now=now, limit=COMING)
    weekdays = words(principal.language).weekdays
    return page(request, "slots/index.html", section="slots", lines=lines, found=found, weekdays=weekdays)


@router.get("/new", name="slots.new")
def show_new(request: Request, principal: Coordinator, session: SessionDep, today: Today, now: Now) -> Response:
    """Show a form with the usual length and today as the first day."""
    form: Form[SlotForm] = Form({"minutes": "60", "first_on": today.isoformat()})
    return _new(request, principal, session, form, now)


@router.post("/new")
def add(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    today: Today,
    now: Now,
    links: LinksDep,
    data: FormDep,
) -> Response:
    """Make the slot and invite its actors, once what speaks against it has been read."""
    form = Form.read(SlotForm, data, today=today)
    concerns: tuple[Concern, ...] = ()
    with form.attempt(session):
        new = form.value.as_new()
        concerns = planning.of_series(session, principal, slots.dates_of_new(principal, new, now=now), now=now)
        if form.value.anyway or not concerns:
            slot = slots.create_slot(session, principal, new, links=links, now=now)
            sent = planning.reach(session, principal, slots.members(slot))
            done = receipt(principal, N_("Veckotiden är skapad."), sent)
            return see_other(request, "slots.show", key=slot.id, notice=done)
    return _new(request, principal, session, form, now, concerns)


@router.post("/new/preview", name="slots.preview")
def preview(request: Request, principal: Coordinator, today: Today, now: Now, data: FormDep) -> Response:
    """Say which dates the slot would have, for htmx; nothing is kept."""
    return page(request, "slots/_preview.html", section="slots", preview=_preview(principal, data, today, now))


def _new(
    request: Request,
    principal: Principal,
    session: SessionDep,
    form: Form[SlotForm],
    now: dt.datetime,
    concerns: tuple[Concern, ...] = (),
) -> Response:
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    return page(
        request,
        "slots/new.html",
        status=422 if concerns else form.status,
        section="slots",
        form=form,
        concerns=concerns,
        actors=actors.list_actors(session, principal),
        weekdays=list(enumerate(words(principal.language).weekdays)),
        preview=_preview(principal, FormData(form.values), today, now),
    )


def _preview(principal: Principal, data: FormData, today: dt.date, now: dt.datetime) -> Preview | None:
    """Return the dates as far as they can be understood yet."""
    form = Form.read(DatesForm, data, today=today)
    if form.errors:
        return None
    try:
        dates = slots.dates_of_new(principal, NewSlot(name="", **form.value.model_dump()), now=now)
    except Invalid:
        return None  # the form itself says why when it is sent
    marked = [(one.original, mark(one.original)) for one in dates]
    return Preview(dates, [(day, found) for day, found in marked if found.kind in _MARKED])


@router.get("/{key}", name="slots.show")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show the slot's dates, month by month, and its actors."""
    return _show(request, principal, session, key, Form(), now)


@router.post("/{key}/actors", name="slots.add_actor")
def add_actor(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep, data: FormDep
) -> Response:
    """Give an actor a standing place."""
    form = Form.read(ActorForm, data)
    with form.attempt(session):
        sent = slots.add_actor(session, principal, key, form.value.actor_id, links=links, now=now)
        done = receipt(principal, N_("Aktören är med i veckotiden."), sent)
        return see_other(request, "slots.show", key=key, notice=done, fragment="actors")
    return _show(request, principal, session, key, form, now)


def _show(
    request: Request, principal: Principal, session: SessionDep, key: UUID, form: Form[Any], now: dt.datetime
) -> Response:
    slot = slots.get_slot(session, principal, key)
    dates = slots.dates_of(session, principal, slot, now=now)
    coming = [one for one in dates if one.meeting.ends_at > now]
    upcoming = min((d.meeting for d in coming if d.meeting.is_planned), key=lambda m: m.starts_at, default=None)
    present = slots.members(slot)
    return page(
        request,
        "slots/show.html",
        status=form.status,
        section="slots",
        form=form,
        slot=slot,
        weekday=words(principal.language).weekdays[slot.weekday],
        months=_months(principal, coming),
        past=_months(principal, [one for one in reversed(dates) if one.meeting.ends_at <= now]),
        next=upcoming,
        invitees=invitations.answers(session, principal, upcoming) if upcoming else [],
        members=present,
        others=[a for a in actors.list_actors(session, principal) if a not in present] if not slot.ended_at else [],
    )


def _months(principal: Principal, dates: list[SlotDate]) -> list[MonthOfDates]:
    """Return the dates under the names of their months, in the order given."""
    months = words(principal.language).months
    found = groupby(dates, key=lambda one: (one.day.year, one.day.month))
    return [MonthOfDates(f"{months[month - 1].capitalize()} {year}", list(group)) for (year, month), group in found]


@router.get("/{key}/actors/{actor}/remove", name="slots.remove_actor")
def show_remove_actor(
    request: Request, key: UUID, actor: UUID, principal: Coordinator, session: SessionDep
) -> Response:
    """Say what happens when an actor's standing place is taken away."""
    slot = slots.get_slot(session, principal, key)
    member = next((one for one in slots.members(slot) if one.id == actor), None)
    if member is None or slot.ended_at is not None:
        raise NotFound
    sent = planning.reach(session, principal, [member])
    return page(request, "slots/remove_actor.html", section="slots", slot=slot, actor=member, sent=sent)


@router.post("/{key}/actors/{actor}/remove")
def remove_actor(
    request: Request, key: UUID, actor: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep
) -> Response:
    """Take the place away and the invitation back."""
    sent = slots.remove_actor(session, principal, key, actor, links=links, now=now)
    done = receipt(principal, N_("Aktören är inte längre med i veckotiden."), sent)
    return see_other(request, "slots.show", key=key, notice=done)


@router.get("/{key}/edit", name="slots.edit")
def show_edit(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show what may change in the series."""
    slot = slots.get_slot(session, principal, key)
    form: Form[DetailsForm] = Form({name: getattr(slot, name) for name in DetailsForm.model_fields})
    return _edit(request, principal, session, slot, form)


@router.post("/{key}/edit")
def change(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep, data: FormDep
) -> Response:
    """Change name, place and link."""
    form = Form.read(DetailsForm, data)
    with form.attempt(session):
        details = SlotDetails(**form.value.model_dump())
        sent = slots.change_details(session, principal, key, details, links=links, now=now)
        return see_other(request, "slots.show", key=key, notice=receipt(principal, N_("Sparat."), sent))
    return _edit(request, principal, session, slots.get_slot(session, principal, key), form)


def _edit(
    request: Request, principal: Principal, session: SessionDep, slot: WeeklySlot, form: Form[DetailsForm]
) -> Response:
    return page(
        request,
        "slots/edit.html",
        status=form.status,
        section="slots",
        form=form,
        slot=slot,
        sent=planning.reach(session, principal, slots.members(slot)),
    )


@router.get("/{key}/end", name="slots.end")
def show_end(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Say what happens when the series is ended."""
    slot = slots.get_slot(session, principal, key)
    dates = slots.dates_of(session, principal, slot, now=now)
    coming = [one for one in dates if one.meeting.is_planned and not one.past]
    return page(
        request,
        "slots/end.html",
        section="slots",
        slot=slot,
        coming=coming,
        sent=planning.reach(session, principal, slots.members(slot)),
    )


@router.post("/{key}/end")
def end(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep
) -> Response:
    """End the series."""
    sent = slots.end_slot(session, principal, key, links=links, now=now)
    done = receipt(principal, N_("Veckotiden är avslutad. Det som har varit finns kvar."), sent)
    return see_other(request, "slots.show", key=key, notice=done)
