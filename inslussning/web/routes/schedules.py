"""The client's schedule: how far each has come, what it says, and the ways it leaves: on paper, as a file, in a telephone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from inslussning.i18n import N_, translate
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.protection import Protection
from inslussning.practice.sheet import Edition, Sheet
from inslussning.services import appointments, client_access, releases, schedule_calendar, schedule_pdf, schedules
from inslussning.web.deps import Coordinator, Now, SessionDep
from inslussning.web.render import page, see_other
from inslussning.web.routes.releases import Document

router = APIRouter(prefix="/schedules")

HIGHEST = 100_000  # more versions than anybody hands over, and less than what a database's integer holds
VersionNumber = Annotated[int, Path(ge=1, le=HIGHEST)]
VersionAsked = Annotated[int | None, Query(ge=1, le=HIGHEST)]


@router.get("", name="schedules")
def index(
    request: Request, principal: Coordinator, session: SessionDep, now: Now, after: UUID | None = None
) -> Response:
    """List recent and coming releases with how far each schedule has come."""
    states = schedules.list_states(session, principal, now=now, after=after, limit=schedules.ROWS + 1)
    return page(
        request,
        "schedule/index.html",
        "rows",
        section="schedules",
        states=states[: schedules.ROWS],
        more=len(states) > schedules.ROWS,
        after=after,
    )


@router.get("/{case_key}", name="schedules.show")
def show(request: Request, case_key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show the case's times, what to consider about them, and exactly what the client gets."""
    current = schedules.live(session, principal, case_key, now=now)
    return page(
        request,
        "schedule/show.html",
        section="schedules",
        current=current,
        considered=appointments.advice_on_all(session, principal, current.case, current.appointments),
        versions=schedules.versions(session, principal, case_key),
        first_meeting_by=schedules.first_meeting_by(session, principal, current.case, now=now),
        attendances=tuple(Attendance),
        telephones=client_access.telephones(session, principal, case_key, now=now),
        now=now,
    )


@router.post("/{case_key}/hand-over", name="schedules.hand_over")
def hand_over(request: Request, case_key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Keep the schedule as the next version."""
    kept = schedules.hand_over(session, principal, case_key, now=now)
    notice = translate(
        principal.language,
        N_("Version %(number)s är lämnad. Skriv ut den eller hämta den som PDF."),
        number=kept.number,
    )
    return see_other(request, "schedules.show", case_key=case_key, notice=notice)


@router.get("/{case_key}/client", name="schedules.client")
def client(request: Request, case_key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show the client's own page as it stands."""
    current = schedules.live(session, principal, case_key, now=now)
    stopped = current.case.protection is not Protection.NONE
    return page(request, "schedule/client.html", it=current.sheet, edition=current.edition, stopped=stopped)


@router.get("/{case_key}/versions/{number}", name="schedules.version")
def version(
    request: Request, case_key: UUID, number: VersionNumber, principal: Coordinator, session: SessionDep
) -> Response:
    """Show a version as it was handed over."""
    it, edition = schedules.version(session, principal, case_key, number)
    stopped = releases.is_protected(session, principal, case_key)
    return page(request, "schedule/client.html", it=it, edition=edition, stopped=stopped)


@router.get("/{case_key}/pdf", name="schedules.pdf")
def pdf(
    request: Request,
    case_key: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    version: VersionAsked = None,
) -> Response:
    """Hand out the schedule, or one of its versions, as a paper."""
    if releases.is_protected(session, principal, case_key):
        return see_other(request, "releases.schedule", key=case_key, document=Document.PAPER)
    it, edition = _paper(session, principal, case_key, version, now)
    return _file(schedule_pdf.schedule_pdf(it, edition, now=now), "application/pdf", "schema.pdf")


@router.get("/{case_key}/ics", name="schedules.ics")
def calendar(request: Request, case_key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Hand out the times for the client's own telephone, in words that tell nothing."""
    if releases.is_protected(session, principal, case_key):
        return see_other(request, "releases.schedule", key=case_key, document=Document.CALENDAR)
    made = schedule_calendar.calendar_file(session, principal, case_key, now=now)
    return _file(made, "text/calendar; charset=utf-8", "schema.ics")


def _paper(
    session: SessionDep, principal: Principal, case_key: UUID, number: int | None, now: Now
) -> tuple[Sheet, Edition]:
    if number is not None:
        return schedules.version(session, principal, case_key, number)
    current = schedules.live(session, principal, case_key, now=now)
    return current.sheet, current.edition


def _file(content: bytes, media_type: str, name: str) -> Response:
    """Answer with a file to save; its name tells nothing of whom it concerns."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
