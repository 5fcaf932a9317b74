"""Booked times for the client after release: booked, changed, called off, and whether the client came.

A time that meets a locked door is the first broken promise after release, so every time is held against holidays and
everybody's other times before it is kept. What must be chosen on purpose is not saved until somebody has said yes to it.
The actor gets an invitation of its own; the client's paper is changed by handing over a new version.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Appointment, Case, CaseActor, Staffing
from inslussning.practice.access import Function, Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.bookings import BookingWarning, Proposed, Severity, suggest, warnings_for
from inslussning.practice.words import looks_like_personal_number, one_line
from inslussning.services import bases, cases, invitations, visible
from inslussning.services.invitations import Sent
from inslussning.services.links import Links
from inslussning.services.taken import Taken, taken

LOOK_AHEAD = dt.timedelta(days=30)  # a little more than the weeks suggestions are sought in
_ONE_DAY = dt.timedelta(days=1)
_LONGEST = {"what": 200, "place": 200, "getting_there": 300, "bring": 300, "contact": 120}
_BEFOREHAND = frozenset({Attendance.EXCUSED, Attendance.CANCELLED_BY_US})


class NotConfirmed(Invalid):
    """There is something to choose on purpose, and nobody has chosen yet."""

    message = N_("Välj en annan tid, eller boka ändå.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentDetails:
    """When and what, in words for the client. An empty place or contact means the actor's own address and telephone."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    what: str
    place: str = ""
    getting_there: str = ""
    bring: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to consider before a time is kept, most serious first, and times that would do instead."""

    warnings: tuple[BookingWarning, ...] = ()
    suggestions: tuple[dt.datetime, ...] = ()

    @property
    def must_confirm(self) -> bool:
        """Tell whether somebody has to say yes first."""
        return any(warning.severity is Severity.CONFIRM for warning in self.warnings)


@dataclass(frozen=True, slots=True)
class Booking:
    """A kept time, and what was sent to its actor."""

    appointment: Appointment
    sent: Sent


def of_case(session: Session, principal: Principal, case_id: UUID) -> Sequence[Appointment]:
    """Return the case's times in order, without cancelled ones, with the actor, its organisation and its staffing."""
    query = select(Appointment).where(
        visible.rows(Appointment, principal), Appointment.case_id == case_id, Appointment.cancelled_at.is_(None)
    )
    query = query.options(*with_actor()).order_by(Appointment.starts_at, Appointment.ends_at, Appointment.id)
    return session.scalars(query).all()


def with_actor() -> tuple[ExecutableOption, ...]:
    """Return the options that load what a schedule says of a time."""
    actor = joinedload(Appointment.actor)
    return actor.joinedload(Actor.organisation), actor.options(
        selectinload(Actor.staffings).joinedload(Staffing.person)
    )


def get_appointment(session: Session, principal: Principal, key: UUID) -> Appointment:
    """Return one time with case and actor, cancelled or not; raises NotFound."""
    return visible.one(session, principal, Appointment, key, joinedload(Appointment.case), *with_actor())


def choices(session: Session, principal: Principal, case: Case, *, now: dt.datetime) -> list[tuple[Actor, bool]]:
    """Return the actors a time can be booked with and whether each takes part in the case; those that do come first.

    The prison is not among them, nor an actor that has left the case.
    """
    within, gone = _participants(session, case)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    query = select(Actor).where(visible.rows(Actor, principal)).options(joinedload(Actor.organisation))
    rows = session.scalars(query.order_by(Actor.sort_key)).all()
    open_rows = [(a, a.id in within) for a in rows if _is_open(a, today) and a.id not in {case.prison_actor_id, *gone}]
    return sorted(open_rows, key=lambda row: not row[1])


def advice(
    session: Session,
    principal: Principal,
    case: Case,
    actor_id: UUID,
    span: tuple[dt.datetime, dt.datetime],
    *,
    place: str = "",
    but: UUID | None = None,
) -> Advice:
    """Return what to consider about a time for the case with the actor, and up to three other times if it must be confirmed.

    `but` is the appointment being moved. Raises BookingImpossible when the time ends before it starts.
    """
    proposed = Proposed(*span, principal.zone, place)
    last = max(span[1], case.release_at or span[1])
    window = (span[0] - _ONE_DAY, last + LOOK_AHEAD)
    facts = taken(session, principal, client_id=case.client_id, actor_ids=[actor_id], window=window)
    busy = facts.for_booking(actor_id, but=but)
    found = Advice(warnings_for(proposed, busy=busy, release_at=case.release_at, lang=principal.language))
    if not found.must_confirm:
        return found
    return Advice(found.warnings, suggest(proposed, busy=busy, release_at=case.release_at))


def advice_on_all(
    session: Session, principal: Principal, case: Case, appointments: Sequence[Appointment]
) -> dict[UUID, tuple[BookingWarning, ...]]:
    """Return what to consider about each of a case's booked times, as things stand now."""
    if not appointments:
        return {}
    window = (min(a.starts_at for a in appointments) - _ONE_DAY, max(a.ends_at for a in appointments) + _ONE_DAY)
    actor_ids = {a.actor_id for a in appointments}
    facts = taken(session, principal, client_id=case.client_id, actor_ids=actor_ids, window=window)
    return {a.id: _warnings_of(a, facts, case, principal) for a in appointments}


def _warnings_of(row: Appointment, facts: Taken, case: Case, principal: Principal) -> tuple[BookingWarning, ...]:
    proposed = Proposed(row.starts_at, row.ends_at, principal.zone, row.place)
    busy = facts.for_booking(row.actor_id, but=row.id)
    return warnings_for(proposed, busy=busy, release_at=case.release_at, lang=principal.language)


def book(  # noqa: PLR0913 - with whom, what, the yes to it, and what every use case that sends mail needs
    session: Session,
    principal: Principal,
    *,
    case_id: UUID,
    actor_id: UUID,
    details: AppointmentDetails,
    confirmed: bool = False,
    links: Links,
    now: dt.datetime,
) -> Booking:
    """Book a time and invite the actor, which takes part in the case from then on.

    Raises NotFound for a foreign case, NotConfirmed when something must be chosen on purpose, and Invalid by field.
    """
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    if case.closed_on is not None and case.closed_on <= today:
        raise Invalid(message=N_("Ärendet är avslutat. Öppna det igen för att boka tider."))
    actor = _actor(session, principal, case, actor_id, today)
    bases.require(session, principal, case.id, [actor], now=now, field="actor_id")
    row = Appointment(office_id=principal.office_id, case_id=case.id, actor_id=actor.id)
    _describe(row, actor, details)
    _check_time(session, principal, case, row, confirmed=confirmed, now=now)
    _take_part(session, principal, case, actor, today)
    session.add(row)
    session.flush()  # the invitation names the time by its key
    sent = invitations.invite_appointment(session, principal, row, links=links, now=now)
    return Booking(row, sent)


def change(  # noqa: PLR0913 - which one, what, the yes to it, and what every use case that sends mail needs
    session: Session,
    principal: Principal,
    key: UUID,
    details: AppointmentDetails,
    *,
    version: int,
    confirmed: bool = False,
    links: Links,
    now: dt.datetime,
) -> Booking:
    """Change a time; the actor is told when its calendar is touched. Raises Changed when it is no longer at `version`."""
    principal.must(Function.COORDINATE)
    row = _open_appointment(session, principal, key, version)
    was, was_place = (row.starts_at, row.ends_at), row.place
    _describe(row, row.actor, details)
    is_moved = (row.starts_at, row.ends_at) != was
    if is_moved:
        with session.no_autoflush:  # a time nobody has said yes to must not be saved by the look-ups
            _check_time(session, principal, row.case, row, confirmed=confirmed, now=now)
    _save(session)
    if not is_moved and row.place == was_place:
        return Booking(row, Sent(0, ()))
    bases.require(session, principal, row.case_id, [row.actor], now=now)
    return Booking(row, invitations.appointment_changed(session, principal, row, was=was, links=links, now=now))


def cancel(
    session: Session, principal: Principal, key: UUID, *, version: int, links: Links, now: dt.datetime
) -> Booking:
    """Call a time off and tell its actor; the row stays. Raises Changed when it is no longer at `version`."""
    principal.must(Function.COORDINATE)
    row = _open_appointment(session, principal, key, version)
    row.cancelled_at = now
    _save(session)
    return Booking(row, invitations.appointment_cancelled(session, principal, row, links=links, now=now))


def set_attendance(
    session: Session, principal: Principal, key: UUID, attendance: Attendance | None, *, now: dt.datetime
) -> Appointment:
    """Say whether the client came; None takes it back. Who came is not known before the time, so that raises Invalid."""
    principal.must(Function.COORDINATE)
    row = get_appointment(session, principal, key)
    if row.cancelled_at is not None:
        raise Changed
    if attendance is not None and attendance not in _BEFOREHAND and now < row.starts_at:
        raise Invalid(field="attendance", message=N_("Tiden har inte börjat än. Vänta med att skriva om klienten kom."))
    row.attendance = attendance
    _save(session)
    return row


def _open_appointment(session: Session, principal: Principal, key: UUID, version: int) -> Appointment:
    row = get_appointment(session, principal, key)
    if row.version != version or row.cancelled_at is not None:
        raise Changed
    return row


def _describe(row: Appointment, actor: Actor, details: AppointmentDetails) -> None:
    row.starts_at, row.ends_at = details.starts_at, details.ends_at
    for field, longest in _LONGEST.items():
        setattr(row, field, _checked(field, getattr(details, field), longest))
    if not row.what:
        raise Invalid(field="what", message=N_("Skriv vad tiden gäller, med ord som klienten använder."))
    row.place = row.place or actor.visiting_address
    row.contact = row.contact or contact_of(actor)


def contact_of(actor: Actor) -> str:
    """Return whom the client can call about a time with the actor; empty when no telephone is known."""
    name = actor.plain_name or actor.function
    return f"{name[:1].upper()}{name[1:]} {actor.phone}" if actor.phone else ""


def _checked(field: str, text: str, longest: int) -> str:
    text = one_line(text)
    if len(text) > longest:
        raise Invalid(field=field, message=_TOO_LONG, max_length=longest)
    if looks_like_personal_number(text):
        raise Invalid(field=field, message=N_("Det ser ut som ett personnummer. Ta bort det."))
    return text


_TOO_LONG = N_("Texten är för lång. Högst %(max_length)d tecken får plats.")


def _check_time(
    session: Session, principal: Principal, case: Case, row: Appointment, *, confirmed: bool, now: dt.datetime
) -> None:
    if row.starts_at <= now:
        raise Invalid(field="day", message=N_("Tiden har redan varit. Välj en som kommer."))
    found = advice(session, principal, case, row.actor_id, (row.starts_at, row.ends_at), place=row.place, but=row.id)
    if found.must_confirm and not confirmed:
        raise NotConfirmed(field="choice")


def _actor(session: Session, principal: Principal, case: Case, actor_id: UUID, today: dt.date) -> Actor:
    """Return the actor, locked, so that two bookings of it at once are held against each other. Raises Invalid."""
    query = select(Actor).where(Actor.id == actor_id, visible.rows(Actor, principal)).with_for_update()
    actor = session.scalar(query)
    if actor is None or actor.id == case.prison_actor_id:
        raise Invalid(field="actor_id", message=N_("Välj en aktör i listan."))
    if not _is_open(actor, today):
        raise Invalid(field="actor_id", message=N_("Aktören är avslutad. Välj en annan."))
    return actor


def _is_open(actor: Actor, today: dt.date) -> bool:
    return actor.closed_on is None or actor.closed_on > today


def _take_part(session: Session, principal: Principal, case: Case, actor: Actor, today: dt.date) -> None:
    """Let the actor into the case if it is not there. One that has left is let in again only by an act of its own."""
    within, gone = _participants(session, case)
    if actor.id in gone:
        raise Invalid(field="actor_id", message=N_("Aktören har lämnat ärendet. Lägg till den i ärendet först."))
    if actor.id not in within:
        cases.join(session, principal, case.id, actor.id, today=today)


def _participants(session: Session, case: Case) -> tuple[set[UUID], set[UUID]]:
    """Return the keys of the actors that take part in the case, its lead among them, and of those that have left."""
    rows = session.execute(select(CaseActor.actor_id, CaseActor.left_on).where(CaseActor.case_id == case.id)).all()
    within = {key for key, left_on in rows if left_on is None} | ({case.lead_actor_id} if case.lead_actor_id else set())
    return within, {key for key, left_on in rows if left_on is not None} - within


def _save(session: Session) -> None:
    try:
        session.flush()  # a change made by somebody else at the same moment shows here, by the row's version
    except StaleDataError:
        raise Changed from None
