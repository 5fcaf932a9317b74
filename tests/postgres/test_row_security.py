"""The net under the queries: with a role that does not own the tables, an office sees its own rows however a query is written."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from inslussning import cli
from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db import row_security
from inslussning.db.engine import Database, open_database
from inslussning.models import Case, NeedArea, Office
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.databases import fresh_database
from tests.factories.offices import World, a_case, a_world, an_office
from tests.postgres_server import postgres_url

pytestmark = pytest.mark.postgres


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Database]:
    with fresh_database(postgres_url(), tmp_path) as database:
        yield database


@pytest.fixture
def limited(owner: Database) -> Iterator[Database]:
    """The same database as a role that neither owns the tables nor is a superuser."""
    role = f"app_{uuid4().hex}"
    with owner.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        row_security.grant(connection, role)
    url = make_url(owner.engine.url.render_as_string(hide_password=False))
    database = open_database(
        url.update_query_dict({"options": f"-crole={role}"}).render_as_string(hide_password=False), pool_size=1
    )
    yield database
    database.dispose()
    with owner.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))


@pytest.fixture
def world(owner: Database) -> World:
    """Two offices, each with cases."""
    with owner.transaction() as session:
        world = a_world(session, now=NOW)
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        a_case(session, other, "E-900", release_at=None, actors=[])
    return world


def codes(database: Database, office: UUID | None) -> set[str]:
    """What a query that forgot everything would show, said in raw SQL."""
    with database.write(info={row_security.ASKING: lambda: office}) as session:
        return set(session.scalars(text("SELECT code FROM cases")))


def test_every_table_with_an_office_has_the_policy(owner: Database) -> None:
    with owner.engine.connect() as connection:
        assert row_security.unprotected(connection) == []
        row_security.unprotect(connection)
        assert "cases" in row_security.unprotected(connection)
        connection.rollback()


def test_the_net_knows_whether_it_holds(owner: Database, limited: Database) -> None:
    with limited.engine.connect() as connection:
        assert row_security.is_active(connection)
    with owner.engine.connect() as connection:
        assert not row_security.is_active(connection)


def test_raw_sql_shows_the_own_office_only(limited: Database, world: World) -> None:
    assert codes(limited, world.office.id) == {"K-101", "K-102"}


def test_work_for_no_office_in_particular_sees_all(limited: Database, world: World) -> None:
    assert world.office.name
    assert codes(limited, None) == {"K-101", "K-102", "E-900"}


def test_what_was_said_ends_with_the_transaction(limited: Database, world: World) -> None:
    """One connection in the pool: the next user of it must say its own."""
    assert codes(limited, world.office.id)
    with limited.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Case)) == 0


def test_nothing_is_written_into_another_office(limited: Database, owner: Database, world: World) -> None:
    with owner.read() as session:
        other = session.scalars(select(Office.id).where(Office.id != world.office.id)).one()
    with limited.write(info={row_security.ASKING: lambda: world.office.id}) as session:
        session.add(NeedArea(office_id=other, name="Smuggel", position=99))
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.flush()


def test_bulk_changes_stop_at_the_office(limited: Database, owner: Database, world: World) -> None:
    with limited.write.begin() as session:
        session.info[row_security.ASKING] = lambda: world.office.id
        session.execute(text("UPDATE need_areas SET name = name || ' x'"))
    with owner.read() as session:
        changed = set(session.scalars(select(NeedArea.office_id).where(NeedArea.name.endswith(" x"))))
    assert changed == {world.office.id}


def test_a_role_name_that_is_none_is_refused(owner: Database) -> None:
    with owner.engine.connect() as connection, pytest.raises(ValueError, match="DROP TABLE"):
        row_security.grant(connection, 'x"; DROP TABLE cases; --')


def test_the_site_works_as_that_role(limited: Database, owner: Database, world: World, settings: Settings) -> None:
    client = SiteClient(create_app(settings, database=limited, clock=lambda: NOW)).signed_in(world.coordinator)
    assert "K-101" in client.get("/cases").text
    assert client.get(f"/cases/{world.near.id}").status == 200
    with owner.read() as session:
        foreign = session.scalars(select(Case.id).where(Case.code == "E-900")).one()
    assert client.get(f"/cases/{foreign}").status == 404


def test_the_command_lets_a_role_in(owner: Database, tmp_path: Path) -> None:
    role = f"app_{uuid4().hex}"
    with owner.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    address = owner.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    given = {"INSLUSSNING_DATABASE_URL": address, "INSLUSSNING_DATA_DIR": str(tmp_path)}
    assert CliRunner().invoke(cli.app, ["keys", "init", "--data", str(tmp_path)], env=given).exit_code == 0
    ran = CliRunner().invoke(cli.app, ["migrate", "--data", str(tmp_path), "--grant", role], env=given)
    assert ran.exit_code == 0, ran.output
    refused = CliRunner().invoke(cli.app, ["migrate", "--data", str(tmp_path), "--grant", "finns_inte"], env=given)
    assert refused.exit_code == 1
    with owner.engine.begin() as connection:
        granted = connection.scalar(text("SELECT has_table_privilege(:role, 'cases', 'SELECT')"), {"role": role})
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    assert granted
