"""What the page of a meeting shows of the whole meeting: its agenda against the clock, and everybody it concerns.

Read in a fixed number of statements, built once, however many cases and actions the meeting has.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import FromClause, Row, bindparam, exists, or_, select

from inslussning.db import Session
from inslussning.db.sealed import open_cells, open_column
from inslussning.i18n import translate
from inslussning.models import (
    Action,
    Actor,
    AgendaItem,
    Case,
    CaseActor,
    Meeting,
    MeetingAttendance,
    Minutes,
    Organisation,
    Staffing,
)
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.planning import wall_day
from inslussning.practice.release import release_day
from inslussning.practice.words import sort_key
from inslussning.services import audit, invitations, meetings, visible
from inslussning.services.agenda import CASE_TITLE
from inslussning.services.invitations import Invitee
from meetings.agenda import ItemKind, Window, minutes_over, windows
from meetings.minutes import MinutesState, MinutesStatus
from meetings.vocabulary import Response

_item: FromClause = AgendaItem.__table__
_case: FromClause = Case.__table__
_action: FromClause = Action.__table__
_actor: FromClause = Actor.__table__
_organisation: FromClause = Organisation.__table__
_member: FromClause = CaseActor.__table__
_came: FromClause = MeetingAttendance.__table__
_staffing: FromClause = Staffing.__table__

_has_action = exists().where(_action.c.meeting_id == _item.c.meeting_id, _action.c.case_id == _item.c.case_id)
_LINES = (
    select(
        _item.c.id,
        _item.c.kind,
        _item.c.title,
        _item.c.minutes,
        _item.c.case_id,
        _case.c.code,
        _case.c.release_at,
        _case.c.lead_actor_id,
        _case.c.prison_actor_id,
        or_(_item.c.notes != "", _item.c.decisions != "").label("has_text"),
        _has_action.label("has_action"),
    )
    .select_from(_item.outerjoin(_case, _case.c.id == _item.c.case_id))
    .where(_item.c.meeting_id == bindparam("meeting_id"), visible.bound_whole(AgendaItem))
    .order_by(_item.c.position, _item.c.id)
)
_ACTORS = (
    select(
        _actor.c.id,
        _actor.c.function,
        _actor.c.place,
        _actor.c.short_name,
        _organisation.c.kind,
        _actor.c.closed_on,
        exists()
        .where(
            _staffing.c.actor_id == _actor.c.id,
            _staffing.c.starts_on <= bindparam("held_on"),
            or_(_staffing.c.ends_on.is_(None), _staffing.c.ends_on >= bindparam("held_on")),
        )
        .label("is_staffed"),
    )
    .select_from(_actor.join(_organisation, _organisation.c.id == _actor.c.organisation_id))
    .where(visible.bound_rows(Actor))
    .order_by(_actor.c.sort_key, _actor.c.id)
)
_MEMBERS = (
    select(_member.c.case_id, _member.c.actor_id)
    .select_from(_member.join(_actor, _actor.c.id == _member.c.actor_id))
    .where(
        visible.bound_rows(CaseActor),
        _member.c.case_id.in_(bindparam("case_ids", expanding=True)),
        or_(_member.c.left_on.is_(None), _member.c.left_on > bindparam("today")),
    )
    .order_by(_actor.c.sort_key, _actor.c.id)
)
_CAME = select(_came.c.actor_id, _came.c.attendance).where(
    _came.c.meeting_id == bindparam("meeting_id"), visible.bound_rows(MeetingAttendance)
)


_Found = Row[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]


class ActorName(NamedTuple):
    """An actor as the page writes it."""

    key: UUID
    title: str
    short: str
    kind: OrganisationKind
    closed: bool
    vacant: bool = False  # nobody staffs it on the day of the meeting


class AgendaLine(NamedTuple):
    """One item of the agenda with its expected time; `done` when it has text or actions.

    Of an item about a case that is hidden from whoever reads there is the time alone: the hour still adds up.
    """

    key: UUID
    kind: ItemKind
    title: str
    minutes: int
    case_id: UUID | None
    code: str
    release_on: dt.date | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    done: bool
    is_hidden: bool = False


class Present(NamedTuple):
    """An actor the meeting concerns: what it answered (None when it was not invited) and whether it came (None is unset)."""

    actor: ActorName
    answer: Response | None
    note: str
    attendance: Attendance | None


class Sitting(NamedTuple):
    """The meeting as a whole. `over` is by how many minutes the agenda is longer than the meeting."""

    meeting: Meeting
    status: MinutesStatus
    begun: bool
    reason: str
    lines: tuple[AgendaLine, ...]
    minutes: int
    over: int
    people: tuple[Present, ...]
    invitees: Sequence[Invitee]
    actors: dict[UUID, ActorName]
    members: dict[UUID, tuple[UUID, ...]]

    @property
    def is_locked(self) -> bool:
        """Tell whether the minutes are finalised."""
        return self.status.state is MinutesState.FINALISED

    @property
    def came(self) -> int:
        """Return how many actors came."""
        return sum(person.attendance is Attendance.CAME for person in self.people)

    @property
    def silent(self) -> list[Invitee]:
        """Return those with a mailbox who have not answered."""
        return [one for one in self.invitees if one.answer is Response.NEEDS_ACTION and one.address]

    def vacant(self, case_id: UUID | None) -> list[ActorName]:
        """Return the functions in a case that nobody staffs on the day of the meeting."""
        named = (self.actors[key] for key in self.members.get(case_id, ()) if key in self.actors) if case_id else ()
        return [one for one in named if one.vacant]

    def answered(self, answer: Response) -> int:
        """Return how many gave one answer."""
        return sum(one.answer == answer for one in self.invitees)

    @property
    def known(self) -> list[AgendaLine]:
        """Return the items that whoever reads may open."""
        return [line for line in self.lines if not line.is_hidden]

    def line(self, key: UUID | None) -> AgendaLine | None:
        """Return the item asked for; without one the first that is not done, else the first."""
        known = self.known
        if key is not None:
            return next((line for line in known if line.key == key), None)
        return next((line for line in known if not line.done), known[0] if known else None)

    def beside(self, key: UUID) -> tuple[AgendaLine | None, AgendaLine | None]:
        """Return the items before and after one."""
        known = self.known
        place = [line.key for line in known].index(key)
        before = known[place - 1] if place else None
        return before, known[place + 1] if place + 1 < len(known) else None


def sitting(session: Session, principal: Principal, key: UUID, *, today: dt.date) -> Sitting:
    """Return the meeting with its agenda and the actors it concerns; raises NotFound."""
    meeting = meetings.get_meeting(session, principal, key)
    found = session.execute(
        select(Minutes.id, Minutes.state, Minutes.number, Minutes.reason).where(
            Minutes.meeting_id == meeting.id, visible.rows(Minutes, principal)
        )
    ).one_or_none()
    values = visible.parameters(principal) | {"meeting_id": meeting.id, "today": today}
    values["held_on"] = wall_day(meeting.starts_at, meeting.timezone)
    connection = session.connection()
    actors = {row.id: _actor_name(row, today) for row in connection.execute(_ACTORS, values)}
    rows = connection.execute(_LINES, values).all()
    titles = open_column(session, _item.c.title, [(row.id, row.title) for row in rows])
    hidden = principal.scope.hidden
    cases = _leads(meeting, [row for row in rows if row.case_id not in hidden])
    audit.seen(session, cases)
    for case_id, actor_id in connection.execute(_MEMBERS, values | {"case_ids": list(cases)}):
        cases[case_id].append(actor_id)
    members = {case_id: tuple(dict.fromkeys(ids)) for case_id, ids in cases.items()}
    invitees = invitations.answers(session, principal, meeting)
    marks: dict[UUID, Attendance] = {row.actor_id: row.attendance for row in connection.execute(_CAME, values)}
    lengths = [row.minutes for row in rows]
    return Sitting(
        meeting=meeting,
        status=MinutesStatus(found.state, found.number) if found else MinutesStatus(),
        begun=found is not None,
        reason=open_cells(session, found.id, (Minutes.__table__.c.reason, found.reason))[0] if found else "",
        lines=_lines(rows, titles, meeting, principal),
        minutes=sum(lengths),
        over=minutes_over(lengths, meeting.ends_at - meeting.starts_at),
        people=_people(actors, invitees, marks, members.values()),
        invitees=invitees,
        actors=actors,
        members=members,
    )


def _actor_name(row: Row[Any, Any, Any, Any, Any, Any, Any], today: dt.date) -> ActorName:
    title = f"{row.function} – {row.place}" if row.place else row.function
    closed = row.closed_on is not None and row.closed_on <= today
    return ActorName(row.id, title, row.short_name, row.kind, closed, vacant=not closed and not row.is_staffed)


def _leads(meeting: Meeting, rows: Sequence[_Found]) -> dict[UUID, list[UUID]]:
    """Return the meeting's cases, each with its lead and its prison: they take part without being asked in."""
    found = {
        row.case_id: [one for one in (row.lead_actor_id, row.prison_actor_id) if one] for row in rows if row.case_id
    }
    if meeting.case is not None:
        named = (meeting.case.lead_actor_id, meeting.case.prison_actor_id)
        found.setdefault(meeting.case.id, [one for one in named if one])
    return found


def _lines(
    rows: Sequence[_Found], titles: Sequence[str], meeting: Meeting, principal: Principal
) -> tuple[AgendaLine, ...]:
    times = windows([row.minutes for row in rows], starts=meeting.starts_at)
    return tuple(
        _hidden(row, time, principal)
        if row.case_id in principal.scope.hidden
        else AgendaLine(
            key=row.id,
            kind=row.kind,
            title=title,
            minutes=row.minutes,
            case_id=row.case_id,
            code=row.code or "",
            release_on=release_day(row.release_at, principal.zone) if row.release_at else None,
            starts_at=time.starts,
            ends_at=time.ends,
            done=bool(row.has_text or row.has_action),
        )
        for row, title, time in zip(rows, titles, times, strict=True)
    )


def _hidden(row: _Found, time: Window, principal: Principal) -> AgendaLine:
    """Return the line of an item that is not for whoever reads: only how long it takes."""
    return AgendaLine(
        key=row.id,
        kind=ItemKind.CASE,
        title=translate(principal.language, CASE_TITLE),
        minutes=row.minutes,
        case_id=None,
        code="",
        release_on=None,
        starts_at=time.starts,
        ends_at=time.ends,
        done=False,
        is_hidden=True,
    )


def _people(
    actors: dict[UUID, ActorName],
    invitees: Sequence[Invitee],
    marks: dict[UUID, Attendance],
    members: Iterable[tuple[UUID, ...]],
) -> tuple[Present, ...]:
    """Return everybody invited, marked or in one of the cases, the invited first, each in Swedish alphabetical order."""
    invited = {one.actor_id: one for one in invitees}
    concerned = {*invited, *marks, *(actor_id for ids in members for actor_id in ids)}
    people = (
        Present(
            actors[key],
            invited[key].answer if key in invited else None,
            invited[key].note if key in invited else "",
            marks.get(key),
        )
        for key in concerned
        if key in actors
    )
    return tuple(sorted(people, key=lambda one: (one.answer is None, sort_key(one.actor.title))))
