"""Two providers of OpenID Connect in processes of their own: a well-kept one from outside, and a crooked one that signs what it is told."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.browser.site import free_port

READY_LINES = 50


@contextmanager
def a_provider(*people: dict[str, Any]) -> Iterator[str]:
    """Run a real provider that lets in these people; yield its issuer address."""
    port = free_port()
    claims = [part for one in people for part in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{issuer}/.well-known/openid-configuration")
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str) -> None:
    with httpx2.Client(transport=httpx2.HTTPTransport(retries=8)) as client:
        assert client.get(url).status_code == 200


def agree(url: str, subject: str) -> str:
    """Sign in at the provider as a person would; return where it sends the browser."""
    answer = httpx2.post(url, data={"sub": subject}, follow_redirects=False)
    assert answer.status_code in {302, 303}, answer.text[:300]
    return answer.headers["location"]


class Crook:
    """A provider that answers every code with a token made by the test."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.signing: RSAKey | OctKey = self.key
        self.status = 200
        self.asked: list[dict[str, list[str]]] = []
        self.issuer = ""

    def token(self) -> str:
        if self.header["alg"] == "none":
            return jwt.encode(self.header, self.claims, OctKey.generate_key(), algorithms=["none"])
        return jwt.encode(self.header, self.claims, self.signing, algorithms=[self.header["alg"]])

    def described(self) -> dict[str, str]:
        names = ("authorization", "token")
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"} | {
            f"{name}_endpoint": f"{self.issuer}/{name}" for name in names
        }

    def document(self, path: str) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]} if path == "/keys" else self.described()


@contextmanager
def a_crook() -> Iterator[Crook]:
    """Run the crooked provider on a port of its own."""
    crook = Crook()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, crook.document(urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            crook.asked.append(parse_qs(body.decode()))
            self.answer(crook.status, {"id_token": crook.token(), "token_type": "Bearer", "access_token": "x"})

        def answer(self, status: int, content: dict[str, Any]) -> None:
            packed = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    crook.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield crook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
