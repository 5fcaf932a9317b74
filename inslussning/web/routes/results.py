"""Uppföljning: how the work goes, in numbers that tell of nobody."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.practice.results import FEWEST
from inslussning.services import results as use_case
from inslussning.web.deps import ResultsReader, SessionDep
from inslussning.web.render import page

router = APIRouter(prefix="/results")


@router.get("", name="results")
def show(request: Request, principal: ResultsReader, session: SessionDep) -> Response:
    """Show the numbers."""
    found = use_case.results(session, principal)
    return page(request, "results/show.html", section="results", found=found, fewest=FEWEST)
