"""Changes the access rules one small way at a time and sees whether the fast access tests notice.

Three files, a plain AST mutator: comparisons and their bounds, and/or, not, set and bit operators, True and False, what is returned, and
conditions of queries. A mutant that no test notices is printed with its line. Works in a copy; the working tree is never touched.
"""

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("inslussning/practice/access.py", "inslussning/services/visible.py", "inslussning/services/principals.py")
TESTS = (
    "tests/unit/practice/test_access.py",
    "tests/services/test_visible.py",
    "tests/services/test_hidden_cases.py",
    "tests/property/test_access.py",
)
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "data", "build", "dist", "__pycache__", ".*_cache", "pictures")
COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
JOINED = {ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Sub: ast.BitOr}
ENOUGH = 95


def changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    """Yield what can be changed at a node, as functions that change it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield lambda: node.ops.__setitem__(0, COMPARED[type(node.ops[0])]())
    if isinstance(node, ast.BoolOp):
        yield lambda: setattr(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.BinOp) and type(node.op) in JOINED and not isinstance(node.right, ast.Constant):
        yield lambda: setattr(node, "op", JOINED[type(node.op)]())
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda: setattr(node, "value", not node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda: setattr(node, "op", ast.UAdd()) if isinstance(node.operand, ast.Constant) else _swap_not(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"true", "false"}:
        yield lambda: setattr(node.func, "id", "false" if node.func.id == "true" else "true")
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"in_", "not_in", "is_", "is_not"}
    ):
        other = {"in_": "not_in", "not_in": "in_", "is_": "is_not", "is_not": "is_"}[node.func.attr]
        yield lambda: setattr(node.func, "attr", other)


def _swap_not(node: ast.UnaryOp) -> None:
    node.op, node.operand = ast.Not(), ast.UnaryOp(op=ast.Not(), operand=node.operand)


def mutants(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the whole text of every mutant; annotations are left alone."""
    tree = ast.parse(source)
    places = [(n, i) for n, node in enumerate(_walk(tree)) for i, _ in enumerate(changes(node))]
    for place, number in places:
        other = copy.deepcopy(tree)
        node = list(_walk(other))[place]
        list(changes(node))[number]()
        yield getattr(node, "lineno", 0), ast.unparse(ast.fix_missing_locations(other))


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _walk(child)


def survives(folder: Path, file: str, text: str) -> bool:
    """Tell whether the tests stay green with the mutant in place."""
    target = folder / file
    before = target.read_text(encoding="utf-8")
    target.write_text(text, encoding="utf-8")
    tests = [one for one in TESTS if (folder / one).exists()]
    run = subprocess.run(  # noqa: S603 - our own test run
        [sys.executable, "-B", "-m", "pytest", *tests, "-q", "-x", "-n", "0", "-p", "no:cacheprovider"],
        cwd=folder, capture_output=True, check=False, timeout=600,
    )  # fmt: skip
    target.write_text(before, encoding="utf-8")
    return run.returncode == 0


def work(share: tuple[int, int]) -> tuple[int, list[str]]:
    """Run every n-th mutant in a copy of its own; return how many there were and those that survived."""
    number, of = share
    survivors, count = [], 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "copy"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        all_of_them = [(f, *mutant) for f in FILES for mutant in mutants((ROOT / f).read_text(encoding="utf-8"))]
        for file, line, text in all_of_them[number::of]:
            count += 1
            if survives(folder, file, text):
                survivors.append(f"{file}:{line}")
                print(f"survived: {file}:{line}", flush=True)
    return count, survivors


def main() -> int:
    """Print the survivors and the score."""
    jobs = max(1, os.cpu_count() or 1)
    with ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(work, [(number, jobs) for number in range(jobs)]))
    total, alive = sum(count for count, _ in parts), sum(len(left) for _, left in parts)
    score = 100 * (total - alive) / total
    print(f"mutants: {total} in {len(FILES)} files, {total - alive} noticed, {alive} survived: {score:.1f} %")
    return 0 if score >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
