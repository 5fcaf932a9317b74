"""The bench measures the product as it is: it fills today's tables, asks for today's pages, and has a goal for each."""

import tomllib
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bench.floors import floor_app
from bench.run import GOALS, PAGES, asks, filled_folder
from bench.seed import Filled
from inslussning.app import create_app
from inslussning.config import Settings

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench") / "data"


@pytest.fixture(scope="module")
def filled(folder: Path) -> Filled:
    return filled_folder(folder, 1_000)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_its_floor_show_the_same(folder: Path, filled: Filled, page: str) -> None:
    settings = Settings(data_dir=folder, base_url=BASE)
    ask = asks(page, filled)[0]
    with TestClient(create_app(settings), base_url=BASE, headers={"Cookie": ask.cookie}) as site:
        real = site.get(ask.path)
    with TestClient(floor_app(settings, ask.cookie, {page: ask.path}), base_url=BASE) as floor:
        drawn = floor.get(f"/floor/{page}")
    assert real.status_code == drawn.status_code == 200
    assert real.content.count(ask.mark) == drawn.content.count(ask.mark) == (ask.count or drawn.content.count(ask.mark))
    assert ask.mark in real.content


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_goals(page: str) -> None:
    assert set(tomllib.loads(GOALS.read_text(encoding="utf-8"))[page]) == {"floor", "cpu", "growth", "tail"}
