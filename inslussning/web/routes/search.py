"""Searching. The text travels in the body, so that what people look for is in no address, history or log."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.services import search as use_case
from inslussning.services.search import Found
from inslussning.web.deps import ActionFollower, FormDep, SessionDep
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.render import page, see_other

router = APIRouter()


class SearchForm(FormModel):
    """A code or a few words."""

    text: Annotated[Line, Field(max_length=1000)] = ""  # what is too long to look for is said by the use case


@router.get("/search", name="search")
def show(request: Request, _principal: ActionFollower) -> Response:
    """Show an empty search."""
    return _page(request, Form(), None)


@router.post("/search")
def search(request: Request, principal: ActionFollower, session: SessionDep, data: FormDep) -> Response:
    """Show what was found, or go on at once to the one case that has the code."""
    form = Form.read(SearchForm, data)
    found = None
    with form.attempt(session):
        found = use_case.search(session, principal, form.value.text)
        if found.exact is not None:
            return see_other(request, "cases.show", key=found.exact.id)
    return _page(request, form, found)


def _page(request: Request, form: Form[SearchForm], found: Found | None) -> Response:
    return page(
        request,
        "search/show.html",
        "results",
        status=form.status,
        section="search",
        form=form,
        found=found,
        most=use_case.MOST,
    )
