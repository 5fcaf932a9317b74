"""One person who may sign in: what they sign in with, and what a colleague may do about it. Each of these acts is logged."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.db import Session
from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.services import agency_identities, second_factors, user_invitations, users
from inslussning.web.deps import FormDep, Now, OfficeKeeper, SessionDep, SettingsDep, StepUp
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.render import page, see_other
from inslussning.web.routes.settings.colleagues import after_sending

router = APIRouter()


class IdentityForm(FormModel):
    """What the agency's own log-in calls the person."""

    subject: Annotated[Line, Field(min_length=1, max_length=255)]


@router.get("/colleagues/{key}", name="settings.colleague")
def show(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, settings: SettingsDep) -> Response:
    """Show how one person signs in."""
    return _page(request, key, principal, session, settings, Form())


def _page(
    request: Request,
    key: UUID,
    principal: Principal,
    session: Session,
    settings: SettingsDep,
    form: Form[IdentityForm],
) -> Response:
    return page(
        request,
        "settings/colleague_show.html",
        status=form.status,
        section="settings",
        form=form,
        colleague=users.get_user(session, principal, key),
        agency=settings.oidc_name if settings.oidc_issuer else "",
        identities=agency_identities.of_user(session, principal, key),
    )


@router.post("/colleagues/{key}/stop", name="settings.colleague_stop")
def stop(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, now: Now) -> Response:
    """Stop somebody from signing in, at once."""
    users.disable_user(session, principal, key, now=now)
    return see_other(
        request, "settings.colleagues", notice=N_("Inloggningen är avstängd och alla fönster är utloggade.")
    )


@router.post("/colleagues/{key}/let-in", name="settings.colleague_let_in")
def let_in(request: Request, key: UUID, principal: OfficeKeeper, _proof: StepUp, session: SessionDep) -> Response:
    """Let somebody sign in again."""
    users.enable_user(session, principal, key)
    return see_other(request, "settings.colleagues", notice=N_("Inloggningen är på igen."))


@router.post("/colleagues/{key}/sign-out", name="settings.colleague_sign_out")
def sign_out(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep) -> Response:
    """End everything a colleague has open."""
    users.end_sessions(session, principal, key)
    return see_other(request, "settings.colleague", key=key, notice=N_("Alla inloggningar är avslutade."))


@router.post("/colleagues/{key}/new-password", name="settings.colleague_new_password")
def new_password(
    request: Request,
    key: UUID,
    principal: OfficeKeeper,
    _proof: StepUp,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
) -> Response:
    """Send a colleague a link to choose a new password."""
    form = Form[IdentityForm]()
    with form.attempt(session):
        sent = user_invitations.offer_new_password(session, principal, key, base_url=settings.base_url, now=now)
        return after_sending(request, sent)
    return _page(request, key, principal, session, settings, form)


@router.post("/colleagues/{key}/reset-factor", name="settings.colleague_reset_factor")
def reset_factor(
    request: Request, key: UUID, principal: OfficeKeeper, _proof: StepUp, session: SessionDep, settings: SettingsDep
) -> Response:
    """Take away a colleague's second factor, when the phone is lost."""
    form = Form[IdentityForm]()
    with form.attempt(session):
        second_factors.reset(session, principal, key)
        return see_other(request, "settings.colleague", key=key, notice=N_("Andra steget är nollställt."))
    return _page(request, key, principal, session, settings, form)


@router.post("/colleagues/{key}/identity", name="settings.colleague_identity")
def add_identity(
    request: Request,
    key: UUID,
    principal: OfficeKeeper,
    _proof: StepUp,
    session: SessionDep,
    settings: SettingsDep,
    data: FormDep,
    now: Now,
) -> Response:
    """Say who a colleague is in the agency's own log-in."""
    form = Form.read(IdentityForm, data)
    with form.attempt(session):
        agency_identities.expect(
            session, principal, key, issuer=settings.oidc_issuer, subject=form.value.subject, now=now
        )
        return see_other(request, "settings.colleague", key=key, notice=N_("Sparat."))
    return _page(request, key, principal, session, settings, form)


@router.post("/colleagues/{key}/identity/remove", name="settings.colleague_identity_remove")
def remove_identity(
    request: Request, key: UUID, principal: OfficeKeeper, _proof: StepUp, session: SessionDep
) -> Response:
    """Let the agency's own log-in no longer lead to this account."""
    agency_identities.forget(session, principal, key)
    return see_other(request, "settings.colleague", key=key, notice=N_("Sparat."))
