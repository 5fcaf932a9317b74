"""English is complete: every text of code and templates has it, with the same parameters."""

import subprocess
import sys
from pathlib import Path

from inslussning.i18n import translate

ROOT = Path(__file__).resolve().parents[2]


def test_every_text_has_its_english() -> None:
    command = [sys.executable, "scripts/translations.py", "--check"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]


def test_a_text_is_said_in_the_language_asked_for() -> None:
    assert translate("sv", "Åtgärder") == "Åtgärder"
    assert translate("en", "Åtgärder") == "Actions"


def test_an_unknown_language_is_swedish() -> None:
    assert translate("xx", "Åtgärder") == "Åtgärder"
