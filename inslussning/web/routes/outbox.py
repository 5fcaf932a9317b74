"""The outbox: every mail the office has written, whether it has arrived, and what to do when it has not."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.mail import OutboxState
from inslussning.services import outbox, outbox_reading
from inslussning.web.deps import Coordinator, Now, SessionDep, SettingsDep
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/outbox")


@router.get("", name="outbox")
def index(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    settings: SettingsDep,
    state: OutboxState | None = None,
    after: UUID | None = None,
) -> Response:
    """List the office's mail, newest first, all of it or what is in one state."""
    lines, more = outbox_reading.list_messages(session, principal, state=state, after=after)
    return page(
        request,
        "outbox/index.html",
        "rows",
        section="outbox",
        lines=lines,
        more=more,
        after=after,
        state=state,
        counts=outbox_reading.counts(session, principal),
        setup=outbox_reading.setup_of(session, principal),
        demo=settings.mail == "demo",
    )


@router.get("/{key}", name="outbox.show")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show what one mail says and what became of it."""
    return page(
        request, "outbox/show.html", section="outbox", shown=outbox_reading.get_message(session, principal, key)
    )


@router.get("/{key}/message.eml", name="outbox.download")
def download(key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Hand out the mail as a file, byte for byte as it leaves."""
    return Response(
        outbox_reading.get_mime(session, principal, key),
        media_type="message/rfc822",
        headers={"Content-Disposition": 'attachment; filename="utskick.eml"'},
    )


@router.post("/{key}/retry", name="outbox.retry")
def retry(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Put a failed mail back in the queue."""
    outbox.retry(session, principal, key, now=now)
    return see_other(request, "outbox.show", key=key, notice=N_("Mejlet väntar på att skickas igen."))
