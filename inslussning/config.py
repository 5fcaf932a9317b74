"""Settings of one installation, from the environment (INSLUSSNING_…) and its data folder.

What an office decides about its own work is not here: that is data the office edits on its settings page.
"""

import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

AUDIT_KEY_FILE = "audit.key"
KEYRING_FILE = "keyring.json"
SETUP_CODE_FILE = "setup.code"
CLEAR_LETTERS = (
    "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0, O, 1 or I: the code is read from one screen and typed on another
)


class Settings(BaseSettings):
    """Everything an administrator sets before the process starts."""

    model_config = SettingsConfigDict(env_prefix="INSLUSSNING_")

    data_dir: Path = Field(
        default=Path("data/office"), description="Folder for the embedded database and the secret key."
    )
    database_url: str = Field(
        default="", description="PostgreSQL or SQLite address; empty means SQLite in the data folder."
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="The address people use; every link in a mail starts with it."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs links; empty means the key file in the data folder."
    )
    keyring: Path | None = Field(
        default=None, description="The keyring file; empty means keyring.json in the data folder."
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""), description="Overrides the password file in the data folder."
    )
    mail: Literal["smtp", "demo"] = Field(default="smtp", description="'demo' keeps every mail in the outbox page.")
    demo: bool = Field(default=False, description="Shows the demo sign-ins on the sign-in page.")
    oidc_issuer: str = Field(
        default="", description="The agency's own log-in (OpenID Connect): its issuer address. Empty means none."
    )
    oidc_client_id: str = Field(default="", description="What the agency's log-in calls this installation.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Overrides the secret file (oidc.secret) in the data folder."
    )
    oidc_name: str = Field(default="", description="What the agency's log-in is called on the button.")
    oidc_strong: str = Field(
        default="", description="acr values, with spaces between, that count as two factors; amr 'mfa' always does."
    )
    worker_seconds: float = Field(default=2.0, ge=0.05, le=60, description="Pause between two looks in the outbox.")
    threads: int = Field(
        default=8, ge=1, le=64, description="Pages worked on at once; also the size of the database pool."
    )

    @property
    def database(self) -> str:
        """Return the database address in force."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'inslussning.sqlite3'}"

    @property
    def keyring_file(self) -> Path:
        """Return where the keys are that everything about clients is sealed with."""
        return self.keyring or self.data_dir / KEYRING_FILE

    @property
    def https(self) -> bool:
        """Tell whether people reach the site over TLS, so cookies may be marked Secure and HSTS sent."""
        return self.base_url.startswith("https://")

    def hosts(self) -> list[str]:
        """Return the host names the site answers to; a mail's links never come from a request's Host."""
        named = urlsplit(self.base_url).hostname or "127.0.0.1"
        return sorted({named, "127.0.0.1", "localhost"})

    def signing_key(self) -> str:
        """Return the key that signs links, making the key file (mode 0600) the first time."""
        if self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value()
        file = self.data_dir / "secret.key"
        if not file.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            write_private(file, secrets.token_urlsafe(48))
        return file.read_text(encoding="utf-8").strip()

    @property
    def audit_key_file(self) -> Path:
        """Return the file of the key that seals the access log."""
        return self.data_dir / AUDIT_KEY_FILE

    def audit_key(self) -> bytes:
        """Return the key that seals the access log, making its file (mode 0600) the first time; it is never in the database."""
        file = self.audit_key_file
        if not file.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            write_private(file, secrets.token_hex(32))
        return file.read_text(encoding="ascii").strip().encode("ascii")

    def mail_password(self) -> str:
        """Return the mail server's password, or nothing."""
        if self.smtp_password.get_secret_value():
            return self.smtp_password.get_secret_value()
        file = self.data_dir / "smtp.password"
        return file.read_text(encoding="utf-8").strip() if file.exists() else ""

    def oidc_secret(self) -> str:
        """Return the secret that the agency's log-in knows this installation by, or nothing."""
        if self.oidc_client_secret.get_secret_value():
            return self.oidc_client_secret.get_secret_value()
        file = self.data_dir / "oidc.secret"
        return file.read_text(encoding="utf-8").strip() if file.exists() else ""

    def save_mail_password(self, password: str) -> None:
        """Keep the mail server's password in a file only this account can read, never in the database."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        write_private(self.data_dir / "smtp.password", password)

    def setup_code(self) -> str:
        """Return the code that the first-run page asks for, or nothing when none has been made."""
        file = self.data_dir / SETUP_CODE_FILE
        return file.read_text(encoding="utf-8").strip() if file.exists() else ""

    def make_setup_code(self) -> str:
        """Return the code that proves who can read the terminal, making its file (mode 0600) the first time."""
        if not self.setup_code():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            groups = ("".join(secrets.choice(CLEAR_LETTERS) for _ in range(4)) for _ in range(3))
            write_private(self.data_dir / SETUP_CODE_FILE, "-".join(groups))
        return self.setup_code()

    def is_setup_code(self, typed: str) -> bool:
        """Tell whether it is the code, in constant time; case, spaces and dashes do not matter."""
        expected = _letters(self.setup_code())
        return bool(expected) and secrets.compare_digest(_letters(typed).encode(), expected.encode())

    def forget_setup_code(self) -> None:
        """Remove the code: there is an office, and nothing more to set up."""
        (self.data_dir / SETUP_CODE_FILE).unlink(missing_ok=True)


def _letters(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


def write_private(file: Path, text: str) -> None:
    """Write a secret so that it is never readable by others, not even for a moment; replaces atomically."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
