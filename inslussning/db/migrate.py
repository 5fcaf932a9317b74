"""Migrations, run from a checkout and from an installed wheel alike: the Alembic settings are built in code."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from inslussning import paths


def alembic_config(engine: Engine) -> Config:
    """Return Alembic's settings for this engine."""
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; raises what the migration raises, having changed nothing."""
    command.upgrade(alembic_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision` ("base" empties it)."""
    command.downgrade(alembic_config(engine), revision)


def is_untouched(engine: Engine) -> bool:
    """Tell whether no migration has ever been run here."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is None


def is_current(engine: Engine) -> bool:
    """Tell whether the database has every migration of this version of the product."""
    with engine.connect() as connection:
        return is_at_head(connection)


def is_at_head(connection: Connection) -> bool:
    """Tell the same of an open connection, writing nothing and reading the migrations only once."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()
