"""Settings of an installation, and the secrets that live as files in its folder."""

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from inslussning.config import CLEAR_LETTERS, Settings, write_private


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


class TestSecretsInFiles:
    def test_the_signing_key_is_made_once_and_only_ours_to_read(self, settings: Settings) -> None:
        first = settings.signing_key()
        assert settings.signing_key() == first
        assert len(first) >= 64
        assert mode(settings.data_dir / "secret.key") == 0o600

    def test_a_key_in_the_environment_wins_and_makes_no_file(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, secret_key="nyckel")
        assert settings.signing_key() == "nyckel"
        assert not list(tmp_path.iterdir())

    def test_the_mail_password_is_only_ours_to_read_also_when_it_is_changed(self, settings: Settings) -> None:
        settings.save_mail_password("ett")
        settings.save_mail_password("två")
        assert settings.mail_password() == "två"
        assert mode(settings.data_dir / "smtp.password") == 0o600
        assert [file.name for file in settings.data_dir.iterdir()] == ["smtp.password"]

    def test_a_password_in_the_environment_wins(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, smtp_password="ute")
        settings.save_mail_password("inne")
        assert settings.mail_password() == "ute"

    def test_without_any_there_is_no_password(self, settings: Settings) -> None:
        assert settings.mail_password() == ""

    def test_a_secret_is_never_readable_by_others_while_it_is_written(self, tmp_path: Path) -> None:
        file = tmp_path / "hemligt"
        file.write_text("gammalt")
        file.chmod(0o644)
        write_private(file, "nytt")
        assert (file.read_text(), mode(file)) == ("nytt", 0o600)

    def test_secrets_are_not_shown_when_settings_are(self) -> None:
        settings = Settings(secret_key="nyckel", smtp_password="lösen")
        assert "nyckel" not in repr(settings)
        assert "lösen" not in repr(settings)


class TestSetupCode:
    def test_it_is_made_once_and_only_ours_to_read(self, settings: Settings) -> None:
        code = settings.make_setup_code()
        assert settings.make_setup_code() == settings.setup_code() == code
        assert mode(settings.data_dir / "setup.code") == 0o600

    def test_it_is_twelve_letters_nobody_takes_for_others(self, settings: Settings) -> None:
        code = settings.make_setup_code()
        assert [len(group) for group in code.split("-")] == [4, 4, 4]
        assert set(code) <= set(CLEAR_LETTERS) | {"-"}
        assert not set("01OI") & set(CLEAR_LETTERS)

    def test_it_differs_from_one_installation_to_the_next(self, tmp_path: Path) -> None:
        codes = {Settings(data_dir=tmp_path / str(n)).make_setup_code() for n in range(20)}
        assert len(codes) == 20

    @pytest.mark.parametrize(
        "write", [str, str.lower, lambda c: c.replace("-", ""), lambda c: f" {c.replace('-', ' ')}\n"]
    )
    def test_it_may_be_typed_as_one_likes(self, settings: Settings, write: object) -> None:
        assert callable(write)
        assert settings.is_setup_code(write(settings.make_setup_code()))

    @pytest.mark.parametrize("typed", ["", "-", " ", "ABCD-EFGH-JKLM", "å" * 12, "x" * 10_000])
    def test_nothing_else_is_it(self, settings: Settings, typed: str) -> None:
        settings.make_setup_code()
        assert not settings.is_setup_code(typed)

    @pytest.mark.parametrize("typed", ["", "-", "ABCD-EFGH-JKLM"])
    def test_without_a_code_nothing_is(self, settings: Settings, typed: str) -> None:
        assert not settings.is_setup_code(typed)

    def test_it_can_be_forgotten_more_than_once(self, settings: Settings) -> None:
        settings.make_setup_code()
        settings.forget_setup_code()
        settings.forget_setup_code()
        assert settings.setup_code() == ""


class TestAddresses:
    @pytest.mark.parametrize(
        ("base_url", "hosts"),
        [
            ("https://inslussning.example/", ["127.0.0.1", "inslussning.example", "localhost"]),
            ("http://127.0.0.1:8123", ["127.0.0.1", "localhost"]),
            ("ingen adress", ["127.0.0.1", "localhost"]),
        ],
    )
    def test_the_site_answers_to_its_own_name_and_the_machines(self, base_url: str, hosts: list[str]) -> None:
        assert Settings(base_url=base_url).hosts() == hosts

    def test_the_embedded_database_lies_in_the_data_folder(self, settings: Settings) -> None:
        assert settings.database == f"sqlite:///{settings.data_dir.resolve()}/inslussning.sqlite3"
        assert Settings(database_url="postgresql://x/y").database == "postgresql://x/y"

    @pytest.mark.parametrize("wrong", [{"threads": 0}, {"threads": 65}, {"worker_seconds": 0}, {"mail": "duva"}])
    def test_settings_out_of_reach_are_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            Settings(**wrong)  # type: ignore[arg-type] # wrong on purpose
