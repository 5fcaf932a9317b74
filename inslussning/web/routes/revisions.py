"""Finalising the minutes, reading a locked version, and opening it again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import meetings, minutes
from inslussning.services.drafts import MinutesLocked
from inslussning.services.invitations import Sent
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.receipts import receipt
from inslussning.web.render import page, see_other
from inslussning.web.room import Asked, Typed, room, words

router = APIRouter(prefix="/meetings/{key}")

Number = Annotated[int, Path(ge=1, le=10_000)]


class FinaliseForm(FormModel):
    """The fingerprint of what was read through."""

    seen: Annotated[str, Field(max_length=64)]


class ReopenForm(FormModel):
    """Why the minutes must be opened."""

    reason: Line = ""


@router.get("/finalise", name="meetings.finalise")
def show_finalise(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show what would be locked and exactly what would be sent to whom."""
    return _finalise(Asked(request, principal, session, now), key, Form())


@router.post("/finalise")
def finalise(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, links: LinksDep, now: Now, data: FormDep
) -> Response:
    """Lock the minutes and send the extracts. Locked a moment ago, by a second click or a colleague, they are simply shown."""
    form = Form.read(FinaliseForm, data)
    with form.attempt(session):
        try:
            revision, delivered = minutes.finalise(session, principal, key, seen=form.value.seen, links=links, now=now)
        except MinutesLocked:
            return see_other(request, "meetings.show", key=key)
        sent = Sent(len(delivered.receivers), tuple(one.actor.title for one in delivered.unreachable))
        done = N_("Minnesanteckningarna är slutförda.") if revision.number == 1 else N_("Rättelsen är slutförd.")
        return see_other(request, "meetings.show", key=key, notice=receipt(principal, done, sent))
    return _finalise(Asked(request, principal, session, now), key, form)


def _finalise(asked: Asked, key: UUID, form: Form[FinaliseForm]) -> Response:
    found = minutes.review(asked.session, asked.principal, key, now=asked.now)
    if found.locked or not found.meeting.is_planned:
        return see_other(asked.request, "meetings.show", key=key)
    return page(
        asked.request,
        "minutes/finalise.html",
        status=form.status,
        section="slots",
        form=form,
        found=found,
        now=asked.now,
        **words(),
    )


@router.post("/reopen", name="meetings.reopen")
def reopen(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Open the locked minutes for a correction."""
    form = Form.read(ReopenForm, data)
    with form.attempt(session):
        minutes.reopen(session, principal, key, reason=form.value.reason)
        return see_other(
            request,
            "meetings.show",
            key=key,
            notice=N_("Anteckningarna är öppna igen. Den låsta versionen finns kvar."),
        )
    return room(Asked(request, principal, session, now), key, typed=Typed(reason=form))


@router.get("/versions/{number}", name="meetings.version")
def version(request: Request, key: UUID, number: Number, principal: Coordinator, session: SessionDep) -> Response:
    """Show one locked version as it was."""
    return page(
        request,
        "minutes/version.html",
        section="slots",
        meeting=meetings.get_meeting(session, principal, key),
        number=number,
        content=minutes.get_content(session, principal, key, number),
        versions=minutes.revisions(session, principal, key),
        **words(),
    )
