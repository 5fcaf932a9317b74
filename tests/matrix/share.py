"""One processor's share of the whole matrix. A module of its own: a new process cannot import what stands in `__main__`."""

import datetime as dt
import tempfile
from pathlib import Path

from inslussning.config import Settings
from inslussning.db.engine import open_database
from inslussning.db.migrate import upgrade
from tests.databases import VAULT
from tests.matrix.rules import RULES
from tests.matrix.running import Tally, matrix, run_all, undecided

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
