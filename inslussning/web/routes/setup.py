"""To be written."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from inslussning.web.deps import Anyone

router = APIRouter()


@router.get("/setup", name="setup")
def index(request: Request, _: Anyone) -> Response:
    return PlainTextResponse("setup")
