"""Nothing that people write ever runs: a corpus in every text of every row, in every form, on every page, in a real browser.

Two things are watched: a trap that any of the texts would spring, and what the browser reports of its content security policy. A report
means that a text was taken for markup, even though the policy stopped it.
"""

from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Response
from sqlalchemy import Enum, String, Table, UniqueConstraint

from inslussning.db.base import Base
from inslussning.demo import cast
from inslussning.models import OutboxMessage
from tests.browser.pages import PAGES, names_in
from tests.browser.payloads import PAYLOADS
from tests.browser.site import Site
from tests.matrix.canaries import mail_text, text_columns

TRAP = """
window.sprung = [];
window.trap = () => { window.sprung.push(location.pathname); };
for (const name of ["alert", "confirm", "prompt"]) window[name] = window.trap;
document.addEventListener("securitypolicyviolation", (e) => window.sprung.push("CSP " + e.violatedDirective + " " + e.sample));
"""
KEPT = {
    "users.email",
    "people.email",
    "offices.name",
    "offices.mail_host",
    "weekly_slots.video_link",
    "meetings.video_link",
}
"""Signing in and sending need these; they are typed into forms below."""
FILL = """([index, texts]) => {
  const form = document.querySelectorAll("main form[method=post]")[index];
  const typed = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), textarea";
  let n = 0;
  for (const field of form.querySelectorAll(typed)) {
    if (field.disabled) continue;
    field.value = texts[n % texts.length];  // a date or a number keeps nothing of it
    n += 1;
  }
  return n;
}"""
SEND = """(index) => {
  const form = document.querySelectorAll("main form[method=post]")[index];
  HTMLFormElement.prototype.submit.call(form);  // past what the browser itself would refuse
}"""
TEXTS = 12  # in a form, at most


def poisoned(site: Site, shift: int) -> int:
    """Put a payload in every text of every row; return how many texts there were."""
    texts = cycle(PAYLOADS[shift:] + PAYLOADS[:shift])
    count = 0
    with site.database.transaction() as session, session.no_autoflush:
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            assert isinstance(table, Table)
            if table.name.startswith("audit_"):
                continue  # only added to, and only by the product
            columns = [
                c for c in text_columns(table) if f"{table.name}.{c.name}" not in KEPT and not isinstance(c.type, Enum)
            ]
            for row in session.query(mapper.class_) if columns else ():
                for column in columns:
                    name = mapper.get_property_by_column(column).key
                    if isinstance(getattr(row, name), str):
                        count += _put(row, name, column, next(texts), count)
    return count


def _put(row: Any, name: str, column: Any, text: str, number: int) -> bool:
    longest = getattr(column.type, "length", None) if isinstance(column.type, String) else None
    unique = column.unique or any(
        column.name in c.columns for c in column.table.constraints if isinstance(c, UniqueConstraint)
    )
    value = f"{number} {text}" if unique else text
    if longest is not None and len(value) > longest:
        return False
    setattr(row, name, value)
    return True


@pytest.fixture
def trapped(context: BrowserContext) -> Page:
    context.add_init_script(TRAP)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    return page


def sprung(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.sprung || []")
    return found


def answered(page: Page, index: int) -> int:
    """Send a form of the page, wait for the page that comes of it, and return the status the form was answered with."""
    statuses: list[int] = []

    def note(response: Response) -> None:
        if response.request.method == "POST" and response.request.is_navigation_request():
            statuses.append(response.status)

    page.on("response", note)
    with page.expect_event("load"):
        page.evaluate(SEND, index)
    page.remove_listener("response", note)
    return statuses[0]


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) >= 200


@pytest.mark.parametrize("shift", [0, 97])
def test_no_text_runs_on_any_page(own_site: Site, trapped: Page, context: BrowserContext, shift: int) -> None:
    names = names_in(own_site.database, own_site.settings)
    assert poisoned(own_site, shift) > len(PAYLOADS)
    bad, seen = [], 0
    for who in (cast.COORDINATOR[1], cast.PARTNER[1]):
        context.clear_cookies()
        own_site.sign_in(context, who)
        for look in (one for one in PAGES if one.who in {who, ""}):
            answer = trapped.goto(own_site.url + look.path.format_map(names), wait_until="load")
            assert answer is not None
            if answer.status < 400:
                seen += 1
            bad += [f"{look}: {what}" for what in sprung(trapped)]
            if answer.status >= 500:
                bad.append(f"{look}: {answer.status}")
    assert seen > 50
    assert bad == []


def test_no_text_runs_from_a_form_that_is_refused_or_taken(
    own_site: Site, trapped: Page, context: BrowserContext
) -> None:
    names = names_in(own_site.database, own_site.settings)
    own_site.sign_in(context, cast.COORDINATOR[1])
    bad, sent = [], 0
    for look in (one for one in PAGES if one.who == cast.COORDINATOR[1]):
        address = own_site.url + look.path.format_map(names)
        trapped.goto(address)
        for index in range(min(3, trapped.locator("main form[method=post]").count())):
            trapped.goto(address)
            if trapped.locator("main form[method=post]").count() <= index:
                continue  # an earlier form of the page was taken, and has changed the page
            texts = [PAYLOADS[(sent * TEXTS + n) % len(PAYLOADS)] for n in range(TEXTS)]
            if trapped.evaluate(FILL, [index, texts]) == 0:
                continue
            answer = answered(trapped, index)
            sent += 1
            bad += [f"{look} form {index}: {what}" for what in sprung(trapped)]
            if answer >= 500:
                bad.append(f"{look} form {index}: {answer}")
    assert sent > 25
    assert bad == []


def test_no_mail_carries_a_text_as_markup(own_site: Site) -> None:
    poisoned(own_site, 0)
    with own_site.database.read() as session:
        for mail in session.query(OutboxMessage):
            assert "trap()" not in mail_text(mail.mime)
