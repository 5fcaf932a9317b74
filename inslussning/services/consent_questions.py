"""Asking the client to take part, and what the client answered. A no is an outcome: nobody outside the office hears of it.

After a no there are days to ask again on. They come up on the start page and are ticked off there or on the case's own page.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import AskAgain, Case, ConsentQuestion
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.consent import Answer, AskingAgain, Form, ReasonCode, ask_again_days
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.practice.words import clean, looks_like_personal_number
from inslussning.services import audit, consents, offices, visible

LONGEST_NOTE = 500
MOST_DAYS = 6

CASE_CLOSED = N_("Ärendet är avslutat. Byt fas för att fråga klienten.")
ASKED_LATER = N_("Dagen har inte varit än. Skriv när klienten fick frågan.")
AGAIN_EARLY = N_("Dagen att fråga igen ska komma efter i dag.")
CHOOSE_REASON = N_("Välj en orsak. Vill klienten inte säga varför finns det ett eget val för det.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuestion:
    """What was asked, and the answer; `again_on` are days to ask again, none after a yes."""

    asked_on: dt.date
    form: Form
    answer: Answer
    reason_code: ReasonCode | None = None
    note: str = ""
    again_on: tuple[dt.date, ...] = ()


def ask(
    session: Session, principal: Principal, case_id: UUID, new: NewQuestion, *, now: dt.datetime
) -> ConsentQuestion:
    """Write down that the client was asked. Days set after an earlier question are ticked off: this was the asking again.

    Raises NotFound for the case and Invalid by field. The same answer on the same day is written once.
    """
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    if case.phase is Phase.CLOSED:
        raise Invalid(message=CASE_CLOSED)
    note = _check(new, today)
    for one in of_case(session, principal, case.id):
        if (one.asked_on, one.answer, one.form, one.note) == (new.asked_on, new.answer, new.form, note):
            return one
    _tick_off_due(session, principal, case.id, today=today, now=now)
    again = sorted(set(new.again_on)) if new.answer is not Answer.YES else []
    question = ConsentQuestion(
        office_id=principal.office_id,
        case_id=case.id,
        asked_on=new.asked_on,
        form=new.form,
        answer=new.answer,
        reason_code=new.reason_code or "" if new.answer is not Answer.YES else "",
        note=note,
        asked_by=principal.person_id,
        again=[AskAgain(office_id=principal.office_id, case_id=case.id, on_day=day) for day in again],
    )
    session.add(question)
    session.flush()  # the page shown next lists it
    if new.answer is Answer.NO:
        audit.note(session, Event.CONSENT_DECLINED, case_ids=[case.id], object_id=question.id)
    return question


def _check(new: NewQuestion, today: dt.date) -> str:
    """Return the note as it is kept; raise Invalid by field."""
    if new.asked_on > today:
        raise Invalid(field="asked_on", message=ASKED_LATER)
    if new.answer is Answer.NO and new.reason_code is None:
        raise Invalid(field="reason_code", message=CHOOSE_REASON)
    if new.answer is not Answer.YES and any(day <= today for day in new.again_on):
        raise Invalid(field="again", message=AGAIN_EARLY)
    note = clean(new.note)
    if len(note) > LONGEST_NOTE:
        raise Invalid(field="note", message=consents.TOO_LONG, max_length=LONGEST_NOTE)
    if looks_like_personal_number(note):
        raise Invalid(field="note", message=consents.PERSONAL_NUMBER)
    return note


def _tick_off_due(session: Session, principal: Principal, case_id: UUID, *, today: dt.date, now: dt.datetime) -> None:
    due = select(AskAgain).where(
        visible.rows(AskAgain, principal),
        AskAgain.case_id == case_id,
        AskAgain.done_at.is_(None),
        AskAgain.on_day <= today,
    )
    for row in session.scalars(due):
        row.done_at = now


def tick_off(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> AskAgain:
    """Say that a day to ask again is dealt with; the moment it first was stands. Raises NotFound."""
    principal.must(Function.COORDINATE)
    row = visible.one(session, principal, AskAgain, key)
    row.done_at = row.done_at or now
    return row


def of_case(session: Session, principal: Principal, case_id: UUID) -> Sequence[ConsentQuestion]:
    """Return every time the client was asked, the latest first, with the days to ask again."""
    query = select(ConsentQuestion).where(visible.rows(ConsentQuestion, principal), ConsentQuestion.case_id == case_id)
    query = query.options(selectinload(ConsentQuestion.again))
    return session.scalars(query.order_by(ConsentQuestion.asked_on.desc(), ConsentQuestion.id.desc())).all()


def proposed_days(
    session: Session, principal: Principal, case: Case, *, asked_on: dt.date, today: dt.date
) -> tuple[dt.date, ...]:
    """Return the days to ask again after a no, as the office's rules propose them; those that have been are left out."""
    numbers = offices.rules(session, principal.office_id, today)
    rules = AskingAgain(numbers[RuleKey.ASK_AGAIN_AFTER_MONTHS], numbers[RuleKey.ASK_AGAIN_BEFORE_RELEASE_MONTHS])
    release = release_day(case.release_at, principal.zone) if case.release_at else None
    return tuple(day for day in ask_again_days(asked_on, release, rules) if day > today)
