"""What an actor reads behind the link in its mail: its own actions from one meeting, and how to say where they stand."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.action_words import STATE_COLOURS, STATE_WORDS
from inslussning.services import extracts, link_actions
from inslussning.web.deps import FormDep, LinkHolder, LinksDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel, Prose
from inslussning.web.render import page, see_other
from meetings.actions import ActionState

router = APIRouter(prefix="/extract")

GONE = 410


class StateForm(FormModel):
    """Where an action stands, and why when it is declined."""

    state: ActionState
    note: Annotated[Prose, Field(max_length=1000)] = ""


@router.get("/{token}", name="extract")
def show(request: Request, token: str, _: LinkHolder, links: LinksDep, session: SessionDep, now: Now) -> Response:
    """Show the actor's own actions; an expired link says so and whom to ask."""
    return _show(request, session, links, token, now, Form())


@router.post("/{token}/actions/{key}", name="extract.say")
def say(
    request: Request, token: str, key: UUID, _: LinkHolder, links: LinksDep, session: SessionDep, data: FormDep
) -> Response:
    """Say where one of the actions stands."""
    now = request.app.state.clock()
    form = Form.read(StateForm, data)
    with form.attempt(session):
        link_actions.say(session, links, token, key, form.value.state, note=form.value.note, now=now)
        return see_other(request, "extract", token=token, notice=N_("Sparat."), fragment=f"a-{key}")
    return _show(request, session, links, token, now, form, key)


def _show(
    request: Request,
    session: SessionDep,
    links: LinksDep,
    token: str,
    now: Now,
    form: Form[StateForm],
    key: UUID | None = None,
) -> Response:
    found = extracts.open_extract(session, links, token, now=now)
    request.state.zone = found.office.timezone
    return page(
        request,
        "extracts/show.html",
        status=GONE if found.expired else form.status,
        token=token,
        found=found,
        standings=link_actions.standings(session, found),
        form=form,
        asked_of=key,
        state_words=STATE_WORDS,
        state_colours=STATE_COLOURS,
        principal=None,
    )
