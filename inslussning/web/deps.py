"""What a route may ask for, as typed aliases named after what they grant.

Every route asks for exactly one of `Anyone`, `LinkHolder`, `SignedIn`, `Coordinator` …: a house test fails on one that does not.
What only hands something over is `async def`: a plain `def` is sent to a thread and back, and a page asks for a handful of them.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import FormData

from inslussning.config import Settings
from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import NotAllowed, NotSignedIn
from inslussning.practice.access import Function, Principal
from inslussning.services import sessions
from inslussning.services.links import Links
from inslussning.web.security import SAFE_METHODS

SESSION_COOKIE = "inslussning_session"
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


def get_session(request: Request, database: Annotated[Database, Depends(get_database)]) -> Iterator[Session]:
    """Yield the request's one transaction: committed before the answer is sent, rolled back on any error."""
    if request.method in SAFE_METHODS:
        with database.read() as session:
            yield session
    else:
        with database.transaction() as session:
            yield session


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


def get_principal(request: Request, settings: SettingsDep, database: DatabaseDep, now: Now) -> Principal:
    """Return who is signed in; raise NotSignedIn otherwise."""
    token = request.cookies.get(session_cookie(settings), "")
    principal = sessions.principal_of(database, token, now=now) if token else None
    if principal is None:
        raise NotSignedIn
    request.state.principal = principal
    return principal


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


async def open_to_link_holders() -> None:
    """Declare that a route is opened by a signed link alone; the route reads the link first of all."""


async def get_today(principal: Annotated[Principal, Depends(get_principal)], now: Now) -> dt.date:
    """Return the office's own date."""
    return now.astimezone(ZoneInfo(principal.zone)).date()


Anyone = Annotated[None, Depends(open_to_anyone)]
LinkHolder = Annotated[None, Depends(open_to_link_holders)]
SignedIn = Annotated[Principal, Depends(get_principal)]
ActionFollower = Annotated[Principal, Depends(Allowed(Function.FOLLOW_ACTIONS))]
Coordinator = Annotated[Principal, Depends(Allowed(Function.COORDINATE))]
OfficeKeeper = Annotated[Principal, Depends(Allowed(Function.SET_UP))]
Today = Annotated[dt.date, Depends(get_today)]
