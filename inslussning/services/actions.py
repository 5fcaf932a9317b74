"""Actions: agreed on in a meeting or outside one, followed until somebody closes them.

An action is an agreement, never an order, so the actor may decline it and says why. Everything that happens to an action is kept as
an event. An actor that is given an action takes part in the case from then on: what an actor is to do must be seen where the case is.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Action, ActionEvent, Actor, AgendaItem, Case, CaseActor, Meeting, Need
from inslussning.models.meetings import MeetingState
from inslussning.practice.access import Function, Principal
from inslussning.practice.phases import Phase
from inslussning.practice.words import clean, looks_like_personal_number, one_line
from inslussning.services import bases, cases, visible
from meetings.actions import TRANSITIONS, ActionState, ActionStep, step

LONGEST_WHAT = 500
LONGEST_NOTE = 1000

# Dormant means that the group lets the action rest: that is not for one of its actors to decide.
_COORDINATORS_ONLY = frozenset({ActionState.DORMANT})
_BUTTON_ORDER = (
    ActionState.DONE,
    ActionState.OUTCOME_REACHED,
    ActionState.ONGOING,
    ActionState.PLANNED,
    ActionState.DECLINED,
    ActionState.DORMANT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """Who does what by when, for which need, agreed at which meeting. Without an actor it is the client's own."""

    case_id: UUID
    actor_id: UUID | None
    what: str
    due_on: dt.date
    need_id: UUID | None = None
    meeting_id: UUID | None = None


class Happened(NamedTuple):
    """One thing that happened to an action; `state` and `due_on` are what it changed, None when it did not."""

    at: dt.datetime
    who: str
    is_first: bool
    state: ActionState | None
    due_on: dt.date | None
    note: str


def add_action(session: Session, principal: Principal, new: NewAction, *, now: dt.datetime) -> Action:
    """Add a planned action; its actor joins the case. Raises NotFound for a case, Invalid for anything else that will not do."""
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, new.case_id)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    if case.phase is Phase.CLOSED:
        raise Invalid(field="case_id", message=N_("Ärendet är avslutat. Byt fas för att lägga till åtgärder."))
    what = _checked_what(new.what)
    _check_need(session, principal, new)
    _check_meeting(session, principal, new)
    if new.actor_id is not None:
        _take_part(session, principal, case.id, new.actor_id, today)
    action = Action(
        office_id=principal.office_id,
        case_id=case.id,
        need_id=new.need_id,
        actor_id=new.actor_id,
        meeting_id=new.meeting_id,
        what=what,
        due_on=new.due_on,
        state=ActionState.PLANNED,
        created_at=now,
    )
    session.add(action)
    session.flush()  # the event names the action by its key
    _record(session, action, principal.person_id, now=now)
    return action


def set_state(
    session: Session, principal: Principal, key: UUID, state: ActionState, *, note: str = "", now: dt.datetime
) -> Action:
    """Put the action in a state; where it already stands only the note is kept, so that a second click does no harm.

    Raises NotFound, Invalid (a declined action needs a reason) and Changed when the step no longer makes sense.
    """
    principal.must(Function.FOLLOW_ACTIONS)
    action = get_action(session, principal, key)
    if state in _COORDINATORS_ONLY and state is not action.state:
        principal.must(Function.COORDINATE)
    return put(session, action, state, note=note, by=principal.person_id, now=now)


def put(
    session: Session, action: Action, state: ActionState, *, note: str, by: UUID | None, now: dt.datetime
) -> Action:
    """Put an action that the caller has found to be its own in a state, as `set_state` says; without `by` it was done through a link."""
    note = _checked_note(note)
    if state is action.state:
        if note:
            _record(session, action, by, note=note, now=now)
        return action
    if state is ActionState.DECLINED and not note:
        raise Invalid(field="note", message=N_("Skriv varför aktören avböjer."))
    try:
        action.state = step(action.state, state)
    except ActionStep:
        raise Changed from None
    action.closed_at = None if state.is_open else now
    _save(session)
    _record(session, action, by, note=note, now=now)
    return action


def reschedule(
    session: Session,
    principal: Principal,
    key: UUID,
    *,
    due_on: dt.date,
    note: str = "",
    version: int | None = None,
    now: dt.datetime,
) -> Action:
    """Give an open action a new day. Raises NotFound, NotAllowed for a partner, Invalid when it is closed.

    Raises Changed when `version` is given and somebody has changed the action since it was shown.
    """
    principal.must(Function.COORDINATE)
    action = get_action(session, principal, key)
    note = _checked_note(note)
    if version is not None and version != action.version:
        raise Changed
    if not action.state.is_open:
        raise Invalid(field="due_on", message=N_("Åtgärden är inte öppen. Öppna den igen för att ge den en ny dag."))
    if due_on == action.due_on and not note:
        return action
    action.due_on = due_on
    _save(session)
    _record(session, action, principal.person_id, note=note, now=now)
    return action


def get_action(session: Session, principal: Principal, key: UUID) -> Action:
    """Return one action with its case, actor and need; raises NotFound alike for an absent one and another's."""
    query = select(Action).where(Action.id == key, visible.actions(principal))
    return visible.only(session, query.options(joinedload(Action.case), *_with_names()))


def open_of_case(session: Session, principal: Principal, case_id: UUID) -> Sequence[Action]:
    """Return the case's open actions with actor and need, by due date."""
    query = _shown(principal).where(Action.case_id == case_id, Action.closed_at.is_(None))
    return session.scalars(query.order_by(Action.due_on, Action.id)).all()


def closed_of_case(session: Session, principal: Principal, case_id: UUID, *, limit: int = 25) -> Sequence[Action]:
    """Return the case's latest closed actions with actor and need, the last closed first."""
    query = _shown(principal).where(Action.case_id == case_id, Action.closed_at.is_not(None))
    return session.scalars(query.order_by(Action.closed_at.desc(), Action.id).limit(limit)).all()


def agreed_at(session: Session, principal: Principal, meeting_id: UUID) -> Sequence[Action]:
    """Return what a meeting agreed on, with actor and need, by due date, whatever has become of it since."""
    query = _shown(principal).where(Action.meeting_id == meeting_id)
    return session.scalars(query.order_by(Action.due_on, Action.id)).all()


def history(session: Session, principal: Principal, key: UUID) -> list[Happened]:
    """Return what has happened to a visible action, the latest first, each with what it changed."""
    events = session.scalars(
        select(ActionEvent)
        .join(Action, Action.id == ActionEvent.action_id)
        .where(ActionEvent.action_id == key, visible.actions(principal))
        .options(joinedload(ActionEvent.person))
        .order_by(ActionEvent.at, ActionEvent.id)
    ).all()
    pairs = zip(events, (None, *events), strict=False)
    return [_happened(principal, event, before) for event, before in pairs][::-1]


def _happened(principal: Principal, event: ActionEvent, before: ActionEvent | None) -> Happened:
    is_told = event.person is not None and (
        not event.person.protected
        or principal.sees_whole_office
        or event.person.organisation_id == principal.organisation_id
    )
    return Happened(
        at=event.at,
        who=event.person.name if event.person is not None and is_told else "",
        is_first=before is None,
        state=event.state if before is None or before.state is not event.state else None,
        due_on=event.due_on if before is None or before.due_on != event.due_on else None,
        note=event.note,
    )


def meeting_of(session: Session, principal: Principal, action: Action) -> Meeting | None:
    """Return the meeting that agreed on the action, when there is one and the principal may see it."""
    query = select(Meeting).where(Meeting.id == action.meeting_id, visible.rows(Meeting, principal))
    return session.scalar(query) if action.meeting_id else None


def is_unseen(session: Session, principal: Principal, action: Action, *, now: dt.datetime) -> bool:
    """Tell the office's own staff whether the action's actor cannot see it, because nothing lets it know of the case."""
    if action.actor_id is None or not action.state.is_open or not principal.sees_whole_office:
        return False
    return (action.case_id, action.actor_id) not in bases.actors_with_basis(
        session, principal, [action.case_id], now=now
    )


def need_shown(principal: Principal, action: Action) -> Need | None:
    """Return the need an action is for, when the principal may see it: one's own action may be for one that is not shared."""
    share, need = principal.scope.share(action.case_id), action.need
    return need if share is not None and need is not None and share.shows_area(need.area_id) else None


def next_states(principal: Principal, action: Action) -> tuple[ActionState, ...]:
    """Return the states this principal may put the action in, the most usual first."""
    allowed = TRANSITIONS[action.state]
    if not principal.may(Function.COORDINATE):
        allowed -= _COORDINATORS_ONLY
    return tuple(state for state in _BUTTON_ORDER if state in allowed)


def _shown(principal: Principal) -> Select[Action]:
    return select(Action).where(visible.actions(principal)).options(*_with_names())


def _with_names() -> tuple[ExecutableOption, ...]:
    return joinedload(Action.actor).joinedload(Actor.organisation), joinedload(Action.need).joinedload(Need.area)


def _checked_what(text: str) -> str:
    what = one_line(text)
    if not what:
        raise Invalid(field="what", message=N_("Skriv vad som ska göras."))
    if len(what) > LONGEST_WHAT:
        raise Invalid(field="what", message=_TOO_LONG, max_length=LONGEST_WHAT)
    return _without_personal_number("what", what)


def _checked_note(text: str) -> str:
    note = clean(text)
    if len(note) > LONGEST_NOTE:
        raise Invalid(field="note", message=_TOO_LONG, max_length=LONGEST_NOTE)
    return _without_personal_number("note", note)


_TOO_LONG = N_("Texten är för lång. Högst %(max_length)d tecken får plats.")


def _without_personal_number(field: str, text: str) -> str:
    if looks_like_personal_number(text):
        raise Invalid(
            field=field,
            message=N_("Det ser ut som ett personnummer. Ta bort det. Ärendets kod räcker för att hitta rätt."),
        )
    return text


def _check_need(session: Session, principal: Principal, new: NewAction) -> None:
    if new.need_id is None:
        return
    found = select(Need.id).where(Need.id == new.need_id, Need.case_id == new.case_id, visible.rows(Need, principal))
    if session.scalar(found) is None:
        raise Invalid(field="need_id", message=N_("Välj ett av ärendets behov."))


def _check_meeting(session: Session, principal: Principal, new: NewAction) -> None:
    """Refuse a meeting that is not about the case: neither its own video meeting nor one with the case on the agenda."""
    if new.meeting_id is None:
        return
    on_agenda = select(AgendaItem.meeting_id).where(AgendaItem.case_id == new.case_id)
    found = select(Meeting.id).where(
        Meeting.id == new.meeting_id,
        Meeting.state == MeetingState.PLANNED,
        or_(Meeting.case_id == new.case_id, Meeting.id.in_(on_agenda)),
        visible.rows(Meeting, principal),
    )
    if session.scalar(found) is None:
        raise Invalid(field="meeting_id", message=N_("Ärendet finns inte på mötets dagordning."))


def _take_part(session: Session, principal: Principal, case_id: UUID, actor_id: UUID, today: dt.date) -> None:
    """Let the actor into the case if it is new there. One that has left comes back only by an act of its own."""
    query = select(CaseActor).where(
        CaseActor.case_id == case_id, CaseActor.actor_id == actor_id, visible.rows(CaseActor, principal)
    )
    member = session.scalar(query.options(joinedload(CaseActor.actor)))
    if member is not None and member.left_on is not None and member.left_on <= today:
        bases.refuse_revoked(session, principal, case_id, member.actor, today=today, field="actor_id")
        raise Invalid(field="actor_id", message=N_("Aktören har lämnat ärendet. Lägg till den i ärendet först."))
    if member is None or member.actor.closed_on is not None:  # a closed actor is refused there
        cases.join(session, principal, case_id, actor_id, today=today)


def _save(session: Session) -> None:
    try:
        session.flush()  # a change made by somebody else at the same moment shows here, by the row's version
    except StaleDataError:
        raise Changed from None


def _record(session: Session, action: Action, by: UUID | None, *, note: str = "", now: dt.datetime) -> None:
    session.add(
        ActionEvent(
            office_id=action.office_id,
            action_id=action.id,
            person_id=by,
            at=now,
            state=action.state,
            due_on=action.due_on,
            note=note,
        )
    )
    session.flush()  # the page shown next lists it
