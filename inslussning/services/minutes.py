"""The minutes of a meeting: written item by item as a draft, locked as numbered versions, opened again with a reason.

Nothing that was acknowledged is lost: each item carries a version the database itself compares when it is written, and a text that comes
late is refused with what the other person wrote, never laid over it. History is appended, never overwritten.
"""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from inslussning.db import Session
from inslussning.errors import Changed, Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import Action, Actor, Meeting, MeetingAttendance, Minutes, MinutesRevision
from inslussning.practice.access import Function, Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.words import clean, looks_like_personal_number, one_line
from inslussning.services import actions, drafts, extracts, matters, meetings, visible
from inslussning.services.actions import NewAction
from inslussning.services.extracts import Delivery
from inslussning.services.links import Links
from inslussning.services.minutes_content import MinutesContent, content_now, masked
from meetings import minutes as rules
from meetings.actions import ActionState

LONGEST_TEXT = 20_000
LONGEST_REASON = 200
AT_A_MEETING = (Attendance.CAME, Attendance.EXCUSED, Attendance.ABSENT)
ALREADY_OPEN = N_("Minnesanteckningarna är redan öppna.")
PERSONAL_NUMBER = N_("Det ser ut som ett personnummer i texten. Ta bort det, så sparas resten.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What somebody has written about an item: the version they began from and a token of the open page they write in."""

    notes: str
    decisions: str
    version: int
    writer: str = ""


class Saved(NamedTuple):
    """What the page has to know for its next save; `saved_at` is None while nothing has been written."""

    version: int
    saved_at: dt.datetime | None


class ItemChanged(Changed):
    """Somebody else has saved the item since this text was begun."""

    message = N_("Någon annan har sparat punkten medan du skrev.")


def save_item(
    session: Session, principal: Principal, key: UUID, item_id: UUID, draft: ItemDraft, *, now: dt.datetime
) -> Saved:
    """Save an item's notes and decisions; the first text opens the minutes. An unchanged text changes nothing.

    Raises NotFound, MinutesLocked, MeetingCancelled, ItemChanged when the version is not the newest, and Invalid for a text that is too
    long or holds a personal number. An old version from the page that saved last is its own: the answer to that save was lost.
    """
    principal.must(Function.COORDINATE)
    notes, decisions = _checked("notes", draft.notes), _checked("decisions", draft.decisions)
    meeting = drafts.open_meeting(session, principal, key)
    item = drafts.item_of(session, principal, meeting, item_id)
    if (notes, decisions) == (item.notes, item.decisions):
        return Saved(item.version, item.saved_at)
    if draft.version != item.version and not (draft.writer and draft.writer == item.writer):
        raise ItemChanged
    drafts.begin(session, meeting)
    item.notes, item.decisions, item.saved_at, item.writer = notes, decisions, now, draft.writer
    try:
        session.flush()  # the database compares the version: of two at the same moment one is told
    except StaleDataError:
        raise ItemChanged from None
    return Saved(item.version, item.saved_at)


def _checked(field: str, text: str) -> str:
    text = clean(text)
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            field=field,
            message=N_("Texten är för lång. Högst %(max_length)d tecken får plats."),
            max_length=LONGEST_TEXT,
        )
    if looks_like_personal_number(text):
        raise Invalid(field=field, message=PERSONAL_NUMBER)
    return text


def agree(session: Session, principal: Principal, new: NewAction, *, now: dt.datetime) -> Action:
    """Add an action the meeting agrees on. Raises what `actions.add_action` raises, MinutesLocked and MeetingCancelled."""
    if new.meeting_id is None:
        raise ValueError("an action that is agreed on names its meeting")
    meeting = drafts.open_meeting(session, principal, new.meeting_id)
    drafts.begin(session, meeting)
    return actions.add_action(session, principal, new, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What a meeting says of an earlier action of one of its cases: a new state, or a new day; a note, or only a note."""

    case_id: UUID
    state: ActionState | None = None
    due_on: dt.date | None = None
    note: str = ""


def follow_up(
    session: Session, principal: Principal, key: UUID, action_id: UUID, told: FollowUp, *, now: dt.datetime
) -> Action:
    """Write down what has become of an action of the case. Raises NotFound for another case's, and what `actions` raises."""
    meeting = drafts.open_meeting(session, principal, key)
    action = actions.get_action(session, principal, action_id)
    if action.case_id != told.case_id:
        raise NotFound
    if told.state is None and told.due_on is None and not told.note:
        raise Invalid(field="due_on", message=N_("Skriv en ny dag eller en anteckning."))
    drafts.begin(session, meeting)
    if told.state is None and told.due_on is not None:
        return actions.reschedule(session, principal, action_id, due_on=told.due_on, note=told.note, now=now)
    return actions.set_state(session, principal, action_id, told.state or action.state, note=told.note, now=now)


def set_attendance(
    session: Session, principal: Principal, key: UUID, actor_id: UUID, attendance: Attendance | None
) -> None:
    """Write down whether an actor came; None takes the mark away. Raises NotFound, MinutesLocked and MeetingCancelled."""
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key)
    visible.one(session, principal, Actor, actor_id)
    which = (MeetingAttendance.meeting_id == meeting.id, MeetingAttendance.actor_id == actor_id)
    if attendance is None:
        session.execute(delete(MeetingAttendance).where(*which))
        return
    if attendance not in AT_A_MEETING:
        raise Invalid(field="attendance", message=N_("Välj ett av alternativen."))
    drafts.begin(session, meeting)
    with suppress(IntegrityError), session.begin_nested():  # somebody else marked the same actor first
        if session.scalar(select(MeetingAttendance.id).where(*which)) is None:
            session.add(
                MeetingAttendance(
                    office_id=meeting.office_id, meeting_id=meeting.id, actor_id=actor_id, attendance=attendance
                )
            )
    row = session.scalars(select(MeetingAttendance).where(*which)).one()
    row.attendance = attendance
    session.flush()  # the page shown next counts who came


class Review(NamedTuple):
    """What finalising would lock and send, to be read before it is done. `number` is the version it would become."""

    meeting: Meeting
    content: MinutesContent
    number: int
    delivery: Delivery
    locked: bool


def review(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> Review:
    """Return what finalising the meeting now would lock and send; raises NotFound."""
    meeting = meetings.get_meeting(session, principal, key)
    found = drafts.find_minutes(session, meeting)
    status = found.as_status() if found else rules.MinutesStatus()
    content = content_now(session, principal, meeting)
    before = _latest(session, found)
    delivery = extracts.delivery(session, principal, content, masked(before, principal) if before else None, now=now)
    return Review(meeting, content, status.number + 1, delivery, status.state is rules.MinutesState.FINALISED)


def finalise(
    session: Session, principal: Principal, key: UUID, *, seen: str | None = None, links: Links, now: dt.datetime
) -> tuple[MinutesRevision, Delivery]:
    """Lock the draft as the next version and send each actor its own extract.

    All of it is locked and sent, also what is hidden from whoever finalises; what is returned of the delivery is what they may know.
    Raises NotFound, MeetingCancelled, MinutesLocked, and Changed when the content is not what `seen`, its fingerprint, was taken of.
    """
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    minutes = drafts.begin(session, meeting)
    content = content_now(session, principal, meeting, whole=True)
    known = masked(content, principal)
    if seen is not None and seen != known.fingerprint():
        raise Changed(message=N_("Något har ändrats sedan du öppnade sidan. Läs igenom igen och slutför."))
    before = _latest(session, minutes)
    status = rules.finalise(minutes.as_status())
    revision = MinutesRevision(
        office_id=meeting.office_id,
        minutes_id=minutes.id,
        number=status.number,
        finalised_at=now,
        person_id=principal.person_id,
        reason=minutes.reason,
        content=content.model_dump(mode="json"),
    )
    minutes.state, minutes.number, minutes.reason = status.state, status.number, ""
    session.add(revision)
    session.flush()  # the links in the mails name the version by its key
    delivery = extracts.delivery(session, principal, content, before, now=now)
    extracts.send(session, principal, revision, delivery, links=links, now=now)
    known_before = masked(before, principal) if before else None
    return revision, extracts.delivery(session, principal, known, known_before, now=now)


def reopen(session: Session, principal: Principal, key: UUID, *, reason: str) -> None:
    """Open the locked minutes for a correction; the locked version is kept as it is.

    Raises NotFound, Invalid without a reason, and Changed when they are open already.
    """
    reason = one_line(reason)
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            field="reason",
            message=N_("Texten är för lång. Högst %(max_length)d tecken får plats."),
            max_length=LONGEST_REASON,
        )
    if looks_like_personal_number(reason):
        raise Invalid(field="reason", message=PERSONAL_NUMBER)
    meeting = drafts.hold(session, principal, key, alone=True)
    minutes = drafts.find_minutes(session, meeting)
    if minutes is None:
        raise Changed(message=ALREADY_OPEN)
    try:
        status = rules.reopen(minutes.as_status(), reason=reason)
    except rules.ReasonMissing:
        raise Invalid(field="reason", message=N_("Skriv varför anteckningarna behöver öppnas igen.")) from None
    except rules.NothingToReopen:
        raise Changed(message=ALREADY_OPEN) from None
    minutes.state, minutes.reason = status.state, reason


class Version(NamedTuple):
    """A locked version in the list of them."""

    number: int
    finalised_at: dt.datetime
    by: str
    reason: str


def revisions(session: Session, principal: Principal, key: UUID) -> Sequence[Version]:
    """Return the meeting's locked versions, the newest first."""
    rows = session.scalars(
        select(MinutesRevision)
        .join(Minutes, Minutes.id == MinutesRevision.minutes_id)
        .where(Minutes.meeting_id == key, visible.rows(MinutesRevision, principal))
        .options(joinedload(MinutesRevision.person))
        .order_by(MinutesRevision.number.desc())
    )
    return [Version(row.number, row.finalised_at, row.person.name, row.reason) for row in rows]


def get_content(session: Session, principal: Principal, key: UUID, number: int) -> MinutesContent:
    """Return what a locked version says, to whoever reads; raises NotFound."""
    row = visible.only(
        session,
        select(MinutesRevision)
        .join(Minutes, Minutes.id == MinutesRevision.minutes_id)
        .where(
            Minutes.meeting_id == key,
            MinutesRevision.number == number,
            visible.rows(MinutesRevision, principal),
            visible.rows(Minutes, principal),
        ),
    )
    content = masked(MinutesContent.model_validate(row.content), principal)
    if matters.is_protected(session, session.get_one(Meeting, key).case_id):  # locked before it was known
        return content.model_copy(update={"place": ""})
    return content


def _latest(session: Session, minutes: Minutes | None) -> MinutesContent | None:
    if minutes is None or not minutes.number:
        return None
    row = session.scalars(
        select(MinutesRevision).where(
            MinutesRevision.minutes_id == minutes.id, MinutesRevision.number == minutes.number
        )
    ).one()
    return MinutesContent.model_validate(row.content)
