"""Whether information of a case may reach an actor, asked wherever something leaves the house.

The rule is `practice.access.Standing`, the facts are read with the statement that principals are made from: what an actor may be sent
and what somebody who staffs it may see can never be two different things.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, CaseActor, Consent, DisclosureDecision, Organisation
from inslussning.practice.access import Principal, Share, Standing
from inslussning.practice.dates import day_text
from inslussning.practice.protection import Protection
from inslussning.services.principals import BASES_OF_CASES, by_part

Part = tuple[UUID, UUID]  # a case and an actor

NO_BASIS = N_("Samtycke saknas för %(actors)s. Dokumentera samtycket på ärendets sida först.")

HAS_LEFT = N_("%(actor)s har lämnat ärendet. Lägg till aktören i ärendet först.")
REVOKED = N_(
    "Klienten återkallade samtycket för %(actor)s %(day)s. Dokumentera ett nytt samtycke för att bjuda in igen."
)


class NoBasis(Invalid):
    """Something would reach an actor that nothing lets it reach. `case_id` is where a consent is documented."""

    message = NO_BASIS


def standings(session: Session, office_id: UUID, case_ids: Collection[UUID], *, today: dt.date) -> dict[Part, Standing]:
    """Return every actor's standing in each of the cases; one that takes no part is judged as if it began today."""
    keys = list(dict.fromkeys(case_ids))
    if not keys:
        return {}
    session.flush()  # the statements below go past the session, and a consent just given or ended must be among them
    values: dict[str, Any] = {"office_id": office_id, "case_ids": keys}
    bases = by_part(session.connection().execute(BASES_OF_CASES, values))
    parts = session.execute(
        select(CaseActor.case_id, CaseActor.actor_id, CaseActor.joined_on, CaseActor.left_on).where(
            CaseActor.office_id == office_id, CaseActor.case_id.in_(keys)
        )
    )
    takes_part = {(case, actor): (joined, left) for case, actor, joined, left in parts}
    return {
        (case, actor): Standing(actor, needs, *takes_part.get((case, actor), (today, None)), bases[case, actor])
        for actor, needs in _actors(session, office_id)
        for case in keys
    }


def _actors(session: Session, office_id: UUID) -> Iterable[tuple[UUID, bool]]:
    rows = session.execute(
        select(Actor.id, Organisation.needs_basis)
        .join(Organisation, Organisation.id == Actor.organisation_id)
        .where(Actor.office_id == office_id)
    )
    return [(actor, needs) for actor, needs in rows]


def shares_now(
    session: Session, office_id: UUID, case_ids: Collection[UUID], *, now: dt.datetime, zone: str
) -> Mapping[Part, Share]:
    """Return what each actor may know of each case now; who may know nothing is absent."""
    today = now.astimezone(ZoneInfo(zone)).date()
    found = standings(session, office_id, case_ids, today=today)
    return {part: share for part, standing in found.items() if (share := standing.share(now, today)) is not None}


def actors_with_basis(
    session: Session, principal: Principal, case_ids: Collection[UUID], *, now: dt.datetime
) -> frozenset[Part]:
    """Return the (case, actor) pairs that information may pass between now."""
    return frozenset(shares_now(session, principal.office_id, case_ids, now=now, zone=principal.zone))


def require(
    session: Session,
    principal: Principal,
    case_id: UUID,
    actors: Iterable[Actor],
    *,
    now: dt.datetime,
    field: str = "",
) -> None:
    """Raise NoBasis, naming them by the field, when some of the actors may not have anything of the case."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    known = standings(session, principal.office_id, [case_id], today=today)
    without = [actor for actor in actors if known[case_id, actor.id].share(now, today) is None]
    for actor in without:
        refuse_revoked(session, principal, case_id, actor, today=today, field=field)
        left_on = known[case_id, actor.id].left_on
        if left_on is not None and left_on <= today:
            raise NoBasis(field=field, message=HAS_LEFT, actor=actor.title, case_id=str(case_id))
    if without:
        raise NoBasis(field=field, actors=", ".join(actor.title for actor in without), case_id=str(case_id))


def refuse_revoked(
    session: Session, principal: Principal, case_id: UUID, actor: Actor, *, today: dt.date, field: str = ""
) -> None:
    """Raise NoBasis for an actor whose consent has been taken back, until something new lets it in."""
    query = select(Consent.revoked_at, Consent.valid_until).where(
        Consent.office_id == principal.office_id, Consent.case_id == case_id, Consent.actor_id == actor.id
    )
    consents = session.execute(query).all()
    revoked = [at for at, _ in consents if at is not None]
    if not revoked or any(at is None and last >= today for at, last in consents):
        return
    decided = select(DisclosureDecision.id).where(
        DisclosureDecision.case_id == case_id,
        DisclosureDecision.actor_id == actor.id,
        DisclosureDecision.ended_at.is_(None),
        DisclosureDecision.valid_until >= today,
    )
    if session.scalar(decided.limit(1)) is None:
        day = day_text(max(revoked).astimezone(ZoneInfo(principal.zone)).date(), today, principal.language)
        raise NoBasis(field=field, message=REVOKED, actor=actor.title, day=day, case_id=str(case_id))


def open_to_links(session: Session, case_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of the cases that a link may tell of: not one that is open to the named alone, since nobody knows who holds a link."""
    keys = list(case_ids)
    return frozenset(session.scalars(_unrestricted(keys))) if keys else frozenset()


def _unrestricted(keys: Collection[UUID]) -> Select[UUID]:
    is_open = Case.sealed_at.is_(None) & (Case.protection == Protection.NONE)
    return select(Case.id).where(Case.id.in_(list(keys)), is_open)
