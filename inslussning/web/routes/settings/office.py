"""The office's name, phone and time zone."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import office_settings
from inslussning.services.office_settings import OfficeDetails
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep
from inslussning.web.forms import Form, FormModel, Line, PhoneOrBlank
from inslussning.web.render import page, see_other

router = APIRouter()


class OfficeForm(FormModel):
    """What people see of the office."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    phone: PhoneOrBlank = ""
    timezone: Annotated[Line, Field(min_length=1, max_length=64)]


@router.get("/office", name="settings.office")
def show(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show the office as it is."""
    office = office_settings.own_office(session, principal)
    form: Form[OfficeForm] = Form({name: getattr(office, name) for name in OfficeForm.model_fields})
    return _page(request, form)


@router.post("/office")
def change(request: Request, principal: OfficeKeeper, session: SessionDep, data: FormDep) -> Response:
    """Change what people see of the office."""
    form = Form.read(OfficeForm, data)
    with form.attempt(session):
        office_settings.change_office(session, principal, OfficeDetails(**form.value.model_dump()))
        return see_other(request, "settings", notice=N_("Kontorets uppgifter är sparade."))
    return _page(request, form)


def _page(request: Request, form: Form[OfficeForm]) -> Response:
    return page(
        request,
        "settings/office.html",
        status=form.status,
        section="settings",
        form=form,
        zones=office_settings.offered_zones(),
    )
