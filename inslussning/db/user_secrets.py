"""Secrets of users that have to be read again, such as what a code app counts from: sealed with the office's key."""

from uuid import UUID

from sqlalchemy.orm import Session

from inslussning.db.sealed import vault_of
from inslussning.db.vault import SealBroken


def seal_secret(session: Session, office_id: UUID, name: str, secret: str) -> str:
    """Return a secret sealed for a place of its own; `name` tells which, as `code_apps.secret.<the row's key>`."""
    return vault_of(session).seal(session.connection, office_id, name, secret.encode())


def open_secret(session: Session, name: str, sealed: str) -> str:
    """Return a secret sealed for this very place; raises SealBroken for any other, and for one that has been erased."""
    found = vault_of(session).open(session.connection, name, sealed)
    if found is None:
        raise SealBroken(name)
    return found.decode()
