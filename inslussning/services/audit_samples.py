"""Samples of the access log: drawn by chance for each week, checked by the reviewer, and the check kept (HSLF-FS 2016:40 ch. 4 § 9).

The draw is decided by the log's key, so nobody can choose what is drawn, and anybody who holds the key can draw it again.
"""

import datetime as dt
import hashlib
import hmac
import random
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import AuditEntry, AuditSample
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import audit, audit_reading, offices
from inslussning.services.audit_chain import KEY, LogUnavailable
from inslussning.services.audit_reading import Shown

WEEKS = 12  # shown back from the last whole week
LONGEST_NOTE = 500
_DRAWN = frozenset(Event) - {Event.SAMPLED, Event.SIGNED_IN, Event.SIGNED_OUT}


class Week(NamedTuple):
    """One week: how many entries there were, how many were drawn and how many of those are checked."""

    monday: dt.date
    entries: int
    drawn: int
    checked: int


class Drawn(NamedTuple):
    """One sample with the entry it is about; the entry is None once it has been erased by rule."""

    sample: AuditSample
    shown: Shown | None


def weeks(session: Session, principal: Principal, *, today: dt.date) -> list[Week]:
    """Return the last whole weeks, newest first."""
    principal.must(Function.REVIEW)
    this = monday_of(today)
    found = []
    for back in range(1, WEEKS + 1):
        monday = this - dt.timedelta(weeks=back)
        entries = session.scalar(select(func.count()).select_from(AuditEntry).where(*_within(principal, monday))) or 0
        samples = _samples(session, principal, monday)
        checked = sum(one.checked_at is not None for one in samples)
        if entries or samples:
            found.append(Week(monday, entries, len(samples), checked))
    return found


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def of_week(session: Session, principal: Principal, monday: dt.date) -> list[Drawn]:
    """Return a week's samples in the order they happened; raises NotFound for a day that is no Monday."""
    principal.must(Function.REVIEW)
    if monday.weekday():
        raise NotFound
    samples = _samples(session, principal, monday)
    numbers = [one.seq for one in samples]
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.office_id == principal.office_id, AuditEntry.seq.in_(numbers))
    ).all()
    shown = {one.seq: one for one in audit_reading.as_shown(session, principal, entries)}
    audit.note(session, Event.LISTED, detail=f"samples {monday}")
    return [Drawn(one, shown.get(one.seq)) for one in samples]


def draw(session: Session, principal: Principal, monday: dt.date, *, now: dt.datetime) -> int:
    """Draw a week's samples, as many as the office has decided, and return how many there are.

    Drawing again changes nothing. Raises NotFound for a day that is no Monday, and Invalid for a week that is not over.
    """
    principal.must(Function.REVIEW)
    if monday.weekday():
        raise NotFound
    if monday + dt.timedelta(weeks=1) > principal.today:
        raise Invalid(field="week", message=N_("Veckan är inte slut än."))
    before = _samples(session, principal, monday)
    if before:
        return len(before)
    numbers = session.scalars(
        select(AuditEntry.seq).where(*_within(principal, monday), AuditEntry.event.in_(_DRAWN)).order_by(AuditEntry.seq)
    ).all()
    most = offices.rules(session, principal.office_id, principal.today)[RuleKey.LOG_SAMPLES_PER_WEEK]
    chosen = _chance(session, principal.office_id, monday).sample(numbers, min(most, len(numbers)))
    session.add_all(
        AuditSample(office_id=principal.office_id, week_on=monday, seq=seq, drawn_at=now) for seq in sorted(chosen)
    )
    audit.note(session, Event.SAMPLED, detail=f"drew {len(chosen)} of {monday}")
    return len(chosen)


def _chance(session: Session, office_id: UUID, monday: dt.date) -> random.Random:
    key: bytes | None = session.info.get(KEY)
    if key is None:
        raise LogUnavailable
    seed = hmac.digest(key, f"samples {office_id.hex} {monday}".encode("ascii"), hashlib.sha256)
    return random.Random(seed)  # noqa: S311 - the seed is what nobody can guess


def check(
    session: Session, principal: Principal, key: UUID, *, is_in_order: bool, note: str, now: dt.datetime
) -> AuditSample:
    """Keep what the check of a sample showed; raises NotFound, and Invalid for a remark that says nothing or too much."""
    principal.must(Function.REVIEW)
    sample = session.scalar(
        select(AuditSample).where(AuditSample.id == key, AuditSample.office_id == principal.office_id).with_for_update()
    )
    if sample is None:
        raise NotFound
    if not is_in_order and not note:
        raise Invalid(field="note", message=N_("Skriv vad som inte stämmer och vad du har gjort åt det."))
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            field="note",
            message=N_("Texten är för lång. Högst %(max_length)d tecken får plats."),
            max_length=LONGEST_NOTE,
        )
    sample.is_in_order, sample.note = is_in_order, note
    sample.checked_at, sample.checked_by = now, principal.person_id
    audit.note(
        session, Event.SAMPLED, object_id=sample.id, detail=f"log {sample.seq} {'ok' if is_in_order else 'not ok'}"
    )
    return sample


def _samples(session: Session, principal: Principal, monday: dt.date) -> Sequence[AuditSample]:
    return session.scalars(
        select(AuditSample)
        .where(AuditSample.office_id == principal.office_id, AuditSample.week_on == monday)
        .options(joinedload(AuditSample.checker))
        .order_by(AuditSample.seq)
    ).all()


def _within(principal: Principal, monday: dt.date) -> tuple[ColumnElement[bool], ...]:
    zone = ZoneInfo(principal.zone)
    first = dt.datetime.combine(monday, dt.time.min, zone)
    last = dt.datetime.combine(monday + dt.timedelta(weeks=1), dt.time.min, zone)
    return (AuditEntry.office_id == principal.office_id, AuditEntry.at >= first, AuditEntry.at < last)
