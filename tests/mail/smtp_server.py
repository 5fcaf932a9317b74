"""A real mail server on this machine for tests to send to; it keeps what it takes and misbehaves as it is told."""

# ruff: noqa: N802, ARG002 - aiosmtpd decides what its handlers are called and what they are given

import asyncio
import socket
import ssl
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

OK = "250 OK"
DROP, HANG = "drop", "hang"  # what it may do instead of answering the mail's final dot
USER, PASSWORD = "samordning", "ett långt lösenord"


@dataclass(frozen=True)
class Taken:
    """One mail as it came: its envelope and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    private: bool


@dataclass
class SmtpServer:
    """What a server was sent. `to_recipient` and `to_mail` are its next answers; when they run out it says 250."""

    port: int
    taken: list[Taken] = field(default_factory=list)
    to_sender: deque[str] = field(default_factory=deque)
    to_recipient: deque[str] = field(default_factory=deque)
    to_mail: deque[str] = field(default_factory=deque)
    passwords: list[str] = field(default_factory=list)
    conversations: int = 0
    drops_idle: bool = False
    ignores_goodbye: bool = False
    has_mail: threading.Event = field(default_factory=threading.Event)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.conversations += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.to_sender.popleft() if self.to_sender else OK
        if answer == OK:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.to_recipient.popleft() if self.to_recipient else OK
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        private = session.ssl is not None or isinstance(server.transport.get_extra_info("ssl_object"), ssl.SSLObject)
        self.taken.append(Taken(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content, private))
        self.has_mail.set()
        answer = self.to_mail.popleft() if self.to_mail else OK
        if answer == DROP:
            server.transport.abort()
            return OK
        if answer == HANG:
            await asyncio.Event().wait()
        return answer

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, arg: str) -> str:
        return "421 4.4.2 Idle for too long" if self.drops_idle else OK

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        if self.ignores_goodbye:
            await asyncio.Event().wait()
        return "221 Bye"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.passwords.append(data.password.decode())
        return AuthResult(success=(data.login.decode(), self.passwords[-1]) == (USER, PASSWORD), handled=False)


@contextmanager
def smtp_server(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    needs_sign_in: bool = False,
    without: str = "",
) -> Iterator[SmtpServer]:
    """Yield a server on a free port of this machine, `without` a way to sign in if one is named, and stop it afterwards."""
    state = SmtpServer(free_port())
    more: dict[str, Any] = {"authenticator": state.authenticate, "auth_require_tls": True} if needs_sign_in else {}
    controller = Controller(
        state,
        hostname="127.0.0.1",
        port=state.port,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        auth_required=needs_sign_in,
        auth_exclude_mechanism=[without] if without else [],
        **more,
    )
    controller.start()
    try:
        yield state
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context with a certificate made for `name`, and a client's context that trusts it alone."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    wanted = f"subjectAltName=IP:{name}" if name[0].isdigit() else f"subjectAltName=DNS:{name}"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", f"/CN={name}", "-addext", wanted),
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


@contextmanager
def rude_server() -> Iterator[int]:
    """Yield the port of a server that greets everyone and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"220 hello\r\n")

        greeting = threading.Thread(target=greet, daemon=True)
        greeting.start()
        yield port
        greeting.join()
