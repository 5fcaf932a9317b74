"""The first run where only real commits tell: two people who press the button at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from inslussning.config import Settings
from inslussning.models import Office, SignInFailure, User
from inslussning.services import first_run
from inslussning.services.first_run import WrongCode
from inslussning.services.office_settings import MailSettings
from inslussning.services.offices import AlreadySetUp, NewOffice
from tests.conftest import NOW
from tests.databases import fresh_database

TOGETHER = 4


def office(number: int) -> NewOffice:
    return NewOffice(
        name=f"Frivården {number}",
        timezone="Europe/Stockholm",
        coordinator="Maria Ek",
        email=f"maria{number}@ekhamn.example",
        password="tre ord i följd",
    )


def test_of_several_at_once_exactly_one_makes_the_office(database_url: str, tmp_path: Path, settings: Settings) -> None:
    code = settings.make_setup_code()
    ready = Barrier(TOGETHER)

    with fresh_database(database_url, tmp_path) as database, ThreadPoolExecutor(TOGETHER) as people:

        def press(number: int) -> str:
            ready.wait()
            try:
                first_run.set_up(
                    database, settings, office(number), MailSettings(), code=code, network="192.0.2.1", now=NOW
                )
            except (AlreadySetUp, WrongCode) as refusal:
                return type(refusal).__name__
            return "made"

        ended = list(people.map(press, range(TOGETHER)))
        with database.read() as session:
            made = [session.scalar(select(func.count()).select_from(table)) for table in (Office, User)]
    assert ended.count("made") == 1
    assert made == [1, 1]


def test_a_wrong_code_is_counted_although_nothing_is_made(
    database_url: str, tmp_path: Path, settings: Settings
) -> None:
    settings.make_setup_code()
    with fresh_database(database_url, tmp_path) as database:
        with pytest.raises(WrongCode):
            first_run.set_up(database, settings, office(1), MailSettings(), code="x", network="192.0.2.1", now=NOW)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(SignInFailure)) == 3
            assert session.scalar(select(func.count()).select_from(Office)) == 0
