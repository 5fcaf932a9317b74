"""What a route needs to let a change write mails: the maker of links and the time, as one thing to ask for."""

import datetime as dt
from typing import Annotated, NamedTuple

from fastapi import Depends

from inslussning.services.links import Links
from inslussning.web.deps import LinksDep, Now


class Mailing(NamedTuple):
    """The maker of links, and when the request came."""

    links: Links
    now: dt.datetime


async def get_mailing(links: LinksDep, now: Now) -> Mailing:
    """Return both."""
    return Mailing(links, now)


MailingDep = Annotated[Mailing, Depends(get_mailing)]
