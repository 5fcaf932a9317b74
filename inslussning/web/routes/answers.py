"""The page behind the link in a mail: what is asked, an answer without an account, and the invitation for one's own calendar.

Opening the page changes nothing, whoever opens it: mail servers follow links before people do.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import answer_links
from inslussning.services.answer_links import LinkClosed, Opened
from inslussning.web.deps import FormDep, LinkHolder, LinksDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel, KeyOrNone, Prose
from inslussning.web.render import page, see_other
from meetings.vocabulary import Response as Answer

router = APIRouter(prefix="/answer")
LOOK = ["GET", "HEAD"]
THANKS = {
    Answer.ACCEPTED: N_("Tack. Ditt svar är ja."),
    Answer.TENTATIVE: N_("Tack. Ditt svar är kanske."),
    Answer.DECLINED: N_("Tack. Ditt svar är nej."),
}


class AnswerForm(FormModel):
    """An answer, to one date or to everything, with a line to the one who asks."""

    answer: Answer
    meeting: KeyOrNone = None
    note: Annotated[Prose, Field(max_length=500)] = ""


@router.api_route("/{token}", methods=LOOK, name="answers.show")
def show(request: Request, token: str, _: LinkHolder, session: SessionDep, links: LinksDep, now: Now) -> Response:
    """Show what is asked and what has been answered."""
    try:
        opened = answer_links.open_link(session, links, token, now=now)
    except LinkClosed as closed:
        return _closed(request, closed)
    return _show(request, session, token, opened, Form(), now)


@router.post("/{token}")
def answer(
    request: Request, token: str, _: LinkHolder, session: SessionDep, links: LinksDep, now: Now, data: FormDep
) -> Response:
    """Keep an answer."""
    try:
        opened = answer_links.open_link(session, links, token, now=now, lock=True)
        form = Form.read(AnswerForm, data)
        with form.attempt(session):
            said = form.value
            answer_links.give_answer(session, opened, said.meeting, answer=said.answer, note=said.note, now=now)
            return see_other(request, "answers.show", token=token, notice=THANKS[said.answer])
    except LinkClosed as closed:
        return _closed(request, closed)
    return _show(request, session, token, opened, form, now)


@router.api_route("/{token}/meeting.ics", methods=LOOK, name="answers.calendar")
def calendar(request: Request, token: str, _: LinkHolder, session: SessionDep, links: LinksDep, now: Now) -> Response:
    """Hand out the recipient's own invitation as a calendar file."""
    try:
        opened = answer_links.open_link(session, links, token, now=now)
    except LinkClosed as closed:
        return _closed(request, closed)
    return Response(
        answer_links.own_calendar(session, links, opened, now=now),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meeting.ics"'},
    )


def _show(
    request: Request, session: SessionDep, token: str, opened: Opened, form: Form[AnswerForm], now: Now
) -> Response:
    asked = answer_links.question(session, opened, now=now)
    request.state.zone = asked.zone
    return page(request, "answers/show.html", status=form.status, token=token, asked=asked, form=form)


def _closed(request: Request, closed: LinkClosed) -> Response:
    return page(request, "answers/closed.html", status=closed.status, said=(closed.message, closed.params))
