"""A database as the first version of the product left it, with plain text in every field that is sealed today."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, MetaData

REVISION = "f410be4e23c4"
AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(hours=1)
DAY = dt.date(2026, 11, 20)


class OldRows:
    """Puts rows into tables as they are, without any of today's models."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tables = MetaData()
        self.tables.reflect(engine)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.keys: dict[str, UUID] = {}

    def add(self, name: str, table: str, /, **values: Any) -> UUID:
        """Insert a row, remembered by a name; a string "@other" is the key of the row of that name."""
        key = uuid4()
        self.keys[name] = key
        said = {"id": key} | {k: self._value(v) for k, v in values.items()}
        if "office_id" in self.tables.tables[table].columns:
            said["office_id"] = self.keys["office"]
        with self.engine.begin() as connection:
            connection.execute(self.tables.tables[table].insert(), {k: self._stored(v) for k, v in said.items()})
        return key

    def _value(self, value: Any) -> Any:
        return self.keys[value[1:]] if isinstance(value, str) and value.startswith("@") else value

    def _stored(self, value: Any) -> Any:
        return value.hex if isinstance(value, UUID) and self.is_sqlite else value


def fill(engine: Engine, canary: str) -> OldRows:
    """Fill a database of the first version; every text about a client holds the canary."""
    old = OldRows(engine)
    mail = {"mail_address": "a@b.example", "mail_name": "", "mail_host": "", "mail_port": 587, "mail_user": ""}
    old.add(
        "office", "offices", name="Kontor", timezone="UTC", phone="", created_at=AT, mail_security="starttls", **mail
    )
    old.add("organisation", "organisations", name="Frivården", kind="probation")
    names = {"function": "Funktion", "place": "", "short_name": "f", "plain_name": "", "mailbox": "f@b.example"}
    rest = {"phone": "", "visiting_address": "", "wants_place": False, "sort_key": ""}
    old.add("actor", "actors", organisation_id="@organisation", **names, **rest)
    old.add("person", "people", name="Maria Ek", email="m@b.example", organisation_id="@organisation")
    old.add("area", "need_areas", name="Boende", position=0)
    old.add("client", "clients")
    about = {"client_id": "@client", "phase": "plan", "opened_on": DAY, "version": 1}
    old.add("case", "cases", code="K-1", sort_key="k1", **about)
    old.add("other", "cases", code="K-2", sort_key="k2", **about)
    _meetings(old, canary)
    _rest(old, canary)
    return old


def _meetings(old: OldRows, canary: str) -> None:
    times = {"starts_at": AT, "ends_at": LATER, "timezone": "UTC", "client_from_prison": False, "version": 1}
    texts = {"place": canary, "video_link": canary, "reason": canary}
    old.add("video", "meetings", kind="video", state="planned", case_id="@case", **times, **texts)
    said = {"title": canary, "minutes": 10, "notes": canary, "decisions": canary, "writer": "", "version": 1}
    old.add("item", "agenda_items", meeting_id="@video", position=0, kind="standing", **said)
    old.add("minutes", "minutes", meeting_id="@video", state="finalised", number=1, reason=canary, version=1)
    item = {"case_id": str(old.keys["other"]), "code": "K-2", "title": canary, "notes": canary, "decisions": ""}
    content = {"place": canary, "items": [item], "agreed": [], "carried": []}
    locked = {"number": 1, "finalised_at": AT, "reason": canary, "content": content}
    old.add("revision", "minutes_revisions", minutes_id="@minutes", person_id="@person", **locked)


def _rest(old: OldRows, canary: str) -> None:
    old.add("need", "needs", case_id="@case", area_id="@area", text=canary, opened_on=DAY)
    action = {"case_id": "@case", "what": canary, "due_on": DAY, "state": "planned", "created_at": AT, "version": 1}
    old.add("action", "actions", **action)
    old.add("event", "action_events", action_id="@action", at=AT, state="planned", due_on=DAY, note=canary)
    texts = dict.fromkeys(("what", "place", "getting_there", "bring", "contact"), canary)
    times = {"starts_at": AT, "ends_at": LATER, "version": 1}
    old.add("time", "appointments", case_id="@case", actor_id="@actor", **times, **texts)
    handed = {"number": 1, "handed_over_at": AT, "content": {"fingerprint": canary}}
    old.add("schedule", "schedules", case_id="@case", person_id="@person", **handed)
    counted = {"sequence": 0, "numbers": {}, "messages": 1, "version": 1}
    ids = {"meeting_id": "@video", "actor_id": "@actor", "address": "f@b.example", "uid": "u"}
    old.add("invitation", "invitations", dtstamp=AT, **ids, **counted)
    answer = {"answer": "accepted", "note": canary, "answered_at": AT}
    old.add("answer", "invitation_responses", invitation_id="@invitation", meeting_id="@video", **answer)
    letter = {"thread": "t", "position": 0, "recipient": "f@b.example", "subject": "", "message_id": "<1@b.example>"}
    state = {"state": "sent", "attempts": 1, "next_try_at": AT, "created_at": AT, "error": ""}
    old.add("mail", "outbox_messages", kind="invitation", mime=f"Subject: x\n\n{canary}".encode(), **letter, **state)
