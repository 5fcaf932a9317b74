"""The ways a mail leaves the house: a real mail server, and the quiet twin that lets a demo work without one.

A mail counts as handed over when the server has answered 250 to its final dot (RFC 5321 §4.5.3.2.6); what goes wrong when saying
goodbye afterwards changes nothing. The recipient is named in the envelope, one at a time, whatever the mail's own headers say.
"""

import smtplib
import ssl
from base64 import b64encode
from dataclasses import dataclass
from typing import Protocol

from inslussning.practice.mail import MailSecurity, MailTrouble
from inslussning.services.outbox import Failure, Parcel

PATIENCE = 30.0  # seconds for each answer of the server; a whole conversation stays well within an outbox lease
_OK, _SIGNED_IN = 250, 235
_PERMANENT = range(500, 600)


class DeliveryFailed(Exception):
    """The mail was not handed over; `failure` says why and whether to try again."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.as_text())


class Mailer(Protocol):
    """Hands mails over to somebody who takes them on."""

    def send(self, parcel: Parcel) -> None:
        """Hand one mail over; raise DeliveryFailed when nobody has taken it on."""
        ...

    def close(self) -> None:
        """End the conversation, if one is open."""
        ...


class QuietMailer:
    """Takes every mail and lets none leave: the demo's mails are read on the outbox page."""

    def send(self, parcel: Parcel) -> None:
        """Take the mail."""

    def close(self) -> None:
        """Do nothing; there is no conversation."""


@dataclass(frozen=True, slots=True)
class Account:
    """How an office reaches its mail server. Without a user nobody signs in."""

    sender: str
    host: str
    port: int
    security: MailSecurity
    user: str = ""
    password: str = ""


class SmtpMailer:
    """Hands mails to a mail server over one conversation, opened at the first and kept for the ones that follow."""

    def __init__(self, account: Account, *, tls: ssl.SSLContext | None = None, patience: float = PATIENCE) -> None:
        self.account = account
        self.patience = patience
        self._tls = tls or ssl.create_default_context()
        self._connection: smtplib.SMTP | None = None

    def send(self, parcel: Parcel) -> None:
        """Hand one mail over; raise DeliveryFailed when the server has not taken it on."""
        connection = self._connected()
        try:
            connection.sendmail(self.account.sender, [parcel.recipient], parcel.mime)
        except smtplib.SMTPRecipientsRefused as refusal:
            code, _ = refusal.recipients[parcel.recipient]
            raise DeliveryFailed(_refused(MailTrouble.RECIPIENT, code)) from refusal
        except smtplib.SMTPSenderRefused as refusal:
            raise DeliveryFailed(Failure(MailTrouble.SENDER, refusal.smtp_code)) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise DeliveryFailed(_refused(MailTrouble.REJECTED, refusal.smtp_code)) from refusal
        except (smtplib.SMTPException, OSError) as loss:
            self.close()
            raise DeliveryFailed(Failure(MailTrouble.DROPPED)) from loss

    def close(self) -> None:
        """Say goodbye; a server that does not answer to it has still taken the mails it said it took."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None and not _is_alive(self._connection):
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> smtplib.SMTP:
        try:
            connection = self._reach()
        except ssl.SSLError as problem:
            raise DeliveryFailed(Failure(MailTrouble.INSECURE)) from problem
        except (smtplib.SMTPException, OSError) as problem:
            raise DeliveryFailed(Failure(MailTrouble.UNREACHABLE, _code(problem))) from problem
        try:
            self._greet(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _reach(self) -> smtplib.SMTP:
        account, name = self.account, self.account.sender.rpartition("@")[2]
        connection = (
            smtplib.SMTP_SSL(account.host, account.port, name, timeout=self.patience, context=self._tls)
            if account.security is MailSecurity.TLS
            else smtplib.SMTP(account.host, account.port, name, timeout=self.patience)
        )
        try:
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP) -> None:
        """Make the conversation private and sign in, as the account says; nothing is sent where that fails."""
        if self.account.security is MailSecurity.STARTTLS:
            try:
                connection.starttls(context=self._tls)
            except (smtplib.SMTPException, OSError) as problem:
                raise DeliveryFailed(Failure(MailTrouble.INSECURE, _code(problem))) from problem
        if self.account.user:
            try:
                connection.ehlo_or_helo_if_needed()
                _sign_in(connection, self.account)
            except (smtplib.SMTPException, OSError, UnicodeError) as problem:
                raise DeliveryFailed(Failure(MailTrouble.SIGN_IN, _code(problem))) from problem


def _sign_in(connection: smtplib.SMTP, account: Account) -> None:
    """Sign in with one try: some servers lock an account that fails twice, and smtplib goes through every mechanism it knows.

    It also takes ASCII alone, while a password in Swedish is UTF-8 (RFC 4616 §2).
    """
    if "PLAIN" not in connection.esmtp_features.get("auth", "").upper().split():
        connection.login(account.user, account.password)
        return
    secret = b64encode(f"\0{account.user}\0{account.password}".encode()).decode("ascii")
    code, answer = connection.docmd("AUTH", f"PLAIN {secret}")
    if code != _SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _is_alive(connection: smtplib.SMTP) -> bool:
    try:
        code, _ = connection.noop()
    except (smtplib.SMTPException, OSError):
        return False
    return code == _OK


def _refused(trouble: MailTrouble, code: int) -> Failure:
    """Return the failure a refusal means: 5yz is the server's last word, 4yz asks for patience (RFC 5321 §4.2.1)."""
    return Failure(trouble, code, is_final=True) if code in _PERMANENT else Failure(MailTrouble.BUSY, code)


def _code(problem: Exception) -> int | None:
    return problem.smtp_code if isinstance(problem, smtplib.SMTPResponseException) else None
