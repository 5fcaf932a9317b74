"""Sealing and opening: what fits opens, and everything else is refused."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.orm import Session

from inslussning.db.data_keys import DataKey, KeyKind
from inslussning.db.engine import Database
from inslussning.db.key_life import destroy_key
from inslussning.db.keyring import (
    Keyring,
    KeyringProblem,
    fresh_keyring,
    is_made_up,
    make_keyring,
    read_keyring,
    save_keyring,
)
from inslussning.db.sealed import vault_of
from inslussning.db.user_secrets import open_secret, seal_secret
from inslussning.db.vault import NoKey, SealBroken, Vault, check
from inslussning.models import Client
from tests.conftest import NOW
from tests.factories.offices import World, a_world

PLACE = "needs.text.0123"


@pytest.fixture
def vault(session: Session) -> Vault:
    return vault_of(session)


@pytest.fixture
def connection(session: Session, world: World) -> Connection:
    assert world.office.id
    return session.connection()


class TestValues:
    def test_what_is_sealed_opens_again_and_says_nothing(
        self, vault: Vault, connection: Connection, world: World
    ) -> None:
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, "Bostad åt Åsa".encode())
        assert sealed.startswith(f"v1.{world.near.id.hex}.")
        assert "Bostad" not in sealed
        assert vault.open(lambda: connection, PLACE, sealed) == "Bostad åt Åsa".encode()

    def test_the_same_text_is_never_sealed_alike(self, vault: Vault, connection: Connection, world: World) -> None:
        seals = {vault.seal(lambda: connection, world.near.id, PLACE, b"same") for _ in range(100)}
        assert len(seals) == 100

    @pytest.mark.parametrize("place", ["needs.text.0124", "actions.what.0123", "needs.note.0123"])
    def test_moved_to_another_row_table_or_column_it_does_not_open(
        self, vault: Vault, connection: Connection, world: World, place: str
    ) -> None:
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, b"text")
        with pytest.raises(SealBroken):
            vault.open(lambda: connection, place, sealed)

    def test_said_to_be_another_cases_it_does_not_open(
        self, vault: Vault, connection: Connection, world: World
    ) -> None:
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, b"text")
        with pytest.raises(SealBroken):
            vault.open(lambda: connection, PLACE, sealed.replace(world.near.id.hex, world.far.id.hex))

    @pytest.mark.parametrize("at", [-6, -20, 40])
    def test_a_changed_letter_is_noticed(self, vault: Vault, connection: Connection, world: World, at: int) -> None:
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, b"a text of some length")
        letter = "A" if sealed[at] != "A" else "B"
        spoilt = sealed[:at] + letter + sealed[at:][1:]
        with pytest.raises(SealBroken):
            vault.open(lambda: connection, PLACE, spoilt)

    @pytest.mark.parametrize("value", ["plain text", "v1.", "v1.x.y", "v2." + "0" * 32 + ".AAAA", "v1..", "."])
    def test_what_was_never_sealed_is_refused(self, vault: Vault, connection: Connection, value: str) -> None:
        with pytest.raises(SealBroken):
            vault.open(lambda: connection, PLACE, value)

    def test_an_owner_without_a_key_is_refused(self, vault: Vault, connection: Connection) -> None:
        with pytest.raises(NoKey):
            vault.seal(lambda: connection, uuid4(), PLACE, b"text")

    def test_a_users_secret_opens_at_its_own_place_only(self, session: Session, world: World) -> None:
        sealed = seal_secret(session, world.office.id, "code_apps.secret.1", "JBSWY3DP")
        assert open_secret(session, "code_apps.secret.1", sealed) == "JBSWY3DP"
        with pytest.raises(SealBroken):
            open_secret(session, "code_apps.secret.2", sealed)


class TestDataKeys:
    def test_every_case_client_and_office_is_born_with_one(self, session: Session, world: World) -> None:
        kinds = {row.owner_id: row.kind for row in session.query(DataKey)}
        assert kinds[world.office.id] is KeyKind.OFFICE
        assert kinds[world.near.id] is KeyKind.CASE
        assert kinds[world.near.client_id] is KeyKind.CLIENT

    def test_another_process_fetches_them_from_the_database(
        self, vault: Vault, connection: Connection, world: World
    ) -> None:
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, b"text")
        other = Vault(vault.keyring())
        assert other.open(lambda: connection, PLACE, sealed) == b"text"

    def test_many_are_fetched_in_one_statement(self, vault: Vault, connection: Connection, world: World) -> None:
        asked = []

        def connect() -> Connection:
            asked.append(1)
            return connection

        other = Vault(vault.keyring())
        other.prepare(connect, [world.near.id.hex, world.far.id.hex, world.office.id.hex])
        for owner in (world.near.id, world.far.id, world.office.id):
            other.seal(connect, owner, PLACE, b"text")
        assert len(asked) == 1

    def test_another_keyring_opens_nothing(self, connection: Connection, world: World) -> None:
        stranger = Vault(fresh_keyring())  # its key has the same name, and is another
        with pytest.raises(NoKey):
            stranger.seal(lambda: connection, world.near.id, PLACE, b"text")
        with pytest.raises(KeyringProblem):
            check(connection, stranger.keyring())

    def test_a_destroyed_one_opens_nothing_more(self, vault: Vault, connection: Connection, world: World) -> None:
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, b"text")
        connection.execute(update(DataKey).where(DataKey.owner_id == world.near.id).values(wrapped=""))
        vault.forget(world.near.id)
        assert vault.open(lambda: connection, PLACE, sealed) is None
        with pytest.raises(NoKey):
            vault.seal(lambda: connection, world.near.id, PLACE, b"text")

    def test_it_is_read_anew_when_its_time_is_up(self, vault: Vault, connection: Connection, world: World) -> None:
        hasty = Vault(vault.keyring(), life=-1)
        sealed = vault.seal(lambda: connection, world.near.id, PLACE, b"text")
        assert hasty.open(lambda: connection, PLACE, sealed) == b"text"
        connection.execute(text("UPDATE data_keys SET wrapped = ''"))
        assert hasty.open(lambda: connection, PLACE, sealed) is None

    def test_a_wrapped_key_given_to_another_owner_does_not_open(
        self, vault: Vault, connection: Connection, world: World
    ) -> None:
        row = vault.fresh_row(uuid4(), world.office.id, KeyKind.CASE)
        stolen = connection.execute(text("SELECT wrapped FROM data_keys")).scalars().first()
        connection.execute(insert(DataKey), row | {"wrapped": stolen})
        vault.forget_all()
        with pytest.raises(NoKey):
            vault.seal(lambda: connection, row["owner_id"], PLACE, b"text")  # type: ignore[arg-type] # the key of the row


class TestWhatIsRemembered:
    """What the vault remembers never outlives the transaction it was true in."""

    def test_a_key_made_in_a_transaction_that_was_rolled_back_is_forgotten(
        self, session: Session, vault: Vault, world: World
    ) -> None:
        client = Client(office_id=world.office.id)
        session.add(client)
        session.flush()
        owner = client.id
        assert vault.remembers(owner.hex)
        session.rollback()
        with pytest.raises(NoKey):
            vault.seal(session.connection, owner, PLACE, b"text")

    def test_so_is_one_made_under_a_savepoint(self, session: Session, vault: Vault, world: World) -> None:
        savepoint = session.begin_nested()
        client = Client(office_id=world.office.id)
        session.add(client)
        session.flush()
        owner = client.id
        savepoint.rollback()
        with pytest.raises(NoKey):
            vault.seal(session.connection, owner, PLACE, b"text")

    def test_so_is_one_whose_session_was_closed_without_a_commit(
        self, database: Database, vault: Vault, world: World
    ) -> None:
        with database.write() as other:
            client = Client(office_id=world.office.id)
            other.add(client)
            other.flush()
            owner = client.id
        assert not vault.remembers(owner.hex)

    def test_one_whose_transaction_was_committed_stays_at_hand(
        self, session: Session, vault: Vault, world: World
    ) -> None:
        client = Client(office_id=world.office.id)
        session.add(client)
        session.commit()
        assert vault.remembers(client.id.hex)

    def test_a_key_destroyed_in_a_transaction_that_was_rolled_back_opens_again(
        self, session: Session, vault: Vault, world: World
    ) -> None:
        owner = world.near.id
        sealed = vault.seal(session.connection, owner, PLACE, b"text")
        destroy_key(session, vault, owner, NOW)
        assert vault.open(session.connection, PLACE, sealed) is None
        session.rollback()
        assert vault.open(session.connection, PLACE, sealed) == b"text"

    def test_a_key_that_was_read_while_it_was_being_destroyed_is_forgotten_at_the_commit(
        self, own_database: Database
    ) -> None:
        with own_database.transaction() as session:
            world = a_world(session, now=NOW)
            vault = vault_of(session)
            sealed = vault.seal(session.connection, world.near.id, PLACE, b"text")
        with own_database.transaction() as session:
            destroy_key(session, vault, world.near.id, NOW)
            with own_database.read() as reader:
                assert vault.open(reader.connection, PLACE, sealed) == b"text"
        with own_database.read() as reader:
            assert vault.open(reader.connection, PLACE, sealed) is None

    def test_that_there_is_no_key_is_not_remembered(self, session: Session, vault: Vault, world: World) -> None:
        owner = uuid4()
        with pytest.raises(NoKey):
            vault.seal(session.connection, owner, PLACE, b"text")
        another_process = Vault(vault.keyring())
        another_process.make_key(session.connection(), owner, world.office.id, KeyKind.CASE)
        sealed = vault.seal(session.connection, owner, PLACE, b"text")
        assert another_process.open(session.connection, PLACE, sealed) == b"text"


class TestMarks:
    def test_equal_values_of_one_owner_and_purpose_are_marked_alike(
        self, vault: Vault, connection: Connection, world: World
    ) -> None:
        def mark(owner: object, purpose: str, value: str) -> str:
            return vault.blind(lambda: connection, owner, purpose, value)  # type: ignore[arg-type] # a key

        one = mark(world.office.id, "number", "19800230-0000")
        assert one == mark(world.office.id, "number", "19800230-0000")
        others = {
            mark(world.office.id, "number", "19800230-0001"),
            mark(world.office.id, "mail", "19800230-0000"),
            mark(world.near.id, "number", "19800230-0000"),
        }
        assert len(others | {one}) == 4


class TestKeyring:
    def test_it_is_written_for_this_account_alone_and_read_back(self, tmp_path: Path) -> None:
        file = tmp_path / "new" / "keyring.json"
        made = make_keyring(file)
        assert file.stat().st_mode & 0o777 == 0o600
        assert read_keyring(file) == made

    def test_a_fresh_key_becomes_the_active_one_and_the_old_one_stays(self) -> None:
        first = fresh_keyring()
        second = first.with_fresh_key()
        assert (first.active, second.active) == ("k1", "k2")
        assert second.keys["k1"] == first.keys["k1"] != second.keys["k2"]

    def test_one_that_exists_is_never_made_anew(self, tmp_path: Path) -> None:
        file = tmp_path / "keyring.json"
        made = make_keyring(file)
        with pytest.raises(KeyringProblem, match="finns redan"):
            make_keyring(file)
        assert read_keyring(file) == made

    def test_a_missing_one_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(KeyringProblem, match="saknas"):
            read_keyring(tmp_path / "keyring.json")

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
    def test_one_that_others_may_read_is_refused(self, tmp_path: Path, mode: int) -> None:
        file = tmp_path / "keyring.json"
        make_keyring(file)
        file.chmod(mode)
        with pytest.raises(KeyringProblem, match="chmod 600"):
            read_keyring(file)

    def test_a_read_only_one_will_do(self, tmp_path: Path) -> None:
        file = tmp_path / "keyring.json"
        make_keyring(file)
        file.chmod(0o400)
        assert read_keyring(file).active == "k1"

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", "{}", '{"active": "k1", "keys": {}}', '{"active": "k1", "keys": {"k1": "AAAA"}}']
    )
    def test_a_damaged_one_is_refused(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "keyring.json"
        file.touch(mode=0o600)
        file.write_text(content, encoding="utf-8")
        with pytest.raises(KeyringProblem, match="går inte att läsa"):
            read_keyring(file)

    @pytest.mark.parametrize("key", [bytes(32), b"0123456789abcdef0123456789abcdef", b"\xff" * 16 + bytes(16)])
    def test_a_key_that_somebody_made_up_is_refused(self, tmp_path: Path, key: bytes) -> None:
        file = tmp_path / "keyring.json"
        save_keyring(file, Keyring("k1", {"k1": key}))
        with pytest.raises(KeyringProblem, match="slumpad"):
            read_keyring(file)

    def test_random_keys_are_not_taken_for_made_up_ones(self) -> None:
        assert not any(is_made_up(os.urandom(32)) for _ in range(5_000))
