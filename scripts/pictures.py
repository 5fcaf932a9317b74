"""Take the README's pictures: a fresh demo office on a free port, Chromium in front, docs/pictures/ behind."""

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PORT = 8377
SITE = f"http://127.0.0.1:{PORT}"
WIDE, PHONE = {"width": 1280, "height": 820}, {"width": 390, "height": 820}


def wait_until_up(seconds: float = 60) -> None:
    """Wait for the demo to answer; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{SITE}/livez", timeout=2)  # noqa: S310 - our own loopback address
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(SITE)


def signed_in(browser: Browser, *, phone: bool = False, dark: bool = False) -> Page:
    """Return a page signed in as the demo's coordinator."""
    context = browser.new_context(
        viewport=PHONE if phone else WIDE,
        color_scheme="dark" if dark else "light",
        device_scale_factor=1.5,
        locale="sv-SE",
    )
    page = context.new_page()
    page.goto(SITE)
    page.get_by_label("E-post").fill("samordnare@demo.example")
    page.get_by_label("Lösenord").fill("demo-bjorkstad")
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url(f"{SITE}/")
    return page


def take(page: Page, name: str, *, full: bool = False) -> None:
    """Save one picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", full_page=full)
    print(f"docs/pictures/{name}.png")


def take_all(browser: Browser) -> None:
    """Walk through the demo as a coordinator would."""
    page = signed_in(browser)
    take(page, "idag")
    page.get_by_role("link", name="Öppna dagordningen").click()
    page.get_by_role("navigation", name="Dagordning").or_(page.locator("main")).get_by_role(
        "link", name="K-101"
    ).first.click()
    take(page, "mote")
    page.goto(f"{SITE}/actions")
    take(page, "atgarder")
    page.goto(f"{SITE}/slots")
    page.locator("main").get_by_role("link", name="Björkstad").first.click()
    take(page, "veckotid")
    page.goto(f"{SITE}/cases")
    page.get_by_role("link", name="K-101").first.click()
    case = page.url.rsplit("/", 1)[-1]
    take(page, "arende")
    page.goto(f"{SITE}/schedules/{case}")
    take(page, "schema")
    take(signed_in(browser, dark=True), "idag-morkt")
    phone = signed_in(browser, phone=True)
    phone.goto(f"{SITE}/schedules/{case}/client")
    take(phone, "schema-telefon")


def main() -> None:
    """Start the demo, take the pictures, stop the demo."""
    program = shutil.which("chromium") or sys.exit("Chromium is missing; on Debian: apt install chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "inslussning", "demo", "--port", str(PORT), "--data", folder], cwd=ROOT
        )
        try:
            wait_until_up()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
                take_all(browser)
                browser.close()
        finally:
            demo.terminate()
            demo.wait(timeout=60)


if __name__ == "__main__":
    main()
