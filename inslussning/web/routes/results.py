"""Uppföljning: how the work goes, in numbers that tell of nobody. A manager may read one case for a while, with a reason."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.protection import OpeningKind
from inslussning.practice.results import FEWEST
from inslussning.services import openings
from inslussning.services import results as use_case
from inslussning.web.deps import FormDep, LinksDep, Now, ResultsReader, SessionDep, StepUp
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/results")


class OpenForm(FormModel):
    """Which case to read, and why."""

    code: Annotated[Line, Field(min_length=1, max_length=20)]
    reason: Annotated[Line, Field(min_length=1, max_length=500)]


@router.get("", name="results")
def show(request: Request, principal: ResultsReader, session: SessionDep) -> Response:
    """Show the numbers."""
    return _page(request, principal, session, Form())


@router.post("/open", name="results.open")
def open_case(
    request: Request,
    principal: ResultsReader,  # the page it answers with is theirs; the service asks whether they may open
    _proof: StepUp,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Open one case for some hours. A code that is none and one that may not be opened get the same answer."""
    form = Form.read(OpenForm, data)
    with form.attempt(session):
        said, kind = form.value, OpeningKind.MANAGEMENT
        try:
            opened = openings.open_case(session, principal, said.code, said.reason, kind, links=links, now=now)
        except NotFound:
            raise Invalid(field="code", message=N_("Det finns inget ärende med den koden att öppna.")) from None
        return see_other(request, "shared.case", key=opened.case_id)
    return _page(request, principal, session, form)


def _page(request: Request, principal: Principal, session: SessionDep, form: Form[OpenForm]) -> Response:
    found = use_case.results(session, principal)
    return page(
        request,
        "results/show.html",
        status=form.status,
        section="results",
        found=found,
        fewest=FEWEST,
        form=form,
    )
