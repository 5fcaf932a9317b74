"""Small and flat: long files and long functions are where nobody finds anything."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for folder in ("inslussning", "meetings", "bench", "scripts") for p in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION, LONGEST_ROUTE = 400, 600, 40, 20
FORBIDDEN = {"util.py", "utils.py", "helpers.py", "common.py", "service.py", "misc.py"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef, int]]:
    """Every function with its lines of code, the docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield node, node.end_lineno - body[0].lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_source_file_is_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_a_test_file_is_at_most_600_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_TEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_function_is_at_most_40_lines(path: Path) -> None:
    long = {node.name: lines for node, lines in functions(path) if lines > LONGEST_FUNCTION}
    assert not long


@pytest.mark.parametrize("path", sorted((ROOT / "inslussning/web/routes").rglob("*.py")), ids=named)
def test_a_route_only_reads_calls_and_renders(path: Path) -> None:
    long = {node.name: lines for node, lines in functions(path) if node.decorator_list and lines > LONGEST_ROUTE}
    assert not long


def test_no_file_is_called_what_says_nothing() -> None:
    assert not [named(p) for p in SOURCES + TESTS if p.name in FORBIDDEN]
