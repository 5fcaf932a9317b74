"""The access log as the reviewer reads it, and the samples that are checked week by week.

What is looked for travels in a posted form, and only keys stand in the address.
"""

import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.db import Session
from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.audit import Event
from inslussning.services import audit_reading, audit_samples
from inslussning.services.audit_reading import Wanted
from inslussning.web.deps import FormDep, Now, Reviewer, SessionDep, Today
from inslussning.web.forms import DayOrNone, Form, FormModel, KeyOrNone, Line, Prose, Ticked
from inslussning.web.render import go_to, options, page, see_other

router = APIRouter(prefix="/log")

HIGHEST = 2_000_000_000  # what a database's integer holds
Number = Annotated[int, Path(ge=1, le=HIGHEST)]


class FilterForm(FormModel):
    """What the reviewer looks for."""

    code: Annotated[Line, Field(max_length=20)] = ""
    person: KeyOrNone = None
    event: Event | None = None
    day: DayOrNone = None


class CheckForm(FormModel):
    """What the check of a sample showed."""

    in_order: Ticked = False
    note: Annotated[Prose, Field(max_length=audit_samples.LONGEST_NOTE)] = ""


@router.get("", name="log")
def index(  # noqa: PLR0913, PLR0917 - one argument for each way to narrow the list
    request: Request,
    principal: Reviewer,
    session: SessionDep,
    case: UUID | None = None,
    person: UUID | None = None,
    event: Event | None = None,
    day: dt.date | None = None,
    before: Annotated[int | None, Query(ge=1, le=HIGHEST)] = None,
) -> Response:
    """List the log, newest first; htmx asks for the next rows alone."""
    wanted = Wanted(case_id=case, person_id=person, event=event, day=day, before=before)
    return _index(request, principal, session, wanted, None)


@router.post("/find", name="log.find")
def find(request: Request, principal: Reviewer, session: SessionDep, today: Today, data: FormDep) -> Response:
    """Go on to the list of what is looked for."""
    form = Form.read(FilterForm, _given(data), today=today)
    with form.attempt(session):
        said = form.value
        case = audit_reading.case_named(session, principal, said.code) if said.code else None
        wanted = Wanted(case_id=case, person_id=said.person, event=said.event, day=said.day)
        return go_to(request, _address(request, wanted))
    return _index(request, principal, session, Wanted(), form)


def _given(data: Any) -> Any:  # noqa: ANN401 - a form as the framework gives it
    """Return the form without what was left empty: an empty choice is none."""
    return type(data)([(name, value) for name, value in data.multi_items() if value != ""])


def _index(
    request: Request, principal: Principal, session: Session, wanted: Wanted, form: Form[FilterForm] | None
) -> Response:
    found = audit_reading.page_of_log(session, principal, wanted)
    return page(
        request,
        "log/index.html",
        "rows",
        status=form.status if form else 200,
        section="log",
        found=found,
        wanted=wanted,
        form=form or Form(_values(wanted, found.code)),
        people=[(one.key, one.name) for one in audit_reading.colleagues(session, principal)],
        events=options(Event),
        more=_address(request, wanted, found.before) if found.before else "",
        is_narrowed=wanted != Wanted(before=wanted.before),
    )


def _values(wanted: Wanted, code: str) -> dict[str, str]:
    return {
        "code": code,
        "person": str(wanted.person_id or ""),
        "event": wanted.event.value if wanted.event else "",
        "day": str(wanted.day or ""),
    }


def _address(request: Request, wanted: Wanted, before: int | None = None) -> str:
    keys = {
        "case": wanted.case_id,
        "person": wanted.person_id,
        "event": wanted.event,
        "day": wanted.day,
        "before": before,
    }
    query = urlencode({name: str(value) for name, value in keys.items() if value is not None})
    return str(request.app.url_path_for("log")) + (f"?{query}" if query else "")


@router.get("/entries/{number}", name="log.show")
def show(request: Request, number: Number, principal: Reviewer, session: SessionDep) -> Response:
    """Show one entry with everything it says."""
    return page(request, "log/show.html", section="log", shown=audit_reading.get_entry(session, principal, number))


@router.get("/samples", name="log.samples")
def samples(request: Request, principal: Reviewer, session: SessionDep, today: Today) -> Response:
    """List the weeks with how far the checking has come."""
    return page(request, "log/samples.html", section="log", weeks=audit_samples.weeks(session, principal, today=today))


@router.get("/samples/{week}", name="log.week")
def week(request: Request, week: dt.date, principal: Reviewer, session: SessionDep) -> Response:
    """Show a week's samples."""
    return _week(request, principal, session, week, None, Form())


def _week(
    request: Request, principal: Principal, session: Session, week: dt.date, refused: UUID | None, form: Form[Any]
) -> Response:
    return page(
        request,
        "log/week.html",
        status=form.status,
        section="log",
        week=week,
        drawn=audit_samples.of_week(session, principal, week),
        refused=refused,
        form=form,
    )


@router.post("/samples/{week}/draw", name="log.draw")
def draw(request: Request, week: dt.date, principal: Reviewer, session: SessionDep, now: Now) -> Response:
    """Draw a week's samples."""
    form: Form[Any] = Form()
    with form.attempt(session):
        audit_samples.draw(session, principal, week, now=now)
        return see_other(request, "log.week", week=week)
    return _week(request, principal, session, week, None, form)


@router.post("/samples/{week}/{key}", name="log.check")
def check(
    request: Request, week: dt.date, key: UUID, principal: Reviewer, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Keep what the check of a sample showed."""
    form = Form.read(CheckForm, data)
    with form.attempt(session):
        said = form.value
        audit_samples.check(session, principal, key, is_in_order=said.in_order, note=said.note, now=now)
        return see_other(request, "log.week", week=week, fragment=f"s-{key}", notice=N_("Kontrollen är sparad."))
    return _week(request, principal, session, week, key, form)
