"""The directions of the imports, and the few words the code must never say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_import_contract_is_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    ended = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]


def test_only_the_clock_reads_the_clock() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("inslussning", "meetings")
        for path in (ROOT / folder).rglob("*.py")
        if any(call in path.read_text(encoding="utf-8") for call in ("datetime.now(", "date.today(", "datetime.today("))
    ]
    assert readers == ["inslussning/clock.py"]


def test_nobody_commits_but_the_edge() -> None:
    committing = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "inslussning").rglob("*.py")
        if ".commit()" in path.read_text(encoding="utf-8")
    ]
    assert committing == []


def test_calendars_carry_our_own_time_zones_and_never_the_librarys() -> None:
    """The library writes RDATE zones, which Thunderbird reads one hour wrong."""
    calling = [
        path.name for path in (ROOT / "meetings").rglob("*.py") if "add_missing_timezones" in path.read_text("utf-8")
    ]
    assert calling == []
