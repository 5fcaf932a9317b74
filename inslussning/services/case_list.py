"""The list of cases: a page of rows with what stands ready and what is left to do, in a fixed number of statements."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, select

from inslussning.db import Session
from inslussning.models import Case
from inslussning.practice.access import Principal
from inslussning.practice.attention import Part, readiness
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.services import case_facts, cases, offices, visible
from inslussning.services.case_facts import ActionCount
from inslussning.services.cases import CaseOrder

ROWS = 25


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are wanted: open or closed, in which order, and after which case."""

    closed: bool = False
    order: CaseOrder = CaseOrder.RELEASE
    after: UUID | None = None


class CaseRow(NamedTuple):
    """One case in the list. `parts` is empty once the release has been: then nothing is made ready for it any more."""

    key: UUID
    code: str
    phase: Phase
    release_on: dt.date | None
    closed_on: dt.date | None
    lead: str
    parts: tuple[Part, ...]
    actions: ActionCount


class CasePage(NamedTuple):
    """One page of the list; `after` is where the next one begins, None when this is the last."""

    rows: Sequence[CaseRow]
    after: UUID | None
    office_has_cases: bool


def page_of_cases(session: Session, principal: Principal, wanted: Wanted, *, today: dt.date) -> CasePage:
    """Return the wanted page of cases. Raises NotFound when `wanted.after` is no visible case."""
    found = cases.list_cases(
        session,
        principal,
        today=today,
        closed=wanted.closed,
        order=wanted.order,
        after=wanted.after,
        limit=ROWS + 1,
    )
    shown = found[:ROWS]
    keys = [case.id for case in shown]
    facts = case_facts.of_cases(session, principal, keys, today=today)
    counts = case_facts.action_counts(session, principal, keys, today=today)
    rules = case_facts.attention_rules(offices.rules(session, principal.office_id, today))
    rows = [
        CaseRow(
            key=case.id,
            code=case.code,
            phase=case.phase,
            release_on=release_day(case.release_at, principal.zone) if case.release_at else None,
            closed_on=case.closed_on,
            lead=case.lead.title if case.lead else "",
            parts=() if _is_past(case, principal, today) else readiness(facts[case.id], rules=rules, today=today),
            actions=counts.get(case.id, ActionCount(0, 0)),
        )
        for case in shown
    ]
    return CasePage(rows, shown[-1].id if len(found) > ROWS else None, bool(shown) or _any_case(session, principal))


def _is_past(case: Case, principal: Principal, today: dt.date) -> bool:
    return case.release_at is not None and release_day(case.release_at, principal.zone) < today


def _any_case(session: Session, principal: Principal) -> bool:
    return bool(session.scalar(select(exists().where(visible.rows(Case, principal)))))
