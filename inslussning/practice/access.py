"""Who is asking, and what their role lets them do. The only place that decides it.

Two roles for now. A coordinator works with everything in the office. A partner sees the actions of the functions it staffs and
nothing else: no case list, no minutes, no schedule. Which rows that means is turned into SQL by `services.visible` alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from inslussning.i18n import N_


class Role(StrEnum):
    """What a signed-in person does in the group."""

    COORDINATOR = "coordinator"
    PARTNER = "partner"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {Role.COORDINATOR: N_("Samordnare"), Role.PARTNER: N_("Partner")}[self]


class Function(StrEnum):
    """What a route may demand of the person asking."""

    FOLLOW_ACTIONS = "follow_actions"
    COORDINATE = "coordinate"
    SET_UP = "set_up"


ALLOWED: dict[Role, frozenset[Function]] = {
    Role.COORDINATOR: frozenset(Function),
    Role.PARTNER: frozenset({Function.FOLLOW_ACTIONS}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever is asking: the user, the person, and the functions that person staffs today."""

    user_id: UUID
    person_id: UUID
    office_id: UUID
    organisation_id: UUID
    role: Role
    name: str
    office_name: str = ""
    zone: str = "Europe/Stockholm"
    actor_ids: frozenset[UUID] = frozenset()
    language: str = "sv"
    appearance: str = "auto"
    session_id: UUID | None = None

    def may(self, function: Function) -> bool:
        """Tell whether the role has the function."""
        return function in ALLOWED[self.role]

    @property
    def sees_whole_office(self) -> bool:
        """Tell whether every case of the office is open to this principal."""
        return self.role is Role.COORDINATOR
