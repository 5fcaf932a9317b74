"""Says of a request what the access log needs: who asked, for which page, about which ids.

The log is written when the route has answered and before the answer leaves (`web.deps.get_session`); what was refused is written by
the error page (`web.errors`), with the ids of the address whether or not there is anything behind them.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from fastapi import Request

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.db.row_security import ASKING
from inslussning.practice.access import Principal
from inslussning.practice.audit import FILES, Asker, Event
from inslussning.services import audit, audit_chain
from inslussning.services.audit import Trail
from inslussning.services.audit_chain import Line


def office_of(request: Request) -> UUID | None:
    """Return the office of whoever is signed in: all that PostgreSQL will show the request's transactions."""
    principal: Principal | None = getattr(request.state, "principal", None)
    return principal.office_id if principal else None


def write_reading(request: Request, trail: Trail) -> None:
    """Write what a page has shown, in a transaction of the log's own; a page without a case writes nothing."""
    if trail.cases or trail.notes:
        with _own_transaction(request) as session:
            line = visit(request, event_of(request, has_changed=False))
            audit_chain.append(session, audit.lines_of(session, trail, line))


def write_change(request: Request, session: Session, trail: Trail) -> None:
    """Write what a request has changed, with the change itself; one that changed nothing has only read."""
    session.flush()  # the log must know all that was changed
    line = visit(request, event_of(request, has_changed=bool(trail.changes)))
    audit_chain.append(session, audit.lines_of(session, trail, line))


def write_refusal(request: Request) -> None:
    """Write that somebody was refused, alike for what is absent and what is closed; nothing when nobody is known to have asked.

    The ids of the address stand for the case as well: looking up which it is would take longer for one that exists.
    """
    if office_of(request) is not None:
        with _own_transaction(request) as session:
            audit_chain.append(session, [visit(request, Event.REFUSED).about(_ids(request))])


@contextmanager
def _own_transaction(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with database.audit(info={ASKING: partial(office_of, request)}) as session, session.begin():
        yield session


def visit(request: Request, event: Event) -> Line:
    """Return the line of a request, about no case yet."""
    principal: Principal | None = getattr(request.state, "principal", None)
    line = Line(
        at=request.app.state.clock(),
        asker=getattr(request.state, "asker", Asker.USER if principal else Asker.NOBODY),
        event=event,
        route=f"{request.method} {getattr(request.scope.get('route'), 'path', '')}",
        objects=_ids(request),
        network=_network(request),
    )
    if principal is None:
        return line
    return line.about(
        (),
        office_id=principal.office_id,
        user_id=principal.user_id,
        person_id=principal.person_id,
        role=principal.role.value,
        session_id=principal.session_id,
    )


def event_of(request: Request, *, has_changed: bool) -> Event:
    """Return what the request did: a file that was taken, a change, a page about something, or a list."""
    taken = FILES.get(getattr(request.scope.get("route"), "name", ""))
    if taken is not None:
        return taken
    if has_changed:
        return Event.CHANGED
    return Event.READ if request.path_params else Event.LISTED


def _ids(request: Request) -> tuple[UUID, ...]:
    """Return the ids of the address; anything else in it is left out."""
    found = []
    for value in request.path_params.values():
        try:
            found.append(value if isinstance(value, UUID) else UUID(str(value)))
        except ValueError:
            continue
    return tuple(found)


def _network(request: Request) -> str:
    """Return a keyed hash of where the request came from: two can be told apart, neither can be found."""
    if request.client is None:
        return ""
    key: bytes = request.app.state.audit_key
    return hmac.digest(key, b"network " + request.client.host.encode("utf-8", "replace"), hashlib.sha256).hex()[:16]
