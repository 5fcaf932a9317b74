"""The office's own list of need areas, in its own words and its own order. An area is closed, never removed: old needs name it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import NeedArea
from inslussning.practice.access import Function, Principal
from inslussning.services import visible
from meetings.agenda import moved

NAME_TAKEN = N_("Det finns redan ett behovsområde med det namnet. Se även bland de avslutade.")


def list_areas(session: Session, principal: Principal) -> tuple[Sequence[NeedArea], Sequence[NeedArea]]:
    """Return the areas in use in the office's order, and the closed ones by name."""
    query = select(NeedArea).where(visible.rows(NeedArea, principal)).order_by(NeedArea.position, NeedArea.id)
    areas = session.scalars(query).all()
    closed = sorted((a for a in areas if a.closed_on is not None), key=lambda a: a.name.casefold())
    return [a for a in areas if a.closed_on is None], closed


def get_area(session: Session, principal: Principal, key: UUID) -> NeedArea:
    """Return one area; raises NotFound."""
    return visible.one(session, principal, NeedArea, key)


def add_area(session: Session, principal: Principal, name: str) -> NeedArea:
    """Put a new area last. Raises Invalid when the name is taken."""
    principal.must(Function.SET_UP)
    _refuse_taken(session, principal, name)
    in_use, _ = list_areas(session, principal)
    last = max((area.position for area in in_use), default=-1)
    area = NeedArea(office_id=principal.office_id, name=name, position=last + 1)
    session.add(area)
    _flush(session)
    return area


def rename_area(session: Session, principal: Principal, key: UUID, name: str) -> NeedArea:
    """Give the area another name, also where it is already used. Raises Invalid when the name is taken."""
    principal.must(Function.SET_UP)
    area = get_area(session, principal, key)
    _refuse_taken(session, principal, name, but=area.id)
    area.name = name
    _flush(session)
    return area


def move_area(session: Session, principal: Principal, key: UUID, by: int) -> None:
    """Move the area `by` places among those in use; it stops at the ends. Raises NotFound for one that is closed."""
    principal.must(Function.SET_UP)
    get_area(session, principal, key)
    in_use, _ = list_areas(session, principal)
    by_key = {area.id: area for area in in_use}
    if key in by_key:
        for position, area_id in enumerate(moved(list(by_key), key, by)):
            by_key[area_id].position = position


def close_area(session: Session, principal: Principal, key: UUID, *, today: dt.date) -> None:
    """Take the area out of use from today; needs already written down keep it."""
    principal.must(Function.SET_UP)
    area = get_area(session, principal, key)
    area.closed_on = area.closed_on or today


def reopen_area(session: Session, principal: Principal, key: UUID) -> None:
    """Take the area into use again, last in the order."""
    principal.must(Function.SET_UP)
    area = get_area(session, principal, key)
    if area.closed_on is None:
        return
    in_use, _ = list_areas(session, principal)
    area.position = max((other.position for other in in_use), default=-1) + 1
    area.closed_on = None


def _refuse_taken(session: Session, principal: Principal, name: str, *, but: UUID | None = None) -> None:
    """Raise Invalid when another area has the name, however its letters are cased."""
    names = select(NeedArea.id, NeedArea.name).where(visible.rows(NeedArea, principal))
    if any(other.casefold() == name.casefold() and key != but for key, other in session.execute(names)):
        raise Invalid(field="name", message=NAME_TAKEN)


def _flush(session: Session) -> None:
    try:
        session.flush()  # the name is unique in the database, where two at once cannot both win
    except IntegrityError:
        raise Invalid(field="name", message=NAME_TAKEN) from None
