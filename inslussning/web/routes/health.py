"""Answers to whatever watches over the installation: whether the process is there, and whether it can do its work."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from inslussning.services.health import Health, health
from inslussning.web.deps import Anyone, DatabaseDep, Now

router = APIRouter()


@router.get("/livez", name="health.live")
def live(_: Anyone) -> Response:
    """Answer that the process is there."""
    return PlainTextResponse("alive")


@router.get("/readyz", name="health.ready")
def ready(_: Anyone, database: DatabaseDep, now: Now) -> Response:
    """Answer 200 when the installation can do its work, else 503; one word tells which part cannot."""
    found = health(database, now=now)
    return PlainTextResponse(found.value, status_code=200 if found is Health.READY else 503)
