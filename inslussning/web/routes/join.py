"""The page behind a single-use link: looking at it changes nothing, sending it makes a sign-in or a new password."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.db import Session
from inslussning.practice.sign_in import Strength
from inslussning.services import offices, sign_in, user_invitations
from inslussning.web.cookies import browser_of
from inslussning.web.deps import FormDep, LinkHolder, Now, SessionDep, SettingsDep
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import page
from inslussning.web.routes.sign_in import entered

router = APIRouter()


class JoinForm(FormModel):
    """The password the person chooses."""

    password: Annotated[str, Field(min_length=1, max_length=1000)]


@router.get("/join/{token}", name="join")
def show(request: Request, token: str, _: LinkHolder, session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    """Show what the link is for."""
    return _page(request, token, session, settings, now, Form())


@router.post("/join/{token}")
def join(
    request: Request, token: str, _: LinkHolder, session: SessionDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Use the link and go on as after a sign-in: a second factor is asked for where there is one."""
    user_invitations.look(session, token, now=now)
    form = Form.read(JoinForm, data)
    with form.attempt(session):
        user = user_invitations.accept(session, token, password=form.value.password, now=now)
        entry = sign_in.enter(session, user, strength=Strength.PASSWORD, browser=browser_of(request), now=now)
        return entered(request, settings, entry, "/")
    return _page(request, token, session, settings, now, form)


def _page(
    request: Request, token: str, session: Session, settings: SettingsDep, now: Now, form: Form[JoinForm]
) -> Response:
    invitation = user_invitations.look(session, token, now=now)
    return page(
        request,
        "account/join.html",
        status=form.status,
        principal=None,
        form=form,
        invitation=invitation,
        office=offices.name_of(session, invitation.office_id),
        token=token,
        agency=settings.oidc_name if settings.oidc_issuer else "",
    )
