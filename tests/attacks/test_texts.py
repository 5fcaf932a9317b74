"""What people type: attacks that travel in a text into a mail, a calendar, a page, a file or the log."""

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import vobject
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning import paths
from inslussning.models import Action, Actor, AuditEntry, Meeting, OutboxMessage, WeeklySlot
from inslussning.practice.words import clean, csv_safe
from inslussning.services import meetings
from inslussning.services.links import Links
from inslussning.web.render import environment
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.minutes import item_of, written
from tests.factories.offices import World
from tests.factories.planning import a_slot

SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script><svg onload=alert(3)>'
INJECTED = "Storgatan 4\r\nATTENDEE:mailto:evil@evil.example\r\nBcc: evil@evil.example\x00\x1b[2J\u2028X-EVIL:1\x85Y"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")


def mails(session: Session) -> list[EmailMessage]:
    found = [
        email.message_from_bytes(m.mime, policy=email.policy.default) for m in session.scalars(select(OutboxMessage))
    ]
    return [one for one in found if isinstance(one, EmailMessage)]


def calendars(session: Session) -> list[str]:
    """Every calendar part of every mail, unfolded."""
    parts = [part for mail in mails(session) for part in mail.walk() if part.get_content_type() == "text/calendar"]
    payloads = [part.get_payload(decode=True) for part in parts]
    return [one.decode().replace("\r\n ", "") for one in payloads if isinstance(one, bytes)]


def test_attack_08_every_event_of_a_series_is_as_private_as_the_series(
    session: Session, world: World, links: Links
) -> None:
    slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.clinic.id,), name="Hemligt om K-101")
    dates = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).all()
    later = dates[2].starts_at + timedelta(hours=1)
    meetings.move(
        session, world.coordinator, dates[2].id, starts_at=later, ends_at=later + timedelta(hours=1), reason="Hemligt om K-101",
        links=links, now=NOW,
    )  # fmt: skip
    meetings.cancel(session, world.coordinator, dates[3].id, reason="Hemligt om K-101", links=links, now=NOW)
    session.commit()
    events = [event for text in calendars(session) for event in vobject.readOne(text).vevent_list]
    overrides = [event for event in events if "recurrence-id" in event.contents]
    assert overrides
    for event in events:
        assert event.contents["class"][0].value in {"PRIVATE", "CONFIDENTIAL"}
        said = event.serialize()
        assert "K-101" not in said
        assert "Hemligt" not in said


@pytest.mark.parametrize(
    "address",
    [
        "a@kommun.example\r\nRCPT TO:<evil@evil.example>",
        "a@kommun.example\nBcc: x@y.example",
        "a@b.example,evil@evil.example",
        "<evil@evil.example> a@b.example",
    ],
)
def test_attack_15_an_address_is_one_address(client: SiteClient, session: Session, address: str) -> None:
    new = {
        "organisation": "Björkstads kommun", "kind": "municipality", "function": "Handläggare", "short_name": "hand",
        "mailbox": address,
    }  # fmt: skip
    answer = client.post("/actors/new", new)
    kept = session.scalars(select(Actor.mailbox).where(Actor.short_name == "hand")).all()
    assert answer.status == 422 or kept == ["a@kommun.example"]
    assert not any("evil" in mailbox or "\n" in mailbox for mailbox in kept)


def test_attack_15_a_name_never_becomes_a_recipient(session: Session, world: World) -> None:
    world.office.mail_name = 'Evil, evil@evil.example, "x" <evil2@evil.example>\r\nBcc: evil3@evil.example'
    session.flush()
    a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
    session.commit()
    sent = mails(session)
    assert sent
    for mail in sent:
        assert [one.addr_spec for one in mail["To"].addresses] == [world.social.mailbox]
        assert [one.addr_spec for one in mail["From"].addresses] == [world.office.mail_address]
        assert mail["Bcc"] is None


def test_attack_16_names_are_text_in_mails(session: Session, world: World, links: Links) -> None:
    world.office.mail_name = '<a href="https://evil.example">Klicka här</a>'
    session.flush()
    a_slot(
        session,
        world.coordinator,
        now=NOW,
        actor_ids=(world.social.id,),
        name=SCRIPT,
        place="https://evil.example/betala",
    )
    session.commit()
    pages = [
        part.get_content() for mail in mails(session) for part in mail.walk() if part.get_content_type() == "text/html"
    ]
    assert pages
    for page in pages:
        assert "<script" not in page.lower()
        assert "<img" not in page.lower()
        assert 'href="https://evil.example' not in page
        assert set(re.findall(r'href="(https?://[^/"]+)', page)) <= {links.base_url}


def test_attack_17_nothing_typed_becomes_a_line_of_a_calendar(
    client: SiteClient, session: Session, world: World
) -> None:
    world.social.wants_place = True
    session.commit()
    new = {
        "name": SCRIPT, "weekday": "3", "local_start": "9", "minutes": "60", "first_on": "2027-01-07", "last_on": "2027-02-25",
        "place": INJECTED, "actor_ids": [str(world.social.id)], "anyway": "1",
    }  # fmt: skip
    assert client.post("/slots/new", new).status == 303
    found = calendars(session)
    assert found
    for text in found:
        assert not [
            line for line in text.split("\r\n") if line.startswith(("ATTENDEE:mailto:evil", "Bcc", "X-EVIL", "Y"))
        ]
        assert CONTROLS.search(text.replace("\r\n", "")) is None
        assert "<script" not in text
        event = vobject.readOne(text).vevent
        assert [one.value for one in event.contents["attendee"]] == [f"mailto:{world.social.mailbox}"]


def test_attack_18_the_conflict_screen_shows_markup_as_text(
    client: SiteClient, session: Session, meeting: Meeting, world: World
) -> None:
    item = item_of(session, meeting, world.near)
    written(session, world, item, notes=SCRIPT, decisions=SCRIPT, now=NOW)
    session.commit()
    for asking in (client, client.as_htmx()):
        answer = asking.post(
            f"/meetings/{meeting.id}/items/{item.id}", {"notes": f"min {SCRIPT}", "decisions": SCRIPT, "version": "1"}
        )
        assert answer.status == 409
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "&lt;script&gt;alert(2)" in answer.text


def test_attack_19_prompts_and_notices_show_markup_as_text(
    client: SiteClient, session: Session, world: World, meeting: Meeting
) -> None:
    slot = session.get_one(WeeklySlot, meeting.slot_id)
    slot.name = slot.place = SCRIPT
    world.clinic.function = world.clinic.plain_name = SCRIPT[:80]
    action = an_action(session, world, now=NOW, what=SCRIPT)
    session.commit()
    pages = [f"/slots/{slot.id}/end", f"/slots/{slot.id}/edit", f"/slots/{slot.id}/actors/{world.clinic.id}/remove"]
    pages += [
        f"/meetings/{meeting.id}/cancel",
        f"/meetings/{meeting.id}/move",
        f"/actions/{action.id}",
        f"/actors/{world.clinic.id}",
    ]
    pages += [
        "/slots",
        "/actions",
        "/",
        f"/cases/{world.far.id}",
        f"/meetings/{meeting.id}",
        f"/meetings/{meeting.id}/finalise",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status == 200, page
        assert not re.search(r"<(script>alert|img src=x|svg onload)", answer.text), page
    stale = client.post(
        "/actions/new", {"case_id": str(world.near.id), "actor_id": "x", "what": SCRIPT, "due_on": SCRIPT}
    )
    assert stale.status == 422
    assert "<script>alert" not in stale.text


@pytest.mark.parametrize("start", ["=1+1", "+46", "-1", "@SUM(A1)", "\t=1", "\r=1", "\0=1", "＝1", " =1"])
def test_attack_26_no_cell_of_a_file_is_a_formula(start: str) -> None:
    assert csv_safe(start)[0] == "'"


def test_attack_26_no_route_hands_out_a_sheet_without_it() -> None:
    sources = [
        f
        for f in Path(paths.TEMPLATES).parent.glob("inslussning/**/*.py")
        if re.search(r"csv\.writer|text/csv|Workbook\(", f.read_text())
    ]
    for source in sources:
        assert "csv_safe" in source.read_text(), f"{source} writes cells without csv_safe"


def test_attack_27_nothing_typed_is_ever_a_template(client: SiteClient, session: Session, meeting: Meeting) -> None:
    slot = session.get_one(WeeklySlot, meeting.slot_id)
    slot.name = "{{ 7 * 191 }}{% include '_layout/page.html' %}${7*191}#{7*191}%(nope)s"
    session.commit()
    for page in (f"/slots/{slot.id}", "/slots", f"/slots/{slot.id}/end"):
        answer = client.get(page)
        assert answer.status == 200
        assert "{{ 7 * 191 }}" in answer.said
        assert "1337" not in answer.text
    typed = client.post("/settings/needs", {"name": "{{ 7 * 191 }} %(x)s"}).goes_to
    assert "1337" not in client.get(typed or "/settings/needs").text
    sources = [f.read_text() for f in Path(paths.TEMPLATES).parent.glob("inslussning/**/*.py")]
    assert len(sources) > 100
    assert not [one for one in sources if re.search(r"from_string\(|jinja2\.Template|\bTemplate\(", one)]
    assert environment().autoescape is not False


@pytest.mark.parametrize("bad", ["\ud800", "a\x00b", "x" * 200_000, "\udfff\udc00", "\ufdd0\uffff"])
def test_attack_30_bad_input_is_refused_or_cleaned_and_never_unlogged(
    client: SiteClient, session: Session, world: World, bad: str
) -> None:
    body = {
        "case_id": str(world.near.id),
        "actor_id": str(world.social.id),
        "what": f"Ring {bad}",
        "due_on": "2026-12-10",
    }
    sent = "&".join(f"{name}={_quoted(value)}" for name, value in body.items())
    answer = client.post(
        "/actions/new", content=sent.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    kept = session.scalars(select(Action)).all()
    assert answer.status in {303, 400, 413, 422}
    assert len(kept) == (1 if answer.status == 303 else 0)
    assert all(one.what == clean(one.what) for one in kept)
    assert _logged_changes(session) >= len(kept)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def _logged_changes(session: Session) -> int:
    """How many changes the access log tells of."""
    return len(session.scalars(select(AuditEntry).where(AuditEntry.event == "changed")).all())


def test_attack_32_no_mail_is_ever_read_as_an_answer() -> None:
    """Nothing takes mail in: an answer comes by the signed link or by telephone, so a made-up REPLY has nowhere to go."""
    sources = {f: f.read_text() for f in Path(paths.TEMPLATES).parent.glob("inslussning/**/*.py")}
    takes_mail = [
        f.name for f, text in sources.items() if re.search(r"import (imaplib|poplib|aioimaplib|mailbox|aiosmtpd)", text)
    ]
    assert takes_mail == []
    assert not [f.name for f, text in sources.items() if re.search(r"METHOD:REPLY|Method\.REPLY", text)]


def test_attack_33_a_series_has_an_end_and_a_length(client: SiteClient, session: Session) -> None:
    usual = {
        "name": "Gruppen",
        "weekday": "3",
        "local_start": "9",
        "minutes": "60",
        "first_on": "2027-01-07",
        "anyway": "1",
    }
    for more in (
        {"last_on": "2099-12-31"},
        {"last_on": "9999-12-31"},
        {"minutes": "999999", "last_on": "2027-03-01"},
        {"minutes": "0"},
    ):
        assert client.post("/slots/new", usual | more).status == 422, more
    assert session.scalars(select(WeeklySlot)).all() == []
    assert client.post("/slots/new", usual).status == 303
    assert len(session.scalars(select(Meeting)).all()) <= 160
    assert not [text for text in calendars(session) if re.search(r"FREQ=(SECONDLY|MINUTELY|HOURLY)", text)]
    rules = re.findall(r"RRULE:(.*)", "\n".join(calendars(session)))
    assert all("UNTIL=" in rule or "BYMONTH" in rule for rule in rules)
