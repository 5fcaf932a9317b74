"""Templates: every one compiles, is used and keeps to what the content security policy and the house allow."""

import re
from pathlib import Path

import pytest
from jinja2 import meta

from inslussning import paths
from inslussning.web.render import environment

TEMPLATES = sorted(paths.TEMPLATES.rglob("*.html"))
SOURCES = "".join(p.read_text(encoding="utf-8") for p in (paths.TEMPLATES.parent / "inslussning" / "web").rglob("*.py"))
BANNED = {
    "inline style": r"\sstyle=",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "event attribute": r"\son[a-z]+=",
    "htmx event attribute": r"hx-on",
    "htmx boost": r"hx-boost",
    "evaluated value": r"[\"']js:",
    "trigger filter": r"hx-trigger=\"[^\"]*\[",
    "another host": r"(src|href)=\"(https?:)?//",
    "a disabled button": r"<button[^>]*\sdisabled",
    "unescaped text": r"\|\s*safe\b",
}


def named(path: Path) -> str:
    return path.relative_to(paths.TEMPLATES).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_it_compiles_and_refers_to_templates_that_exist(path: Path) -> None:
    env = environment()
    env.get_template(named(path))
    for other in meta.find_referenced_templates(env.parse(path.read_text(encoding="utf-8"))):
        assert other is not None, "the name of a template must be plain text"
        env.get_template(other)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
@pytest.mark.parametrize("rule", BANNED)
def test_it_holds_nothing_banned(path: Path, rule: str) -> None:
    found = re.search(BANNED[rule], path.read_text(encoding="utf-8"))
    assert found is None, f"{rule}: {found and found.group()}"


@pytest.mark.parametrize("path", [p for p in TEMPLATES if "<html" in p.read_text(encoding="utf-8")], ids=named)
def test_a_whole_page_has_language_and_title(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"<html[^>]*\slang=", text)
    assert "<title>" in text
    assert 'name="viewport"' in text


def test_every_template_is_used() -> None:
    env = environment()
    used = {name for name in map(named, TEMPLATES) if f'"{name}"' in SOURCES}
    for path in TEMPLATES:
        used |= {n for n in meta.find_referenced_templates(env.parse(path.read_text(encoding="utf-8"))) if n}
    assert not set(map(named, TEMPLATES)) - used
