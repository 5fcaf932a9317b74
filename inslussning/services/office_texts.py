"""The texts an office words itself."""

from sqlalchemy import select

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import OfficeText
from inslussning.practice.access import Function, Principal
from inslussning.practice.office_defaults import TextKey
from inslussning.practice.words import clean

LONGEST = 2000


def text(session: Session, principal: Principal, key: TextKey) -> str:
    """Return the office's own words, "" when it has none."""
    row = _row(session, principal, key)
    return row.body if row else ""


def set_text(session: Session, principal: Principal, key: TextKey, body: str) -> None:
    """Put the text in other words; an empty one is not shown anywhere. Raises Invalid when it is too long."""
    principal.must(Function.SET_UP)
    words = clean(body)
    if len(words) > LONGEST:
        raise Invalid(
            field="body", message=N_("Texten är för lång. Högst %(max_length)d tecken får plats."), max_length=LONGEST
        )
    row = _row(session, principal, key)
    if row is None:
        row = OfficeText(office_id=principal.office_id, key=key, body=words)
        session.add(row)
    row.body = words
    session.flush()  # the page that follows shows it


def _row(session: Session, principal: Principal, key: TextKey) -> OfficeText | None:
    """Everybody in the office may read it: it is about the work, never about a client."""
    return session.scalar(select(OfficeText).where(OfficeText.office_id == principal.office_id, OfficeText.key == key))
