"""The page of one case: everything about it in one value, in a fixed number of statements."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from inslussning.db import Session
from inslussning.i18n import N_
from inslussning.models import (
    Action,
    Actor,
    Appointment,
    Case,
    CaseActor,
    Meeting,
    Need,
    NeedArea,
    OfficeRule,
    Staffing,
)
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Principal
from inslussning.practice.attention import CaseFacts, Part, readiness
from inslussning.practice.dates import months_from
from inslussning.practice.next_step import Distances, Step, next_step
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.release import Note, Planned, Surroundings, misplaced, release_clock
from inslussning.services import (
    actions,
    actors,
    bases,
    case_consents,
    case_facts,
    cases,
    meetings,
    need_cover,
    offices,
    schedules,
    visible,
)
from inslussning.services.case_consents import CaseConsents
from inslussning.services.need_cover import Cover
from inslussning.services.schedules import LiveSchedule

Numbers = dict[RuleKey, int]

LEFT_WITH_ACTIONS = N_("%(actor)s deltar inte längre men har öppna åtgärder kvar: %(count)s.")
CLOSED_WITH_ACTIONS = N_("Ärendet är avslutat men har öppna åtgärder: %(count)s.")
CLOSED_WITH_TIMES = N_("Ärendet är avslutat men har kommande bokade tider: %(count)s.")


class Deadline(NamedTuple):
    """A last day set by one of the office's own rules, with where the rule comes from."""

    on: dt.date
    source: str


class NeedLine(NamedTuple):
    """A need and the open actions agreed for it."""

    need: Need
    actions: Sequence[Action]


class Member(NamedTuple):
    """An actor that takes or has taken part, who staffs it today, and how many open actions it has in the case."""

    part: CaseActor
    actor: Actor
    staff: tuple[str, ...]
    is_lead: bool
    open_actions: int


class Plans(NamedTuple):
    """Meetings and booked times: what is to come in time order, what has been with the latest first."""

    meetings: tuple[Meeting, ...]
    times: tuple[Appointment, ...]
    past_meetings: tuple[Meeting, ...]
    past_times: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverview:
    """One case as its page shows it. `can_join` are the actors that do not take part, `areas` those a need can be in."""

    case: Case
    release_on: dt.date | None
    release_clock: dt.time | None
    step: Step | None
    parts: tuple[Part, ...]
    first_meeting: Deadline | None
    notes: tuple[Note, ...]
    needs: tuple[NeedLine, ...]
    other_actions: tuple[Action, ...]
    closed_actions: Sequence[Action]
    plans: Plans
    members: tuple[Member, ...]
    former: tuple[Member, ...]
    can_join: tuple[Actor, ...]
    schedule: LiveSchedule
    areas: Sequence[NeedArea]
    consents: CaseConsents
    cover: dict[UUID, Cover]

    @property
    def is_closed(self) -> bool:
        """Tell whether the case is closed, so that nothing is added to it."""
        return self.case.phase is Phase.CLOSED


def overview(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> CaseOverview:
    """Return everything a case's page shows; raises NotFound."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    case = _load(session, principal, key)
    numbers = offices.rules(session, principal.office_id, today)
    facts = case_facts.of_cases(session, principal, [case.id], today=today)[case.id]
    todo = actions.open_of_case(session, principal, case.id)
    schedule = schedules.live(session, principal, case.id, now=now)
    plans = _plans(meetings.of_case(session, principal, case.id), schedule.appointments, now)
    members = _members(case, todo, today)
    needs = cases.needs_of(session, principal, case.id)
    shares = bases.shares_now(session, principal.office_id, [case.id], now=now, zone=principal.zone)
    return CaseOverview(
        case=case,
        release_on=facts.release_on,
        release_clock=release_clock(case.release_at, principal.zone) if case.release_at else None,
        step=_step(facts, todo, numbers, principal, today),
        parts=_parts(facts, numbers, today),
        first_meeting=_first_meeting(session, principal, facts.release_on, today),
        notes=(
            *misplaced(_surroundings(case, plans, numbers, principal, today), principal.language),
            *_left_behind(case, todo, plans, members),
        ),
        needs=tuple(NeedLine(need, [a for a in todo if a.need_id == need.id]) for need in needs),
        other_actions=tuple(a for a in todo if a.need_id is None),
        closed_actions=actions.closed_of_case(session, principal, case.id),
        plans=plans,
        members=tuple(m for m in members if m.part.left_on is None or m.part.left_on > today),
        former=tuple(m for m in members if m.part.left_on is not None and m.part.left_on <= today),
        can_join=_can_join(session, principal, case),
        schedule=schedule,
        areas=cases.need_areas(session, principal),
        consents=case_consents.of_case(session, principal, case, shares, now=now),
        cover=need_cover.of_case(session, principal, case, needs, shares),
    )


def _load(session: Session, principal: Principal, key: UUID) -> Case:
    staffing = selectinload(Case.members).joinedload(CaseActor.actor).selectinload(Actor.staffings)
    return cases.get_case(session, principal, key, staffing.joinedload(Staffing.person))


def _plans(held: Sequence[Meeting], booked: Sequence[Appointment], now: dt.datetime) -> Plans:
    return Plans(
        meetings=tuple(m for m in held if m.is_planned and m.ends_at >= now),
        times=tuple(a for a in booked if a.ends_at >= now),
        past_meetings=tuple(m for m in reversed(held) if not m.is_planned or m.ends_at < now),
        past_times=tuple(a for a in reversed(booked) if a.ends_at < now),
    )


def _members(case: Case, todo: Sequence[Action], today: dt.date) -> tuple[Member, ...]:
    """Return everyone that takes or has taken part, the lead first, then in Swedish alphabetical order."""
    counts = Counter(action.actor_id for action in todo)
    found = [
        Member(
            part=part,
            actor=part.actor,
            staff=actors.staffed_today(part.actor, today),
            is_lead=part.actor_id == case.lead_actor_id,
            open_actions=counts[part.actor_id],
        )
        for part in case.members
    ]
    return tuple(sorted(found, key=lambda m: (not m.is_lead, m.actor.sort_key)))


def _step(
    facts: CaseFacts, todo: Sequence[Action], numbers: Numbers, principal: Principal, today: dt.date
) -> Step | None:
    distances = Distances(
        planning_starts_months=numbers[RuleKey.PLANNING_STARTS_MONTHS],
        first_week_days=numbers[RuleKey.FIRST_WEEK_DAYS],
    )
    overdue = sum(action.due_on < today for action in todo)
    return next_step(facts, overdue=overdue, distances=distances, today=today, lang=principal.language)


def _parts(facts: CaseFacts, numbers: Numbers, today: dt.date) -> tuple[Part, ...]:
    """Return what should stand ready before the release; nothing once it has been, or the case is closed."""
    if facts.phase is Phase.CLOSED or (facts.release_on is not None and facts.release_on < today):
        return ()
    return readiness(facts, rules=case_facts.attention_rules(numbers), today=today)


def _first_meeting(
    session: Session, principal: Principal, release_on: dt.date | None, today: dt.date
) -> Deadline | None:
    """Return the last day of the first meeting under supervision, by the rule in force today."""
    if release_on is None:
        return None
    rule = session.execute(
        select(OfficeRule.value, OfficeRule.source)
        .where(
            visible.rows(OfficeRule, principal),
            OfficeRule.key == RuleKey.FIRST_SUPERVISION_MEETING_MONTHS,
            OfficeRule.valid_from <= today,
        )
        .order_by(OfficeRule.valid_from.desc())
        .limit(1)
    ).first()
    return None if rule is None else Deadline(months_from(release_on, rule.value), rule.source)


def _surroundings(case: Case, plans: Plans, numbers: Numbers, principal: Principal, today: dt.date) -> Surroundings:
    videos = (m for m in plans.meetings if m.kind is MeetingKind.VIDEO)
    return Surroundings(
        release_at=case.release_at,
        zone=principal.zone,
        today=today,
        videos=tuple(Planned(m.starts_at) for m in videos),
        times=tuple(Planned(a.starts_at, a.actor.title) for a in plans.times),
        video_before_days=numbers[RuleKey.VIDEO_BEFORE_DAYS],
        first_week_days=numbers[RuleKey.FIRST_WEEK_DAYS],
    )


def _left_behind(case: Case, todo: Sequence[Action], plans: Plans, members: Sequence[Member]) -> Iterator[Note]:
    """Yield what nobody looks after any more: work of an actor that has left, or in a case that is closed."""
    if case.phase is Phase.CLOSED:
        if todo:
            yield CLOSED_WITH_ACTIONS, {"count": len(todo)}
        if plans.times:
            yield CLOSED_WITH_TIMES, {"count": len(plans.times)}
        return
    for member in members:
        if member.part.left_on is not None and member.open_actions:
            yield LEFT_WITH_ACTIONS, {"actor": member.actor.title, "count": member.open_actions}


def _can_join(session: Session, principal: Principal, case: Case) -> tuple[Actor, ...]:
    taking_part = {part.actor_id for part in case.members if part.left_on is None}
    return tuple(a for a in actors.list_actors(session, principal) if a.id not in taking_part)
