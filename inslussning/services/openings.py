"""Opening a case that is closed to oneself: in an emergency, or for a manager with a reason. In two active choices.

The first asks only whether there is such a case, and is told whom to ring. The second opens what is in it, for some hours. Both are
written down before anything is shown, the case's own people are told at once by a row in the outbox, so it works while mail is down,
and somebody else reads afterwards why. Whoever is kept out of a case gets the same answer as for a code that does not exist.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound, PracticeError
from inslussning.i18n import N_
from inslussning.models import Actor, BreakGlass, Case, CasePerson, OpeningTry, User
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.office_defaults import RuleKey, TextKey
from inslussning.practice.protection import (
    SECOND_CHOICE_WITHIN,
    TRIES_WINDOW,
    CasePersonKind,
    OpeningKind,
    may_try,
    opened_until,
)
from inslussning.services import audit, office_texts, offices, opening_notices
from inslussning.services.case_people import checked_reason
from inslussning.services.links import Links

WRITE_REASON = N_("Skriv varför du behöver öppna ärendet. Det läses av en granskare.")
WRITE_PURPOSE = N_("Skriv vad du behöver ta reda på.")
CHOOSE_REASON = N_("Välj ett skäl i listan.")
KIND_TOO_LONG = N_("Ett skäl får ha högst %(max_length)d tecken. Gör raden kortare.")
LONGEST_CODE, LONGEST_KIND = 20, 120


class TooManyCodes(PracticeError):
    """Somebody has asked about too many codes that lead nowhere."""

    status = 429
    message = N_("Du har frågat efter flera koder som inte finns. Vänta en kvart, eller ring den som har ärendet.")


class Answer(StrEnum):
    """What somebody is told who asks whether there is a case."""

    NOTHING = "nothing"  # no such case, or one that is never to be opened by this person: told apart by nobody
    ALREADY_OPEN = "already open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to the first choice. `case_id` is set for a case one may read already, `try_id` for a closed one."""

    answer: Answer
    case_id: UUID | None = None
    try_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a case is to be opened: one of the office's own reasons, and in words."""

    kind: str
    reason: str


class Closed(NamedTuple):
    """What the first choice tells of a closed case: its code, whom to ring, and how long an opening would last."""

    try_id: UUID
    code: str
    lead: str
    phone: str
    reason_kind: str
    reason: str
    hours: int


def reasons(session: Session, principal: Principal) -> list[str]:
    """Return the office's own list of reasons."""
    lines = office_texts.text(session, principal, TextKey.OPENING_REASONS).splitlines()
    return [line.strip() for line in lines if line.strip()]


def set_reasons(session: Session, principal: Principal, lines: str) -> None:
    """Put other reasons in place of these, one a line. Raises Invalid for one that is too long to choose."""
    if any(len(line.strip()) > LONGEST_KIND for line in lines.splitlines()):
        raise Invalid(field="body", message=KIND_TOO_LONG, max_length=LONGEST_KIND)
    office_texts.set_text(session, principal, TextKey.OPENING_REASONS, lines)


def ask(session: Session, principal: Principal, code: str, why: Why, *, now: dt.datetime) -> Asked:
    """Tell whether there is a case by this code. The question is written down whatever the answer.

    Raises TooManyCodes, and Invalid by the field.
    """
    principal.must(Function.OPEN_CASES)
    why = _checked(session, principal, why)
    session.execute(
        select(User.id).where(User.id == principal.user_id).with_for_update()
    )  # tries are counted one by one
    _slow_down(session, principal, now)
    found = _find(session, principal, code)
    if found is not None and principal.scope.share(found) is not None:
        return Asked(Answer.ALREADY_OPEN, case_id=found)
    shown = None if found is None or _is_excluded(session, principal, found) else found
    row = OpeningTry(
        office_id=principal.office_id,
        user_id=principal.user_id,
        case_id=shown,
        reason_kind=why.kind,
        reason=why.reason,
        at=now,
    )
    session.add(row)
    session.flush()  # the page shown next is its own
    event = Event.OPENING_ASKED if shown or found is None else Event.REFUSED
    about = [found] if found else []
    audit.note(session, event, case_ids=about, object_id=row.id, office_id=principal.office_id)
    return Asked(Answer.CLOSED, try_id=row.id) if shown else Asked(Answer.NOTHING)


def get_closed(session: Session, principal: Principal, try_id: UUID, *, now: dt.datetime) -> Closed:
    """Return what the first choice told; raises NotFound for another's, an old one, and once one is kept out of the case."""
    row, case = _try(session, principal, try_id, now)
    lead = session.get(Actor, case.lead_actor_id) if case.lead_actor_id else None
    return Closed(
        try_id=row.id,
        code=case.code,
        lead=lead.title if lead else "",
        phone=lead.phone if lead else "",
        reason_kind=row.reason_kind,
        reason=row.reason,
        hours=_hours(session, principal, now),
    )


def open_content(
    session: Session, principal: Principal, try_id: UUID, *, purpose: str, links: Links, now: dt.datetime
) -> BreakGlass:
    """Open the case that was asked about, for the hours the office allows; its own people are told. Raises as `get_closed`, and Invalid."""
    row, case = _try(session, principal, try_id, now)
    purpose = checked_reason(purpose, field="purpose", missing=WRITE_PURPOSE)
    why = Why(kind=row.reason_kind, reason=row.reason)
    return _open(session, principal, case, OpeningKind.EMERGENCY, why, purpose=purpose, links=links, now=now)


def open_case(
    session: Session,
    principal: Principal,
    case_code: str,
    reason: str,
    kind: OpeningKind,
    *,
    links: Links,
    now: dt.datetime,
) -> BreakGlass:
    """Open a case in one choice, for a manager who reads an ordinary one. Raises NotFound and TooManyCodes, and Invalid for the reason.

    A restricted case is opened by nobody this way: for that there is the emergency, with its two choices.
    """
    principal.must(Function.OPEN_CASES)
    reason = checked_reason(reason, missing=WRITE_REASON)
    session.execute(select(User.id).where(User.id == principal.user_id).with_for_update())
    _slow_down(session, principal, now)
    found = _find(session, principal, case_code)
    if found is None or _is_excluded(session, principal, found):
        raise NotFound
    case = session.get_one(Case, found)
    if case.is_restricted:
        raise NotFound
    return _open(session, principal, case, kind, Why(kind="", reason=reason), purpose="", links=links, now=now)


def end(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> None:
    """End one's own opening before its time; one that has ended stays as it is. Raises NotFound."""
    row = session.scalar(
        select(BreakGlass).where(BreakGlass.id == key, BreakGlass.user_id == principal.user_id).with_for_update()
    )
    if row is None:
        raise NotFound
    if row.ended_at is None and row.expires_at > now:
        row.ended_at = now
        audit.note(session, Event.OPENING_ENDED, case_ids=[row.case_id], object_id=row.id)


class Own(NamedTuple):
    """One of one's own openings that holds now."""

    key: UUID
    case_id: UUID
    code: str
    kind: OpeningKind
    until: dt.datetime


def own(session: Session, principal: Principal, *, now: dt.datetime) -> list[Own]:
    """Return one's own openings that hold now, the one that ends first before the others."""
    rows = session.execute(
        select(BreakGlass.id, BreakGlass.case_id, Case.code, BreakGlass.kind, BreakGlass.expires_at)
        .join(Case, Case.id == BreakGlass.case_id)
        .where(
            BreakGlass.user_id == principal.user_id,
            BreakGlass.case_id.in_(list(principal.scope.opened)),
            BreakGlass.expires_at > now,
            BreakGlass.ended_at.is_(None),
        )
        .order_by(BreakGlass.expires_at)
    )
    return [Own(*row) for row in rows]


def _open(  # noqa: PLR0913 - which one, why, in which right, and what everything that sends mail needs
    session: Session,
    principal: Principal,
    case: Case,
    kind: OpeningKind,
    why: Why,
    *,
    purpose: str,
    links: Links,
    now: dt.datetime,
) -> BreakGlass:
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())  # pressed twice, it is opened once
    held = session.scalar(
        select(BreakGlass).where(
            BreakGlass.case_id == case.id,
            BreakGlass.user_id == principal.user_id,
            BreakGlass.expires_at > now,
            BreakGlass.ended_at.is_(None),
        )
    )
    if held is not None:
        return held
    row = BreakGlass(
        office_id=principal.office_id,
        case_id=case.id,
        user_id=principal.user_id,
        kind=kind,
        reason_kind=why.kind,
        reason=why.reason,
        purpose=purpose,
        opened_at=now,
        expires_at=opened_until(now, _hours(session, principal, now)),
    )
    session.add(row)
    session.flush()  # the log and the notice name it by its key
    audit.note(session, Event.OPENED, case_ids=[case.id], object_id=row.id, detail=kind.value)
    opening_notices.tell(session, principal, case, links=links, now=now)
    return row


def _try(session: Session, principal: Principal, try_id: UUID, now: dt.datetime) -> tuple[OpeningTry, Case]:
    principal.must(Function.OPEN_CASES)
    row = session.scalar(
        select(OpeningTry).where(
            OpeningTry.id == try_id,
            OpeningTry.user_id == principal.user_id,
            OpeningTry.case_id.is_not(None),
            OpeningTry.at > now - SECOND_CHOICE_WITHIN,
        )
    )
    case = session.get(Case, row.case_id) if row is not None else None
    if row is None or case is None or _is_excluded(session, principal, case.id):
        raise NotFound
    return row, case


def _checked(session: Session, principal: Principal, why: Why) -> Why:
    if why.kind not in reasons(session, principal):
        raise Invalid(field="kind", message=CHOOSE_REASON)
    return Why(kind=why.kind, reason=checked_reason(why.reason, missing=WRITE_REASON))


def _slow_down(session: Session, principal: Principal, now: dt.datetime) -> None:
    failed = session.scalar(
        select(func.count())
        .select_from(OpeningTry)
        .where(
            OpeningTry.user_id == principal.user_id,
            OpeningTry.case_id.is_(None),
            OpeningTry.at > now - TRIES_WINDOW,
        )
    )
    if not may_try(failed or 0):
        raise TooManyCodes


def _find(session: Session, principal: Principal, code: str) -> UUID | None:
    """Return the key of the office's case by its code, however its letters and hyphen are written; nothing of it is read."""
    squeezed = code.casefold().replace("-", "").replace(" ", "")[:LONGEST_CODE]
    written = func.replace(func.replace(func.lower(Case.code), "-", ""), " ", "")
    query = select(Case.id).where(Case.office_id == principal.office_id, written == squeezed).limit(2)
    found = session.scalars(query).all() if squeezed else []
    return found[0] if len(found) == 1 else None


def _is_excluded(session: Session, principal: Principal, case_id: UUID) -> bool:
    kept_out = select(CasePerson.id).where(
        CasePerson.case_id == case_id,
        CasePerson.person_id == principal.person_id,
        CasePerson.kind == CasePersonKind.EXCLUDED,
    )
    return session.scalar(kept_out) is not None


def _hours(session: Session, principal: Principal, now: dt.datetime) -> int:
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    return offices.rules(session, principal.office_id, today)[RuleKey.OPENING_HOURS]
