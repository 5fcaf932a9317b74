"""A real site on a free port, the demo office in it, and Debian's Chromium in front.

Without a browser the tests fail in CI and are skipped, with that reason, elsewhere.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from inslussning import demo
from inslussning.app import create_app
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database, open_database
from inslussning.db.migrate import upgrade
from inslussning.demo import cast
from tests.browser.site import Site, free_port

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"


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
def start_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Start a site on an empty database of its own; all of them stop at the end."""
    running: list[tuple[uvicorn.Server, threading.Thread, Database]] = []

    def start(*, told: bool = True) -> Site:
        port = free_port()
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("site"), base_url=f"http://127.0.0.1:{port}", mail="demo", demo=told
        )
        database = open_database(settings.database, pool_size=12)
        upgrade(database.engine)
        if told:
            demo.tell(database, settings, now=utc_now())
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings, database=database), port=port, log_level="warning", access_log=False)
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        site = Site(settings, database, server)
        site.wait_until_up()
        running.append((server, thread, database))
        return site

    yield start
    for server, thread, database in running:
        server.should_exit = True
        thread.join(timeout=30)
        database.dispose()


@pytest.fixture(scope="session")
def demo_site(start_site: Callable[..., Site]) -> Site:
    """The demo office, shared by tests that only look."""
    return start_site()


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
