"""What a browser, a proxy or another site can be made to do."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning import paths
from inslussning.models import OutboxMessage
from tests.attacks.conftest import fingerprint
from tests.attacks.test_objects import filled
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World
from tests.factories.planning import a_slot
from tests.matrix.asking import route_list
from tests.matrix.canaries import mail_text

SOURCES = sorted(Path(paths.TEMPLATES).parent.glob("inslussning/**/*.py"))
MAY_CONNECT = {
    "mailers.py",
    "agency_provider.py",
    "site.py",
}  # to servers an administrator has named; the last looks for a free port


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8000@evil.example", "127.0.0.1.evil.example", "evil.example:8000", ""]
)
def test_attack_21_another_host_name_poisons_no_link(
    client: SiteClient, session: Session, world: World, host: str
) -> None:
    forwarded = {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert client.post("/slots/new", {"name": "x"}, headers=forwarded).status == 400
    assert client.get("/cases", **forwarded).status == 400
    only_forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    assert "evil" not in client.post("/sign-out", headers=only_forwarded).goes_to
    a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
    said = "\n".join(mail_text(mail.mime) for mail in session.scalars(select(OutboxMessage)))
    assert "http://127.0.0.1:8000/answer/" in said
    assert "evil" not in said


def test_attack_22_no_right_hangs_on_the_address_as_the_host_tells_it(client: SiteClient) -> None:
    numbers = tuple(int(part) for part in version("starlette").split(".")[:2])
    assert numbers >= (1, 3)
    guards = [
        f
        for f in SOURCES
        if f.name in {"deps.py", "security.py", "access.py", "visible.py", "principals.py", "sessions.py"}
    ]
    assert len(guards) >= 6
    assert not [f.name for f in guards if re.search(r"request\.(url|base_url)\b", f.read_text())]
    for host in ("127.0.0.1/settings", "127.0.0.1/sign-in?", "127.0.0.1#", "127.0.0.1\\settings"):
        assert client.get("/cases", Host=host).status == 400, host


def test_attack_23_no_method_but_its_own_reaches_a_route_that_changes(
    app: FastAPI, client: SiteClient, session: Session, world: World
) -> None:
    routes = route_list(app)
    looking = {path for method, path in routes if method == "GET"}
    before = fingerprint(session)
    tried = 0
    for method, path in routes:
        if method == "GET":
            continue
        for other in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
            if other in {"GET", "HEAD"} and path in looking:
                continue
            headers = client.headers | {"X-HTTP-Method-Override": "POST"}
            answer = client.http.request(other, f"{filled(path)}?_method=POST", headers=headers)
            tried += 1
            assert answer.status_code in {404, 405}, f"{other} {path}"
    session.expire_all()
    assert tried > 100
    assert fingerprint(session) == before
    assert world.near.code


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "HX-Request": "true"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_attack_23_no_form_on_another_site_changes_anything(
    app: FastAPI, client: SiteClient, session: Session, headers: dict[str, str]
) -> None:
    before = fingerprint(session)
    if headers["Sec-Fetch-Site"] == "":
        del client.headers["Sec-Fetch-Site"]
        headers = {"Origin": headers["Origin"]}
    for method, path in route_list(app):
        if method == "POST":
            assert client.post(filled(path), {"name": "Kapat"}, headers=headers).status == 403, path
    session.expire_all()
    assert fingerprint(session) == before


def test_attack_25_nothing_that_is_typed_is_ever_fetched(client: SiteClient, session: Session, world: World) -> None:
    fetches = re.compile(
        r"^\s*(?:import|from) (urllib\.request|http\.client|requests|httpx2?|aiohttp|urllib3|socket|pycurl)\b", re.M
    )
    assert {f.name for f in SOURCES if fetches.search(f.read_text())} <= MAY_CONNECT
    usual = {
        "name": "Gruppen",
        "weekday": "3",
        "local_start": "9",
        "minutes": "60",
        "first_on": "2027-01-07",
        "anyway": "1",
    }
    for link in ("http://169.254.169.254/latest/meta-data", "http://[::ffff:127.0.0.1]:9/x", "http://127.0.0.1:9/x"):
        assert client.post("/slots/new", usual | {"video_link": link}).status in {
            303,
            422,
        }  # no network in tests: a fetch fails
    for link in (
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "gopher://127.0.0.1",
        "//evil.example",
    ):
        assert client.post("/slots/new", usual | {"video_link": link}).status == 422, link
    assert session.get_one(type(world.office), world.office.id)


def test_attack_28_no_answer_may_be_kept_for_somebody_else(app: FastAPI, client: SiteClient, world: World) -> None:
    shown = 0
    for method, path in route_list(app):
        if method == "GET":
            for asking in (client, client.as_htmx()):
                here = path.replace("{key}", str(world.near.id)).replace("{case_key}", str(world.near.id))
                answer = asking.get(filled(here))
                shown += answer.status == 200
                assert answer.response.headers["cache-control"] == "no-store", path
            client.headers.pop("HX-Request", None)
    assert shown > 40
    out = client.post("/sign-out").response.headers
    assert '"cache"' in out["clear-site-data"]
