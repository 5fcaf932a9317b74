"""Starts servers on free loopback ports, each in a process of its own, and stops them by their id."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import until

START_SECONDS = 40.0


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def product(data: Path, log: Path) -> Iterator[Server]:
    """Run the site on a data folder, started as an administrator starts it."""
    port = free_port()
    command = [sys.executable, "-m", "inslussning", "serve", "--port", str(port), "--data", str(data)]
    with _running(command, port, "/livez", log) as server:
        yield server


@contextmanager
def floor(data: Path, log: Path, cookie: str, paths: dict[str, str]) -> Iterator[Server]:
    """Run the floor, its values taken from the site on the same data."""
    port = free_port()
    command = [sys.executable, "-m", "bench.floors", str(data), str(port), cookie]
    command += [f"{name}={path}" for name, path in paths.items()]
    with _running(command, port, f"/floor/{next(iter(paths))}", log) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, path: str, log: Path) -> Iterator[Server]:
    if _answers(port, path):
        raise SystemExit(f"port {port} is taken; nothing is measured")
    with log.open("ab") as output:
        with on_core(0):
            process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 - our own modules
        try:
            if not until(lambda: process.poll() is not None or _answers(port, path), seconds=START_SECONDS):
                raise SystemExit(f"{' '.join(command[1:4])} did not start; see {log}")
            if process.poll() is not None:
                raise SystemExit(
                    f"{' '.join(command[1:4])} stopped; see {log}\n{log.read_text(encoding='utf-8')[-2000:]}"
                )
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run what is started here on one core, where the system has several and lets us choose."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(cores) < 2:
        yield
        return
    os.sched_setaffinity(0, {sorted(cores)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
