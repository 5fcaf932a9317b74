"""Letting something about a client with protected identity leave the house: one page that says what and to whom, one act, one paper.

The paper and the file are the answer to the act itself, so nothing can be fetched again afterwards.
"""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import CaseRelease
from inslussning.practice.access import Principal
from inslussning.practice.protection import ReleaseKind
from inslussning.services import cases, releases, schedule_calendar, schedule_pdf, schedules
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep, StepUp
from inslussning.web.forms import Form, FormModel, Line, Ticked
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/cases/{key}/release")

CONFIRM = N_("Bekräfta att du vet vad som lämnas och till vem.")


class Document(StrEnum):
    """What is handed to the client."""

    PAPER = ReleaseKind.PAPER.value
    CALENDAR = ReleaseKind.CALENDAR.value

    @property
    def kind(self) -> ReleaseKind:
        """Return what the act is called."""
        return ReleaseKind(self.value)


class ReleaseForm(FormModel):
    """Why it must leave, and that one knows what it says."""

    reason: Line = ""
    confirmed: Ticked = False

    def checked(self) -> str:
        """Return the reason; raise Invalid until it is confirmed."""
        if not self.confirmed:
            raise Invalid(field="confirmed", message=CONFIRM)
        return self.reason


@router.get("/schedule/{document}", name="releases.schedule")
def show_document(
    request: Request, key: UUID, document: Document, principal: Coordinator, session: SessionDep, now: Now
) -> Response:
    """Show what a paper or a calendar file says, and that it goes to the client."""
    return _document(request, principal, session, key, document, now, Form())


@router.post("/schedule/{document}", name="releases.hand_out")
def hand_out(
    request: Request,
    key: UUID,
    document: Document,
    principal: Coordinator,
    _proof: StepUp,
    session: SessionDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Hand out one paper or one file."""
    form = Form.read(ReleaseForm, data)
    with form.attempt(session):
        reason = form.value.checked()
        released = releases.hand_out(session, principal, key, document.kind, reason=reason, now=now)
        return _file(session, principal, released, now)
    return _document(request, principal, session, key, document, now, form)


@router.get("/mail/{invitation}", name="releases.mail")
def show_mail(
    request: Request, key: UUID, invitation: UUID, principal: Coordinator, session: SessionDep, now: Now
) -> Response:
    """Show what a mail says and which mailbox gets it."""
    return _mail(request, principal, session, key, invitation, now, Form())


@router.post("/mail/{invitation}")
def send(  # noqa: PLR0913, PLR0917 - which mail of which case, and what everything that sends mail needs
    request: Request,
    key: UUID,
    invitation: UUID,
    principal: Coordinator,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Let one mail go."""
    form = Form.read(ReleaseForm, data)
    with form.attempt(session):
        reason = form.value.checked()
        releases.send(session, principal, key, invitation, reason=reason, links=links, now=now)
        return see_other(request, "cases.show", key=key, notice=N_("Mejlet är på väg, utan plats."))
    return _mail(request, principal, session, key, invitation, now, form)


def _document(
    request: Request,
    principal: Principal,
    session: SessionDep,
    key: UUID,
    document: Document,
    now: dt.datetime,
    form: Form[ReleaseForm],
) -> Response:
    current = schedules.live(session, principal, key, now=now)
    return page(
        request,
        "cases/release.html",
        status=form.status,
        section="cases",
        form=form,
        case=current.case,
        document=document,
        current=current,
        mail=None,
    )


def _mail(
    request: Request,
    principal: Principal,
    session: SessionDep,
    key: UUID,
    invitation: UUID,
    now: dt.datetime,
    form: Form[ReleaseForm],
) -> Response:
    return page(
        request,
        "cases/release.html",
        status=form.status,
        section="cases",
        form=form,
        case=cases.get_case(session, principal, key),
        document=None,
        current=None,
        mail=releases.waiting_one(session, principal, key, invitation, now=now),
    )


def _file(session: SessionDep, principal: Principal, released: CaseRelease, now: dt.datetime) -> Response:
    if released.kind is ReleaseKind.CALENDAR:
        made = schedule_calendar.calendar_file(session, principal, released.case_id, released=released, now=now)
        media_type, name = "text/calendar; charset=utf-8", "schema.ics"
    else:
        current = schedules.live(session, principal, released.case_id, now=now)
        made = schedule_pdf.schedule_pdf(current.sheet, current.edition, now=now)
        media_type, name = "application/pdf", "schema.pdf"
    return Response(made, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
