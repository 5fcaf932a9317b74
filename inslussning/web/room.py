"""The meeting's page put together: which of its shapes is shown, and what was typed in each of its forms."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from inslussning.db import Session
from inslussning.db.types import new_id
from inslussning.errors import NotFound
from inslussning.practice.access import Principal
from inslussning.practice.action_words import STATE_COLOURS, STATE_WORDS
from inslussning.practice.planning import wall_day
from inslussning.services import agenda, minutes
from inslussning.services.item_page import item_view
from inslussning.services.meeting_page import AgendaLine, Sitting, sitting
from inslussning.services.minutes import AT_A_MEETING
from inslussning.web.forms import Form
from inslussning.web.render import options, page


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in the page's forms, each shown again as it was written; `added` is the action just agreed on."""

    notes: Form[Any] = field(default_factory=Form)
    quick: Form[Any] = field(default_factory=Form)
    follow: Form[Any] = field(default_factory=Form)
    answer: Form[Any] = field(default_factory=Form)
    reason: Form[Any] = field(default_factory=Form)
    added: UUID | None = None

    @property
    def status(self) -> int:
        """Return the status of the one form that was sent."""
        return max(form.status for form in (self.notes, self.quick, self.follow, self.answer, self.reason))


class Asked(NamedTuple):
    """Who asks for the page, when, and in which transaction."""

    request: Request
    principal: Principal
    session: Session
    now: dt.datetime

    @property
    def is_part(self) -> bool:
        """Tell whether htmx asks, who wants a part of the page."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def today(self) -> dt.date:
        """Return the office's own date."""
        return wall_day(self.now, self.principal.zone)


def room(
    asked: Asked, key: UUID, item: UUID | None = None, *, typed: Typed | None = None, block: str | None = None
) -> Response:
    """Answer with the meeting's page at an item, or with one part of it when htmx asks. Raises NotFound."""
    held = sitting(asked.session, asked.principal, key, today=asked.today)
    line = held.line(item)
    if item is not None and line is None:
        raise NotFound
    typed = typed or Typed()
    if block is not None and asked.is_part:
        return _at_item(asked, held, line if item else None, typed, block)
    if held.is_locked:
        return _locked(asked, held, typed)
    if line is None or not held.meeting.is_planned:
        return _before(asked, held, typed)
    return _at_item(asked, held, line, typed, None)


def room_path(request: Request, key: UUID, item: UUID | None, fragment: str = "") -> str:
    """Return the address of the meeting's page at an item."""
    path = str(request.app.url_path_for("meetings.show", key=key)) + (f"?item={item}" if item else "")
    return f"{path}#{fragment}" if fragment else path


def _at_item(asked: Asked, held: Sitting, line: AgendaLine | None, typed: Typed, block: str | None) -> Response:
    view = item_view(asked.session, asked.principal, held, line, now=asked.now) if line else None
    more: dict[str, Any] = {
        "view": view,
        "writer": typed.notes.values.get("writer") or new_id().hex,
        "beside": held.beside(line.key) if line else (None, None),
        "part": block is not None,
    }
    return _page(asked, "minutes/room.html", held, typed, block=block, **more)


def _before(asked: Asked, held: Sitting, typed: Typed) -> Response:
    is_planned = held.meeting.is_planned
    proposal = agenda.propose(asked.session, asked.principal, held.meeting, today=asked.today) if is_planned else None
    return _page(asked, "minutes/prepare.html", held, typed, view=None, proposal=proposal, part=False)


def _locked(asked: Asked, held: Sitting, typed: Typed) -> Response:
    key, number = held.meeting.id, held.status.number
    more: dict[str, Any] = {
        "number": number,
        "content": minutes.get_content(asked.session, asked.principal, key, number),
        "versions": minutes.revisions(asked.session, asked.principal, key),
    }
    return _page(asked, "minutes/locked.html", held, typed, **more)


def _page(asked: Asked, name: str, held: Sitting, typed: Typed, *, block: str | None = None, **more: Any) -> Response:  # noqa: ANN401 - templates take anything
    return page(
        asked.request,
        name,
        block,
        status=typed.status,
        section="slots",
        held=held,
        typed=typed,
        now=asked.now,
        **words(),
        **more,
    )


def words() -> dict[str, Any]:
    """Return the words the meeting's templates use for states and marks."""
    return {"state_words": STATE_WORDS, "state_colours": STATE_COLOURS, "attendance_options": options(AT_A_MEETING)}
