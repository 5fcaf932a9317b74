"""Who the client is: kept sealed, shown to the office's own staff, and found by name or whole personal number within what one may see.

`identity` is the one place that decides what of it is shown: with protected identity, address, telephone and mail are not.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from inslussning.db import Session
from inslussning.db.sealed import open_column, vault_of
from inslussning.errors import Changed, Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import Case, Client
from inslussning.practice.access import Function, Principal
from inslussning.practice.personal_numbers import is_whole, read_personal_number
from inslussning.practice.protection import Protection
from inslussning.practice.words import looks_like_personal_number
from inslussning.services import visible

SHORTEST_NAME = 2  # a single letter is in everybody's name
_CLIENT = Client.__table__
MARK = "personal number"
IN_ITS_OWN_FIELD = N_("Det ser ut som ett personnummer. Skriv det i fältet för personnummer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityDetails:
    """What is said of the client; everything may be left out."""

    name: str = ""
    birth_date: dt.date | None = None
    personal_number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(IdentityDetails):
    """The client as whoever asks may see it; `is_masked` when the way to the client is left out."""

    is_masked: bool
    version: int

    @property
    def is_known(self) -> bool:
        """Tell whether anything at all is said of the client."""
        return any((self.name, self.birth_date, self.personal_number, self.address, self.phone, self.email))


def identity(session: Session, principal: Principal, case: Case) -> Identity | None:
    """Return who the case's client is; None for everybody but the office's own staff."""
    if not principal.sees_whole_office:
        return None
    client = visible.one(session, principal, Client, case.client_id)
    is_masked = case.protection is not Protection.NONE
    return Identity(
        name=client.name,
        birth_date=_day(client.birth_date),
        personal_number=client.personal_number,
        address="" if is_masked else client.address,
        phone="" if is_masked else client.phone,
        email="" if is_masked else client.email,
        is_masked=is_masked,
        version=client.version,
    )


def _day(text: str) -> dt.date | None:
    """Return a kept day; an erased one is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def change_identity(
    session: Session, principal: Principal, case_id: UUID, details: IdentityDetails, *, version: int
) -> None:
    """Write down who the client is. What is masked is left as it is: nobody changes what they do not see.

    Raises NotFound, Changed when it is no longer at `version`, and Invalid for a personal number that is not whole.
    """
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    shown = identity(session, principal, case)
    if shown is None:
        raise NotFound
    if shown.version != version:
        raise Changed
    for field in ("name", "address"):
        if looks_like_personal_number(getattr(details, field)):
            raise Invalid(field=field, message=IN_ITS_OWN_FIELD)
    client = visible.one(session, principal, Client, case.client_id)
    number = read_personal_number(details.personal_number) if details.personal_number else ""
    client.name, client.personal_number = details.name, number
    client.birth_date = details.birth_date.isoformat() if details.birth_date else ""
    client.personal_number_mark = mark_of(session, principal.office_id, number)
    if not shown.is_masked:
        client.address, client.phone, client.email = details.address, details.phone, details.email
    try:
        session.flush()  # two at the same moment: the database compares the version
    except StaleDataError:
        raise Changed from None


def mark_of(session: Session, office_id: UUID, number: str) -> str:
    """Return what a whole personal number is found by within the office, or nothing for none."""
    return vault_of(session).blind(session.connection, office_id, MARK, number) if number else ""


def find(session: Session, principal: Principal, text: str) -> dict[UUID, str]:
    """Return the cases whose client has every word in the name, or that very personal number, with the client's name.

    Names are opened for the cases the principal may see, and compared here: the database has nothing to look them up by.
    """
    if not principal.sees_whole_office:
        return {}
    query = select(Case.id, Client.id, Client.name).join(Client, Client.id == Case.client_id)
    query = query.where(visible.rows(Case, principal))
    words = text.casefold().split()
    if is_whole(text):
        mark = mark_of(session, principal.office_id, read_personal_number(text))
        rows = session.execute(query.where(Client.personal_number_mark == mark)).all()
        words = []
    elif max((len(word) for word in words), default=0) < SHORTEST_NAME:
        return {}
    else:
        rows = session.execute(query.where(Client.name != "")).all()
    names = open_column(session, _CLIENT.c.name, [(client_id, name) for _, client_id, name in rows])
    return {row[0]: name for row, name in zip(rows, names, strict=True) if all(w in name.casefold() for w in words)}
