"""The client's register extract, as a paper and as data: everything that is kept in the case, and who has had it."""

import json
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.services import register_extract, register_paper
from inslussning.web.deps import Coordinator, Now, SessionDep, StepUp
from inslussning.web.render import page

router = APIRouter(prefix="/cases/{key}/register")


@router.get("", name="register")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Say what the extract holds, and offer it."""
    extract = register_extract.register_extract(session, principal, key, now=now)
    return page(request, "register/show.html", section="cases", extract=extract, key=key)


@router.get("/paper", name="register.paper")
def paper(key: UUID, principal: Coordinator, session: SessionDep, now: Now, _proof: StepUp) -> Response:
    """Hand out the extract as a paper."""
    extract = register_extract.register_extract(session, principal, key, now=now)
    return _file(register_paper.register_pdf(extract, now=now), "application/pdf", "registerutdrag.pdf")


@router.get("/data", name="register.data")
def data(key: UUID, principal: Coordinator, session: SessionDep, now: Now, _proof: StepUp) -> Response:
    """Hand out the extract as data."""
    extract = register_extract.register_extract(session, principal, key, now=now)
    made = json.dumps(extract.as_json(), ensure_ascii=False, indent=2)
    return _file(made.encode("utf-8"), "application/json", "registerutdrag.json")


def _file(content: bytes, media_type: str, name: str) -> Response:
    """Answer with a file to save; its name tells nothing of whom it concerns."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
