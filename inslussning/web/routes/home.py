"""Idag: the page one begins and ends the day on. Everybody has the same address; what stands there is one's own."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.practice.access import Function
from inslussning.practice.attendance import Attendance
from inslussning.services import home as use_case
from inslussning.services import opening_notices, part_home
from inslussning.web.deps import Now, SessionDep, SignedIn, Today
from inslussning.web.render import page, see_other

router = APIRouter()

ELSEWHERE = {Function.SEE_RESULTS: "results", Function.REVIEW: "log", Function.SET_UP: "settings"}
"""Where a role begins that has no day of its own."""


@router.get("/", name="home")
def show(
    request: Request, principal: SignedIn, session: SessionDep, now: Now, today: Today, everything: bool = False
) -> Response:
    """Show the start page, or go on to where the role works."""
    if not principal.may(Function.FOLLOW_ACTIONS):
        return see_other(request, next((route for need, route in ELSEWHERE.items() if principal.may(need)), "account"))
    if not principal.sees_whole_office:
        view = part_home.home(session, principal, now=now, today=today)
        return page(request, "shared/home.html", section="home", view=view)
    return _office(request, principal, session, now, everything)


def _office(request: Request, principal: SignedIn, session: SessionDep, now: Now, everything: bool) -> Response:
    view = use_case.home(session, principal, now=now)
    shown = view.attention if everything else view.attention[: use_case.SHOWN]
    return page(
        request,
        "home/show.html",
        "attention",
        section="home",
        view=view,
        shown=shown,
        attendances=tuple(Attendance),
        opened=opening_notices.recent(session, principal, now=now),
    )
