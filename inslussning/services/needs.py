"""What a client needs, area by area. Offered through `services.cases`, which is where people look."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Case, Need, NeedArea
from inslussning.practice.access import Function, Principal
from inslussning.practice.phases import Phase
from inslussning.practice.words import clean, looks_like_personal_number
from inslussning.services import visible

LONGEST_TEXT = 500
CHOOSE_AREA = N_("Välj ett behovsområde i listan.")
CASE_CLOSED = N_("Ärendet är avslutat. Byt fas för att lägga till behov.")
PERSONAL_NUMBER = N_("Det ser ut som ett personnummer. Ta bort det. Ärendets kod räcker för att hitta rätt.")
TOO_LONG = N_("Texten är för lång. Högst %(max_length)d tecken får plats.")


def need_areas(session: Session, principal: Principal) -> Sequence[NeedArea]:
    """Return the office's need areas in its own order."""
    query = select(NeedArea).where(visible.rows(NeedArea, principal), NeedArea.closed_on.is_(None))
    return session.scalars(query.order_by(NeedArea.position, NeedArea.id)).all()


def needs_of(session: Session, principal: Principal, case_id: UUID) -> Sequence[Need]:
    """Return a case's needs with their areas: open before met, then in the office's own order."""
    query = (
        select(Need)
        .join(Need.area)
        .where(visible.rows(Need, principal), Need.case_id == case_id)
        .options(contains_eager(Need.area))
        .order_by(Need.met_on.is_not(None), NeedArea.position, Need.opened_on, Need.id)
    )
    return session.scalars(query).all()


def add_need(
    session: Session, principal: Principal, case_id: UUID, *, area_id: UUID | None, text: str = "", today: dt.date
) -> Need:
    """Write down a need from today; one that already stands open with the same words is returned as it is.

    Raises NotFound for the case, Invalid for the area, the text and a closed case.
    """
    principal.must(Function.COORDINATE)
    row = visible.one(session, principal, Case, case_id)
    if row.phase is Phase.CLOSED:
        raise Invalid(field="area_id", message=CASE_CLOSED)
    area = _checked_area(session, principal, area_id)
    words = _checked_text(text)
    same = select(Need).where(Need.case_id == row.id, Need.area_id == area.id, Need.met_on.is_(None))
    for found in session.scalars(same):
        if found.text == words:  # a button pressed twice
            return found
    need = Need(office_id=principal.office_id, case_id=row.id, area_id=area.id, text=words, opened_on=today)
    session.add(need)
    session.flush()  # the page shown next lists it
    return need


def get_need(session: Session, principal: Principal, key: UUID) -> Need:
    """Return one need with its area; raises NotFound."""
    return visible.one(session, principal, Need, key, joinedload(Need.area))


def change_need(session: Session, principal: Principal, key: UUID, *, area_id: UUID | None, text: str) -> Need:
    """Put a need in another area or in other words. Raises NotFound, and Invalid for the area and the text."""
    principal.must(Function.COORDINATE)
    need = get_need(session, principal, key)
    if area_id != need.area_id:
        need.area_id = _checked_area(session, principal, area_id).id
    need.text = _checked_text(text)
    return need


def meet_need(session: Session, principal: Principal, key: UUID, *, today: dt.date) -> Need:
    """Mark a need as met; the day it was first marked stands. Its actions are left as they are. Raises NotFound."""
    principal.must(Function.COORDINATE)
    need = visible.one(session, principal, Need, key)
    need.met_on = need.met_on or today
    return need


def reopen_need(session: Session, principal: Principal, key: UUID) -> Need:
    """Open a need that was marked as met. Raises NotFound."""
    principal.must(Function.COORDINATE)
    need = visible.one(session, principal, Need, key)
    need.met_on = None
    return need


def _checked_area(session: Session, principal: Principal, area_id: UUID | None) -> NeedArea:
    """Return an area that can be chosen; raise Invalid alike for an absent and a foreign one."""
    area = session.scalar(
        select(NeedArea).where(NeedArea.id == area_id, NeedArea.closed_on.is_(None), visible.rows(NeedArea, principal))
    )
    if area is None:
        raise Invalid(field="area_id", message=CHOOSE_AREA)
    return area


def _checked_text(text: str) -> str:
    words = clean(text)
    if len(words) > LONGEST_TEXT:
        raise Invalid(field="text", message=TOO_LONG, max_length=LONGEST_TEXT)
    if looks_like_personal_number(words):
        raise Invalid(field="text", message=PERSONAL_NUMBER)
    return words
