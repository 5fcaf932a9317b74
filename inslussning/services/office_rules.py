"""The numbers law or local routine decides, each with its source and the date from which it holds. Law is data here, not code."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import OfficeRule
from inslussning.practice.access import Function, Principal
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import visible

MOST_MONTHS = 36
MOST_DAYS = 400
MOST = {
    RuleKey.OPENING_HOURS: 4,  # longer is no longer an emergency
    RuleKey.SESSION_IDLE_HOURS: 24,
    RuleKey.SESSION_LONGEST_DAYS: 30,
    RuleKey.PROOF_VALID_MINUTES: 60,
    RuleKey.USER_INVITATION_DAYS: 30,
}
FEWEST_LOG_YEARS = 5  # HSLF-FS 2016:40 ch. 4 § 9
LOG_TOO_SHORT = N_("Åtkomstloggen ska sparas i minst %(least)d år.")
TOO_MUCH = N_("Talet ska vara mellan 1 och %(most)d.")
DAY_HAS_BEEN = N_("Dagen har varit. Ett nytt tal kan gälla tidigast från i dag.")
HAS_HELD = N_("Talet gäller redan eller har gällt, och kan inte tas bort. Skriv ett nytt som gäller från i dag.")


@dataclass(frozen=True, slots=True)
class RuleHistory:
    """A number through time: in force today, and every row of it, newest first."""

    key: RuleKey
    current: OfficeRule | None
    rows: tuple[OfficeRule, ...]

    @property
    def coming(self) -> tuple[OfficeRule, ...]:
        """Return the rows that do not hold yet, nearest first."""
        newer = [row for row in self.rows if self.current is None or row.valid_from > self.current.valid_from]
        return tuple(reversed(newer))


def list_rules(session: Session, principal: Principal, *, today: dt.date) -> Sequence[RuleHistory]:
    """Return every number the office decides, with its history."""
    query = select(OfficeRule).where(visible.rows(OfficeRule, principal)).order_by(OfficeRule.valid_from.desc())
    rows = session.scalars(query).all()
    return [_history(key, [row for row in rows if row.key == key], today) for key in RuleKey]


def get_rule(session: Session, principal: Principal, key: RuleKey, *, today: dt.date) -> RuleHistory:
    """Return one number with its history."""
    return next(history for history in list_rules(session, principal, today=today) if history.key is key)


def _history(key: RuleKey, rows: Sequence[OfficeRule], today: dt.date) -> RuleHistory:
    return RuleHistory(key, next((row for row in rows if row.valid_from <= today), None), tuple(rows))


def set_rule(
    session: Session,
    principal: Principal,
    key: RuleKey,
    *,
    value: int,
    valid_from: dt.date,
    source: str,
    today: dt.date,
) -> OfficeRule:
    """Let the number hold from a day; one already written for that day is replaced. Raises Invalid by the field.

    What has held stays as it was, so the day is today at the earliest.
    """
    principal.must(Function.SET_UP)
    if valid_from < today:
        raise Invalid(field="valid_from", message=DAY_HAS_BEEN)
    most = longest(key)
    if key is RuleKey.LOG_KEPT_YEARS and value < FEWEST_LOG_YEARS:
        raise Invalid(field="value", message=LOG_TOO_SHORT, least=FEWEST_LOG_YEARS)
    if not 1 <= value <= most:
        raise Invalid(field="value", message=TOO_MUCH, most=most)
    same_day = select(OfficeRule).where(
        visible.rows(OfficeRule, principal), OfficeRule.key == key, OfficeRule.valid_from == valid_from
    )
    row = session.scalar(same_day)
    if row is None:
        row = OfficeRule(office_id=principal.office_id, key=key, valid_from=valid_from)
        session.add(row)
    row.value = value
    row.source = source
    session.flush()  # the page that follows lists it, and two at once must not both add it
    return row


def withdraw_rule(session: Session, principal: Principal, key: UUID, *, today: dt.date) -> None:
    """Take back a number that does not hold yet. Raises Invalid for one that does, NotFound for an absent one."""
    principal.must(Function.SET_UP)
    row = visible.one(session, principal, OfficeRule, key)
    if row.valid_from <= today:
        raise Invalid(message=HAS_HELD)
    session.delete(row)


def longest(key: RuleKey) -> int:
    """Return the greatest value the number may have, in its own unit."""
    if key in MOST:
        return MOST[key]
    return MOST_MONTHS if key.value.endswith("_months") else MOST_DAYS
