"""The commands that set an office up and bring its lists in, as typed at a terminal."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.pool import Pool
from typer.testing import CliRunner, Result

from inslussning import cli
from inslussning.cli import site
from inslussning.config import Settings
from inslussning.db.engine import Database, open_database
from inslussning.db.keyring import KeyringProblem
from inslussning.db.migrate import downgrade, is_current, upgrade
from inslussning.models import Actor, Case, Office
from inslussning.practice.mail import MailSecurity
from inslussning.services import sign_in
from inslussning.services.audit_chain import use_key
from tests.conftest import NOW

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
PASSWORD = "tre ord i följd"
ANSWERS = {
    "--name": "Frivården Ekhamn",
    "--coordinator": "Maria Ek",
    "--email": "maria@ekhamn.example",
    "--password": PASSWORD,
}
MAIL = {
    "--mail-address": "samordning@ekhamn.example",
    "--mail-host": "mejl.ekhamn.example",
    "--mail-port": "465",
    "--mail-security": "tls",
    "--mail-user": "samordning",
    "--mail-password": "hemligt hos servern",
}


@pytest.fixture
def still_open() -> Iterator[list[object]]:
    """The connections to databases that have been opened since, and not closed."""
    found: list[object] = []

    def note_opened(connection: object, _record: object) -> None:
        found.append(connection)

    def note_closed(connection: object, _record: object) -> None:
        found[:] = [one for one in found if one is not connection]

    event.listen(Pool, "connect", note_opened)
    event.listen(Pool, "close", note_closed)
    yield found
    event.remove(Pool, "connect", note_opened)
    event.remove(Pool, "close", note_closed)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("INSLUSSNING_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "kontoret"


@pytest.fixture
def opened(data: Path) -> Iterator[Database]:
    """The installation's database, as a second look at it."""
    data.mkdir(exist_ok=True)
    database = open_database(Settings(data_dir=data).database)
    yield database
    database.dispose()


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli.app, list(words), input=typed, catch_exceptions=False)


def init(data: Path, answers: dict[str, str], typed: str = "") -> Result:
    options = [word for pair in answers.items() for word in pair]
    return run("init", "--data", str(data), *options, typed=typed)


def bring(data: Path, *files: Path, dry_run: bool = False) -> Result:
    return run("import", *map(str, files), "--data", str(data), *(["--dry-run"] if dry_run else []))


def count(database: Database, table: type[object]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def keyring_of(data: Path) -> Path:
    return Settings(data_dir=data).keyring_file


class TestKeys:
    def test_setting_an_office_up_makes_the_keyring(self, data: Path) -> None:
        init(data, ANSWERS)
        assert stat.S_IMODE(keyring_of(data).stat().st_mode) == 0o600

    def test_init_makes_one_that_only_this_account_reads_and_never_another(self, data: Path) -> None:
        assert "är skapad" in run("keys", "init", "--data", str(data)).output
        made = keyring_of(data).read_text(encoding="utf-8")
        with pytest.raises(KeyringProblem, match="finns redan"):
            run("keys", "init", "--data", str(data))
        assert keyring_of(data).read_text(encoding="utf-8") == made

    def test_rotate_and_verify_say_how_many(self, data: Path) -> None:
        init(data, ANSWERS)
        assert "bytt för 1 datanycklar" in run("keys", "rotate", "--data", str(data)).output
        assert "0 värden gick att öppna" in run("keys", "verify", "--data", str(data)).output

    def test_verify_names_a_planted_value_and_ends_with_an_error(self, data: Path, opened: Database) -> None:
        init(data, ANSWERS)
        key = "00000000000000000000000000000001"
        with opened.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO clients (id, office_id, name) SELECT :key, id, 'planted' FROM offices"), {"key": key}
            )
            connection.execute(
                text(
                    "INSERT INTO data_keys (id, office_id, owner_id, kind, kid, wrapped)"
                    " SELECT :key, id, :key, 'client', 'k1', '' FROM offices"
                ),
                {"key": key},
            )
        done = run("keys", "verify", "--data", str(data))
        assert done.exit_code == 1
        assert "clients.name 00000000-0000-0000-0000-000000000001" in done.output

    def test_nothing_is_served_without_the_keyring(self, data: Path) -> None:
        init(data, ANSWERS)
        keyring_of(data).unlink()
        for command in ("serve", "worker"):
            with pytest.raises(KeyringProblem, match="Nyckelringen saknas"):
                run(command, "--data", str(data))

    def test_nothing_is_served_with_one_that_others_can_read(self, data: Path) -> None:
        init(data, ANSWERS)
        keyring_of(data).chmod(0o644)
        with pytest.raises(KeyringProblem, match="chmod 600"):
            run("worker", "--data", str(data))

    def test_nothing_is_served_with_another_databases_keyring(self, data: Path) -> None:
        init(data, ANSWERS)
        keyring_of(data).unlink()
        run("keys", "init", "--data", str(data))
        with pytest.raises(KeyringProblem, match="öppnar inte den här databasen"):
            run("worker", "--data", str(data))

    def test_the_refusal_is_one_line(
        self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        init(data, ANSWERS)
        keyring_of(data).unlink()
        monkeypatch.setattr("sys.argv", ["inslussning", "worker", "--data", str(data)])
        with pytest.raises(SystemExit):
            cli.main()
        said = capsys.readouterr().err.strip()
        assert said.startswith("Nyckelringen saknas")
        assert "\n" not in said

    def test_a_keyring_elsewhere_is_used(self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INSLUSSNING_KEYRING", str(tmp_path / "elsewhere" / "ring.json"))
        init(data, ANSWERS)
        assert (tmp_path / "elsewhere" / "ring.json").exists()
        assert not (data / "keyring.json").exists()


def lets_in(opened: Database, data: Path, password: str) -> bool:
    """Whether the password alone opens a session for the coordinator."""
    use_key(opened, Settings(data_dir=data).audit_key())
    entry = sign_in.with_password(
        opened, email="maria@ekhamn.example", password=password, network="", browser="", now=NOW
    )
    return bool(entry.session)


class TestConnections:
    """Whichever way a command ends, it leaves no connection behind."""

    def test_a_command_that_does_its_work(self, data: Path, still_open: list[object]) -> None:
        assert init(data, ANSWERS).exit_code == 0
        assert still_open == []

    @pytest.mark.parametrize(
        "words",
        [
            ("init", *(word for pair in ANSWERS.items() for word in pair)),
            ("migrate", "--grant", "nobody"),
            ("import", str(EXAMPLES / "bemanning.csv")),
        ],
    )
    def test_a_command_that_stops(self, data: Path, still_open: list[object], words: tuple[str, ...]) -> None:
        init(data, ANSWERS)
        assert run(*words, "--data", str(data)).exit_code == 1
        assert still_open == []

    def test_a_command_without_the_log_key(self, data: Path, opened: Database, still_open: list[object]) -> None:
        init(data, ANSWERS)
        assert lets_in(opened, data, PASSWORD)
        opened.dispose()
        Settings(data_dir=data).audit_key_file.unlink()
        assert run("keys", "verify", "--data", str(data)).exit_code == 1
        assert still_open == []

    def test_a_command_with_a_keyring_that_does_not_fit(self, data: Path, still_open: list[object]) -> None:
        init(data, ANSWERS)
        keyring_of(data).unlink()
        with pytest.raises(KeyringProblem):
            run("keys", "verify", "--data", str(data))
        assert still_open == []


class TestInit:
    def test_with_every_answer_given_nothing_is_asked(self, data: Path, opened: Database) -> None:
        done = init(data, ANSWERS | MAIL)
        assert done.exit_code == 0
        assert "är klart" in done.stdout
        assert "[j/N]" not in done.stdout
        with opened.read() as session:
            office = session.scalars(select(Office)).one()
        assert (office.name, office.timezone, office.mail_security) == (
            "Frivården Ekhamn",
            "Europe/Stockholm",
            MailSecurity.TLS,
        )
        assert Settings(data_dir=data).mail_password() == "hemligt hos servern"

    def test_the_coordinator_can_sign_in(self, data: Path, opened: Database) -> None:
        init(data, ANSWERS)
        assert lets_in(opened, data, PASSWORD)

    def test_what_is_missing_is_asked_for_and_passwords_are_not_shown(self, data: Path, opened: Database) -> None:
        typed = ["Frivården Ekhamn", "", "Maria Ek", "maria@ekhamn.example", PASSWORD, PASSWORD, "n"]
        done = init(data, {}, "\n".join(typed) + "\n")
        assert done.exit_code == 0
        assert "Kontorets namn" in done.stdout
        assert PASSWORD not in done.stdout
        assert count(opened, Office) == 1

    def test_an_answer_that_cannot_be_used_is_asked_for_again(self, data: Path, opened: Database) -> None:
        typed = [
            "x" * 121,
            "Frivården Ekhamn",
            "Europa",
            "Europe/Stockholm",
            "Maria Ek",
            "maria",
            "maria@ekhamn.example",
            "kort",
            "kort",
            PASSWORD,
            PASSWORD,
            "n",
        ]
        done = init(data, {}, "\n".join(typed) + "\n")
        assert done.exit_code == 0
        assert all(said in done.stdout for said in ("Högst 120", "Tidszonen finns inte", "namn@exempel.se", "minst 12"))
        assert count(opened, Office) == 1

    def test_mail_can_be_set_up_by_answering(self, data: Path, opened: Database) -> None:
        typed = ["ja", "samordning@ekhamn.example", "", "mejl.ekhamn.example", "", "", "samordning", "hemligt"]
        done = init(
            data, {k: v for k, v in ANSWERS.items() if k != "--name"}, "\n".join(["Frivården Ekhamn", "", *typed])
        )
        assert done.exit_code == 0
        with opened.read() as session:
            office = session.scalars(select(Office)).one()
        assert (office.mail_name, office.mail_port, office.mail_user) == ("Samordning", 587, "samordning")
        assert Settings(data_dir=data).mail_password() == "hemligt"

    def test_giving_up_half_way_makes_no_office(self, data: Path, opened: Database) -> None:
        done = init(data, {}, "Frivården Ekhamn\n")
        assert done.exit_code == 1
        assert "Inget kontor är skapat" in done.stderr
        assert count(opened, Office) == 0

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("--email", "maria"),
            ("--password", "kort"),
            ("--timezone", "Månen"),
            ("--name", " "),
            ("--mail-host", "https://mejl.example"),
            ("--mail-port", "många"),
            ("--mail-address", ""),
        ],
    )
    def test_an_option_that_cannot_be_used_is_named_in_one_line(
        self, data: Path, opened: Database, option: str, value: str
    ) -> None:
        done = init(data, ANSWERS | MAIL | {option: value})
        assert done.exit_code == 1
        assert done.stderr.startswith(f"{option}: ")
        assert done.stderr.count("\n") == 1
        assert count(opened, Office) == 0

    def test_a_second_office_is_refused_and_the_first_left_as_it_is(self, data: Path, opened: Database) -> None:
        init(data, ANSWERS)
        done = init(data, ANSWERS | {"--name": "Frivården Ån"})
        assert done.exit_code == 1
        assert "finns redan ett kontor" in done.stderr
        assert count(opened, Office) == 1

    def test_a_data_folder_it_makes_is_nobody_elses_to_open(self, data: Path) -> None:
        init(data, ANSWERS)
        assert stat.S_IMODE(data.stat().st_mode) == 0o700

    def test_the_first_runs_code_is_gone_afterwards(self, data: Path) -> None:
        Settings(data_dir=data).make_setup_code()
        init(data, ANSWERS)
        assert Settings(data_dir=data).setup_code() == ""


class TestImport:
    @pytest.fixture(autouse=True)
    def _an_office(self, data: Path) -> None:
        assert init(data, ANSWERS).exit_code == 0

    def test_looking_shows_row_by_row_and_changes_nothing(self, data: Path, opened: Database) -> None:
        done = bring(data, *EXAMPLES.glob("*.csv"), dry_run=True)
        assert done.exit_code == 0
        assert "aktorer.csv rad 2  ny  Frivårdsinspektör – Ekhamn" in done.stdout
        assert "22 nya, 0 ändras, 0 oförändrade, 0 fel" in done.stdout
        assert "Inget är ändrat" in done.stdout
        assert count(opened, Actor) == 0

    def test_lists_go_in_and_can_go_in_again(self, data: Path, opened: Database) -> None:
        assert bring(data, *EXAMPLES.glob("*.csv")).exit_code == 0
        assert (count(opened, Actor), count(opened, Case)) == (10, 4)
        assert "0 nya, 0 ändras, 22 oförändrade" in bring(data, *EXAMPLES.glob("*.csv")).stdout

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_a_bad_row_is_named_and_nothing_goes_in(
        self, data: Path, opened: Database, tmp_path: Path, *, dry_run: bool
    ) -> None:
        bad = tmp_path / "fel.csv"
        bad.write_text("Ärende;Frigivning\nK-301;2027-01-14\nK-302;snart\n", encoding="cp1252")
        done = bring(data, bad, dry_run=dry_run)
        assert done.exit_code == 1
        assert "fel.csv rad 3  fel  Frigivning: " in done.stderr
        assert "Inget är inläst" in done.stderr
        assert count(opened, Case) == 0

    def test_changes_are_told_with_what_was_and_what_becomes(self, data: Path, tmp_path: Path) -> None:
        bring(data, *EXAMPLES.glob("*.csv"))
        moved = tmp_path / "flytt.csv"
        moved.write_text("Ärende;Frigivning;Klockslag\nK-201;2027-01-18;9\n", encoding="utf-8")
        said = bring(data, moved, dry_run=True).stdout
        assert "ändras  K-201  Frigivning: 2027-01-11 08.30 → 2027-01-18 09.00" in said

    def test_long_lists_tell_how_far_they_have_come(self, data: Path, tmp_path: Path) -> None:
        long = tmp_path / "lång.csv"
        long.write_text("Ärende;Frigivning\n" + "".join(f"K-{n};\n" for n in range(2_500)), encoding="utf-8")
        done = bring(data, long)
        assert [line for line in done.stderr.splitlines() if "rader lästa" in line] == [
            "1000 av 2500 rader lästa",
            "2000 av 2500 rader lästa",
        ]

    def test_a_file_that_is_not_there_is_said_in_one_line(self, data: Path, tmp_path: Path) -> None:
        done = bring(data, tmp_path / "saknas.csv")
        assert (done.exit_code, done.stderr) == (1, f"Filen {tmp_path / 'saknas.csv'} finns inte.\n")

    def test_a_file_that_is_too_big_is_not_read_to_its_end(self, data: Path, tmp_path: Path) -> None:
        big = tmp_path / "stor.csv"
        with big.open("wb") as opened:
            opened.truncate(200 * 1024 * 1024)
        done = bring(data, big)
        assert done.exit_code == 1
        assert "Högst 5 MB" in done.stderr


class TestWithoutAnOffice:
    def test_lists_have_nowhere_to_go(self, data: Path, opened: Database) -> None:
        upgrade(opened.engine)
        done = bring(data, EXAMPLES / "aktorer.csv")
        assert done.exit_code == 1
        assert "inslussning init" in done.stderr

    def test_a_database_of_another_version_is_said_to_be_so(self, data: Path, opened: Database) -> None:
        upgrade(opened.engine)
        downgrade(opened.engine, "base")
        done = bring(data, EXAMPLES / "aktorer.csv")
        assert done.exit_code == 1
        assert "inslussning migrate" in done.stderr

    def test_migrating_makes_it_current(self, data: Path, opened: Database) -> None:
        assert run("migrate", "--data", str(data)).exit_code == 0
        assert is_current(opened.engine)


class TestFirstRun:
    def test_the_code_is_said_while_there_is_no_office(
        self, data: Path, opened: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        upgrade(opened.engine)
        settings = Settings(data_dir=data)
        site.offer_first_run(settings, opened)
        assert f"Startkod: {settings.setup_code()}" in capsys.readouterr().out

    def test_starting_again_says_the_same_code(
        self, data: Path, opened: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        upgrade(opened.engine)
        for _ in range(2):
            site.offer_first_run(Settings(data_dir=data), opened)
        said = capsys.readouterr().out
        assert said.count(f"Startkod: {Settings(data_dir=data).setup_code()}") == 2

    def test_with_an_office_there_is_no_code(
        self, data: Path, opened: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        init(data, ANSWERS)
        settings = Settings(data_dir=data)
        settings.make_setup_code()
        site.offer_first_run(settings, opened)
        assert settings.setup_code() == ""
        assert "Startkod" not in capsys.readouterr().out


class TestPassword:
    def test_a_new_password_lets_somebody_in_again(self, data: Path, opened: Database) -> None:
        init(data, ANSWERS)
        new = "fyra nya ord i följd"
        done = run("password", "Maria@Ekhamn.example", "--data", str(data), typed=f"{new}\n{new}\n")
        assert done.exit_code == 0
        assert new not in done.stdout
        assert lets_in(opened, data, new)

    @pytest.mark.parametrize(
        ("email", "new"), [("ingen@ekhamn.example", "fyra nya ord"), ("maria@ekhamn.example", "kort")]
    )
    def test_what_cannot_be_done_is_said_in_one_line(
        self, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], email: str, new: str
    ) -> None:
        init(data, ANSWERS)
        monkeypatch.setattr("sys.argv", ["inslussning", "password", email, "--new", new, "--data", str(data)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 1
        assert capsys.readouterr().err.count("\n") == 1


class TestTrouble:
    def end(self, monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
        monkeypatch.setattr("sys.argv", ["inslussning", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code

    def test_a_folder_that_cannot_be_made_is_said_in_one_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "fil").touch()
        assert self.end(monkeypatch, "migrate", "--data", str(tmp_path / "fil" / "data")) == 1
        assert capsys.readouterr().err.startswith("Det gick inte att läsa eller skriva")

    def test_a_database_that_does_not_answer_is_said_in_one_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("INSLUSSNING_DATABASE_URL", "postgresql://ingen@127.0.0.1:1/ingenting?connect_timeout=2")
        assert self.end(monkeypatch, "migrate", "--data", str(tmp_path)) == 1
        assert capsys.readouterr().err.startswith("Databasen svarar inte: ")

    def test_a_setting_that_cannot_be_used_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("INSLUSSNING_THREADS", "många")
        assert self.end(monkeypatch, "migrate", "--data", str(tmp_path)) == 1
        assert "INSLUSSNING_THREADS" in capsys.readouterr().err

    def test_an_unknown_word_is_no_stack_trace(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.end(monkeypatch, "flyg") == 2
        assert "Traceback" not in capsys.readouterr().err
