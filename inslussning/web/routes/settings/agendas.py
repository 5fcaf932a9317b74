"""The office's standing agendas. Lines are added, moved and removed on the page before anything is saved."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models.meetings import MeetingKind
from inslussning.practice.words import one_line
from inslussning.services import agenda_templates
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep, Today
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import page, see_other
from meetings.agenda import ItemKind, TemplateItem

router = APIRouter()

KINDS = {MeetingKind.WEEKLY: N_("Veckotiden"), MeetingKind.VIDEO: N_("Videomötet före frigivningen")}


class Line(NamedTuple):
    """One line of the agenda as it was typed."""

    kind: str = ItemKind.STANDING.value
    title: str = ""
    minutes: str = "5"


@router.get("/agendas/{kind}", name="settings.agenda")
def show(request: Request, kind: MeetingKind, principal: OfficeKeeper, session: SessionDep, today: Today) -> Response:
    """Show the agenda in force, its lines ready to change."""
    found = agenda_templates.versions(session, principal, kind)
    current = next((version for version in found if version.valid_from <= today), None)
    items = agenda_templates.items_of(current) if current else ()
    lines = [Line(item.kind.value, item.title, str(item.minutes)) for item in items]
    return _page(request, principal, session, kind, lines, Form())


@router.post("/agendas/{kind}")
def change(
    request: Request,
    kind: MeetingKind,
    principal: OfficeKeeper,
    session: SessionDep,
    today: Today,
    data: FormDep,
) -> Response:
    """Save the lines as the version from today, or only add, move or remove one on the page."""
    lines, form = _typed(data), Form[FormModel]()
    do, _, which = str(data.get("do", "save")).partition("-")
    if do != "save":
        return _page(request, principal, session, kind, _rearranged(lines, do, which), form)
    with form.attempt(session):
        agenda_templates.save(session, principal, kind, _understood(lines), today=today)
        return see_other(
            request, "settings.agenda", kind=kind.value, notice=N_("Dagordningen är sparad och gäller nya möten.")
        )
    return _page(request, principal, session, kind, lines, form)


def _typed(data: FormData) -> list[Line]:
    columns = [[v if isinstance(v, str) else "" for v in data.getlist(name)] for name in Line._fields]
    return [Line(*cells) for cells in zip(*columns, strict=False)]


def _rearranged(lines: list[Line], do: str, which: str) -> list[Line]:
    """Return the lines with one added, removed or moved a step; an unknown wish changes nothing."""
    if do == "add":
        return [*lines, Line()]
    at = int(which) if which.isascii() and which.isdigit() else len(lines)
    if at >= len(lines):
        return lines
    rest = [*lines[:at], *lines[at + 1 :]]
    if do == "drop":
        return rest
    to = {"up": at - 1, "down": at + 1}.get(do, at)
    rest.insert(max(0, to), lines[at])
    return rest


def _understood(lines: list[Line]) -> list[TemplateItem]:
    """Return the lines as the agenda's rules know them; a line left quite empty is passed over. Raises Invalid."""
    items = []
    for number, line in enumerate((line for line in lines if line.title.strip()), start=1):
        minutes = line.minutes.strip()
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= len(str(agenda_templates.MOST_MINUTES))):
            raise Invalid(
                field="lines",
                message=agenda_templates.MINUTES_UNCLEAR,
                number=number,
                most=agenda_templates.MOST_MINUTES,
            )
        kind = ItemKind.CASE if line.kind == ItemKind.CASE else ItemKind.STANDING
        items.append(TemplateItem(kind, one_line(line.title), int(minutes)))
    return items


def _page(
    request: Request,
    principal: OfficeKeeper,
    session: SessionDep,
    kind: MeetingKind,
    lines: list[Line],
    form: Form[Any],
) -> Response:
    return page(
        request,
        "settings/agenda.html",
        "agenda_form",
        status=form.status,
        section="settings",
        kinds=KINDS,
        kind=kind,
        lines=lines,
        form=form,
        versions=agenda_templates.versions(session, principal, kind),
    )
