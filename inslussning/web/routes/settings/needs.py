"""The office's need areas: adding, renaming, ordering, taking out of use."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import need_areas
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep, Today
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.render import page, see_other

router = APIRouter()


class AreaForm(FormModel):
    """What an area is called."""

    name: Annotated[Line, Field(min_length=1, max_length=60)]


class MoveForm(FormModel):
    """Which way an area goes."""

    by: Literal["-1", "1"]


@router.get("/needs", name="settings.needs")
def index(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """List the areas in the office's order."""
    return _index(request, principal, session, Form())


@router.post("/needs")
def add(request: Request, principal: OfficeKeeper, session: SessionDep, data: FormDep) -> Response:
    """Add an area, last."""
    form = Form.read(AreaForm, data)
    with form.attempt(session):
        need_areas.add_area(session, principal, form.value.name)
        return see_other(request, "settings.needs", notice=N_("Behovsområdet är tillagt."))
    return _index(request, principal, session, form)


def _index(request: Request, principal: OfficeKeeper, session: SessionDep, form: Form[AreaForm]) -> Response:
    in_use, closed = need_areas.list_areas(session, principal)
    return page(
        request,
        "settings/needs.html",
        status=form.status,
        section="settings",
        form=form,
        in_use=in_use,
        closed=closed,
    )


@router.get("/needs/{key}", name="settings.need")
def show(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show one area to rename it or take it out of use."""
    area = need_areas.get_area(session, principal, key)
    return page(request, "settings/need.html", section="settings", area=area, form=Form({"name": area.name}))


@router.post("/needs/{key}")
def rename(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, data: FormDep) -> Response:
    """Give the area another name."""
    form = Form.read(AreaForm, data)
    area = need_areas.get_area(session, principal, key)
    with form.attempt(session):
        need_areas.rename_area(session, principal, key, form.value.name)
        return see_other(request, "settings.needs", notice=N_("Behovsområdet har fått ett nytt namn."))
    return page(request, "settings/need.html", status=form.status, section="settings", area=area, form=form)


@router.post("/needs/{key}/move", name="settings.need_move")
def move(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, data: FormDep) -> Response:
    """Move the area one step up or down."""
    need_areas.move_area(session, principal, key, int(Form.read(MoveForm, data).value.by))
    return see_other(request, "settings.needs", fragment=f"area-{key}")


@router.post("/needs/{key}/close", name="settings.need_close")
def close(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, today: Today) -> Response:
    """Take the area out of use."""
    need_areas.close_area(session, principal, key, today=today)
    return see_other(
        request, "settings.needs", notice=N_("Behovsområdet är avslutat. Behov som redan är skrivna behåller det.")
    )


@router.post("/needs/{key}/reopen", name="settings.need_reopen")
def reopen(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Take the area into use again."""
    need_areas.reopen_area(session, principal, key)
    return see_other(request, "settings.needs", notice=N_("Behovsområdet används igen."))
