"""The meeting: its page, and everything that is written while it is held.

htmx saves what is typed as it is typed; without it the same forms are sent by their buttons. What is in a text box is never replaced by an
answer from here: a refused text stays where it is, with what speaks against it beside it.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.services import item_page, minutes
from inslussning.services.actions import NewAction
from inslussning.services.minutes import FollowUp, ItemDraft
from inslussning.web.deps import Coordinator, FormDep, Now, SessionDep
from inslussning.web.forms import Day, DayOrNone, Form, FormModel, KeyOrNone, Line, Prose
from inslussning.web.render import go_to
from inslussning.web.room import Asked, Typed, room, room_path
from meetings.actions import ActionState

router = APIRouter(prefix="/meetings")

Who = Annotated[UUID | None, BeforeValidator(lambda typed: None if typed == "client" else typed)]
Note = Annotated[Prose, Field(max_length=1000)]


class NotesForm(FormModel):
    """An item's text. `seen` is the version of another's text that has been read; `go` where to go on to."""

    notes: str = ""
    decisions: str = ""
    version: int
    writer: Annotated[str, Field(max_length=32)] = ""
    seen: int | None = None
    go: KeyOrNone = None
    finalise: bool = False

    def as_draft(self) -> ItemDraft:
        """Return what the use case asks for."""
        began = self.version if self.seen is None else self.seen
        return ItemDraft(notes=self.notes, decisions=self.decisions, version=began, writer=self.writer)


class ActionForm(FormModel):
    """The quick line: who, what, by when, for which need."""

    actor_id: Who
    what: Annotated[Line, Field(min_length=1, max_length=500)]
    due_on: Day
    need_id: KeyOrNone = None


class FollowUpForm(FormModel):
    """What has become of an earlier action: a new state, or a new day and a note."""

    action: UUID
    state: ActionState | None = None
    due_on: DayOrNone = None
    note: Note = ""


@router.get("/{key}", name="meetings.show")
def show(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    item: UUID | None = None,
) -> Response:
    """Show the meeting: prepare it, hold it, or read its locked minutes."""
    return room(Asked(request, principal, session, now), key, item)


@router.post("/{key}/items/{item}", name="meetings.save_item")
def save_item(
    request: Request, key: UUID, item: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep
) -> Response:
    """Save an item's text; htmx gets the state of the save and the new version, nothing that is being typed in."""
    asked = Asked(request, principal, session, now)
    form = Form.read(NotesForm, data)
    with form.attempt(session):
        saved = minutes.save_item(session, principal, key, item, form.value.as_draft(), now=now)
        if form.value.finalise:
            return go_to(request, str(request.app.url_path_for("meetings.finalise", key=key)))
        if form.value.go or not asked.is_part:
            notice = "" if form.value.go else N_("Sparat.")
            return go_to(request, room_path(request, key, form.value.go or item), notice=notice)
        form.values["version"] = str(saved.version)
    return room(asked, key, item, typed=Typed(notes=form), block="saved")


@router.post("/{key}/items/{item}/actions", name="meetings.agree")
def agree(
    request: Request,
    key: UUID,
    item: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Add an action from the quick line; the answer is the list with a fresh line."""
    asked = Asked(request, principal, session, now)
    known = item_page.due_words(session, principal, key, item)
    form = Form.read(ActionForm, data, today=asked.today, release=known.release_on, next_meeting=known.next_on)
    typed = Typed(quick=form)
    with form.attempt(session):
        new = NewAction(case_id=known.case_id, meeting_id=key, **form.value.model_dump())
        added = minutes.agree(session, principal, new, now=now)
        if not asked.is_part:
            return go_to(request, room_path(request, key, item, "f-actor_id"))
        typed = Typed(added=added.id)
    return room(asked, key, item, typed=typed, block="agreed")


@router.post("/{key}/items/{item}/follow-up", name="meetings.follow_up")
def follow_up(
    request: Request,
    key: UUID,
    item: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Say what has become of an earlier action; the answer is its line."""
    asked = Asked(request, principal, session, now)
    known = item_page.due_words(session, principal, key, item)
    form = Form.read(FollowUpForm, data, today=asked.today, release=known.release_on, next_meeting=known.next_on)
    with form.attempt(session):
        told = FollowUp(case_id=known.case_id, **form.value.model_dump(exclude={"action"}))
        minutes.follow_up(session, principal, key, form.value.action, told, now=now)
        if not asked.is_part:
            return go_to(request, room_path(request, key, item, f"a-{form.value.action}"))
    return room(asked, key, item, typed=Typed(follow=form), block="followed")
