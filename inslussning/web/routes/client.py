"""The client's own page on an own telephone: a code and a birth date, then the schedule, and nothing else."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.practice.birth_dates import read_birth_date
from inslussning.services import client_access
from inslussning.web.deps import (
    Anyone,
    ClientDep,
    Coordinator,
    DatabaseDep,
    FormDep,
    Now,
    SessionDep,
    SettingsDep,
    client_cookie,
)
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import page, see_other

router = APIRouter()


class CodeForm(FormModel):
    """What stands on the paper, and what the client knows."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    born: Annotated[str, Field(min_length=1, max_length=40)]


@router.get("/my", name="my")
def show(request: Request, _: Anyone) -> Response:
    """Ask for the code."""
    return page(request, "client/enter.html", form=Form())


@router.post("/my")
def enter(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Use the code, and remember the telephone for some days."""
    form = Form.read(CodeForm, data)
    try:
        said = form.value
        network = request.client.host if request.client else ""
        token = client_access.enter(database, code=said.code, born=_born(said.born), network=network, now=now)
    except PracticeError as problem:
        form.reject(problem)
        return page(request, "client/enter.html", status=form.status, form=form)
    answer = see_other(request, "my.schedule")
    answer.set_cookie(client_cookie(settings), token, httponly=True, samesite="lax", secure=settings.https, path="/")
    return answer


def _born(typed: str) -> dt.date | None:
    """Return the day that was typed, or None: what is no day is answered as a wrong one."""
    try:
        return read_birth_date(typed)
    except Invalid:
        return None


@router.get("/my/schedule", name="my.schedule")
def schedule(request: Request, client: ClientDep, session: SessionDep) -> Response:
    """Show the schedule last handed over."""
    found = client_access.schedule_of(session, client)
    if found is None:
        return page(request, "client/nothing.html")
    return page(request, "client/schedule.html", it=found[0], edition=found[1], until=client.until)


@router.post("/my/leave", name="my.leave")
def leave(request: Request, client: ClientDep, session: SessionDep, settings: SettingsDep) -> Response:
    """Forget this telephone."""
    client_access.leave(session, client)
    answer = see_other(request, "my", notice=N_("Schemat visas inte längre på den här mobilen."))
    answer.delete_cookie(client_cookie(settings), path="/", secure=settings.https)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.post("/schedules/{case_key}/code", name="schedules.code")
def make_code(request: Request, case_key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Make a code for the client and show it once."""
    form: Form[CodeForm] = Form()
    new = None
    with form.attempt(session):
        new = client_access.make_code(session, principal, case_key, now=now)
    address = request.app.state.settings.base_url.rstrip("/") + request.app.url_path_for("my")
    return page(
        request,
        "client/code.html",
        status=form.status,
        section="schedules",
        case_key=case_key,
        new=new,
        address=address,
        form=form,
    )


@router.post("/schedules/{case_key}/end-access", name="schedules.end_access")
def end_access(request: Request, case_key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """End every code and telephone of the case's client."""
    client_access.end_access(session, principal, case_key)
    return see_other(request, "schedules.show", case_key=case_key, notice=N_("Koder och mobiler gäller inte längre."))
