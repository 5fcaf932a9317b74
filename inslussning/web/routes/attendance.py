"""Who the meeting is for: whether they came, what they answered, and a nudge to those who are silent."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from inslussning.errors import NotFound
from inslussning.i18n import N_
from inslussning.practice.attendance import Attendance
from inslussning.services import invitations, meetings, minutes
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel, Prose
from inslussning.web.receipts import receipt
from inslussning.web.render import go_to, see_other
from inslussning.web.room import Asked, Typed, room, room_path
from meetings.vocabulary import Response as Answer

router = APIRouter(prefix="/meetings")

Mark = Annotated[Attendance | None, BeforeValidator(lambda typed: typed or None)]


class AttendanceForm(FormModel):
    """Whether one actor came; an empty mark takes it away."""

    actor_id: UUID
    attendance: Mark = None


class AnswerForm(FormModel):
    """An answer given by telephone."""

    invitation: UUID
    answer: Answer
    note: Annotated[Prose, Field(max_length=500)] = ""


@router.post("/{key}/attendance", name="meetings.attendance")
def set_attendance(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    data: FormDep,
    item: UUID | None = None,
) -> Response:
    """Mark whether one actor came; htmx gets the new counts."""
    asked = Asked(request, principal, session, now)
    form = Form.read(AttendanceForm, data)
    with form.attempt(session):
        minutes.set_attendance(session, principal, key, form.value.actor_id, form.value.attendance)
        if not asked.is_part:
            return go_to(request, room_path(request, key, item, "people"), notice=N_("Närvaron är sparad."))
    return room(asked, key, item, typed=Typed(answer=form), block="came")


@router.post("/{key}/remind", name="meetings.remind")
def remind(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, links: LinksDep, now: Now
) -> Response:
    """Remind those who have not answered."""
    meeting = meetings.get_meeting(session, principal, key)
    sent = invitations.remind_silent(session, principal, meeting, links=links, now=now)
    done = N_("Påminnelsen är skickad.") if sent.count else N_("Ingen påminnelse behövdes.")
    return see_other(request, "meetings.show", key=key, notice=receipt(principal, done, sent), fragment="people")


@router.post("/{key}/answers", name="meetings.record_answer")
def record_answer(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Write down an answer given by telephone."""
    meeting = meetings.get_meeting(session, principal, key)
    asked = Asked(request, principal, session, now)
    form = Form.read(AnswerForm, data)
    with form.attempt(session):
        told = form.value
        if told.invitation not in {one.invitation_id for one in invitations.answers(session, principal, meeting)}:
            raise NotFound
        about = meeting.id if meeting.slot_id else None
        invitations.record_answer(
            session, principal, told.invitation, meeting_id=about, answer=told.answer, note=told.note, now=now
        )
        return see_other(request, "meetings.show", key=key, notice=N_("Svaret är inskrivet."), fragment="people")
    return room(asked, key, typed=Typed(answer=form), block="people")
