"""The address of a list of actions: what it says is read forgivingly, and written the same way each time.

An address is typed, shared and kept as a bookmark, so a word it no longer understands is left out instead of being an error.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from inslussning.practice.action_words import ActionDue, ActionScope
from inslussning.services.action_lists import Wanted

CLIENT = "client"  # in place of an actor: the client's own actions
CLOSED = "closed"

E = TypeVar("E", bound=StrEnum)


class ActionQuery(NamedTuple):
    """What an address asks for: which actions, open or closed, and after which row."""

    wanted: Wanted
    closed: bool
    after: str

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything is left out."""
        return self.wanted != Wanted()

    @property
    def values(self) -> dict[str, str]:
        """Return what the fields of the form show; empty ones show everything."""
        wanted = self.wanted
        keys = {"actor": wanted.actor_id, "case": wanted.case_id, "area": wanted.area_id}
        found = {name: str(key) for name, key in keys.items() if key}
        if wanted.clients_own:
            found["actor"] = CLIENT
        if wanted.scope is not ActionScope.ALL:
            found["scope"] = wanted.scope
        if wanted.due is not ActionDue.ALL:
            found["due"] = wanted.due
        if self.closed:
            found["show"] = CLOSED
        return found

    def address(self, path: str, **changes: str) -> str:
        """Write the address with changes; an empty change leaves the field out."""
        values = {name: text for name, text in (self.values | changes).items() if text}
        return f"{path}?{urlencode(values)}" if values else path


def read_query(params: Mapping[str, str]) -> ActionQuery:
    """Return what an address asks for."""
    actor, closed = params.get("actor", ""), params.get("show") == CLOSED
    wanted = Wanted(
        scope=_one_of(ActionScope, params.get("scope", ""), ActionScope.ALL),
        due=ActionDue.ALL if closed else _one_of(ActionDue, params.get("due", ""), ActionDue.ALL),
        actor_id=_key(actor),
        clients_own=actor == CLIENT,
        case_id=_key(params.get("case", "")),
        area_id=_key(params.get("area", "")),
    )
    return ActionQuery(wanted, closed, params.get("after", "")[:80])


def _one_of(kind: type[E], text: str, otherwise: E) -> E:
    try:
        return kind(text)
    except ValueError:
        return otherwise


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
