"""The demo as a newcomer meets it: one command, an address, a way in; stopped and started again with its data kept."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inslussning.cli.site import forget_demo

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.package


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(port: int, data: Path) -> Iterator[str]:
    """The demo's address while it runs; it is stopped as Ctrl+C stops it and must end well."""
    command = [sys.executable, "-m", "inslussning", "demo", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "samordnare@demo.example" in said
    assert "Traceback" not in said


def wait_for(address: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            urllib.request.urlopen(f"{address}/livez", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the demo did not start")


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def test_the_demo_starts_keeps_its_data_and_starts_again(tmp_path: Path) -> None:
    port = free_port()
    with running(port, tmp_path) as address:
        assert "Demons inloggningar" in page(f"{address}/sign-in")
    told = (tmp_path / "inslussning.sqlite3").stat().st_ino
    with running(port, tmp_path) as address:
        assert "Logga in" in page(address)
    assert (tmp_path / "inslussning.sqlite3").stat().st_ino == told


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "inslussning", "demo", "--port", str(port), "--data", str(tmp_path)]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=os.environ
        )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert re.fullmatch(rf"Port {port} är upptagen\. .*\n", ended.stderr)
    assert not list(tmp_path.iterdir())


def test_starting_over_leaves_other_files_in_the_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "inslussning.sqlite3").touch()
    (tmp_path / "anteckningar.txt").touch()
    forget_demo(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["anteckningar.txt"]
