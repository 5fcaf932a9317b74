"""Write a migration: what differs between the models and the newest migration, to be read and mended by hand."""

import sys
import tempfile
from pathlib import Path

from alembic import command

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from inslussning.db.engine import open_database
from inslussning.db.migrate import alembic_config, upgrade


def main(message: str) -> None:
    """Bring an empty database to the newest migration and compare it with the models."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/empty.sqlite3")
        upgrade(database.engine)
        command.revision(alembic_config(database.engine), message=message, autogenerate=True)
        database.dispose()


main(" ".join(sys.argv[1:]) or "change")
