"""What a case's page says of consent: how it stands for every actor, what is not to be shared, what was asked, and what to do next.

Only the office's own staff see it. To everybody else an actor takes part or does not, and never why.
"""

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.models import (
    Action,
    Actor,
    AskAgain,
    Case,
    CaseActor,
    Consent,
    ConsentQuestion,
    DisclosureDecision,
    NeedArea,
)
from inslussning.practice.access import Basis, Principal
from inslussning.practice.consent import Answer, Clock, ConsentState, consent_state
from inslussning.practice.office_defaults import RuleKey, TextKey
from inslussning.practice.phases import Phase
from inslussning.services import consent_questions, consents, disclosures, office_texts, offices, visible
from inslussning.services.bases import Part


class ActorLine(NamedTuple):
    """One actor that needs a basis. `is_open`: it may know of the case now; `resting` are its actions that it is not shown."""

    actor: Actor
    takes_part: bool
    leaves_on: dt.date | None
    is_open: bool
    state: ConsentState
    areas: tuple[str, ...]
    not_shared: tuple[str, ...]
    can_revoke: bool
    resting: int
    history: tuple[Consent, ...]
    decisions: tuple[DisclosureDecision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConsents:
    """The section of the page. `own` are the actors of the own agency, `again` the days to ask again that are not ticked off."""

    case_id: UUID
    lines: tuple[ActorLine, ...]
    own: tuple[str, ...]
    past_decisions: tuple[DisclosureDecision, ...]
    questions: Sequence[ConsentQuestion]
    again: tuple[AskAgain, ...]
    motivation: str
    is_closed: bool

    @property
    def latest(self) -> ConsentQuestion | None:
        """Return the last time the client was asked."""
        return self.questions[0] if self.questions else None

    @property
    def said_no(self) -> bool:
        """Tell whether the client's last answer is no."""
        return self.latest is not None and self.latest.answer is Answer.NO

    @property
    def lacking(self) -> list[ActorLine]:
        """Return the actors that take part and may know nothing yet."""
        return [line for line in self.lines if line.takes_part and not line.is_open]


def of_case(
    session: Session, principal: Principal, case: Case, shares: Container[Part], *, now: dt.datetime
) -> CaseConsents:
    """Return how consent stands in a case; its members are loaded with actor and organisation. `shares` is who may know of it now."""
    local = now.astimezone(ZoneInfo(principal.zone))
    numbers = offices.rules(session, principal.office_id, local.date())
    clock = Clock(local, local.date(), numbers[RuleKey.CONSENT_REMIND_DAYS], principal.language)
    given = consents.of_case(session, principal, case.id)
    decided = disclosures.of_case(session, principal, case.id)
    found = _Found(
        open=shares,
        counts=_open_actions(session, principal, case.id),
        given=given,
        decided=[one for one in decided if _holds(one, clock)],
    )
    questions = consent_questions.of_case(session, principal, case.id)
    parts = _parts(case, given, found.decided)
    return CaseConsents(
        case_id=case.id,
        lines=tuple(_line(actor, part, found, clock) for actor, part in parts if actor.organisation.needs_basis),
        own=tuple(actor.title for actor, part in parts if part and not actor.organisation.needs_basis),
        past_decisions=tuple(one for one in decided if not _holds(one, clock)),
        questions=questions,
        again=_again(session, principal, case.id),
        motivation=office_texts.text(session, principal, TextKey.MOTIVATION),
        is_closed=case.phase is Phase.CLOSED,
    )


class _Found(NamedTuple):
    open: Container[Part]
    counts: Mapping[UUID, int]
    given: Sequence[Consent]
    decided: Sequence[DisclosureDecision]


def _parts(
    case: Case, given: Sequence[Consent], decided: Sequence[DisclosureDecision]
) -> list[tuple[Actor, CaseActor | None]]:
    """Return every actor the section is about, those that take part first, each in Swedish alphabetical order."""
    members = {part.actor_id: part for part in case.members}
    actors = {part.actor_id: part.actor for part in case.members}
    said: list[Consent | DisclosureDecision] = [*given, *decided]
    actors |= {one.actor_id: one.actor for one in said}
    kept = {one.actor_id for one in said}
    shown = [(actor, members.get(key)) for key, actor in actors.items() if key in kept or members[key].left_on is None]
    return sorted(shown, key=lambda row: (row[1] is None or row[1].left_on is not None, row[0].sort_key))


def _line(actor: Actor, part: CaseActor | None, found: _Found, clock: Clock) -> ActorLine:
    history = tuple(one for one in found.given if one.actor_id == actor.id)
    decisions = tuple(one for one in found.decided if one.actor_id == actor.id)
    known = {one.id: _basis(one) for one in history}
    held = [one for one in history if known[one.id].holds(clock.now, clock.today)]
    takes_part = part is not None and (part.left_on is None or part.left_on > clock.today)
    is_open = part is not None and (part.case_id, actor.id) in found.open
    return ActorLine(
        actor=actor,
        takes_part=takes_part,
        leaves_on=part.left_on if part is not None and takes_part else None,
        is_open=is_open,
        state=consent_state(known.values(), clock),
        areas=_names(
            [
                *(area.area for one in held for area in one.areas),
                *(area.area for one in decisions for area in one.areas),
            ]
        ),
        not_shared=tuple(dict.fromkeys(one.not_shared for one in held if one.not_shared)),
        can_revoke=any(one.revoked_at is None and one.valid_until >= clock.today for one in history),
        resting=0 if is_open else found.counts.get(actor.id, 0),
        history=history,
        decisions=decisions,
    )


def _names(areas: Sequence[NeedArea]) -> tuple[str, ...]:
    ordered = sorted(areas, key=lambda area: area.position)
    return tuple(dict.fromkeys(area.name for area in ordered))


def _basis(one: Consent) -> Basis:
    return Basis(frozenset(area.area_id for area in one.areas), one.valid_from, one.valid_until, one.revoked_at)


def _holds(one: DisclosureDecision, clock: Clock) -> bool:
    return one.ended_at is None and one.valid_until >= clock.today


def _open_actions(session: Session, principal: Principal, case_id: UUID) -> dict[UUID, int]:
    rows = session.execute(
        select(Action.actor_id, func.count())
        .where(
            visible.actions(principal),
            Action.case_id == case_id,
            Action.closed_at.is_(None),
            Action.actor_id.is_not(None),
        )
        .group_by(Action.actor_id)
    )
    return {actor: count for actor, count in rows if actor is not None}


def _again(session: Session, principal: Principal, case_id: UUID) -> tuple[AskAgain, ...]:
    query = select(AskAgain).where(
        visible.rows(AskAgain, principal), AskAgain.case_id == case_id, AskAgain.done_at.is_(None)
    )
    return tuple(session.scalars(query.order_by(AskAgain.on_day)))


def choices(session: Session, principal: Principal) -> list[Actor]:
    """Return the actors a consent can be for: open ones outside the own agency, in Swedish alphabetical order."""
    query = select(Actor).where(visible.rows(Actor, principal), Actor.closed_on.is_(None))
    rows = session.scalars(query.options(joinedload(Actor.organisation)).order_by(Actor.sort_key))
    return [actor for actor in rows if actor.organisation.needs_basis]
