"""What is shared with somebody outside the office's staff: meetings to answer, cases to follow, the client's week."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.action_words import STATE_COLOURS, STATE_WORDS
from inslussning.practice.phases import Phase
from inslussning.services import action_lists, schedules, shared_cases, shared_meetings
from inslussning.services.action_lists import Wanted
from inslussning.web.deps import CaseReader, FormDep, MeetingGoer, Now, PlanReader, ScheduleReader, SessionDep, Today
from inslussning.web.forms import Form, FormModel, Prose
from inslussning.web.render import page, see_other
from meetings.vocabulary import Response as Answer

router = APIRouter(prefix="/shared")
PHASES = tuple(phase for phase in Phase if phase is not Phase.CLOSED)


class AnswerForm(FormModel):
    """One function's answer to one meeting."""

    invitation: UUID
    answer: Answer
    note: Annotated[Prose, Field(max_length=500)] = ""


@router.get("/meetings", name="shared.meetings")
def meetings(
    request: Request, principal: MeetingGoer, session: SessionDep, now: Now, after: UUID | None = None
) -> Response:
    """List the meetings one is invited to, the nearest first."""
    found = shared_meetings.coming(session, principal, now=now, after=after)
    return page(request, "shared/meetings.html", "rows", section="meetings", found=found, after=after)


@router.get("/meetings/{key}", name="shared.meeting")
def meeting(
    request: Request, key: UUID, principal: MeetingGoer, session: SessionDep, now: Now, today: Today
) -> Response:
    """Show one meeting with one's own answer and actions."""
    return _meeting(request, principal, session, key, now, today, Form())


@router.post("/meetings/{key}/answer", name="shared.answer")
def answer(
    request: Request, key: UUID, principal: MeetingGoer, session: SessionDep, now: Now, today: Today, data: FormDep
) -> Response:
    """Keep an answer."""
    form = Form.read(AnswerForm, data)
    with form.attempt(session):
        said = form.value
        shared_meetings.answer(session, principal, key, said.invitation, answer=said.answer, note=said.note, now=now)
        return see_other(request, "shared.meeting", key=key, notice=N_("Ditt svar är sparat."))
    return _meeting(request, principal, session, key, now, today, form)


def _meeting(
    request: Request,
    principal: Principal,
    session: SessionDep,
    key: UUID,
    now: Now,
    today: Today,
    form: Form[AnswerForm],
) -> Response:
    it = shared_meetings.one(session, principal, key)
    return page(
        request,
        "shared/meeting.html",
        status=form.status,
        section="meetings",
        it=it,
        is_over=it.ends_at <= now,
        form=form,
        actions=action_lists.open_page(session, principal, Wanted(case_id=it.case_id), today=today).rows,
    )


@router.get("/cases", name="shared.cases")
def cases(request: Request, principal: CaseReader, session: SessionDep, after: UUID | None = None) -> Response:
    """List the cases shared with one, the nearest release first."""
    found = shared_cases.list_cases(session, principal, after=after)
    return page(request, "shared/cases.html", "rows", section="cases", found=found, after=after)


@router.get("/cases/{key}", name="shared.case")
def case(request: Request, key: UUID, principal: PlanReader, session: SessionDep, now: Now) -> Response:
    """Show what is shared of one case; the office's staff have a page of their own."""
    if principal.sees_whole_office:
        return see_other(request, "cases.show", key=key)
    return page(
        request,
        "shared/case.html",
        section="cases",
        it=shared_cases.one(session, principal, key, now=now),
        phases=PHASES,
        state_words=STATE_WORDS,
        state_colours=STATE_COLOURS,
    )


@router.get("/cases/{key}/schedule", name="shared.schedule")
def schedule(request: Request, key: UUID, principal: ScheduleReader, session: SessionDep, now: Now) -> Response:
    """Show the client's week as the client is given it."""
    it, edition = schedules.shared_sheet(session, principal, key, now=now)
    return page(request, "shared/schedule.html", section="cases", key=key, it=it, edition=edition)


@router.get("/cases/{key}/schedule/client", name="shared.schedule_client")
def client(request: Request, key: UUID, principal: ScheduleReader, session: SessionDep, now: Now) -> Response:
    """Show the client's own page, to print and hand over."""
    it, edition = schedules.shared_sheet(session, principal, key, now=now)
    return page(request, "schedule/client.html", it=it, edition=edition)
