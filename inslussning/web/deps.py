"""What a route may ask for, as typed aliases named after what they grant.

Every route asks for exactly one of `Anyone`, `LinkHolder`, `SignedIn`, `Coordinator` …: a house test fails on one that does not.
What only hands something over is `async def`: a plain `def` is sent to a thread and back, and a page asks for a handful of them.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import FormData

from inslussning.config import Settings
from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.db.row_security import ASKING
from inslussning.errors import NotAllowed, NotSignedIn, ProofNeeded, SecondFactorNeeded
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Asker
from inslussning.services import audit, client_access, posted_forms, sessions
from inslussning.services.client_access import ClientHolder, ClientNotKnown
from inslussning.services.links import Links
from inslussning.web import visits
from inslussning.web.once import FormDigest
from inslussning.web.security import SAFE_METHODS

SESSION_COOKIE = "inslussning_session"
CLIENT_COOKIE = "inslussning_client"
MOST_FILES = 6  # in one upload


async def get_settings(request: Request) -> Settings:
    """Return the settings the app was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_database(request: Request) -> Database:
    """Return the database the app was made with."""
    database: Database = request.app.state.database
    return database


async def get_links(request: Request) -> Links:
    """Return the maker and reader of signed links."""
    links: Links = request.app.state.links
    return links


async def get_now(request: Request) -> dt.datetime:
    """Read the clock once per request."""
    now: dt.datetime = request.app.state.clock()
    return now


def get_session(
    request: Request, database: Annotated[Database, Depends(get_database)], digest: FormDigest
) -> Iterator[Session]:
    """Yield the request's one transaction: committed before the answer is sent, rolled back on any error.

    The access log is written here, with the change or after the reading: no log, no page.
    """
    if request.method in SAFE_METHODS:
        with database.read() as session:
            session.info[ASKING] = partial(visits.office_of, request)
            trail = audit.attend(session)
            yield session
        visits.write_reading(request, trail)
    else:
        with database.transaction() as session:
            session.info[ASKING] = partial(visits.office_of, request)
            trail = audit.attend(session)
            if digest:
                posted_forms.claim(session, digest, now=request.app.state.clock())
            yield session
            if digest:
                posted_forms.settle(session, digest, getattr(request.state, "onwards", ""))
            visits.write_change(request, session, trail)


async def get_form(request: Request) -> FormData:
    """Read the posted form. More fields than any page sends, and files, are refused by the framework with 400."""
    return await request.form(max_fields=2000, max_files=0, max_part_size=16 * 1024 * 1024)


async def get_upload(request: Request) -> AsyncIterator[FormData]:
    """Yield a posted form with files in it, which are gone afterwards; `web.security` bounds how much they are together."""
    form = await request.form(max_fields=20, max_files=MOST_FILES)
    try:
        yield form
    finally:
        await form.close()


def session_cookie(settings: Settings) -> str:
    """Return the cookie's name; over TLS it is bound to this host alone."""
    return f"__Host-{SESSION_COOKIE}" if settings.https else SESSION_COOKIE


SettingsDep = Annotated[Settings, Depends(get_settings)]
DatabaseDep = Annotated[Database, Depends(get_database)]
LinksDep = Annotated[Links, Depends(get_links)]
Now = Annotated[dt.datetime, Depends(get_now)]
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
FormDep = Annotated[FormData, Depends(get_form)]
UploadDep = Annotated[FormData, Depends(get_upload)]


def get_newcomer(request: Request, settings: SettingsDep, database: DatabaseDep, now: Now) -> Principal:
    """Return who is signed in, even one who has yet to add a second factor; raise NotSignedIn otherwise."""
    token = request.cookies.get(session_cookie(settings), "")
    principal = sessions.principal_of(database, token, now=now) if token else None
    if principal is None:
        raise NotSignedIn
    request.state.principal = principal
    return principal


async def get_principal(principal: Annotated[Principal, Depends(get_newcomer)]) -> Principal:
    """Return who is signed in; raise SecondFactorNeeded for one who has yet to add what the office demands."""
    if principal.must_add_factor:
        raise SecondFactorNeeded
    return principal


def has_fresh_proof(principal: Annotated[Principal, Depends(get_newcomer)], database: DatabaseDep, now: Now) -> bool:
    """Tell whether the session proved whose it is within the office's limit."""
    return sessions.has_fresh_proof(database, principal, now=now)


async def require_fresh_proof(request: Request, is_fresh: Annotated[bool, Depends(has_fresh_proof)]) -> None:
    """Raise ProofNeeded, with what was typed, unless the session has just proved whose it is."""
    if is_fresh:
        return
    plain = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    typed = (await get_form(request)).multi_items() if request.method == "POST" and plain else []
    raise ProofNeeded([(name, text) for name, text in typed if isinstance(text, str)])


def client_cookie(settings: Settings) -> str:
    """Return the name of the cookie on a client's own telephone."""
    return f"__Host-{CLIENT_COOKIE}" if settings.https else CLIENT_COOKIE


def get_client(request: Request, settings: SettingsDep, database: DatabaseDep, now: Now) -> ClientHolder:
    """Return whose schedule the telephone shows; raise NotOpened when it shows none."""
    token = request.cookies.get(client_cookie(settings), "")
    holder = client_access.holder_of(database, token, now=now) if token else None
    if holder is None:
        raise ClientNotKnown
    request.state.zone = holder.zone
    request.state.asker = Asker.CLIENT
    return holder


class Allowed:
    """A dependency that lets a principal through whose role has the function."""

    def __init__(self, function: Function) -> None:
        self.function = function

    async def __call__(self, principal: Annotated[Principal, Depends(get_principal)]) -> Principal:
        """Return the principal; raise NotAllowed when the role lacks the function."""
        if not principal.may(self.function):
            raise NotAllowed
        return principal


async def open_to_anyone() -> None:
    """Declare that a route is meant for people who are not signed in."""


async def open_to_link_holders(request: Request) -> None:
    """Declare that a route is opened by a signed link alone; the route reads the link first of all."""
    request.state.asker = Asker.LINK


async def get_today(principal: Annotated[Principal, Depends(get_principal)], now: Now) -> dt.date:
    """Return the office's own date."""
    return now.astimezone(ZoneInfo(principal.zone)).date()


Anyone = Annotated[None, Depends(open_to_anyone)]
LinkHolder = Annotated[None, Depends(open_to_link_holders)]
ClientDep = Annotated[ClientHolder, Depends(get_client)]
Newcomer = Annotated[Principal, Depends(get_newcomer)]
SignedIn = Annotated[Principal, Depends(get_principal)]
ActionFollower = Annotated[Principal, Depends(Allowed(Function.FOLLOW_ACTIONS))]
Coordinator = Annotated[Principal, Depends(Allowed(Function.COORDINATE))]
MeetingGoer = Annotated[Principal, Depends(Allowed(Function.FOLLOW_MEETINGS))]
CaseReader = Annotated[Principal, Depends(Allowed(Function.READ_CASES))]
PlanReader = Annotated[Principal, Depends(Allowed(Function.READ_PLANS))]
ScheduleReader = Annotated[Principal, Depends(Allowed(Function.READ_SCHEDULES))]
ResultsReader = Annotated[Principal, Depends(Allowed(Function.SEE_RESULTS))]
OfficeKeeper = Annotated[Principal, Depends(Allowed(Function.SET_UP))]
CaseOpener = Annotated[Principal, Depends(Allowed(Function.OPEN_CASES))]
Disposer = Annotated[Principal, Depends(Allowed(Function.DISPOSE))]
StepUp = Annotated[None, Depends(require_fresh_proof)]
"""Beside the one guard, where it matters who sits there: export, print, nödöppning, erasing. `_proof: StepUp` in the signature is all.

A GET is sent to /account/confirm?next=… and comes back. A POST is answered by that page with status 403; what was typed goes along
and is posted again after the confirmation. htmx is sent to the page by HX-Redirect and comes back to the page it was on.
"""
Reviewer = Annotated[Principal, Depends(Allowed(Function.REVIEW))]
Today = Annotated[dt.date, Depends(get_today)]
