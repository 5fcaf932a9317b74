"""Who is asking, and what that lets them see and do. The only place that decides it.

A role says which functions a person has, and where its view of the cases begins: the office's own staff begin with every case of the
office, everybody else with none. `decide` says what one may see of one case, from facts that `services.principals` reads. Which rows
that means is turned into SQL by `services.visible` alone.

The order in `decide` is the rule: an exclusion stands above everything, an opening above a restriction, a restriction above a role.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from inslussning.errors import NotAllowed
from inslussning.i18n import N_


class Role(StrEnum):
    """What a signed-in person does in the group."""

    COORDINATOR = "coordinator"
    INSPECTOR = "inspector"
    CASE_WORKER = "case_worker"
    PARTNER = "partner"
    LAY_SUPERVISOR = "lay_supervisor"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _LABELS[self]

    @property
    def is_staff(self) -> bool:
        """Tell whether the role works with every case of its own office, as far as none is closed to it."""
        return self in {Role.COORDINATOR, Role.INSPECTOR}


_LABELS = {
    Role.COORDINATOR: N_("Samordnare"),
    Role.INSPECTOR: N_("Frivårdsinspektör"),
    Role.CASE_WORKER: N_("Klienthandläggare på anstalt"),
    Role.PARTNER: N_("Partner"),
    Role.LAY_SUPERVISOR: N_("Lekmannaövervakare"),
    Role.MANAGER: N_("Chef"),
    Role.REVIEWER: N_("Granskare"),
    Role.ADMINISTRATOR: N_("Administratör"),
}


class Function(StrEnum):
    """What a route may demand of the person asking."""

    FOLLOW_ACTIONS = "follow_actions"  # one's own functions' actions
    FOLLOW_MEETINGS = "follow_meetings"  # the meetings one's functions are invited to
    READ_CASES = "read_cases"  # that a case exists, when one's scope opens it
    READ_PLANS = "read_plans"  # what one's scope opens of its plan: needs, actions, who takes part
    READ_SCHEDULES = "read_schedules"  # the client's week as the client is given it
    COORDINATE = "coordinate"  # change cases, run meetings, send invitations
    SET_UP = "set_up"  # the office's own lists, rules and sign-ins
    SEE_RESULTS = "see_results"  # numbers without clients
    OPEN_CASES = "open_cases"  # open a case beyond the rule, for hours, with a reason
    REVIEW = "review"  # the access log and the queue of openings
    DISPOSE = "dispose"  # erase by rule


_FOLLOWS = frozenset({Function.FOLLOW_ACTIONS, Function.READ_CASES})
_TAKES_PART = _FOLLOWS | {Function.FOLLOW_MEETINGS, Function.READ_PLANS}
ALLOWED: dict[Role, frozenset[Function]] = {
    Role.COORDINATOR: frozenset(Function) - {Function.REVIEW},
    Role.INSPECTOR: _TAKES_PART | {Function.READ_SCHEDULES, Function.COORDINATE, Function.OPEN_CASES},
    Role.CASE_WORKER: _TAKES_PART | {Function.READ_SCHEDULES},
    Role.PARTNER: _TAKES_PART,
    Role.LAY_SUPERVISOR: _FOLLOWS | {Function.READ_SCHEDULES},
    Role.MANAGER: frozenset({Function.SEE_RESULTS, Function.READ_CASES, Function.READ_PLANS, Function.OPEN_CASES}),
    Role.REVIEWER: frozenset({Function.REVIEW}),
    Role.ADMINISTRATOR: frozenset({Function.SET_UP, Function.DISPOSE}),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """Why information may reach a function: a consent or a named decision. Both days included; an end at a moment ends it at once."""

    area_ids: frozenset[UUID]
    first_on: dt.date
    last_on: dt.date | None
    ended_at: dt.datetime | None = None

    def holds(self, now: dt.datetime, today: dt.date) -> bool:
        """Tell whether it is in force."""
        is_ended = self.ended_at is not None and self.ended_at <= now
        return not is_ended and self.first_on <= today and (self.last_on is None or today <= self.last_on)


@dataclass(frozen=True, slots=True)
class Standing:
    """One function's part in a case. One of the same agency as the office needs no consent (`needs_basis` is false)."""

    actor_id: UUID
    needs_basis: bool
    joined_on: dt.date
    left_on: dt.date | None = None
    bases: tuple[Basis, ...] = ()

    def share(self, now: dt.datetime, today: dt.date) -> "Share | None":
        """Return what the function may see of the case now, or None."""
        takes_part = self.joined_on <= today and (self.left_on is None or self.left_on > today)
        if not takes_part:
            return None
        if not self.needs_basis:
            return Share(frozenset({self.actor_id}), frozenset(), whole=True)
        held = [basis for basis in self.bases if basis.holds(now, today)]
        if not held:
            return None
        return Share(frozenset({self.actor_id}), frozenset().union(*(basis.area_ids for basis in held)))


@dataclass(frozen=True, slots=True)
class Opening:
    """A case opened beyond the rule by one user, for hours."""

    user_id: UUID
    opened_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None = None

    def holds(self, now: dt.datetime) -> bool:
        """Tell whether it is in force."""
        end = min(self.expires_at, self.ended_at) if self.ended_at else self.expires_at
        return self.opened_at <= now < end


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What decides who may see a case. `restricted`: sealed or with protected identity, open to the named alone."""

    case_id: UUID
    office_id: UUID
    restricted: bool = False
    closed: bool = False
    excluded: frozenset[UUID] = frozenset()
    named: frozenset[UUID] = frozenset()
    standings: tuple[Standing, ...] = ()
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one may see of a case: the parts of these functions, and these subject areas; all of it when `whole`."""

    actor_ids: frozenset[UUID]
    area_ids: frozenset[UUID]
    whole: bool = False

    def joined(self, other: "Share") -> "Share":
        """Return both together."""
        return Share(self.actor_ids | other.actor_ids, self.area_ids | other.area_ids, self.whole or other.whole)

    def shows_area(self, area_id: UUID | None) -> bool:
        """Tell whether a need in the area is open."""
        return self.whole or area_id in self.area_ids

    def shows_action(self, actor_id: UUID | None, area_id: UUID | None) -> bool:
        """Tell whether an action is open: one's own function's, or one in a subject area one may see."""
        return self.whole or actor_id in self.actor_ids or area_id in self.area_ids


EVERYTHING = Share(frozenset(), frozenset(), whole=True)


@dataclass(frozen=True, slots=True)
class CaseScope:
    """Which cases a principal may see. `whole_office`: all of the office but the `hidden`; else the `shares` alone.

    `opened` are those of them that are open beyond the rule, with when that ends.
    """

    whole_office: bool = False
    hidden: frozenset[UUID] = frozenset()
    shares: Mapping[UUID, Share] = field(default_factory=lambda: MappingProxyType({}))
    opened: Mapping[UUID, dt.datetime] = field(default_factory=lambda: MappingProxyType({}))

    def share(self, case_id: UUID) -> Share | None:
        """Return what is open of a case of the own office, or None."""
        if self.whole_office:
            return None if case_id in self.hidden else EVERYTHING
        return self.shares.get(case_id)

    @property
    def parts(self) -> frozenset[tuple[UUID, UUID]]:
        """Return the (case, function) pairs that are one's own."""
        return frozenset((case, actor) for case, share in self.shares.items() for actor in share.actor_ids)

    @property
    def areas(self) -> frozenset[tuple[UUID, UUID]]:
        """Return the (case, subject area) pairs that are open one by one."""
        return frozenset((case, area) for case, share in self.shares.items() for area in share.area_ids)

    @property
    def whole_cases(self) -> frozenset[UUID]:
        """Return the cases that are open in all their parts, one by one."""
        return frozenset(case for case, share in self.shares.items() if share.whole)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever is asking: the user, the person, the functions that person staffs today, and the cases that opens.

    Without a scope nothing is seen: `services.principals` gives it, at `asked_at`.
    """

    user_id: UUID
    person_id: UUID
    office_id: UUID
    organisation_id: UUID
    role: Role
    name: str
    asked_at: dt.datetime
    office_name: str = ""
    zone: str = "Europe/Stockholm"
    actor_ids: frozenset[UUID] = frozenset()
    language: str = "sv"
    appearance: str = "auto"
    session_id: UUID | None = None
    proved_at: dt.datetime | None = None  # when the session last proved whose it is
    must_add_factor: bool = False  # nothing else is open until there is a second factor
    scope: CaseScope = field(default_factory=CaseScope)

    def may(self, function: Function) -> bool:
        """Tell whether the role has the function."""
        return function in ALLOWED[self.role]

    def must(self, *functions: Function) -> None:
        """Let only a role with one of the functions go on; raise NotAllowed. Whatever changes something asks this itself."""
        if not any(self.may(function) for function in functions):
            raise NotAllowed

    @property
    def today(self) -> dt.date:
        """Return the office's own date when the question was asked."""
        return self.asked_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def sees_whole_office(self) -> bool:
        """Tell whether the principal works with the office's cases and all that is around them."""
        return self.scope.whole_office


def decide(principal: Principal, facts: CaseFacts) -> Share | None:
    """Return what the principal may see of a case, or None: then it does not exist for them."""
    if facts.office_id != principal.office_id or principal.person_id in facts.excluded:
        return None
    may_open = principal.may(Function.OPEN_CASES)
    if may_open and any(o.user_id == principal.user_id and o.holds(principal.asked_at) for o in facts.openings):
        return EVERYTHING
    is_shut = facts.restricted and principal.person_id not in facts.named
    if principal.role.is_staff:
        return None if is_shut else EVERYTHING
    if is_shut or facts.closed or not principal.may(Function.FOLLOW_ACTIONS):
        return None
    share = _through_functions(principal, facts.standings)
    if (
        share is not None and principal.role is Role.LAY_SUPERVISOR
    ):  # own tasks and the client's week, however appointed
        return Share(share.actor_ids, frozenset())
    return share


def opened_until(principal: Principal, facts: CaseFacts) -> dt.datetime | None:
    """Return when an opening of the case ends that lets the principal see it now, or None when none does."""
    if decide(principal, facts) is None or not principal.may(Function.OPEN_CASES):
        return None
    own = (o for o in facts.openings if o.user_id == principal.user_id and o.holds(principal.asked_at))
    return max((o.expires_at for o in own), default=None)


def _through_functions(principal: Principal, standings: Iterable[Standing]) -> Share | None:
    """Return what the functions the principal staffs may see together."""
    found: Share | None = None
    for standing in standings:
        share = (
            standing.share(principal.asked_at, principal.today) if standing.actor_id in principal.actor_ids else None
        )
        if share is not None:
            found = found.joined(share) if found else share
    return found
