"""The front page of the settings: each part with one line on how it stands."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.services import need_areas, office_settings, users
from inslussning.web.deps import OfficeKeeper, SessionDep
from inslussning.web.render import page

router = APIRouter()


@router.get("", name="settings")
def index(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show every part of the settings."""
    return page(
        request,
        "settings/index.html",
        section="settings",
        office=office_settings.own_office(session, principal),
        areas=len(need_areas.list_areas(session, principal)[0]),
        colleagues=sum(user.disabled_at is None for user in users.list_users(session, principal)),
    )
