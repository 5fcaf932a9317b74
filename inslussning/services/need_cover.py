"""Who can take a need on: which actors may know of it already, which one usually does, by when the first time, and who is done.

A new need asks for a consent of its own, actor by subject area. A met need asks whether the actor's part is over.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.models import Action, Actor, Appointment, Case, Need
from inslussning.practice.access import Principal, Share
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.services import offices, visible
from inslussning.services.bases import Part

MOST_SUGGESTED = 3


class Cover(NamedTuple):
    """What to say by one need.

    `knows`: actors outside the agency that may know of it; `usual`: some that usually take the area and may know nothing of it here.
    `book`: one that may know, and has no time booked yet, with the last day of the first. `done`: actors whose part may be over.
    """

    knows: tuple[str, ...] = ()
    usual: tuple[Actor, ...] = ()
    lacks: bool = False
    book: Actor | None = None
    first_by: dt.date | None = None
    done: tuple[Actor, ...] = ()


def of_case(
    session: Session, principal: Principal, case: Case, needs: Sequence[Need], shares: Mapping[Part, Share]
) -> dict[UUID, Cover]:
    """Return what to say by each of the case's needs; its members are loaded with actor and organisation.

    `shares` is what each actor may know of the case now.
    """
    if case.phase is Phase.CLOSED or not needs:
        return {}
    mine = {actor: share for (_, actor), share in shares.items() if not share.whole}
    partners = {part.actor_id: part.actor for part in case.members if part.actor_id in mine}
    agreed = _agreed(session, principal, case.id)
    lacking = [need for need in needs if need.met_on is None and not _is_taken(need, mine, partners, agreed, shares)]
    usual = _usual(session, principal, {need.area_id for need in lacking})
    found = {
        need.id: Cover(knows=tuple(actor.title for actor in _covering(need, partners, mine)))
        for need in needs
        if need.met_on is None
    }
    found |= {need.id: Cover(usual=_not_in(usual.get(need.area_id, ()), need, mine), lacks=True) for need in lacking}
    met = [need for need in needs if need.met_on is not None]
    still = {need.area_id for need in needs if need.met_on is None}
    for need in met:
        done = [partners[key] for key in partners if _is_over(key, need, case, mine[key], still, agreed)]
        if done:
            found[need.id] = Cover(done=tuple(done))
    for key, book, first_by in _to_book(
        session, principal, case, [n for n in needs if n.met_on is None], partners, mine
    ):
        found[key] = found[key]._replace(book=book, first_by=first_by)
    return found


def _covering(need: Need, partners: Mapping[UUID, Actor], mine: Mapping[UUID, Share]) -> list[Actor]:
    """Return the actors in the case that may know of the need, the one with the narrowest part first."""
    found = [actor for key, actor in partners.items() if need.area_id in mine[key].area_ids]
    return sorted(found, key=lambda actor: (len(mine[actor.id].area_ids), actor.sort_key))


def _agreed(session: Session, principal: Principal, case_id: UUID) -> list[tuple[UUID | None, UUID | None]]:
    """Return the actor and the need of every open action of the case."""
    rows = session.execute(
        select(Action.actor_id, Action.need_id).where(
            visible.actions(principal), Action.case_id == case_id, Action.closed_at.is_(None)
        )
    )
    return [(actor, need) for actor, need in rows]


def _is_taken(
    need: Need,
    mine: Mapping[UUID, Share],
    partners: Collection[UUID],
    agreed: Sequence[tuple[UUID | None, UUID | None]],
    shares: Mapping[Part, Share],
) -> bool:
    """Tell whether somebody in the case may know of the need, or does something about it that needs no consent."""
    if any(need.area_id in mine[key].area_ids for key in partners):
        return True
    whole = {actor for (_, actor), share in shares.items() if share.whole} | {None}
    return any(on == need.id and actor in whole for actor, on in agreed)


def _usual(session: Session, principal: Principal, area_ids: Collection[UUID]) -> dict[UUID, list[Actor]]:
    """Return the actors outside the own agency that have most actions in each area, of all the office's cases."""
    if not area_ids:
        return {}
    rows = session.execute(
        select(Need.area_id, Action.actor_id, func.count())
        .join(Action, Action.need_id == Need.id)
        .where(visible.rows(Need, principal), Need.area_id.in_(list(area_ids)), Action.actor_id.is_not(None))
        .group_by(Need.area_id, Action.actor_id)
        .order_by(func.count().desc())
    ).all()
    query = select(Actor).where(visible.rows(Actor, principal), Actor.id.in_({row[1] for row in rows}))
    known = {actor.id: actor for actor in session.scalars(query.options(joinedload(Actor.organisation)))}
    found: dict[UUID, list[Actor]] = {}
    for area_id, actor_id, _ in rows:
        actor = known.get(actor_id) if actor_id else None
        if actor is not None and actor.closed_on is None and actor.organisation.needs_basis:
            found.setdefault(area_id, []).append(actor)
    return found


def _not_in(actors: Sequence[Actor], need: Need, mine: Mapping[UUID, Share]) -> tuple[Actor, ...]:
    lack = (actor for actor in actors if actor.id not in mine or need.area_id not in mine[actor.id].area_ids)
    return tuple(lack)[:MOST_SUGGESTED]


def _is_over(
    actor_id: UUID,
    need: Need,
    case: Case,
    share: Share,
    still: Collection[UUID],
    agreed: Sequence[tuple[UUID | None, UUID | None]],
) -> bool:
    """Tell whether an actor was there for the met need, and has no other need and no action left. One that is leaving is done."""
    is_leaving = any(part.actor_id == actor_id and part.left_on is not None for part in case.members)
    has_more = bool(share.area_ids & set(still)) or any(actor == actor_id for actor, _ in agreed)
    return need.area_id in share.area_ids and not has_more and not is_leaving and case.lead_actor_id != actor_id


def _to_book(
    session: Session,
    principal: Principal,
    case: Case,
    needs: Sequence[Need],
    partners: Mapping[UUID, Actor],
    mine: Mapping[UUID, Share],
) -> list[tuple[UUID, Actor, dt.date]]:
    """Return, for a client who is out, whom to book with and by when: each need that has come up since and has no time booked."""
    release = release_day(case.release_at, principal.zone) if case.release_at else None
    fresh = [need for need in needs if release is not None and release <= need.opened_on]
    if not fresh:
        return []
    days = offices.rules(session, principal.office_id, principal.today)[RuleKey.NEW_NEED_FIRST_TIME_DAYS]
    booked = set(
        session.scalars(
            select(Appointment.actor_id).where(
                visible.rows(Appointment, principal),
                Appointment.case_id == case.id,
                Appointment.cancelled_at.is_(None),
            )
        )
    )
    found = []
    for need in fresh:
        covering = _covering(need, partners, mine)
        if covering and not any(actor.id in booked for actor in covering):
            found.append((need.id, covering[0], need.opened_on + dt.timedelta(days=days)))
    return found
