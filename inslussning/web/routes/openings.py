"""Opening a closed case in an emergency, in two choices: first whether there is one, and whom to ring; then what is in it."""

import datetime as dt
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.access import Function, Principal
from inslussning.services import openings
from inslussning.services.openings import Answer, Why
from inslussning.web.deps import CaseOpener, FormDep, LinksDep, Now, SessionDep, StepUp
from inslussning.web.forms import Form, FormModel, Line, Ticked
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/openings")

NO_SUCH_CASE = N_("Det finns inget stängt ärende med den koden som du kan öppna. Kontrollera koden.")
CONFIRM = N_("Bekräfta att du vet att öppningen granskas.")


class AskForm(FormModel):
    """Which case, and why."""

    code: Line = ""
    kind: Line = ""
    reason: Line = ""


class OpenForm(FormModel):
    """What one needs to know, and that one knows it is looked at afterwards."""

    purpose: Line = ""
    confirmed: Ticked = False


@router.get("", name="openings")
def index(request: Request, principal: CaseOpener, session: SessionDep, now: Now) -> Response:
    """Show the first choice, and what one has opened now."""
    return _index(request, principal, session, now, Form())


@router.post("")
def ask(request: Request, principal: CaseOpener, session: SessionDep, now: Now, data: FormDep) -> Response:
    """Answer whether there is a closed case by the code. The question stays written down whatever the answer."""
    form = Form.read(AskForm, data)
    with form.attempt(session):
        said = form.value
        asked = openings.ask(session, principal, said.code, Why(kind=said.kind, reason=said.reason), now=now)
        if asked.answer is Answer.CLOSED:
            return see_other(request, "openings.found", key=asked.try_id)
        if asked.answer is Answer.ALREADY_OPEN:
            return see_other(request, _page_of(principal), key=asked.case_id, notice=N_("Du kan redan läsa ärendet."))
        form.reject(Invalid(field="code", message=NO_SUCH_CASE))
    return _index(request, principal, session, now, form)


@router.get("/asked/{key}", name="openings.found")
def found(request: Request, key: UUID, principal: CaseOpener, session: SessionDep, now: Now) -> Response:
    """Say that there is a closed case and whom to ring, and offer the second choice."""
    return _found(request, principal, session, key, now, Form())


@router.post("/asked/{key}")
def open_content(
    request: Request,
    key: UUID,
    principal: CaseOpener,
    _proof: StepUp,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Open what is in the case, for some hours."""
    form = Form.read(OpenForm, data)
    with form.attempt(session):
        if not form.value.confirmed:
            raise Invalid(field="confirmed", message=CONFIRM)
        opened = openings.open_content(session, principal, key, purpose=form.value.purpose, links=links, now=now)
        return see_other(request, _page_of(principal), key=opened.case_id)
    return _found(request, principal, session, key, now, form)


@router.post("/{key}/end", name="openings.end")
def end(request: Request, key: UUID, principal: CaseOpener, session: SessionDep, now: Now) -> Response:
    """End one's own opening before its time."""
    openings.end(session, principal, key, now=now)
    return see_other(request, "openings", notice=N_("Öppningen är avslutad. Ärendet är stängt för dig igen."))


def _page_of(principal: Principal) -> str:
    """Return the page where the principal reads a case."""
    return "cases.show" if principal.may(Function.COORDINATE) else "shared.case"


def _index(request: Request, principal: Principal, session: SessionDep, now: dt.datetime, form: Form[Any]) -> Response:
    return page(
        request,
        "openings/index.html",
        status=form.status,
        section="openings",
        form=form,
        reasons=[(reason, reason) for reason in openings.reasons(session, principal)],
        own=openings.own(session, principal, now=now),
        case_page=_page_of(principal),
        now=now,
    )


def _found(
    request: Request, principal: Principal, session: SessionDep, key: UUID, now: dt.datetime, form: Form[Any]
) -> Response:
    closed = openings.get_closed(session, principal, key, now=now)
    return page(request, "openings/found.html", status=form.status, section="openings", form=form, closed=closed)
