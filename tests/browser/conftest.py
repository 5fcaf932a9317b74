"""A real site on a free port, the demo office in it, and Debian's Chromium in front.

Without a browser the tests fail in CI and are skipped, with that reason, elsewhere.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from inslussning import demo
from inslussning.config import Settings
from inslussning.db.migrate import upgrade
from inslussning.demo import cast
from tests.browser.pages import prepare
from tests.browser.site import Site, free_port, opened
from tests.conftest import NOW

StartSite = Callable[..., Site]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium")
        pytest.skip("no Chromium here; on Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def told_folder(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - no browser, no story
    """A data folder with the demo office in it, told once and copied to every site that wants it."""
    folder = tmp_path_factory.mktemp("told")
    settings = Settings(data_dir=folder, base_url="http://127.0.0.1:8000", mail="demo", demo=True)
    database = opened(settings)
    upgrade(database.engine)
    demo.tell(database, settings, now=NOW)
    prepare(database, settings)
    database.dispose()
    return folder


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with nothing but the tables in it."""
    folder = tmp_path_factory.mktemp("empty")
    settings = Settings(data_dir=folder)
    database = opened(settings)
    upgrade(database.engine)
    database.dispose()
    return folder


@pytest.fixture(scope="session")
def start_site(told_folder: Path, empty_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSite]:
    """Start a site on a database of its own, told or empty; whatever still runs stops at the end."""
    running: list[Site] = []

    def start(*, told: bool = True, sends: bool = False, host: str = "127.0.0.1") -> Site:
        folder = tmp_path_factory.mktemp("site")
        shutil.copytree(told_folder if told else empty_folder, folder, dirs_exist_ok=True)
        settings = Settings(
            data_dir=folder,
            base_url=f"http://{host}:{free_port()}",
            mail="smtp" if sends else "demo",
            demo=told,
            worker_seconds=0.1,
        )
        site = Site(settings, opened(settings, pool_size=12), with_worker=sends)
        running.append(site)
        site.start()
        return site

    yield start
    for site in running:
        site.stop()


@pytest.fixture(scope="session")
def demo_site(start_site: StartSite) -> Site:
    """The demo office, shared by tests that only look."""
    return start_site()


@pytest.fixture
def own_site(start_site: StartSite) -> Iterator[Site]:
    """A demo office of the test's own, to change things in."""
    site = start_site()
    yield site
    site.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def coordinator_page(context: BrowserContext, demo_site: Site) -> Page:
    """A page signed in as the demo's coordinator."""
    demo_site.sign_in(context, cast.COORDINATOR[1])
    return context.new_page()
