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


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        ("inline style", '<p style="color:red">'),
        ("inline script", "<script>alert(1)</script>"),
        ("event attribute", '<a onclick="x()">'),
        ("htmx event attribute", '<a hx-on:click="x()">'),
        ("htmx boost", '<body hx-boost="true">'),
        ("evaluated value", "<a hx-vals='js:{a: 1}'>"),
        ("trigger filter", '<a hx-trigger="click[ctrlKey]">'),
        ("another host", '<img src="//evil.example/x.png">'),
        ("a disabled button", '<button type="submit" disabled>'),
        ("unescaped text", "{{ text|safe }}"),
    ],
)
def test_the_search_finds_what_is_banned(rule: str, planted: str) -> None:
    assert re.search(BANNED[rule], planted)


def test_every_page_says_its_own_title() -> None:
    pages = [p for p in TEMPLATES if '{% extends "_layout/' in p.read_text(encoding="utf-8")]
    assert len(pages) > 30
    assert [named(p) for p in pages if "{% block title %}" not in p.read_text(encoding="utf-8")] == []


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
