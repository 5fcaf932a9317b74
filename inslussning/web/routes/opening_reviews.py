"""The reviewer's queue: every case that was opened beyond the rule, by whom, why, and what was read."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.services import opening_reviews
from inslussning.web.deps import FormDep, Now, Reviewer, SessionDep
from inslussning.web.forms import Form, FormModel, Prose
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/openings/review")


class ReviewForm(FormModel):
    """What the reviewer found."""

    note: Annotated[Prose, Field(max_length=opening_reviews.LONGEST_NOTE)] = ""


@router.get("", name="openings.review")
def index(
    request: Request, principal: Reviewer, session: SessionDep, done: bool = False, after: UUID | None = None
) -> Response:
    """List what is to be reviewed, the oldest first, or what has been, the latest first."""
    rows, more = opening_reviews.queue(session, principal, done=done, after=after)
    return page(request, "openings/review.html", section="openings", rows=rows, more=more, done=done, after=after)


@router.get("/{key}", name="openings.review_one")
def show(request: Request, key: UUID, principal: Reviewer, session: SessionDep) -> Response:
    """Show one opening and what was read."""
    return _one(request, principal, session, key, Form())


@router.post("/{key}")
def review(request: Request, key: UUID, principal: Reviewer, session: SessionDep, now: Now, data: FormDep) -> Response:
    """Mark an opening as reviewed."""
    form = Form.read(ReviewForm, data)
    with form.attempt(session):
        opening_reviews.review(session, principal, key, note=form.value.note, now=now)
        return see_other(request, "openings.review", notice=N_("Nödöppningen är granskad."))
    return _one(request, principal, session, key, form)


def _one(request: Request, principal: Principal, session: SessionDep, key: UUID, form: Form[Any]) -> Response:
    opened = opening_reviews.get_opening(session, principal, key)
    return page(
        request,
        "openings/review_one.html",
        status=form.status,
        section="openings",
        form=form,
        one=opened,
        read=opening_reviews.what_was_read(session, principal, opened.opening),
    )
