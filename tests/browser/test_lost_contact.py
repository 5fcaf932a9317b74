"""Nothing typed is lost: not when the network goes, not when the server is killed, not when the session ends."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from sqlalchemy import delete

from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.demo import cast
from inslussning.models import UserSession
from inslussning.web.deps import SESSION_COOKIE
from tests.browser.pages import names_in
from tests.browser.site import Site, free_port, open_session, opened, wait_until_up

NO_CONTACT = "Ingen kontakt med tjänsten"
AGAIN = 15_000  # the page tries again by itself every five seconds


class Process:
    """A site in a process of its own, to be killed in earnest; on one port and one data folder however often it is started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(data_dir=folder, base_url=self.url)
        self.database = opened(self.settings)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start serving and wait until it answers."""
        command = [sys.executable, "-m", "inslussning", "serve", "--port", str(self.port)]
        command += ["--data", str(self.settings.data_dir)]
        self._running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until_up(self.url, seconds=60)

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None


@pytest.fixture
def process(told_folder: Path, tmp_path: Path) -> Iterator[Process]:
    shutil.copytree(told_folder, tmp_path, dirs_exist_ok=True)
    process = Process(tmp_path)
    process.start()
    yield process
    process.kill()
    process.database.dispose()


def open_meeting(context: BrowserContext, site: Site | Process) -> Page:
    """Open the meeting's page with a case at hand."""
    names = names_in(site.database, site.settings)
    page = context.new_page()
    page.goto(f"{site.url}/meetings/{names['next']}?item={names['case_item']}")
    return page


@pytest.fixture
def meeting(context: BrowserContext, own_site: Site) -> Page:
    own_site.sign_in(context, cast.COORDINATOR[1])
    return open_meeting(context, own_site)


def write(page: Page, text: str) -> None:
    """Type at the end of the notes, as fingers do."""
    page.get_by_label("Anteckningar").press("Control+End")
    page.get_by_label("Anteckningar").press_sequentially(text)


def is_saved(page: Page) -> None:
    expect(page.locator(".bar")).not_to_have_attribute("data-state", "unsaved")
    expect(page.locator("#saved .is-saved")).to_contain_text("Sparat", timeout=AGAIN)
    expect(page.locator("#saved .is-saved")).to_be_visible(timeout=AGAIN)


def test_what_is_typed_without_a_network_stands_and_is_saved_when_it_is_back(
    context: BrowserContext, meeting: Page
) -> None:
    context.set_offline(True)

    write(meeting, "Skrivet utan nät.")

    expect(meeting.get_by_role("alert").filter(has_text=NO_CONTACT)).to_be_visible()
    expect(meeting.locator("#saved .is-kept")).to_be_visible()
    expect(meeting.get_by_label("Anteckningar")).to_have_value("Skrivet utan nät.")
    context.set_offline(False)
    write(meeting, " Och nätet är tillbaka.")
    is_saved(meeting)
    expect(meeting.get_by_role("alert").filter(has_text=NO_CONTACT)).to_have_count(0)
    meeting.reload()
    expect(meeting.get_by_label("Anteckningar")).to_have_value("Skrivet utan nät. Och nätet är tillbaka.")


def test_an_action_typed_without_a_network_stands_and_leaving_it_warns(context: BrowserContext, meeting: Page) -> None:
    meeting.get_by_label("Vem", exact=True).select_option("client")
    meeting.get_by_label("Vad", exact=True).fill("Ringa boendet")
    meeting.get_by_label("När", exact=True).fill("fre")
    context.set_offline(True)

    meeting.get_by_label("När", exact=True).press("Enter")

    expect(meeting.get_by_role("alert").filter(has_text=NO_CONTACT)).to_be_visible()
    expect(meeting.get_by_label("Vad", exact=True)).to_have_value("Ringa boendet")
    asked: list[str] = []
    meeting.on("dialog", lambda dialog: stay(dialog, asked))
    meeting.get_by_role("link", name="Idag", exact=True).click(no_wait_after=True)
    expect(meeting.get_by_label("Vad", exact=True)).to_have_value("Ringa boendet")
    assert asked == ["beforeunload"]
    context.set_offline(False)
    meeting.get_by_label("När", exact=True).press("Enter")
    expect(meeting.locator(".agreed-lines")).to_contain_text("Ringa boendet")


def test_what_was_saved_is_there_after_the_server_has_been_killed_and_started_again(
    context: BrowserContext, process: Process
) -> None:
    token = open_session(process.database, cast.COORDINATOR[1], now=utc_now())
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": process.url}])
    meeting = open_meeting(context, process)
    write(meeting, "Sparat före.")
    is_saved(meeting)

    process.kill()

    write(meeting, " Skrivet under.")
    expect(meeting.get_by_role("alert").filter(has_text=NO_CONTACT)).to_be_visible()
    process.start()
    again = meeting.context.new_page()
    again.goto(meeting.url)
    expect(again.get_by_label("Anteckningar")).to_have_value("Sparat före.")
    again.close()
    write(meeting, " Skrivet efter.")
    is_saved(meeting)
    meeting.reload()
    expect(meeting.get_by_label("Anteckningar")).to_have_value("Sparat före. Skrivet under. Skrivet efter.")


def test_an_ended_session_does_not_take_the_text_along(own_site: Site, meeting: Page) -> None:
    write(meeting, "Sparat före.")
    is_saved(meeting)
    end_sessions(own_site)

    write(meeting, " Skrivet efter.")

    expect(meeting.locator("#saved .is-out")).to_be_visible()
    expect(meeting.get_by_label("Anteckningar")).to_have_value("Sparat före. Skrivet efter.")
    with meeting.expect_popup() as opened:
        meeting.get_by_role("link", name="Logga in i en ny flik").click()
    sign_in(opened.value)
    opened.value.wait_for_url(f"{own_site.url}/")
    is_saved(meeting)
    meeting.reload()
    expect(meeting.get_by_label("Anteckningar")).to_have_value("Sparat före. Skrivet efter.")


def test_an_ended_session_leads_to_the_sign_in_page_and_back_to_where_one_was(
    own_site: Site, context: BrowserContext
) -> None:
    own_site.sign_in(context, cast.COORDINATOR[1])
    page = context.new_page()
    page.goto(f"{own_site.url}/?from=test")
    end_sessions(own_site)

    page.get_by_role("link", name=re.compile("^Visa alla")).click()  # asks for a part of the page

    expect(page.get_by_role("heading", level=1)).to_have_text("Logga in")
    expect(page.get_by_role("main")).to_have_count(1)
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Idag")
    assert page.url == f"{own_site.url}/?from=test"


def end_sessions(site: Site) -> None:
    with site.database.transaction() as session:
        session.execute(delete(UserSession))


def sign_in(page: Page) -> None:
    page.get_by_label("E-post").fill(cast.COORDINATOR[1])
    page.get_by_label("Lösenord").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Logga in", exact=True).click()


def test_leaving_a_form_that_has_been_typed_in_asks_first(own_site: Site, meeting: Page) -> None:
    asked: list[str] = []
    meeting.on("dialog", lambda dialog: stay(dialog, asked))
    meeting.goto(f"{own_site.url}/cases/new")
    meeting.get_by_label("Kod", exact=True).fill("K-200")

    meeting.get_by_role("link", name="Idag", exact=True).click(no_wait_after=True)

    expect(meeting.get_by_label("Kod", exact=True)).to_have_value("K-200")
    assert asked == ["beforeunload"]


def test_leaving_a_form_that_has_only_been_looked_at_asks_nothing(own_site: Site, meeting: Page) -> None:
    asked: list[str] = []
    meeting.on("dialog", lambda dialog: stay(dialog, asked))
    meeting.goto(f"{own_site.url}/cases/new")
    meeting.get_by_label("Kod", exact=True).click()

    meeting.get_by_role("link", name="Idag", exact=True).click()

    expect(meeting.get_by_role("heading", level=1)).to_have_text("Idag")
    assert asked == []


def stay(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.dismiss()
