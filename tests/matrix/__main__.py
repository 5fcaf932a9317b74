"""The whole matrix, shared between the machine's processors; the last line says its size, the wrong cells and the leaks."""

import datetime as dt
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

from inslussning.config import Settings
from inslussning.db.engine import open_database
from inslussning.db.migrate import upgrade
from tests.databases import VAULT
from tests.matrix.rules import RULES
from tests.matrix.running import SHOWN, Tally, matrix, run_all, undecided

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


def part(share: tuple[int, int]) -> Tally:
    """Run every n-th route in a database of its own."""
    number, of = share
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), base_url="http://127.0.0.1:8000", mail="demo")
        database = open_database(settings.database, vault=VAULT)
        upgrade(database.engine)
        with matrix(database, settings, now=NOW) as site:
            left_out = undecided(site.app)
            site.routes = [route for route in site.routes if route in RULES]
            site.find_forms()
            site.routes = site.routes[number::of]
            tally = run_all(site)
        database.dispose()
    if number == 0:
        tally.wrong += [f"nobody has said who may use {route}" for route in left_out]
    return tally


def main() -> int:
    """Print what is wrong, then the one line."""
    jobs = max(1, min(os.cpu_count() or 1, 8))
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        parts = pool.map(part, [(number, jobs) for number in range(jobs)])
    whole = Tally(principals=parts[0].principals)
    whole.routes = parts[0].routes
    for one in parts:
        whole.cells += one.cells
        whole.mixed += one.mixed
        whole.wrong += one.wrong
        whole.leaks += one.leaks
    for line in sorted({*whole.wrong, *whole.leaks})[: SHOWN * 10]:
        print(line)  # noqa: T201 - a tool on the terminal
    print(whole)  # noqa: T201
    return 1 if whole.wrong or whole.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
