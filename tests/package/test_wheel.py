"""The wheel as an office gets it: installed into an empty environment, run from an empty folder, nothing of the checkout in reach."""

import http.client
import os
import signal
import site
import socket
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inslussning.i18n import translate

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).parent / "uv"
PATIENCE = 90
OFFICE = ["--name", "Frivården Ekhamn", "--coordinator", "Maria Ek", "--email", "maria@ekhamn.example"]
PASSWORD = ["--password", "tre ord i följd"]
pytestmark = pytest.mark.package


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command. Its libraries are the tests' own, so that nothing has to be fetched."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True, with_pip=False)
    python = home / "bin" / "python"
    command: list[str | Path] = [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    return home / "bin" / "inslussning"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "tom mapp"
    folder.mkdir()
    return folder


def clean_environment() -> dict[str, str]:
    """What the process inherits: nothing that points at the checkout."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("INSLUSSNING_", "PYTHON", "COV_"))
    }


def run(program: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *words],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@contextmanager
def serving(program: Path, folder: Path, *words: str) -> Iterator[tuple[int, list[str]]]:
    """The site on a free port while it runs, and what it has said once it has stopped; it must stop well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve", "--port", str(port), *words],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    try:
        wait_for(port, process)
        yield port, said
    finally:
        process.send_signal(signal.SIGTERM)
        said.append(process.communicate(timeout=PATIENCE)[0])
    assert process.returncode in {0, -signal.SIGTERM}, said
    assert "Traceback" not in said[0]


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            if get(port, "/livez")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the site did not start")


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def test_the_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"inslussning", "meetings"}
    for inside in (
        "templates/_layout/page.html",
        "static/app.css",
        "migrations/env.py",
        "locale/en/LC_MESSAGES/messages.po",
    ):
        assert f"inslussning/_bundled/{inside}" in names
    assert not [name for name in names if name.endswith((".pyc", ".sqlite3", ".key", ".code"))]


def test_an_office_is_set_up_and_served_from_an_empty_folder(program: Path, empty: Path) -> None:
    done = run(program, empty, "init", "--data", "kontoret", *OFFICE, *PASSWORD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "är klart" in done.stdout
    with serving(program, empty, "--data", "kontoret", "--with-worker") as (port, _):
        status, page = get(port, "/sign-in")
        assert (status, "Logga in" in page) == (200, True)
        assert translate("en", "Logga in") in get(port, "/sign-in", Cookie="inslussning_language=en")[1]
        for file in ("/static/app.css", "/static/vendor/theme-1.css", "/static/vendor/htmx-4.0.1.min.js"):
            assert get(port, file)[0] == 200, file
        assert get(port, "/readyz")[0] == 200
        assert get(port, "/setup")[0] == 404
    assert [folder.name for folder in empty.iterdir()] == ["kontoret"]


def test_lists_are_brought_in(program: Path, empty: Path) -> None:
    run(program, empty, "init", "--data", "kontoret", *OFFICE, *PASSWORD)
    lists = sorted(str(path) for path in (ROOT / "docs" / "examples").glob("*.csv"))
    done = run(program, empty, "import", *lists, "--data", "kontoret")
    assert (done.returncode, done.stderr) == (0, "")
    assert "22 nya" in done.stdout


def test_without_an_office_the_first_visit_sets_it_up(program: Path, empty: Path) -> None:
    with serving(program, empty, "--data", "kontoret") as (port, said):
        assert "Startkod" in get(port, "/setup")[1]
        code = (empty / "kontoret" / "setup.code").read_text(encoding="utf-8")
    assert f"Startkod: {code}" in said[0]


def test_the_commands_are_said_in_swedish(program: Path, empty: Path) -> None:
    said = run(program, empty, "--help").stdout
    assert all(command in said for command in ("demo", "init", "import", "serve", "worker", "migrate", "password"))
