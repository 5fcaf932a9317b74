"""Idag: the page one begins and ends the day on. A partner gets the same address with its own part."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.practice.attendance import Attendance
from inslussning.services import home as use_case
from inslussning.web.deps import ActionFollower, Now, SessionDep
from inslussning.web.render import page, see_other

router = APIRouter()


@router.get("/", name="home")
def show(
    request: Request, principal: ActionFollower, session: SessionDep, now: Now, everything: bool = False
) -> Response:
    """Show the start page; a partner's is its own open actions."""
    if not principal.sees_whole_office:
        return see_other(request, "actions")
    view = use_case.home(session, principal, now=now)
    shown = view.attention if everything else view.attention[: use_case.SHOWN]
    choices = tuple(Attendance)
    return page(request, "home/show.html", "attention", section="home", view=view, shown=shown, attendances=choices)
