"""What a machine can see of a page: axe's rules, width, focus rings, and what the browser complained of."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.browser.pages import Look, names_in
from tests.browser.site import Site

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
WIDE, PHONE, NARROW = 1280, 390, 320
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """async (only) => {
  const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return found.violations.map((rule) => `${rule.id}: ` + rule.nodes.map((node) => node.html.slice(0, 160)).join(" | "));
}"""

# Focus from a script shows the ring as the keyboard does, as long as nothing has been clicked. The skip link shows itself instead.
WITHOUT_RING = """() => {
  const without = [];
  for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    if (one.matches("[type=hidden], :disabled, .ds-skip-link, [tabindex='-1']")) continue;
    if (!one.checkVisibility({visibilityProperty: true})) continue;
    document.activeElement?.blur();
    const before = getComputedStyle(one).boxShadow;
    one.focus();
    if (document.activeElement !== one) continue;
    const ring = (of) => of.outlineStyle === "auto" || (of.outlineStyle !== "none" && parseFloat(of.outlineWidth) >= 2);
    const now = getComputedStyle(one);  // a checkbox has its ring around itself and its label
    if (!ring(now) && !ring(getComputedStyle(one.parentElement)) && now.boxShadow === before) without.push(one.outerHTML.slice(0, 160));
  }
  document.activeElement?.blur();
  return without;
}"""

WIDER = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const scrolls = (box) => box && box !== document.documentElement &&
    (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(box).overflowX) || scrolls(box.parentElement));
  const beyond = (one) => {
    const box = one.getBoundingClientRect();
    return Math.max(box.right, box.left + one.scrollWidth) > page.clientWidth + 1;
  };
  const out = [...document.body.querySelectorAll("*")].filter(
    (one) => one.checkVisibility() && beyond(one) && !scrolls(one.parentElement));
  return [`${page.scrollWidth} px`, ...out.slice(0, 4).map((one) => one.outerHTML.slice(0, 160))];
}"""


class Looker:
    """A browser window that notes what the browser says while pages are opened in it."""

    def __init__(self, context: BrowserContext) -> None:
        context.add_init_script(path=AXE)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => console.error('CSP ' + e.violatedDirective))"
        )
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))

    def _note(self, message: ConsoleMessage) -> None:
        own_status = (
            "the server responded with a status of" in message.text and message.location["url"] == self.page.url
        )
        if message.type in {"error", "warning"} and not own_status:
            self.complaints.append(f"{message.type}: {message.text}")

    def axe(self, *rules: str) -> list[str]:
        """Return what axe has against the page as it stands, by all rules or by those named."""
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
        found: list[str] = self.page.evaluate(RUN_AXE, only)
        return found

    def wide(self, pixels: int, *, dark: bool = False) -> None:
        """Look at the page at a width, in one of its two colour schemes."""
        self.page.set_viewport_size({"width": pixels, "height": 900})
        self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce", forced_colors="none")

    def small_problems(self) -> dict[str, Any]:
        """Return what is wrong with the page that is open on a small screen alone."""
        self.wide(PHONE)
        found = {"the page itself": self._frame(), "axe on the phone": self.axe()}
        found["sideways at 390"] = self.page.evaluate(WIDER)
        found["said by the browser"] = list(self.complaints)
        return {where: what for where, what in found.items() if what}

    def problems(self) -> dict[str, Any]:
        """Return everything that is wrong with the page that is open, by where it was seen."""
        found: dict[str, Any] = {}
        self.wide(WIDE)
        found["axe wide"] = self.axe()
        found["no focus ring"] = self.page.evaluate(WITHOUT_RING)
        self.wide(WIDE, dark=True)
        found["axe wide, dark"] = self.axe("color-contrast")  # all that colours can change
        self.wide(PHONE, dark=True)
        found["axe on the phone, dark"] = self.axe("color-contrast")
        self.wide(NARROW)
        found["sideways at 320"] = self.page.evaluate(WIDER)
        return self.small_problems() | {where: what for where, what in found.items() if what}

    def _frame(self) -> list[str]:
        headings = self.page.locator("h1").count()
        frame = {
            "no title": not self.page.title().strip(" –"),
            "no language": not self.page.locator("html").get_attribute("lang"),
            f"{headings} h1": headings != 1,
        }
        return [problem for problem, is_so in frame.items() if is_so]

    def open(self, site: Site, look: Look) -> None:
        """Open the page, which must be a page and answer as expected."""
        self.complaints.clear()
        answer = self.page.goto(site.url + look.path.format_map(names_in(site.database, site.settings)))
        assert answer is not None
        assert answer.status == look.status
        assert answer.headers["content-type"].startswith("text/html")
