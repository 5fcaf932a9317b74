"""The demo's closed cases: one with protected identity, and one that only a colleague may read, to try an emergency opening on."""

import datetime as dt

from sqlalchemy import select

from inslussning.db import Session
from inslussning.demo import cast
from inslussning.demo.cases import CaseStory, Closed
from inslussning.models import Case, User
from inslussning.practice.access import Principal
from inslussning.practice.protection import Protection
from inslussning.services import protection
from inslussning.services.links import Links


def close(
    session: Session, principal: Principal, case: Case, story: CaseStory, *, links: Links, now: dt.datetime
) -> None:
    """Close the case as its story says."""
    if story.closed is Closed.PROTECTED:
        protection.protect(session, principal, case.id, Protection.MARKED, [principal.person_id], links=links, now=now)
    if story.closed is Closed.TO_ALL_BUT_A_COLLEAGUE:
        colleague = session.scalars(select(User.person_id).where(User.email == cast.INSPECTOR[1])).one()
        protection.seal(session, principal, case.id, [colleague], now=now)
