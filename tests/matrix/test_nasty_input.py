"""Nothing that can be typed or sent breaks the site: every route, several roles, bodies and ids nobody would send. No 5xx, ever."""

import pytest

from tests.matrix.asking import Body
from tests.matrix.kits import Thing
from tests.matrix.rules import RULES
from tests.matrix.running import Cell, Matrix, path_of

ROLES = ("coordinator, named", "partner in the case", "administrator", "reviewer", "anonymous", "client")
TEXTS = {
    "NUL": "a\x00b",
    "C0 and C1 controls": "\x01\x08\x0b\x0c\x1b\x7f\x80\x9f",
    "line separators": "a\u2028b\u2029c\x85d\r\ne",
    "directions": "\u202egnp.exe\u2066\u200f",
    "not a character": "\ufdd0\uffff\U0001fffe",
    "a number of 30 digits": "9" * 30,
    "less than nothing": "-1",
    "a fraction": "1e309",
    "not a number": "NaN",
    "long": "å" * 20_000,
    "a list": "[]",
    "a dictionary": '{"$gt": ""}',
    "SQL": "' OR 1=1; DROP TABLE cases;--",
    "a template": "{{ 7*7 }}{% raw %}${7*7}",
    "a path": "../../../../etc/passwd%00",
    "a format": "%s%n%(x)s{0}{}",
    "a day that is none": "2026-02-30",
    "a day long ago": "0000-00-00",
    "a day far off": "9999-12-31",
    "a time that is none": "25.61",
    "an instant without a zone": "2026-01-01T00:00:00",
    "the nil key": "00000000-0000-0000-0000-000000000000",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "marks without end": "a" + "\u0301" * 500,
    "nothing": "",
    "a space": " ",
}
IDS = (
    "0",
    "-1",
    "%00",
    "%ff",
    "..%2f..",
    "null",
    "9" * 40,
    "%F0%9F%98%80",
    "a" * 3000,
    "%ED%A0%80",
    "{key}",
    "%0d%0aX:1",
)
SURROGATE = b"%ED%A0%80"


def test_no_body_breaks_a_route(site: Matrix) -> None:
    broken = []
    for route in (one for one in site.routes if one.startswith("POST")):
        cell = Cell(route, "coordinator, named", Thing.OWN)
        path = path_of(route.removeprefix("POST "), site.world.kits[Thing.OWN], RULES[route].ids)
        usual = site.body(cell, path) or (("text", "x"), ("name", "x"))
        for label, text in TEXTS.items():
            bodies: list[Body] = [tuple((name, text) for name, _ in usual)]
            bodies += [
                tuple((n, text if n == name else value) for n, value in usual) for name in _one_each(usual, label)
            ]
            for body in bodies:
                outcome = site.asker.ask("POST", path, token=site.world.tokens[cell.who], body=body)
                if outcome.is_broken:
                    broken.append(f"{route} {label} {body}: {outcome.logged[-1:]}"[:600])
    assert broken[:20] == []


def _one_each(usual: Body, label: str) -> list[str]:
    """Each field alone takes long; the worst texts do."""
    return sorted({name for name, _ in usual}) if label in {"NUL", "a number of 30 digits", "a day far off"} else []


def test_no_shape_of_a_body_breaks_a_route(site: Matrix) -> None:
    """Every field twice, every field with half a surrogate pair, no body, one that is no form, and one in another coding."""
    broken = []
    for route in (one for one in site.routes if one.startswith("POST")):
        path = path_of(route.removeprefix("POST "), site.world.kits[Thing.OWN], RULES[route].ids)
        usual = site.body(Cell(route, "coordinator, named", Thing.OWN), path) or (("text", "x"),)
        names = [name for name, _ in usual]
        token = site.world.tokens["coordinator, named"]
        raw = [
            b"&".join(name.encode() + b"=" + SURROGATE for name in names),
            b"\xff\xfe\x00",
            b"=&=&==&%",
            b"a" * 70_000,
        ]
        asked = [site.asker.ask("POST", path, token=token, body=usual + tuple((n, "2") for n in names))]
        asked += [site.asker.ask("POST", path, token=token, raw=body) for body in raw]
        for kind in (
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "\x80",
        ):
            asked.append(site.asker.ask("POST", path, token=token, raw=b"{}", headers={"content-type": kind}))
        broken += [f"{route}: {one.status} {one.logged[-1:]}"[:600] for one in asked if one.is_broken]
    assert broken[:20] == []


@pytest.mark.parametrize("who", ROLES)
def test_no_id_and_no_query_breaks_a_route(site: Matrix, who: str) -> None:
    broken = []
    for route in site.routes:
        method, template = route.split(" ", 1)
        names = [name for name, _ in RULES[route].ids if not name.startswith("?")]
        for bad in IDS:
            path = template
            for name in names:
                path = path.replace(f"{{{name}}}", bad)
            query = f"case={bad}&after={bad}&item={bad}&day={bad}&state={bad}&when={bad}&next={bad}&case=2"
            outcome = site.asker.ask(method, f"{path}?{query}", token=site.world.tokens[who], client=who == "client")
            if outcome.is_broken:
                broken.append(f"{route} {bad[:20]}: {outcome.logged[-1:]}"[:600])
            if not names and bad != IDS[0] and method == "POST":
                break
    assert broken[:20] == []


def test_no_header_breaks_the_site(site: Matrix) -> None:
    for name in (
        "cookie",
        "hx-current-url",
        "accept-language",
        "user-agent",
        "referer",
        "content-length",
        "range",
        "if-none-match",
    ):
        for value in ("\xff" * 300, "a" * 9000, "http://[", "-1", ";;;===", "inslussning_session=" + "a" * 5000):
            for path in ("/cases", "/sign-in", "/account"):
                headers = {name: value, "hx-request": "true"}
                assert site.asker.ask("GET", path, token="", headers=headers).is_broken is False, (
                    name,
                    value[:20],
                    path,
                )
