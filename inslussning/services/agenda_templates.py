"""The office's standing agendas, one per kind of meeting, in dated versions.

A meeting copies its agenda when it is planned, so a new version changes nothing that already is.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import AgendaTemplate
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Function, Principal
from inslussning.services import visible
from meetings.agenda import ItemKind, TemplateItem

MOST_LINES = 40
LONGEST_TITLE = 120
MOST_MINUTES = 240

NO_LINES = N_("Dagordningen behöver minst en punkt.")
TOO_MANY_LINES = N_("Dagordningen får ha högst %(most)d punkter.")
ONE_CASE_LINE = N_("Dagordningen ska ha precis en punkt för ärenden. Den upprepas för varje ärende på mötet.")
TITLE_MISSING = N_("Punkt %(number)d saknar text.")
TITLE_LONG = N_("Punkt %(number)d är för lång. Högst %(most)d tecken får plats.")
MINUTES_UNCLEAR = N_("Punkt %(number)d: skriv tiden som ett helt antal minuter, 1 till %(most)d.")


def versions(session: Session, principal: Principal, kind: MeetingKind) -> Sequence[AgendaTemplate]:
    """Return every version of the agenda for a kind of meeting, newest first."""
    query = select(AgendaTemplate).where(visible.rows(AgendaTemplate, principal), AgendaTemplate.meeting_kind == kind)
    return session.scalars(query.order_by(AgendaTemplate.valid_from.desc())).all()


def items_of(template: AgendaTemplate) -> tuple[TemplateItem, ...]:
    """Return the version's lines as the values the agenda's rules know."""
    return tuple(TemplateItem(ItemKind(i["kind"]), i["title"], i["minutes"]) for i in template.items)


def save(
    session: Session, principal: Principal, kind: MeetingKind, items: Sequence[TemplateItem], *, today: dt.date
) -> AgendaTemplate:
    """Save the lines as the version that holds from today; saving twice on a day keeps the later. Raises Invalid."""
    principal.must(Function.SET_UP)
    check(items)
    latest = next((t for t in versions(session, principal, kind) if t.valid_from <= today), None)
    if latest is None or latest.valid_from != today:
        if latest is not None and items_of(latest) == tuple(items):
            return latest
        latest = AgendaTemplate(office_id=principal.office_id, meeting_kind=kind, valid_from=today)
        session.add(latest)
    latest.items = [{"kind": item.kind.value, "title": item.title, "minutes": item.minutes} for item in items]
    return latest


def check(items: Sequence[TemplateItem]) -> None:
    """Raise Invalid, naming the line, for an agenda no meeting could follow."""
    if not items:
        raise Invalid(field="lines", message=NO_LINES)
    if len(items) > MOST_LINES:
        raise Invalid(field="lines", message=TOO_MANY_LINES, most=MOST_LINES)
    for number, item in enumerate(items, start=1):
        if not item.title:
            raise Invalid(field="lines", message=TITLE_MISSING, number=number)
        if len(item.title) > LONGEST_TITLE:
            raise Invalid(field="lines", message=TITLE_LONG, number=number, most=LONGEST_TITLE)
        if not 1 <= item.minutes <= MOST_MINUTES:
            raise Invalid(field="lines", message=MINUTES_UNCLEAR, number=number, most=MOST_MINUTES)
    if sum(item.kind is ItemKind.CASE for item in items) != 1:
        raise Invalid(field="lines", message=ONE_CASE_LINE)
