"""To the agency's own log-in and back. The way back is a GET by the protocol; only the browser that left can come back by it, once."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.config import Settings
from inslussning.practice.access import Principal
from inslussning.practice.sign_in import StepKind
from inslussning.services import agency_sign_in, sessions
from inslussning.services.agency_provider import Agency, AgencyRefused
from inslussning.services.sign_in import StepGone
from inslussning.services.user_invitations import InvitationGone
from inslussning.web.cookies import browser_of, drop_step, give_step, step_token
from inslussning.web.deps import Anyone, DatabaseDep, FormDep, Newcomer, Now, SettingsDep, session_cookie
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import page, see_other
from inslussning.web.routes.sign_in import entered
from inslussning.web.security import safe_next

router = APIRouter()


class LeaveForm(FormModel):
    """Where to go on to, and the invitation that is being used, if any."""

    next: Annotated[str, Field(max_length=500)] = "/"
    invitation: Annotated[str, Field(max_length=100)] = ""


def _agency(request: Request, settings: Settings) -> Agency:
    return agency_sign_in.agency_of(settings, str(request.app.url_path_for("agency.back")))


@router.post("/sign-in/agency", name="agency")
def leave(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Go to the agency's log-in."""
    form = Form.read(LeaveForm, data)
    target, invitation = safe_next(str(form.values.get("next", "/"))), str(form.values.get("invitation", ""))
    try:
        agency = _agency(request, settings)
        url, token = agency_sign_in.leave(database, agency, next_path=target, invitation=invitation, now=now)
    except (AgencyRefused, InvitationGone) as problem:
        return see_other(request, "sign_in", notice=problem.message)
    return _go(request, settings, url, token)


@router.post("/account/confirm/agency", name="account.confirm_agency")
def confirm(
    request: Request, principal: Newcomer, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Go to the agency's log-in to prove again who one is."""
    target = safe_next(str(data.get("proof_next", "/")))
    try:
        agency = _agency(request, settings)
        url, token = agency_sign_in.leave(database, agency, next_path=target, confirming=principal, now=now)
    except AgencyRefused as problem:
        return see_other(request, "home", notice=problem.message)
    return _go(request, settings, url, token)


def _go(request: Request, settings: Settings, url: str, token: str) -> Response:
    """Send the browser on by a page: a redirect after a form would have to be allowed for every form of the site."""
    answer = page(request, "account/leaving.html", url=url, agency=settings.oidc_name, principal=None)
    answer.headers["Refresh"] = f"0; url={url}"
    return give_step(answer, settings, StepKind.AGENCY, token)


@router.get("/sign-in/agency/return", name="agency.back")
def come_back(request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, now: Now) -> Response:
    """Let the person in whom the agency vouches for."""
    try:
        arrived = agency_sign_in.come_back(
            database,
            _agency(request, settings),
            dict(request.query_params),
            token=step_token(request, settings, StepKind.AGENCY),
            principal=_principal(request, settings, database, now),
            browser=browser_of(request),
            now=now,
        )
    except (AgencyRefused, StepGone) as problem:
        return drop_step(see_other(request, "sign_in", notice=problem.message), settings, StepKind.AGENCY)
    answer = entered(request, settings, arrived.entry, safe_next(arrived.next))
    return drop_step(answer, settings, StepKind.AGENCY)


def _principal(request: Request, settings: Settings, database: DatabaseDep, now: Now) -> Principal | None:
    token = request.cookies.get(session_cookie(settings), "")
    return sessions.principal_of(database, token, now=now) if token else None
