"""Adding, changing and removing the second factor: a code app, passkeys and codes on paper. Open also to who must add one first."""

from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from pydantic import Field
from starlette.responses import Response

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.sign_in import StepKind
from inslussning.services import passkeys, second_factors
from inslussning.services.passkeys import Site
from inslussning.web.cookies import drop_step, give_step, step_token
from inslussning.web.deps import FormDep, Newcomer, Now, SessionDep, SettingsDep, StepUp
from inslussning.web.forms import Form, FormModel, Line
from inslussning.web.render import page, see_other

router = APIRouter()


class CodeForm(FormModel):
    """A code that the new app shows."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class PasskeyForm(FormModel):
    """A passkey just made, and what the person calls it."""

    credential: Annotated[str, Field(min_length=1, max_length=20_000)]
    name: Annotated[Line, Field(max_length=60)] = ""


@router.get("/account/second-factor", name="account.second_factor")
def show(request: Request, principal: Newcomer, session: SessionDep, now: Now) -> Response:
    """Show what the user has, and how to add more."""
    return _overview(request, principal, session, now, Form())


def _overview(request: Request, principal: Principal, session: Session, now: Now, form: Form[PasskeyForm]) -> Response:
    factors = second_factors.factors_of(session, principal, now=now)
    return page(
        request, "account/second_factor.html", status=form.status, section="account", form=form, factors=factors
    )


@router.post("/account/second-factor/app", name="account.app_start")
def start_app(request: Request, principal: Newcomer, _proof: StepUp, session: SessionDep) -> Response:
    """Begin to add a code app, or to change to a new one."""
    second_factors.start_app(session, principal)
    return see_other(request, "account.app")


@router.get("/account/second-factor/app", name="account.app")
def show_app(request: Request, principal: Newcomer, _proof: StepUp, session: SessionDep) -> Response:
    """Show the square code and the key of the app being added."""
    return _app_page(request, principal, session, Form())


@router.post("/account/second-factor/app/confirm", name="account.app_confirm")
def confirm_app(
    request: Request, principal: Newcomer, _proof: StepUp, session: SessionDep, data: FormDep, now: Now
) -> Response:
    """Take the app into use and show the codes for the paper, this once."""
    form = Form.read(CodeForm, data)
    with form.attempt(session):
        codes = second_factors.confirm_app(session, principal, form.value.code, now=now)
        return _codes(request, codes)
    return _app_page(request, principal, session, form)


def _app_page(request: Request, principal: Principal, session: Session, form: Form[CodeForm]) -> Response:
    pending = second_factors.pending_app(session, principal)
    if pending is None:
        return see_other(request, "account.second_factor")
    drawing = segno.make(pending.address, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="square-code", lineclass=""
    )
    return page(
        request,
        "account/app.html",
        status=form.status,
        section="account",
        form=form,
        pending=pending,
        square=Markup(drawing),  # noqa: S704 - segno draws nothing but squares
    )


def _codes(request: Request, codes: list[str]) -> Response:
    return page(request, "account/codes.html", section="account", codes=codes)


@router.post("/account/second-factor/app/remove", name="account.app_remove")
def remove_app(request: Request, principal: Newcomer, _proof: StepUp, session: SessionDep, now: Now) -> Response:
    """Stop using the code app."""
    form = Form[PasskeyForm]()
    with form.attempt(session):
        second_factors.remove_app(session, principal, now=now)
        return see_other(request, "account.second_factor", notice=N_("Kodappen är borttagen."))
    return _overview(request, principal, session, now, form)


@router.post("/account/second-factor/codes", name="account.codes")
def new_codes(request: Request, principal: Newcomer, _proof: StepUp, session: SessionDep, now: Now) -> Response:
    """Replace the codes for the paper and show them, this once."""
    form = Form[PasskeyForm]()
    with form.attempt(session):
        if not second_factors.factors_of(session, principal, now=now).has_any:
            raise Invalid(message=N_("Lägg först till en kodapp eller en passkey."))
        return _codes(request, second_factors.new_codes(session, principal, now=now))
    return _overview(request, principal, session, now, form)


@router.post("/account/passkeys/options", name="account.passkey_options")
def passkey_options(
    principal: Newcomer, _proof: StepUp, session: SessionDep, settings: SettingsDep, now: Now
) -> Response:
    """Return what the browser needs to make a passkey."""
    options, token = passkeys.options_for_new(session, principal, Site.of(settings.base_url), now=now)
    return give_step(Response(options, media_type="application/json"), settings, StepKind.NEW_PASSKEY, token)


@router.post("/account/passkeys", name="account.passkey_add")
def add_passkey(
    request: Request,
    principal: Newcomer,
    _proof: StepUp,
    session: SessionDep,
    settings: SettingsDep,
    data: FormDep,
    now: Now,
) -> Response:
    """Keep the passkey; show the codes for the paper when it is the first factor."""
    form = Form.read(PasskeyForm, data)
    codes: list[str] = []
    with form.attempt(session):
        codes = passkeys.add(
            session,
            principal,
            Site.of(settings.base_url),
            token=step_token(request, settings, StepKind.NEW_PASSKEY),
            credential=form.value.credential,
            name=form.value.name,
            now=now,
        )
    if form.errors:
        return _overview(request, principal, session, now, form)
    added = see_other(request, "account.second_factor", notice=N_("Din passkey är tillagd."))
    return drop_step(_codes(request, codes) if codes else added, settings, StepKind.NEW_PASSKEY)


@router.post("/account/passkeys/{key}/remove", name="account.passkey_remove")
def remove_passkey(
    request: Request, key: UUID, principal: Newcomer, _proof: StepUp, session: SessionDep, now: Now
) -> Response:
    """Forget one of the user's own passkeys."""
    form = Form[PasskeyForm]()
    with form.attempt(session):
        second_factors.remove_passkey(session, principal, key, now=now)
        return see_other(request, "account.second_factor", notice=N_("Din passkey är borttagen."))
    return _overview(request, principal, session, now, form)
