"""The access log from the terminal: what is whole, what is broken, and a key that may not be lost in silence."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from inslussning.config import Settings
from inslussning.db.engine import open_database
from inslussning.practice.audit import Asker, Event
from inslussning.services import audit_chain, audit_check
from inslussning.services.audit_chain import Line, use_key
from tests.conftest import NOW
from tests.services.test_command_line import ANSWERS, init, run

_OFFICE = UUID(int=5)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with three entries in its log."""
    monkeypatch.delenv("INSLUSSNING_DATA_DIR", raising=False)
    folder = tmp_path / "kontoret"
    assert init(folder, ANSWERS).exit_code == 0
    settings = Settings(data_dir=folder)
    database = open_database(settings.database)
    use_key(database, settings.audit_key())
    with database.transaction() as session:
        line = Line(at=NOW, asker=Asker.SYSTEM, event=Event.READ, office_id=_OFFICE)
        audit_chain.append(session, [line] * 3)
    database.dispose()
    return folder


def verify(data: Path) -> tuple[int, str]:
    ended = run("audit", "verify", "--data", str(data))
    return ended.exit_code, ended.output


def test_a_whole_log_is_said_to_be_whole(data: Path) -> None:
    assert verify(data) == (0, f"Kontor {_OFFICE}: 3 poster, 1–3. Allt stämmer.\n")


def test_the_first_bad_place_is_said_and_the_command_fails(data: Path) -> None:
    _spoil(data, "UPDATE audit_entries SET detail = 'x' WHERE seq = 2")
    code, said = verify(data)
    assert code == 1
    assert "fel vid post 2, posten är ändrad. 1 poster före den stämmer." in said


def test_the_end_is_put_on_record_once_and_a_cut_tail_is_found_by_it(data: Path) -> None:
    first = run("audit", "anchor", "--data", str(data))
    assert str(_OFFICE) in first.output
    assert (data / audit_check.HEADS_FILE).read_text(encoding="ascii") == first.output
    assert "inte vuxit" in run("audit", "anchor", "--data", str(data)).output
    _spoil(data, "DELETE FROM audit_entries WHERE seq = 3", "DELETE FROM audit_anchors")
    code, said = verify(data)
    assert code == 1
    assert "fel vid post 3, slutet av loggen saknas" in said


def test_a_lost_key_is_said_and_not_replaced(data: Path) -> None:
    Settings(data_dir=data).audit_key_file.unlink()
    ended = run("audit", "verify", "--data", str(data))
    assert ended.exit_code == 1
    assert "Nyckeln till åtkomstloggen saknas" in ended.output
    assert not Settings(data_dir=data).audit_key_file.exists()


def test_the_key_is_for_this_account_alone(data: Path) -> None:
    assert Settings(data_dir=data).audit_key_file.stat().st_mode & 0o077 == 0


def _spoil(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "inslussning.sqlite3")) as connection:
        for trigger in ("audit_entries_no_update", "audit_entries_no_delete", "audit_anchors_no_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
