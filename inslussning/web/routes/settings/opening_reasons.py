"""The office's own list of what a closed case may be opened for, one reason a line."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import office_texts, openings
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep
from inslussning.web.forms import Form, FormModel, Prose
from inslussning.web.render import page, see_other

router = APIRouter()


class ReasonsForm(FormModel):
    """The reasons, one a line."""

    body: Annotated[Prose, Field(min_length=1, max_length=office_texts.LONGEST)]


@router.get("/opening-reasons", name="settings.opening_reasons")
def show(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show the reasons."""
    form: Form[ReasonsForm] = Form({"body": "\n".join(openings.reasons(session, principal))})
    return page(request, "settings/opening_reasons.html", section="settings", form=form)


@router.post("/opening-reasons")
def change(request: Request, principal: OfficeKeeper, session: SessionDep, data: FormDep) -> Response:
    """Put other reasons in place of these; what has been opened keeps the words it was opened with."""
    form = Form.read(ReasonsForm, data)
    with form.attempt(session):
        openings.set_reasons(session, principal, form.value.body)
        return see_other(request, "settings", notice=N_("Skälen är sparade."))
    return page(request, "settings/opening_reasons.html", status=form.status, section="settings", form=form)
