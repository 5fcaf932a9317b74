"""One mail about an invitation: numbered so that every calendar keeps to the latest, and written to the outbox.

Each recipient has a UID and a counter of its own (RFC 5546 §2.1.4). A change of time and every cancellation takes the next number,
whatever part of the invitation it is about; a detail repeats the number of its own part with a later DTSTAMP, so that a yes that
was given still stands. Place and link are written out only for an actor that has asked for them; everyone has the answer link.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from inslussning.db import Session
from inslussning.models import Actor, Invitation, Office
from inslussning.practice.access import Function, Principal
from inslussning.practice.mail import MailKind
from inslussning.services import matters, outbox
from inslussning.services.invitation_texts import Almanac, Wording
from inslussning.services.links import Links, Purpose
from inslussning.services.mail_text import Button, mail_text
from inslussning.services.matters import Shape
from inslussning.services.outbox import Draft
from meetings import itip
from meetings.imip import MailText
from meetings.vocabulary import CalendarText, Event, Party

BEHIND_THE_LINK = "Se länken"
ASK_IN_PERSON = "Var det är får du veta på telefon."
_TELLS = frozenset({MailKind.INVITATION, MailKind.UPDATE})
_SECOND = dt.timedelta(seconds=1)


class Outcome(StrEnum):
    """What became of one recipient's mail."""

    POSTED = "posted"
    WAITS_FOR_OFFICE = "waits for office"  # the office has no address to write from yet
    NO_MAILBOX = "no mailbox"
    HELD = "held"  # the case has protected identity: somebody has to let the mail go
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Sent:
    """How many recipients were written to, how many wait for the office to have a mail address, and who has no mailbox.

    `held` is how many mails wait for somebody to let them go, the case having protected identity.
    """

    count: int
    without_mailbox: tuple[str, ...]
    waiting: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an office's mail is written: its transaction, the office, the links and the time."""

    session: Session
    office: Office
    links: Links
    now: dt.datetime

    def almanac(self, zone: str) -> Almanac:
        """Return how times in the zone are said today."""
        return Almanac(zone, self.now.astimezone(ZoneInfo(zone)).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one mail says.

    `component` is the part it is about: "" for the whole, else a date's original day; `standing` stays to read in the calendar.
    """

    kind: MailKind
    shape: Shape
    wording: Wording
    standing: str = ""
    component: str = ""
    meeting_id: UUID | None = None
    is_detail: bool = False
    is_released: bool = False  # somebody has let it go, or it says less than what has left already


def desk_of(session: Session, principal: Principal, links: Links, now: dt.datetime) -> Desk:
    """Return the desk of the principal's office."""
    principal.must(Function.COORDINATE, Function.SET_UP)
    return Desk(session, session.get_one(Office, principal.office_id), links, now)


def summary(outcomes: Iterable[tuple[Invitation, Outcome]]) -> Sent:
    """Return what became of everyone's mail."""
    told = list(outcomes)
    without = (invitation.actor.title for invitation, outcome in told if outcome is Outcome.NO_MAILBOX)
    kinds = [outcome for _, outcome in told]
    posted, waiting, held = (kinds.count(one) for one in (Outcome.POSTED, Outcome.WAITS_FOR_OFFICE, Outcome.HELD))
    return Sent(posted, tuple(without), waiting, held)


def answer_address(links: Links, invitation: Invitation, meeting_id: UUID | None = None) -> str:
    """Return the recipient's own link; it names the UID as well, so that a new UID makes old links dead."""
    secret = UUID(invitation.uid.partition("@")[0])
    ids = (invitation.id, secret) if meeting_id is None else (invitation.id, secret, meeting_id)
    return links.address(Purpose.ANSWER, *ids)


def post(desk: Desk, invitation: Invitation, letter: Letter) -> Outcome:
    """Write the letter to the invitation's recipient and count it; the actor must be loaded."""
    if not outbox.is_usable(invitation.address):
        return Outcome.NO_MAILBOX
    if outbox.sender_of(desk.office) is None:
        return Outcome.WAITS_FOR_OFFICE
    letter = replace(letter, shape=matters.shielded(desk.session, invitation, letter.shape))
    if letter.shape.is_secret and letter.kind in _TELLS and not letter.is_released:
        invitation.held_at = desk.now
        return Outcome.HELD
    number, stamp = _number(invitation, letter), _stamp(invitation, letter, desk.now)
    address = answer_address(desk.links, invitation, letter.meeting_id)
    event = _event(desk.office, invitation, letter, number, stamp, address)
    text = mail_text(
        letter.wording.subject,
        (*letter.wording.lines, *_place_lines(letter, invitation.actor)),
        button=Button(letter.wording.button, address),
        signature=desk.office.mail_name,
    )
    _enqueue(desk, invitation, letter.kind, text=text, calendar=_calendar(letter, event))
    invitation.sequence = max(invitation.sequence, number)
    invitation.numbers = invitation.numbers | {letter.component: number}
    invitation.dtstamp = stamp
    return Outcome.POSTED


def post_reminder(desk: Desk, invitation: Invitation, wording: Wording, meeting_id: UUID) -> Outcome:
    """Write a mail without calendar in the invitation's own thread, so that it never comes before what it reminds of."""
    if not outbox.is_usable(invitation.address):
        return Outcome.NO_MAILBOX
    if outbox.sender_of(desk.office) is None or not invitation.messages:
        return Outcome.WAITS_FOR_OFFICE
    if matters.is_protected(desk.session, invitation.case_id):
        return Outcome.HELD
    button = Button(wording.button, answer_address(desk.links, invitation, meeting_id))
    text = mail_text(wording.subject, wording.lines, button=button, signature=desk.office.mail_name)
    _enqueue(desk, invitation, MailKind.REMINDER, text=text)
    return Outcome.POSTED


def _enqueue(
    desk: Desk, invitation: Invitation, kind: MailKind, *, text: MailText, calendar: bytes | None = None
) -> None:
    draft = Draft(
        kind=kind,
        thread=invitation.uid,
        position=invitation.messages,
        actor_id=invitation.actor_id,
        case_id=invitation.case_id,
        recipient=Party(invitation.address),
        text=text,
        calendar=calendar,
    )
    outbox.enqueue(desk.session, desk.office, draft, now=desk.now)
    invitation.messages += 1


def _number(invitation: Invitation, letter: Letter) -> int:
    if not invitation.numbers:
        return 0
    if letter.is_detail:
        return invitation.numbers.get(letter.component, invitation.sequence)
    return invitation.sequence + 1


def _stamp(invitation: Invitation, letter: Letter, now: dt.datetime) -> dt.datetime:
    """Return a DTSTAMP that never goes back, and is later than the last one when the number stays."""
    whole = now.replace(microsecond=0)
    if not invitation.numbers:
        return whole
    return max(whole, invitation.dtstamp + _SECOND if letter.is_detail else invitation.dtstamp)


def _event(
    office: Office, invitation: Invitation, letter: Letter, number: int, stamp: dt.datetime, address: str
) -> Event:
    shape = letter.shape
    is_asked = letter.kind in _TELLS
    return Event(
        uid=invitation.uid,
        sequence=number,
        dtstamp=stamp,
        starts=shape.starts,
        ends=shape.ends,
        zone=shape.zone,
        text=calendar_text(shape, invitation.actor, address, letter.standing)
        if is_asked
        else _parting_text(shape, letter.wording, address),
        organizer=outbox.sender_of(office),
        attendee=Party(invitation.address),
        rrule_until=shape.until,
        exdates=shape.exdates if is_asked else (),
        recurrence_id=shape.original,
    )


def _calendar(letter: Letter, event: Event) -> bytes:
    if letter.kind is MailKind.CANCELLATION:
        return itip.cancel(event, whole=letter.component == "")
    return itip.withdraw(event) if letter.kind is MailKind.WITHDRAWAL else itip.request(event)


def calendar_text(shape: Shape, actor: Actor, address: str, standing: str = "") -> CalendarText:
    """Return what stands in the actor's calendar: place and link if it has asked for them, always its own answer link."""
    lines = [f"Svara och läs mer: {address}"]
    if standing:
        lines.insert(0, standing)
    if shape.is_secret:
        return CalendarText(_summary(shape), "\n".join(lines))
    if not actor.wants_place:
        return CalendarText(_summary(shape), "\n".join(lines), BEHIND_THE_LINK)
    if shape.link:
        lines.insert(0, f"Videolänk: {shape.link}")
    return CalendarText(_summary(shape), "\n".join(lines), shape.place or shape.link, shape.link)


def _parting_text(shape: Shape, wording: Wording, address: str) -> CalendarText:
    return CalendarText(_summary(shape), f"{wording.lines[0]}\n{wording.button}: {address}")


def _summary(shape: Shape) -> str:
    return f"{shape.occasion.summary} {Almanac(shape.zone, shape.starts.date()).clock(shape.starts)}"


def _place_lines(letter: Letter, actor: Actor) -> list[str]:
    """Return the lines of a mail that say where; who has not asked for them is told where they are."""
    if letter.kind not in _TELLS:
        return []
    if letter.shape.is_secret:
        return [ASK_IN_PERSON]
    if not actor.wants_place:
        return ["Var det är ser du när du svarar."] if letter.kind is MailKind.INVITATION else []
    shape = letter.shape
    return [*([f"Plats: {shape.place}"] if shape.place else []), *([f"Videolänk: {shape.link}"] if shape.link else [])]
