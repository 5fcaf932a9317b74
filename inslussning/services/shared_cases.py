"""Cases as somebody outside the office's staff is given them: every field is named here, and what is not named is not shown.

Nothing hints at what is left out: no counts, no numbers with gaps, no reasons why an actor does not take part.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from inslussning.db import Session
from inslussning.errors import NotFound
from inslussning.models import (
    Action,
    Actor,
    Appointment,
    Case,
    Consent,
    ConsentArea,
    DisclosureArea,
    DisclosureDecision,
    Need,
    NeedArea,
)
from inslussning.practice.access import Function, Principal, Share, Standing
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.protection import Protection
from inslussning.practice.release import release_clock, release_day
from inslussning.services import bases, shared_meetings, visible
from inslussning.services.shared_meetings import OwnMeeting
from meetings.actions import ActionState

ROWS = 25
CLOSED_ACTIONS = 25


class CaseLine(NamedTuple):
    """A case in the list."""

    key: UUID
    code: str
    phase: Phase
    release_on: dt.date | None


class CasePage(NamedTuple):
    """A page of the list, the nearest release first; `after` is what to ask for next, None on the last page."""

    rows: list[CaseLine]
    after: UUID | None


class SharedAction(NamedTuple):
    """An action: what, who (None is the client), when. `own` ones have a page of their own."""

    key: UUID
    what: str
    actor: str | None
    kind: OrganisationKind | None
    due_on: dt.date
    state: ActionState
    own: bool


class SharedNeed(NamedTuple):
    """A need in a subject area one may see, with its actions."""

    area: str
    text: str
    met_on: dt.date | None
    actions: tuple[SharedAction, ...]


class SharedTime(NamedTuple):
    """A booked time for the client."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    what: str
    place: str
    actor: str
    kind: OrganisationKind


class Part(NamedTuple):
    """A function that takes part, or did: then nothing more than that it does not."""

    title: str
    kind: OrganisationKind
    takes_part: bool


class Ground(NamedTuple):
    """What lets one see the case: a consent or a decision, in these areas, until a day."""

    is_consent: bool
    actor: str
    areas: tuple[str, ...]
    until: dt.date


class SharedCase(NamedTuple):
    """The whole page. `opened` says that it is open to a manager for some hours."""

    key: UUID
    code: str
    phase: Phase
    release_on: dt.date | None
    release_clock: dt.time | None
    is_secret: bool
    whole: bool
    opened: bool
    needs: tuple[SharedNeed, ...]
    other_actions: tuple[SharedAction, ...]
    times: tuple[SharedTime, ...]
    meetings: list[OwnMeeting]
    parts: tuple[Part, ...]
    grounds: tuple[Ground, ...]


def list_cases(session: Session, principal: Principal, *, after: UUID | None = None) -> CasePage:
    """Return the open cases shared with the principal; raises NotFound for an `after` that is not."""
    query = select(Case).where(visible.shared(Case, principal), Case.phase != Phase.CLOSED)
    if after is not None:
        query = query.where(_beyond(visible.one_shared(session, principal, Case, after)))
    order = (Case.release_at.is_(None), Case.release_at, Case.id)
    found = session.scalars(query.order_by(*order).limit(ROWS + 1)).all()
    lines = [CaseLine(case.id, case.code, case.phase, _release_on(case, principal)) for case in found[:ROWS]]
    return CasePage(lines, lines[-1].key if len(found) > ROWS else None)


def _beyond(last: Case) -> ColumnElement[bool]:
    same_day = and_(Case.release_at == last.release_at, Case.id > last.id)
    if last.release_at is None:
        return and_(Case.release_at.is_(None), Case.id > last.id)
    return or_(Case.release_at > last.release_at, same_day, Case.release_at.is_(None))


def one(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> SharedCase:
    """Return what is shared of a case; raises NotFound alike for an absent one and one that is not shared."""
    share = principal.scope.share(key)
    if share is None or not principal.may(Function.READ_PLANS):
        raise NotFound
    case = visible.one_shared(session, principal, Case, key)
    is_secret = case.protection is not Protection.NONE
    needs, others = _needs(session, principal, case.id, share)
    return SharedCase(
        key=case.id,
        code=case.code,
        phase=case.phase,
        release_on=_release_on(case, principal),
        release_clock=release_clock(case.release_at, principal.zone) if case.release_at else None,
        is_secret=is_secret,
        whole=share.whole,
        opened=share.whole and not share.actor_ids,
        needs=needs,
        other_actions=others,
        times=_times(session, principal, case.id, is_secret=is_secret),
        meetings=shared_meetings.coming(session, principal, now=now, case_id=case.id).rows,
        parts=_parts(session, principal, case.id, now),
        grounds=_grounds(session, principal, case.id, share),
    )


def _release_on(case: Case, principal: Principal) -> dt.date | None:
    return release_day(case.release_at, principal.zone) if case.release_at else None


def _needs(
    session: Session, principal: Principal, case_id: UUID, share: Share
) -> tuple[tuple[SharedNeed, ...], tuple[SharedAction, ...]]:
    """Return the needs one may see with their actions, and the actions that stand under none of them."""
    needs = session.scalars(
        select(Need)
        .join(Need.area)
        .options(joinedload(Need.area))
        .where(visible.shared(Need, principal), Need.case_id == case_id)
        .order_by(Need.met_on.is_not(None), NeedArea.position, Need.id)
    ).all()
    actions = _actions(session, principal, case_id)
    shown = {need.id for need in needs}
    found = tuple(
        SharedNeed(
            need.area.name,
            need.text,
            need.met_on,
            tuple(_action(one, share) for one in actions if one.need_id == need.id),
        )
        for need in needs
    )
    return found, tuple(_action(one, share) for one in actions if one.need_id not in shown)


def _actions(session: Session, principal: Principal, case_id: UUID) -> Sequence[Action]:
    query = (
        select(Action)
        .options(joinedload(Action.actor).joinedload(Actor.organisation))
        .where(visible.actions_of_case(principal, case_id))
    )
    opened = session.scalars(query.where(Action.closed_at.is_(None)).order_by(Action.due_on, Action.id)).all()
    closed = query.where(Action.closed_at.is_not(None)).order_by(Action.closed_at.desc(), Action.id)
    return [*opened, *session.scalars(closed.limit(CLOSED_ACTIONS))]


def _action(action: Action, share: Share) -> SharedAction:
    actor = action.actor
    return SharedAction(
        key=action.id,
        what=action.what,
        actor=actor.title if actor else None,
        kind=actor.organisation.kind if actor else None,
        due_on=action.due_on,
        state=action.state,
        own=action.actor_id in share.actor_ids,
    )


def _times(session: Session, principal: Principal, case_id: UUID, *, is_secret: bool) -> tuple[SharedTime, ...]:
    rows = session.scalars(
        select(Appointment)
        .options(joinedload(Appointment.actor).joinedload(Actor.organisation))
        .where(
            visible.shared(Appointment, principal), Appointment.case_id == case_id, Appointment.cancelled_at.is_(None)
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return tuple(
        SharedTime(
            row.starts_at,
            row.ends_at,
            row.what,
            "" if is_secret else row.place,
            row.actor.title,
            row.actor.organisation.kind,
        )
        for row in rows
    )


def _parts(session: Session, principal: Principal, case_id: UUID, now: dt.datetime) -> tuple[Part, ...]:
    """Return who takes part, and who did, in the subject areas one may see: a clinic's part is nothing to tell a landlord."""
    case = visible.one_shared(session, principal, Case, case_id, selectinload(Case.members))
    standings = bases.standings(session, principal.office_id, [case_id], today=principal.today)
    members = {member.actor_id: standings[case_id, member.actor_id] for member in case.members}
    share = principal.scope.share(case_id)
    known = {
        key
        for key, standing in members.items()
        if _has_been_part(standing, now, principal.today) and share is not None and _concerns(standing, share)
    }
    actors = session.scalars(
        select(Actor)
        .options(joinedload(Actor.organisation))
        .where(Actor.office_id == principal.office_id, Actor.id.in_(known))
        .order_by(Actor.sort_key, Actor.id)
    )
    found = [
        Part(actor.title, actor.organisation.kind, members[actor.id].share(now, principal.today) is not None)
        for actor in actors
    ]
    return tuple(sorted(found, key=lambda part: not part.takes_part))


def _has_been_part(standing: Standing, now: dt.datetime, today: dt.date) -> bool:
    """Tell whether the function has ever been let in: what began and was taken back the same day counts too."""
    if standing.joined_on > today:
        return False
    begun = (b for b in standing.bases if b.first_on <= today and not _never_held(b.ended_at, b.first_on))
    return not standing.needs_basis or standing.share(now, today) is not None or any(begun)


def _concerns(standing: Standing, share: Share) -> bool:
    """Tell whether a function's part touches what one may see: the own agency's always does, another's by a subject area in common."""
    is_known = share.whole or not standing.needs_basis or standing.actor_id in share.actor_ids
    return is_known or any(basis.area_ids & share.area_ids for basis in standing.bases)


def _never_held(ended_at: dt.datetime | None, first_on: dt.date) -> bool:
    return ended_at is not None and ended_at.date() < first_on


def _grounds(session: Session, principal: Principal, case_id: UUID, share: Share) -> tuple[Ground, ...]:
    """Return the consents and decisions in force for one's own functions, the longest first."""
    mine, today = list(share.actor_ids), principal.today
    consents = session.scalars(
        select(Consent)
        .options(joinedload(Consent.actor), selectinload(Consent.areas).joinedload(ConsentArea.area))
        .where(
            Consent.office_id == principal.office_id,
            Consent.case_id == case_id,
            Consent.actor_id.in_(mine),
            Consent.valid_from <= today,
            Consent.valid_until >= today,
            or_(Consent.revoked_at.is_(None), Consent.revoked_at > principal.asked_at),
        )
    ).all()
    decisions = session.scalars(
        select(DisclosureDecision)
        .options(
            joinedload(DisclosureDecision.actor),
            selectinload(DisclosureDecision.areas).joinedload(DisclosureArea.area),
        )
        .where(
            DisclosureDecision.office_id == principal.office_id,
            DisclosureDecision.case_id == case_id,
            DisclosureDecision.actor_id.in_(mine),
            DisclosureDecision.valid_from <= today,
            DisclosureDecision.valid_until >= today,
            or_(DisclosureDecision.ended_at.is_(None), DisclosureDecision.ended_at > principal.asked_at),
        )
    ).all()
    found = [_ground(one, is_consent=True) for one in consents] + [_ground(one, is_consent=False) for one in decisions]
    return tuple(sorted(found, key=lambda ground: (ground.until, ground.actor), reverse=True))


def _ground(row: Consent | DisclosureDecision, *, is_consent: bool) -> Ground:
    rows: Iterable[ConsentArea | DisclosureArea] = row.areas
    areas = sorted((one.area for one in rows), key=lambda area: area.position)
    return Ground(is_consent, row.actor.title, tuple(area.name for area in areas), row.valid_until)
