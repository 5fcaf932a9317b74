"""The database: types, engine, session and migrations. Everyone takes `Session` from here."""

from sqlalchemy.orm import Session

__all__ = ["Session"]
