"""The agenda of one meeting: the proposal taken, items added, moved, given their minutes and taken away."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import agenda, cases, meeting_page
from inslussning.web.deps import Coordinator, FormDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.render import page, see_other
from inslussning.web.room import Asked, Typed, room

router = APIRouter(prefix="/meetings/{key}/agenda")

Minutes = Annotated[int, Field(ge=1, le=agenda.LONGEST_ITEM)]


class ProposalForm(FormModel):
    """The proposal taken: the cases offered, and those among them that were kept."""

    offered: tuple[UUID, ...] = ()
    cases: tuple[UUID, ...] = ()


class StandingForm(FormModel):
    """An item about the group."""

    title: Annotated[Line, Field(min_length=1, max_length=120)]
    minutes: Minutes


class CaseForm(FormModel):
    """A case to take up."""

    case_id: UUID


class MoveForm(FormModel):
    """One step up or down."""

    by: Annotated[int, Field(ge=-1, le=1)]


@router.get("", name="meetings.agenda")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show the agenda, ready to be changed."""
    return _page(Asked(request, principal, session, now), key, Form())


@router.post("", name="meetings.set_minutes")
def set_minutes(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Give every item its minutes."""
    form, lengths = _lengths(data)
    with form.attempt(session):
        if not form.errors:
            agenda.set_minutes(session, principal, key, lengths)
            return see_other(request, "meetings.agenda", key=key, notice=N_("Sparat."))
    return _page(Asked(request, principal, session, now), key, form)


@router.post("/proposal", name="meetings.use_proposal")
def use_proposal(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Make the proposal the agenda, less the cases that were unticked."""
    asked = Asked(request, principal, session, now)
    form = Form.read(ProposalForm, data)
    with form.attempt(session):
        left_out = set(form.value.offered) - set(form.value.cases)
        agenda.use_proposal(session, principal, key, leave_out=left_out, today=asked.today)
        return see_other(request, "meetings.show", key=key)
    return room(asked, key, typed=Typed(reason=form))


@router.post("/items", name="meetings.add_standing")
def add_standing(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Add an item about the group, last."""
    form = Form.read(StandingForm, data)
    with form.attempt(session):
        agenda.add_standing(session, principal, key, title=form.value.title, minutes=form.value.minutes)
        return see_other(request, "meetings.agenda", key=key, notice=N_("Punkten är tillagd."))
    return _page(Asked(request, principal, session, now), key, form)


@router.post("/cases", name="meetings.add_case")
def add_case(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Add a case after the last one."""
    asked = Asked(request, principal, session, now)
    form = Form.read(CaseForm, data)
    with form.attempt(session):
        agenda.add_case(session, principal, key, form.value.case_id, today=asked.today)
        return see_other(request, "meetings.agenda", key=key, notice=N_("Ärendet är tillagt."))
    return _page(Asked(request, principal, session, now), key, form)


@router.post("/items/{item}/move", name="meetings.move_item")
def move_item(
    request: Request, key: UUID, item: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Move an item one step, and keep the minutes typed; the answer to htmx is the list, with the focus where it was."""
    asked = Asked(request, principal, session, now)
    step = Form.read(MoveForm, data)
    form, lengths = _lengths(data)
    with form.attempt(session):
        if not form.errors:
            agenda.set_minutes(session, principal, key, lengths)
            agenda.move_item(session, principal, key, item, by=step.value.by)
            if not asked.is_part:
                return see_other(request, "meetings.agenda", key=key, fragment=f"item-{item}")
            form = Form()
    return _page(asked, key, form, "lines")


@router.post("/items/{item}/remove", name="meetings.remove_item")
def remove_item(
    request: Request, key: UUID, item: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Take an item off the agenda, and keep the minutes typed for the others."""
    form, lengths = _lengths(data)
    with form.attempt(session):
        if not form.errors:
            agenda.set_minutes(session, principal, key, lengths)
            agenda.remove_item(session, principal, key, item)
            return see_other(request, "meetings.agenda", key=key, notice=N_("Punkten är borttagen."))
    return _page(Asked(request, principal, session, now), key, form)


def _lengths(data: FormData) -> tuple[Form[FormModel], dict[UUID, int]]:
    """Read one number per item, each error by its own box."""
    typed = {name: text for name, text in data.items() if isinstance(text, str) and name.startswith("minutes-")}
    form: Form[FormModel] = Form(typed)
    lengths: dict[UUID, int] = {}
    for name, text in typed.items():
        try:
            lengths[UUID(name.removeprefix("minutes-"))] = int(text)
        except ValueError:
            form.errors[name] = (N_("Skriv ett heltal."), {})
            form.status = 422
    return form, lengths


def _page(asked: Asked, key: UUID, form: Form[Any], block: str | None = None) -> Response:
    held = meeting_page.sitting(asked.session, asked.principal, key, today=asked.today)
    there = {line.case_id for line in held.lines}
    about = held.meeting.case_id
    offered = cases.choices(asked.session, asked.principal)
    return page(
        asked.request,
        "minutes/agenda.html",
        block,
        status=form.status,
        section="slots",
        held=held,
        form=form,
        choices=[(key, code) for key, code in offered if key not in there and about in {None, key}],
    )
