"""What the start page's rules need to know of consent: days to ask again, and consents about to end. Two statements, no client's words."""

import datetime as dt

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from inslussning.db import Session
from inslussning.models import Actor, AskAgain, Case, CaseActor, Consent
from inslussning.practice.access import Principal
from inslussning.practice.attention import AskFacts, ConsentFacts
from inslussning.practice.phases import Phase
from inslussning.services import visible


def to_ask(session: Session, principal: Principal, today: dt.date) -> tuple[AskFacts, ...]:
    """Return the days to ask again that lie within a week or have passed, and are not ticked off, in open cases."""
    rows = session.execute(
        select(AskAgain.id, AskAgain.case_id, Case.code, AskAgain.on_day)
        .join(Case, Case.id == AskAgain.case_id)
        .where(
            visible.rows(AskAgain, principal),
            AskAgain.done_at.is_(None),
            AskAgain.on_day <= today + dt.timedelta(days=7),
            Case.phase != Phase.CLOSED,
        )
        .order_by(AskAgain.on_day, Case.sort_key)
    )
    return tuple(AskFacts(key=key, case=case, code=code, on=on) for key, case, code, on in rows)


def ending(session: Session, principal: Principal, today: dt.date, days: int) -> tuple[ConsentFacts, ...]:
    """Return the consents that end within so many days, for actors that take part in open cases and have no later one."""
    later = aliased(Consent)
    renewed = exists().where(
        later.case_id == Consent.case_id,
        later.actor_id == Consent.actor_id,
        later.revoked_at.is_(None),
        later.valid_until > Consent.valid_until,
    )
    takes_part = exists().where(
        CaseActor.case_id == Consent.case_id, CaseActor.actor_id == Consent.actor_id, CaseActor.left_on.is_(None)
    )
    rows = session.execute(
        select(Consent.case_id, Case.code, Actor.function, Consent.valid_until)
        .join(Case, Case.id == Consent.case_id)
        .join(Actor, Actor.id == Consent.actor_id)
        .where(
            visible.rows(Consent, principal),
            Consent.revoked_at.is_(None),
            Consent.valid_until >= today,
            Consent.valid_until <= today + dt.timedelta(days=days),
            Case.phase != Phase.CLOSED,
            ~renewed,
            takes_part,
        )
        .order_by(Consent.valid_until, Case.sort_key, Actor.sort_key)
    )
    found = {
        (case, actor): ConsentFacts(case=case, code=code, actor=actor, last_on=on) for case, code, actor, on in rows
    }
    return tuple(found.values())
