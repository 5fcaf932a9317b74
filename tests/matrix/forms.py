"""What a person would post: every form is found on the pages that somebody with every right is shown, and filled in plausibly."""

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from tests.matrix.asking import Body

# What is typed in an empty field, by its name; anything else gets a word.
TYPED = {
    "day": "2027-02-09", "starts": "13.00", "ends": "14.00", "minutes": "30", "local_start": "09.00", "first_on": "2027-02-11",
    "last_on": "2027-06-24", "starts_on": "2027-02-01", "ends_on": "2027-03-01", "due_on": "2027-02-01", "release_on": "2027-01-04",
    "email": "ny.person@kommun.example", "mailbox": "ny.brevlada@kommun.example", "address": "prov@kommun.example",
    "mail_address": "kontor@frivarden.example", "phone": "010-123 45 67", "version": "1", "value": "20", "valid_from": "2027-01-01",
    "valid_until": "2027-06-30", "given_on": "2026-11-20", "asked_on": "2026-11-20", "weekday": "3", "video_link": "",
    "password": "ett mycket långt lösenord", "current": "frivård i Björkstad", "mail_port": "587", "supervision_ends_on": "",
    "release_time": "", "code": "K-907", "birth_date": "1990-01-01", "on_day": "2027-01-10", "hand_over_on": "2027-01-10",
}  # fmt: skip


def forms_in(page: str) -> Iterator[tuple[str, Body]]:
    """Yield the address and the filled-in fields of every posting form and htmx button of a page."""
    soup = BeautifulSoup(page, "html.parser")
    for form in soup.find_all("form"):
        if str(form.get("method", "get")).lower() == "post":
            yield str(form.get("action", "")), body_of(soup, form)
    for element in soup.select("[hx-post]"):
        around = element if element.name == "form" else element.find_parent("form")
        yield str(element["hx-post"]), body_of(soup, around) if isinstance(around, Tag) else ()


def body_of(soup: BeautifulSoup, form: Tag) -> Body:
    fields: list[tuple[str, str]] = []
    chosen: set[str] = set()
    outside = soup.select(f'[form="{form["id"]}"]') if form.get("id") else []
    for field in [*form.find_all(["input", "select", "textarea", "button"]), *outside]:
        name = str(field.get("name") or "")
        if not name or field.has_attr("disabled"):
            continue
        for value in _values(field, name, chosen):
            fields.append((name, value))
            chosen.add(name)
    return tuple(fields)


def _values(field: Tag, name: str, chosen: set[str]) -> Iterator[str]:
    kind = str(field.get("type", "text")).lower()
    if field.name == "select":
        options = field.find_all("option")
        picked = (
            [o for o in options if o.has_attr("selected")] or [o for o in options if o.get("value")][:1] or options[:1]
        )
        yield from (str(o.get("value", o.get_text())) for o in picked[:1])
    elif kind == "radio":
        if name not in chosen:
            yield str(field.get("value", "on"))
    elif kind == "checkbox":
        if field.has_attr("checked") or name not in chosen:
            yield str(field.get("value", "on"))
    elif field.name == "button" or kind in {"submit", "file"}:
        if field.name == "button" and name not in chosen and kind != "file":
            yield str(field.get("value", ""))
    else:
        typed = field.get_text() if field.name == "textarea" else str(field.get("value", ""))
        yield typed or TYPED.get(name, "ett ord" if kind != "hidden" else "")
