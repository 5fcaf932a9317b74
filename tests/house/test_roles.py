"""The table of roles in the documentation says what the code says."""

from pathlib import Path

from inslussning.practice.access import ALLOWED, Function, Role
from inslussning.practice.role_words import SEES

TABLE = Path(__file__).resolve().parents[2] / "docs" / "security" / "roles.md"


def _rows(heading: str) -> list[list[str]]:
    text = TABLE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_role_has_exactly_its_functions_in_the_table() -> None:
    head, _, *rows = _rows("Functions")
    functions = [cell.strip("`") for cell in head[1:]]
    told = {row[0].strip("`"): {f for f, cell in zip(functions, row[1:], strict=True) if cell == "yes"} for row in rows}
    assert told == {role.value: {function.value for function in ALLOWED[role]} for role in Role}
    assert set(functions) == {function.value for function in Function}


def test_every_role_has_its_sentence_in_the_table() -> None:
    _, _, *rows = _rows("What each role sees")
    assert {row[0].strip("`"): row[1:] for row in rows} == {role.value: [role.label, SEES[role]] for role in Role}
