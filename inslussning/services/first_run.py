"""The first run: the installation gets its office and its first coordinator, once.

Whoever sets it up proves with a code that they can read the terminal the site was started in. A wrong code is counted like a
failed sign-in, so it cannot be guessed.
"""

import datetime as dt

from sqlalchemy import text

from inslussning.config import Settings
from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.services import offices, sessions
from inslussning.services.office_settings import MailSettings, set_mail
from inslussning.services.offices import AlreadySetUp, NewOffice

SUBJECT = "startkod"  # what failures are counted by, where a sign-in has an address


class WrongCode(Invalid):
    """The code is not the one in the terminal."""

    message = N_("Startkoden stämmer inte. Den står i terminalen där tjänsten startades.")


def set_up(
    database: Database,
    settings: Settings,
    new: NewOffice,
    mail: MailSettings,
    *,
    code: str,
    network: str,
    now: dt.datetime,
) -> None:
    """Make the office for whoever knows the code. Raises AlreadySetUp, TooManyTries, WrongCode, or Invalid by the field."""
    with database.transaction() as session:
        require_none(session)
        sessions.refuse_when_too_many(session, SUBJECT, network, now=now)
    if not settings.is_setup_code(code):
        with database.transaction() as session:
            sessions.count_failure(session, SUBJECT, network, now=now)
        raise WrongCode(field="code")
    with database.transaction() as session:
        open_office(session, new, mail, now=now)
    settings.forget_setup_code()


def require_none(session: Session) -> None:
    """Raise AlreadySetUp when there is an office."""
    if offices.any_office(session):
        raise AlreadySetUp


def open_office(session: Session, new: NewOffice, mail: MailSettings, *, now: dt.datetime) -> None:
    """Make the first office with its mail settings. Raises AlreadySetUp, also for the later of two at once, and Invalid by the field."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one writer in at a time anyhow
        session.execute(text("LOCK TABLE offices IN SHARE ROW EXCLUSIVE MODE"))
    require_none(session)
    set_mail(offices.create_office(session, new, now=now), mail)
