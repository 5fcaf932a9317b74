"""Passkeys in a real browser with a virtual device, and the same pages without JavaScript (W3C WebAuthn level 3, §11)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from sqlalchemy import delete, select, update

from inslussning.demo import cast
from inslussning.models import Passkey, RecoveryCode, UserSession
from inslussning.practice.sign_in import Strength
from tests.browser.conftest import StartSite
from tests.browser.site import Site

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """A virtual device in the browser."""

    devtools: CDPSession
    id: str

    def keys(self) -> list[dict[str, Any]]:
        return list(self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])

    def refuse_to_verify(self) -> None:
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})


@pytest.fixture(scope="module")
def site(start_site: StartSite) -> Iterator[Site]:
    """A demo office under the name localhost: a passkey is bound to a name, never to a number."""
    site = start_site(host="localhost")
    yield site
    site.stop()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def device(page: Page, context: BrowserContext) -> Device:
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    return Device(devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"])


@pytest.fixture(autouse=True)
def _clean(site: Site) -> None:
    with site.database.transaction() as session:
        for table in (Passkey, RecoveryCode, UserSession):
            session.execute(delete(table))


AddPasskey = Callable[[], None]


@pytest.fixture
def add_passkey(page: Page, context: BrowserContext, site: Site) -> AddPasskey:
    """Sign in and add a passkey, as the person does it."""

    def add() -> None:
        site.sign_in(context, cast.COORDINATOR[1])
        page.goto(f"{site.url}/account/second-factor")
        page.get_by_label("Namn på din passkey").fill("Jobbdatorn")
        page.get_by_role("button", name="Lägg till passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Koder på papper")

    return add


def test_a_passkey_is_made_named_and_kept_in_the_device(
    page: Page, site: Site, device: Device, add_passkey: AddPasskey
) -> None:
    add_passkey()
    assert page.locator(".paper-codes li").count() == 10
    (kept,) = device.keys()
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"
    page.goto(f"{site.url}/account")
    expect(page.get_by_text("Passkey: Jobbdatorn")).to_be_visible()


def test_a_passkey_alone_signs_in(
    page: Page, context: BrowserContext, site: Site, device: Device, add_passkey: AddPasskey
) -> None:
    add_passkey()
    context.clear_cookies()
    page.goto(f"{site.url}/actions")
    page.get_by_role("button", name="Logga in med passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Åtgärder")
    assert device.keys()[0]["signCount"] > 1
    with site.database.read() as session:
        newest = session.scalars(
            select(UserSession.strength).order_by(UserSession.created_at.desc(), UserSession.id.desc())
        ).first()
    assert newest is Strength.SECOND_FACTOR


def test_without_the_device_knowing_who_holds_it_nobody_gets_in(
    page: Page, context: BrowserContext, site: Site, device: Device, add_passkey: AddPasskey
) -> None:
    add_passkey()
    context.clear_cookies()
    device.refuse_to_verify()
    page.goto(f"{site.url}/sign-in")
    page.get_by_role("button", name="Logga in med passkey").click()
    expect(page.get_by_text("Det gick inte att använda passkey")).to_be_visible()


def test_an_answer_is_not_taken_twice(
    page: Page, context: BrowserContext, site: Site, device: Device, add_passkey: AddPasskey
) -> None:
    assert device
    add_passkey()
    context.clear_cookies()
    page.goto(f"{site.url}/sign-in")
    with page.expect_request(f"{site.url}/sign-in/passkey") as sent:
        page.get_by_role("button", name="Logga in med passkey").click()
    body = sent.value.post_data
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Logga in")
    context.clear_cookies()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    context.request.post(f"{site.url}/sign-in/passkey/options")  # a challenge of its own, which the answer is not to
    context.request.post(f"{site.url}/sign-in/passkey", data=body, headers=kind)
    assert "/sign-in" in context.request.get(f"{site.url}/account").url


def test_a_passkey_proves_again_who_is_there(page: Page, site: Site, device: Device, add_passkey: AddPasskey) -> None:
    assert device
    add_passkey()
    with site.database.transaction() as session:
        session.execute(update(UserSession).values(proved_at=None))
    page.goto(f"{site.url}/account/second-factor")
    page.get_by_role("button", name="Skapa nya koder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bekräfta att det är du")
    page.get_by_role("button", name="Bekräfta med passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Koder på papper")


def test_it_can_be_taken_away_again(page: Page, site: Site, device: Device, add_passkey: AddPasskey) -> None:
    assert device
    add_passkey()
    page.goto(f"{site.url}/account/second-factor")
    page.get_by_role("button", name="Ta bort Jobbdatorn").click()
    expect(page.get_by_text("Din passkey är borttagen.")).to_be_visible()
    expect(page.get_by_text("Jobbdatorn")).to_have_count(0)


def test_without_javascript_nothing_is_offered_that_does_not_work(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    expect(page.get_by_role("button", name="Logga in med passkey")).to_be_hidden()
    site.sign_in(context, cast.COORDINATOR[1])
    page.goto(f"{site.url}/account/second-factor")
    expect(page.get_by_text("Den här webbläsaren kan inte använda passkey.")).to_be_visible()
    page.get_by_role("button", name="Lägg till kodapp").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lägg till kodapp")
    context.close()
