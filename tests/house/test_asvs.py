"""The table of ASVS 5.0: every requirement that applies has one row, and every test it names exists."""

import re
from pathlib import Path

from tests.matrix.canaries import joined

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "security" / "asvs.md"
STATES = {"met", "n/a", "deployment"}
REQUIREMENTS = (
    "1.1.1 1.1.2 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.9 1.2.10 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.3.10 1.3.11",
    "1.3.12 1.4.2 1.5.1 1.5.2",
    "2.1.1 2.1.2 2.1.3 2.2.1 2.2.2 2.2.3 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.4.1",
    "3.2.1 3.2.2 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.8 3.5.1 3.5.2 3.5.3 3.5.4 3.5.8",
    "3.7.1 3.7.2",
    "4.1.1 4.1.2 4.1.3 4.1.4 4.2.1",
    "5.1.1 5.2.1 5.2.2 5.2.3 5.3.1 5.3.2 5.4.1 5.4.2 5.4.3",
    "6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3",
    "6.3.4 6.3.6 6.3.8 6.4.1 6.4.2 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3 6.8.4",
    "7.1.1 7.1.2 7.1.3 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.5.3 7.6.1",
    "7.6.2",
    "8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2 8.3.3 8.4.1",
    "11.1.1 11.1.2 11.2.1 11.2.2 11.2.3 11.3.1 11.3.2 11.3.3 11.3.4 11.4.1 11.4.2 11.4.3 11.4.4 11.5.1 11.6.1",
    "12.1.1 12.1.2 12.2.1 12.2.2 12.3.1 12.3.2 12.3.3 12.3.4 13.1.1 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.1 13.4.2",
    "13.4.3 13.4.4 13.4.5",
    "14.1.1 14.1.2 14.2.1 14.2.2 14.2.3 14.2.4 14.2.6 14.2.7 14.2.8 14.3.1 14.3.2 14.3.3",
    "15.1.1 15.1.2 15.1.3 15.2.1 15.2.2 15.2.3 15.3.1 15.3.2 15.3.3 15.3.4 15.3.5 15.3.6 15.3.7 15.4.2 16.1.1 16.2.1 16.2.2 16.2.3",
    "16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3 16.5.4",
)
"""By chapter, as they are numbered in ASVS 5.0.0; those of level 3 that are taken in as well are marked in the table."""


def rows() -> list[tuple[str, str, str]]:
    """Number, state and proof of each row."""
    found = re.findall(r"^\| ([0-9.]+) \| .+ \| ([a-z/]+) \| (.+) \|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    return [(number, state, proof) for number, state, proof in found]


def test_every_requirement_has_exactly_one_row() -> None:
    wanted = joined(REQUIREMENTS).split()
    numbers = [number for number, _, _ in rows()]
    assert len(wanted) >= 197
    assert len(set(wanted)) == len(wanted)
    assert sorted(numbers) == sorted(wanted)


def test_every_row_has_a_state_and_a_proof() -> None:
    assert [number for number, state, proof in rows() if state not in STATES or len(proof) < 8] == []


def test_every_test_it_names_exists() -> None:
    missing = []
    for number, state, proof in rows():
        if state == "met":
            file, _, name = proof.strip("`").partition("::")
            text = (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else ""
            if not text or (name and f"def {name}(" not in text):
                missing.append(f"{number}: {proof}")
    assert missing == []


def test_what_is_left_to_deployment_is_said_there() -> None:
    assert (ROOT / "docs" / "security" / "deployment.md").read_text(encoding="utf-8").count("## ") >= 8
