"""Booked times: booking, changing and calling off, and whether the client came."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.models import Actor, Appointment, Case
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.services import appointments, cases, protection
from inslussning.services.appointments import Advice
from inslussning.web.booking_form import Asked, ChangeForm, NewForm, question, read_booking, typed_span
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel
from inslussning.web.receipts import receipt
from inslussning.web.render import go_to, page, see_other
from inslussning.web.security import safe_next

router = APIRouter(prefix="/appointments")

USUAL_LENGTH = "60 min"
CaseKey = Annotated[UUID, Query(alias="case")]
DayGiven = Annotated[str, Query(max_length=10)]


class CancelForm(FormModel):
    """The version the person saw when calling the time off."""

    version: int


class AttendanceForm(FormModel):
    """Whether the client came; nothing chosen takes it back. `back` is the page to return to."""

    attendance: Annotated[Attendance | None, BeforeValidator(lambda typed: typed or None)] = None
    back: str = ""


@router.get("/new", name="appointments.new")
def show_new(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    case: CaseKey,
    actor: UUID | None = None,
    day: DayGiven = "",
) -> Response:
    """Show the form, filled in with the day and the actor that the link names."""
    row = cases.get_case(session, principal, case)
    actors = appointments.choices(session, principal, row, now=now)
    values = {"day": day, "ends": USUAL_LENGTH} | _of_actor(actors, actor)
    asked: Asked[NewForm] = Asked(Form(values), actor, None, confirmed=False)
    return _new(request, principal, session, row, actors, asked)


@router.post("/new")
def book(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
    case: CaseKey,
) -> Response:
    """Book the time, once what has to be chosen on purpose is chosen."""
    row = cases.get_case(session, principal, case)
    asked = read_booking(NewForm, data, principal, release_at=row.release_at, now=now)
    with asked.form.attempt(session):
        kept = appointments.book(
            session,
            principal,
            case_id=case,
            actor_id=asked.form.value.actor_id,
            details=asked.details,
            confirmed=asked.confirmed,
            links=links,
            now=now,
        )
        done = receipt(principal, N_("Tiden är bokad."), kept.sent)
        return see_other(request, "schedules.show", case_key=case, notice=done)
    actors = appointments.choices(session, principal, row, now=now)
    return _new(request, principal, session, row, actors, asked)


@router.post("/check", name="appointments.check")
def check(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    data: FormDep,
    case: CaseKey,
    appointment: UUID | None = None,
) -> Response:
    """Say what speaks against the time while it is being written, and fill in a new actor's address. Nothing is kept."""
    row = cases.get_case(session, principal, case)
    if appointment is not None:
        held = appointments.get_appointment(session, principal, appointment)
        fixed = read_booking(ChangeForm, data, principal, release_at=row.release_at, now=now, actor_id=held.actor_id)
        return _part(request, principal, session, row, fixed, held)
    asked = read_booking(NewForm, data, principal, release_at=row.release_at, now=now)
    actors = appointments.choices(session, principal, row, now=now)
    _refill(asked.form.values, actors, asked.actor_id)
    return _part(request, principal, session, row, asked)


@router.get("/{key}/edit", name="appointments.edit")
def show_edit(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show the time's form filled in, with what there is to consider about it as things stand."""
    row = appointments.get_appointment(session, principal, key)
    protection.note_unmasked(session, row)
    if row.cancelled_at is not None:
        return _gone(request, row)
    span = (row.starts_at, row.ends_at)
    texts = {name: getattr(row, name) for name in ("what", "place", "getting_there", "bring", "contact", "version")}
    form: Form[ChangeForm] = Form(typed_span(span, principal.zone) | texts)
    return _edit(request, principal, session, row, Asked(form, row.actor_id, span, confirmed=False))


@router.post("/{key}/edit")
def change(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Change the time."""
    row = appointments.get_appointment(session, principal, key)
    asked = read_booking(ChangeForm, data, principal, release_at=row.case.release_at, now=now, actor_id=row.actor_id)
    with asked.form.attempt(session):
        kept = appointments.change(
            session,
            principal,
            key,
            asked.details,
            version=asked.form.value.version,
            confirmed=asked.confirmed,
            links=links,
            now=now,
        )
        done = receipt(principal, N_("Tiden är ändrad."), kept.sent)
        return see_other(request, "schedules.show", case_key=kept.appointment.case_id, notice=done)
    if row.cancelled_at is not None:
        return _gone(request, row)
    row = appointments.get_appointment(session, principal, key)
    asked.form.values["version"] = row.version
    return _edit(request, principal, session, row, asked)


@router.get("/{key}/cancel", name="appointments.cancel")
def show_cancel(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Ask once more before a time is called off."""
    return _cancel(request, principal, session, key, Form())


@router.post("/{key}/cancel")
def cancel(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Call the time off."""
    form = Form.read(CancelForm, data)
    with form.attempt(session):
        gone = appointments.cancel(session, principal, key, version=form.value.version, links=links, now=now)
        done = receipt(principal, N_("Tiden är avbokad."), gone.sent)
        return see_other(request, "schedules.show", case_key=gone.appointment.case_id, notice=done)
    return _cancel(request, principal, session, key, form)


@router.post("/{key}/attendance", name="appointments.attendance")
def set_attendance(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Say whether the client came."""
    form = Form.read(AttendanceForm, data)
    row = appointments.set_attendance(session, principal, key, form.value.attendance, now=now)
    if form.value.back:
        return go_to(request, safe_next(form.value.back))
    return see_other(request, "schedules.show", case_key=row.case_id, fragment=f"time-{key}")


def _gone(request: Request, row: Appointment) -> Response:
    """Go on from a time that has been called off: there is nothing left to change."""
    return see_other(request, "schedules.show", case_key=row.case_id, notice=N_("Tiden är redan avbokad."))


def _new(
    request: Request,
    principal: Principal,
    session: SessionDep,
    case: Case,
    actors: Sequence[tuple[Actor, bool]],
    asked: Asked[NewForm],
) -> Response:
    return page(
        request,
        "appointments/new.html",
        status=asked.form.status,
        section="schedules",
        case=case,
        actors=actors,
        row=None,
        times=appointments.of_case(session, principal, case.id),
        **_considered(principal, session, case, asked),
    )


def _edit(
    request: Request, principal: Principal, session: SessionDep, row: Appointment, asked: Asked[ChangeForm]
) -> Response:
    times = [one for one in appointments.of_case(session, principal, row.case_id) if one.id != row.id]
    return page(
        request,
        "appointments/edit.html",
        status=asked.form.status,
        section="schedules",
        case=row.case,
        row=row,
        times=times,
        **_considered(principal, session, row.case, asked, row),
    )


def _part(
    request: Request,
    principal: Principal,
    session: SessionDep,
    case: Case,
    asked: Asked[Any],
    row: Appointment | None = None,
) -> Response:
    asked.form.errors.clear()  # somebody in the middle of a form is not corrected yet
    considered = _considered(principal, session, case, asked, row)
    return page(request, "appointments/_check.html", case=case, row=row, **considered)


def _cancel(request: Request, principal: Principal, session: SessionDep, key: UUID, form: Form[CancelForm]) -> Response:
    row = appointments.get_appointment(session, principal, key)
    if row.cancelled_at is not None:
        return _gone(request, row)
    return page(request, "appointments/cancel.html", status=form.status, section="schedules", row=row, form=form)


def _considered(
    principal: Principal, session: SessionDep, case: Case, asked: Asked[Any], row: Appointment | None = None
) -> dict[str, Any]:
    """Return what the form's templates need about the time that is being asked for."""
    found = Advice()
    if asked.span is not None and asked.actor_id is not None and asked.span[0] < asked.span[1]:
        place = str(asked.form.values.get("place", ""))
        but = row.id if row else None
        found = appointments.advice(session, principal, case, asked.actor_id, asked.span, place=place, but=but)
    mark = question(asked.actor_id, asked.span) if asked.span else ""
    return {"form": asked.form, "span": asked.span, "advice": found, "asked": mark}


def _of_actor(actors: Sequence[tuple[Actor, bool]], key: UUID | None) -> dict[str, str]:
    """Return the fields that follow from the actor; none for one that cannot be chosen."""
    actor = next((one for one, _ in actors if one.id == key), None)
    if actor is None:
        return {}
    contact = appointments.contact_of(actor)
    return {"actor_id": str(actor.id), "filled_for": str(actor.id), "place": actor.visiting_address, "contact": contact}


def _refill(values: dict[str, Any], actors: Sequence[tuple[Actor, bool]], chosen: UUID | None) -> None:
    """Put the chosen actor's address and telephone where nothing, or only another actor's, stands."""
    before = next((_of_actor(actors, one.id) for one, _ in actors if str(one.id) == values.get("filled_for")), {})
    for name, text in _of_actor(actors, chosen).items():
        if values.get(name, "") in {"", before.get(name, "")}:
            values[name] = text
