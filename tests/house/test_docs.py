"""The documents keep up: every setting, command and dependency is explained somewhere a reader looks."""

import re
import tomllib
from pathlib import Path

import pytest

from inslussning import cli
from inslussning.config import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = "\n".join(p.read_text(encoding="utf-8") for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
DEPENDENCIES = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VENDORED = tomllib.loads((ROOT / "static" / "vendor" / "manifest.toml").read_text(encoding="utf-8"))


def bare_name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found
    return found.group()


WANTED = [bare_name(r) for r in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"INSLUSSNING_{name.upper()}" in DOCS


@pytest.mark.parametrize("command", sorted(c.name or "" for c in cli.app.registered_commands))
def test_every_command_is_documented(command: str) -> None:
    assert f"inslussning {command}" in DOCS


@pytest.mark.parametrize("name", WANTED)
def test_every_python_dependency_has_its_reason(name: str) -> None:
    assert re.search(rf"`{re.escape(name)}`", DEPENDENCIES)


@pytest.mark.parametrize("name", [package["name"] for package in VENDORED["package"]])
def test_every_vendored_package_has_its_reason(name: str) -> None:
    assert f"`{name}`" in DEPENDENCIES


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name
)
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target
