"""To be written."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from inslussning.web.deps import Anyone

router = APIRouter()


@router.get("/actions", name="actions")
def index(request: Request, _: Anyone) -> Response:
    return PlainTextResponse("actions")
