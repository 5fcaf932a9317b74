"""The site with the whole world in it, once for each file of tests: every request is undone."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from inslussning.config import Settings
from inslussning.db.engine import Database
from tests.conftest import NOW
from tests.matrix.running import Matrix, matrix


@pytest.fixture(scope="module")
def site(engine_database: Database) -> Iterator[Matrix]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), base_url="http://127.0.0.1:8000", mail="demo")
        with matrix(engine_database, settings, now=NOW) as found:
            found.find_forms()
            yield found
