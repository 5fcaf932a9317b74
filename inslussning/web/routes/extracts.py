"""What an actor reads behind the link in its mail: its own actions from one meeting, and nothing else."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.practice.action_words import STATE_WORDS
from inslussning.services import extracts
from inslussning.web.deps import LinkHolder, LinksDep, Now, SessionDep
from inslussning.web.render import page

router = APIRouter()

GONE = 410


@router.get("/extract/{token}", name="extract")
def show(request: Request, token: str, _: LinkHolder, links: LinksDep, session: SessionDep, now: Now) -> Response:
    """Show the actor's own actions; an expired link says so and whom to ask."""
    found = extracts.open_extract(session, links, token, now=now)
    request.state.zone = found.office.timezone
    return page(
        request,
        "extracts/show.html",
        status=GONE if found.expired else 200,
        found=found,
        state_words=STATE_WORDS,
        principal=None,
    )
