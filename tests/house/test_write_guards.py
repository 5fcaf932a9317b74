"""Every use case that changes something demands the function itself: a route that asks for too little must not be enough."""

import ast
from pathlib import Path

import pytest

SERVICES = Path(__file__).resolve().parents[2] / "inslussning" / "services"
GUARDS = (
    ".must(",
    ".may(",
    "desk_of(",
)  # `desk_of` is how mail is written on somebody's behalf, and demands the function
OWN = {
    "passkeys",
    "second_factors",
    "sessions",
    "proofs",
}  # what belongs to whoever is signed in: nobody else's can be named
READS = {("bases", "actors_with_basis"), ("bases", "require")}  # they flush, so that what was just written is read
CHANGING = {"add", "add_all", "flush", "delete"}
FEWEST = 50  # so that a search that finds nothing does not pass


def _changes(function: ast.FunctionDef) -> bool:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in CHANGING and "session" in ast.unparse(called.value):
            return True
        if isinstance(called, ast.Name) and called.id in {"update", "insert"}:
            return True
    return False


def _called(function: ast.FunctionDef) -> set[str]:
    return {n.func.id for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


def _writers() -> list[tuple[str, str, bool]]:
    """Module, public function that changes something on a principal's behalf, and whether it demands a function first."""
    found = []
    for path in sorted(SERVICES.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        changing = {name for name, node in functions.items() if _changes(node)}
        guarded = {name for name, node in functions.items() if any(mark in ast.unparse(node) for mark in GUARDS)}
        for _ in functions:
            changing |= {name for name, node in functions.items() if _called(node) & changing}
            guarded |= {name for name, node in functions.items() if _called(node) & guarded}
        for name in sorted(changing):
            takes = {argument.arg for argument in (*functions[name].args.args, *functions[name].args.kwonlyargs)}
            if not name.startswith("_") and "principal" in takes:
                found.append((path.stem, name, name in guarded))
    return found


def test_there_are_as_many_as_we_know_of() -> None:
    assert len(_writers()) >= FEWEST


@pytest.mark.parametrize(("module", "name", "guarded"), [pytest.param(*w, id=f"{w[0]}.{w[1]}") for w in _writers()])
def test_a_use_case_that_changes_something_demands_the_function(module: str, name: str, guarded: bool) -> None:
    assert guarded or module in OWN or (module, name) in READS, (
        f"{module}.{name} changes something and never asks principal.must(…)"
    )
