"""One entry: fills the databases, starts the site on each and the floor, drives them in turn, and compares within each round.

Times differ from machine to machine and from minute to minute; only ratios inside one round are compared. Every answer is checked for its
status and its number of rows. Everything is bounded, listens on the loopback address alone, and stops by itself.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from bench import load, servers
from bench.load import Ask, Drive
from bench.seed import Filled, fill
from bench.servers import Server
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import open_database
from inslussning.db.keyring import make_keyring
from inslussning.db.migrate import upgrade
from inslussning.services.action_lists import PAGE

GOALS = Path(__file__).with_name("goals.toml")
COOKIE = "inslussning_session"
NOISE = 0.25  # cores used by others while we measured
PAGES = {"actions": (b'value="done"', PAGE), "meeting": (b"?item=", None)}
MISSED, NOISY = 1, 3


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    sizes: tuple[int, ...]
    rounds: int
    requests: int
    again: int  # rounds that may be driven once more because others were busy


QUICK = Plan(sizes=(1_000, 100_000), rounds=3, requests=150, again=3)
FULL = Plan(sizes=(1_000, 100_000, 1_000_000), rounds=7, requests=400, again=14)


@dataclass(frozen=True)
class Contestant:
    """One page of one server."""

    name: str
    server: Server
    asks: list[Ask]


@dataclass
class Result:
    """Every round of every contestant, and whether others were too busy to tell."""

    rounds: list[dict[str, Drive]]
    noisy: bool

    def ratio(self, one: str, other: str) -> list[float]:
        """Return how the medians of two contestants compare, round by round."""
        return [r[one].percentile(0.5) / r[other].percentile(0.5) for r in self.rounds]

    def pooled(self, name: str) -> Drive:
        """Return all rounds of one contestant as one."""
        drives = [r[name] for r in self.rounds]
        return Drive(
            times=[t for d in drives for t in d.times],
            errors=[e for d in drives for e in d.errors],
            seconds=sum(d.seconds for d in drives),
            bytes=drives[-1].bytes,
            cpu_ms=median(d.cpu_ms for d in drives),
            foreign_cores=max(d.foreign_cores for d in drives),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0, or with --check 1 on a miss and 3 on a miss that noise may explain."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--quick", action="store_true", help="10^3 and 10^5 actions, under two minutes (the default)")
    kind.add_argument("--full", action="store_true", help="10^6 actions as well, about ten minutes")
    parser.add_argument("--out", type=Path, help="write everything measured as JSON")
    parser.add_argument("--check", action="store_true", help="compare with goals.toml")
    given = parser.parse_args(arguments)
    plan = FULL if given.full else QUICK
    with (
        tempfile.TemporaryDirectory(prefix="inslussning-bench-") as folder,
        contestants(Path(folder), plan) as all_of_them,
    ):
        result = measure(all_of_them, plan)
    goals = tomllib.loads(GOALS.read_text(encoding="utf-8"))
    outcome = compared(result, plan, goals)
    show(result, outcome)
    if given.out:
        given.out.write_text(json.dumps(as_json(result, outcome, plan), indent=1), encoding="utf-8")
    if not given.check or all(line["ok"] for line in outcome):
        return 0
    return NOISY if result.noisy else MISSED


@contextmanager
def contestants(folder: Path, plan: Plan) -> Iterator[list[Contestant]]:
    """Fill a database of each size and start everything; all of it is up at once, so that all share the same weather."""
    found: list[Contestant] = []
    with ExitStack() as running:
        for size in plan.sizes:
            data, log = folder / str(size), folder / f"{size}.log"
            filled = filled_folder(data, size)
            print(f"{filled.actions:>9} actions in {filled.offices} offices", flush=True)
            server = running.enter_context(servers.product(data, log))
            found += [Contestant(f"{page} {size}", server, asks(page, filled)) for page in PAGES]
            if size == plan.sizes[0]:
                base = running.enter_context(started_floor(data, folder / "floor.log", filled))
                found += [
                    Contestant(f"{page} floor", base, [Ask(f"/floor/{page}", "", *PAGES[page])]) for page in PAGES
                ]
        yield found


def filled_folder(data: Path, size: int) -> Filled:
    """Make a data folder with so many actions."""
    data.mkdir()
    keyring = make_keyring(Settings(data_dir=data).keyring_file)
    database = open_database(f"sqlite:///{data / 'inslussning.sqlite3'}")
    upgrade(database.engine)
    filled = fill(database, keyring, size, now=utc_now())
    database.dispose()
    return filled


def started_floor(data: Path, log: Path, filled: Filled) -> Any:  # noqa: ANN401 - a context manager of a Server
    """Start the floor with the pages of the first desk."""
    first = {page: asks(page, filled)[0] for page in PAGES}
    return servers.floor(data, log, first["actions"].cookie, {page: ask.path for page, ask in first.items()})


def asks(page: str, filled: Filled) -> list[Ask]:
    """Return the request for a page of every desk."""
    mark, count = PAGES[page]
    paths = {"actions": "/actions", "meeting": "/meetings/{meeting}?item={item}"}
    return [
        Ask(paths[page].format(meeting=desk.meeting, item=desk.item), f"{COOKIE}={desk.token}", mark, count)
        for desk in filled.desks
    ]


def measure(all_of_them: list[Contestant], plan: Plan) -> Result:
    """Drive everybody in turn, a round at a time, beginning with another one each round."""
    rounds: list[dict[str, Drive]] = []
    left, noisy = plan.again, False
    with servers.on_core(1):
        for one in all_of_them:
            load.drive(one.server.port, one.server.pid, one.asks, requests=30)
        while len(rounds) < plan.rounds:
            turn = len(rounds) % len(all_of_them)
            order = all_of_them[turn:] + all_of_them[:turn]
            drives = {
                one.name: load.drive(
                    one.server.port, one.server.pid, one.asks, requests=plan.requests, seed=len(rounds) + 1
                )
                for one in order
            }
            errors = [error for drive in drives.values() for error in drive.errors]
            if errors:
                raise SystemExit(f"{len(errors)} wrong answers, the first: {errors[0]}")
            busy = max(drive.foreign_cores for drive in drives.values()) > NOISE
            if busy and left:
                left -= 1
                continue
            noisy = noisy or busy
            rounds.append(drives)
    return Result(rounds, noisy)


def compared(result: Result, plan: Plan, goals: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each ratio with its spread, its goal, and whether the run holds it."""
    least, most = plan.sizes[0], plan.sizes[-1]
    lines = []
    for page in PAGES:
        ratios = {
            "floor": result.ratio(f"{page} {most}", f"{page} floor"),
            "cpu": [r[f"{page} {most}"].cpu_ms / max(0.01, r[f"{page} floor"].cpu_ms) for r in result.rounds],
            "growth": result.ratio(f"{page} {most}", f"{page} {least}"),
            "tail": [r[f"{page} {most}"].percentile(0.99) / r[f"{page} {most}"].percentile(0.5) for r in result.rounds],
        }
        lines += [_against(goals, page, name, values) for name, values in ratios.items()]
    return lines


def _against(goals: dict[str, Any], page: str, name: str, values: list[float]) -> dict[str, Any]:
    """Return one line of the comparison."""
    goal, found = goals[page][name], median(values)
    spread = {"median": found, "least": min(values), "most": max(values)}
    return {
        "what": f"{page} {name}",
        **spread,
        "goal": goal,
        "reached": found <= goal,
        "ok": found <= goal * goals["slack"],
    }


def show(result: Result, outcome: list[dict[str, Any]]) -> None:
    """Print what was measured."""
    print(f"\n{'':<18}{'p50 ms':>8}{'p99 ms':>8}{'a second':>10}{'cpu ms':>8}{'kB':>7}")
    for name in result.rounds[0]:
        one = result.pooled(name)
        print(
            f"{name:<18}{one.percentile(0.5):>8.2f}{one.percentile(0.99):>8.2f}{one.per_second:>10.0f}"
            f"{one.cpu_ms:>8.2f}{one.bytes / 1000:>7.1f}"
        )
    print(f"\n{'ratio':<18}{'median':>8}{'least':>8}{'most':>8}{'goal':>8}")
    for line in outcome:
        said = "" if line["reached"] else "  over the goal" if line["ok"] else "  missed"
        print(
            f"{line['what']:<18}{line['median']:>8.2f}{line['least']:>8.2f}{line['most']:>8.2f}{line['goal']:>8.2f}{said}"
        )
    if result.noisy:
        print("\nOther work kept the machine busy while this was measured: take the figures for what they are.")


def as_json(result: Result, outcome: list[dict[str, Any]], plan: Plan) -> dict[str, Any]:
    """Return everything measured, with what it was measured on."""
    names = ("fastapi", "starlette", "sqlalchemy", "jinja2", "uvicorn")
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in names},
        "sizes": plan.sizes,
        "noisy": result.noisy,
        "ratios": outcome,
        "times_ms": {name: sorted(result.pooled(name).times) for name in result.rounds[0]},
        "cpu_ms": {name: result.pooled(name).cpu_ms for name in result.rounds[0]},
    }


if __name__ == "__main__":
    sys.exit(main())
