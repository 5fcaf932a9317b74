"""What is added and changed on a case's own page: the actors that take part, and the client's needs."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.models import Need
from inslussning.practice.access import Principal
from inslussning.services import cases
from inslussning.services.needs import LONGEST_TEXT
from inslussning.web.deps import Coordinator, FormDep, Now, SessionDep, Today
from inslussning.web.forms import Form, FormModel, KeyOrNone, Prose
from inslussning.web.render import page, see_other
from inslussning.web.routes.cases import show_case

router = APIRouter()


class JoinForm(FormModel):
    """An actor to let in."""

    joining_id: KeyOrNone = None


class NeedForm(FormModel):
    """A need in one of the office's areas."""

    area_id: KeyOrNone = None
    text: Annotated[Prose, Field(max_length=LONGEST_TEXT)] = ""


@router.post("/cases/{key}/actors", name="cases.join")
def join(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now, data: FormDep
) -> Response:
    """Let an actor take part."""
    form = Form.read(JoinForm, data)
    with form.attempt(session):
        cases.join(session, principal, key, form.value.joining_id, today=today, field="joining_id")
        return see_other(request, "cases.show", key=key, fragment="actors", notice=N_("Aktören deltar i ärendet."))
    return show_case(request, principal, session, key, now, form)


@router.post("/cases/{key}/actors/{actor}/leave", name="cases.leave")
def leave(
    request: Request, key: UUID, actor: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now
) -> Response:
    """Let an actor leave; that it took part stays."""
    form: Form[JoinForm] = Form()
    with form.attempt(session):
        cases.leave(session, principal, key, actor, today=today)
        said = N_("Aktören deltar inte längre. Det den varit med om finns kvar.")
        return see_other(request, "cases.show", key=key, fragment="actors", notice=said)
    return show_case(request, principal, session, key, now, form)


@router.post("/cases/{key}/actors/{actor}/finish", name="cases.finish")
def finish(
    request: Request, key: UUID, actor: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now
) -> Response:
    """Let an actor whose work is done leave tomorrow: it sees the case today."""
    form: Form[JoinForm] = Form()
    with form.attempt(session):
        cases.leave(session, principal, key, actor, today=today + dt.timedelta(days=1))
        said = N_("Aktörens del är avslutad. Den ser ärendet i dag men inte i morgon.")
        return see_other(request, "cases.show", key=key, fragment="actors", notice=said)
    return show_case(request, principal, session, key, now, form)


@router.post("/cases/{key}/needs", name="cases.add_need")
def add_need(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now, data: FormDep
) -> Response:
    """Write down a need."""
    form = Form.read(NeedForm, data)
    with form.attempt(session):
        cases.add_need(session, principal, key, **form.value.model_dump(), today=today)
        return see_other(request, "cases.show", key=key, fragment="needs", notice=N_("Behovet är tillagt."))
    return show_case(request, principal, session, key, now, form)


@router.get("/needs/{key}", name="needs.edit")
def show_need(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show a need's form filled in."""
    need = cases.get_need(session, principal, key)
    return _need(request, principal, session, need, Form({"area_id": str(need.area_id), "text": need.text}))


@router.post("/needs/{key}")
def change_need(request: Request, key: UUID, principal: Coordinator, session: SessionDep, data: FormDep) -> Response:
    """Put a need in other words or in another area."""
    form = Form.read(NeedForm, data)
    with form.attempt(session):
        need = cases.change_need(session, principal, key, **form.value.model_dump())
        return see_other(request, "cases.show", key=need.case_id, fragment="needs", notice=N_("Sparat."))
    return _need(request, principal, session, cases.get_need(session, principal, key), form)


def _need(request: Request, principal: Principal, session: SessionDep, need: Need, form: Form[NeedForm]) -> Response:
    areas = [(area.id, area.name) for area in cases.need_areas(session, principal)]
    if need.area_id not in {key for key, _ in areas}:
        areas.append((need.area_id, need.area.name))
    return page(request, "cases/need.html", status=form.status, section="cases", need=need, areas=areas, form=form)


@router.post("/needs/{key}/meet", name="needs.meet")
def meet(request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today) -> Response:
    """Mark a need as met."""
    need = cases.meet_need(session, principal, key, today=today)
    said = N_("Behovet är tillgodosett.")
    return see_other(request, "cases.show", key=need.case_id, fragment="needs", notice=said)


@router.post("/needs/{key}/reopen", name="needs.reopen")
def reopen(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Open a need again."""
    need = cases.reopen_need(session, principal, key)
    return see_other(request, "cases.show", key=need.case_id, fragment="needs", notice=N_("Behovet är öppet igen."))
