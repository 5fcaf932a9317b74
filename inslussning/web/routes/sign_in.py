"""Signing in, by password and a second step or by a passkey alone, and out again."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.practice.sign_in import StepKind
from inslussning.services import offices, passkeys, proofs, sessions, sign_in
from inslussning.services.passkeys import PasskeyRefused, Site
from inslussning.services.sessions import TooManyTries
from inslussning.services.sign_in import Entry, StepGone
from inslussning.web.cookies import (
    browser_of,
    drop_step,
    give_session,
    give_step,
    network_of,
    step_token,
    take_session,
)
from inslussning.web.deps import Anyone, DatabaseDep, FormDep, Newcomer, Now, SessionDep, SettingsDep
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import go_to, page, see_other
from inslussning.web.security import safe_next

router = APIRouter()


class SignInForm(FormModel):
    """Address and password; where to go on to."""

    email: Annotated[str, Field(min_length=1, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]
    next: Annotated[str, Field(max_length=500)] = "/"


class SecondStepForm(FormModel):
    """A code from the app or the paper; where to go on to."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    next: Annotated[str, Field(max_length=500)] = "/"


class PasskeyForm(FormModel):
    """The device's answer, as the browser gives it; where to go on to."""

    credential: Annotated[str, Field(min_length=1, max_length=20_000)]
    next: Annotated[str, Field(max_length=500)] = "/"


@router.get("/sign-in", name="sign_in")
def show_sign_in(request: Request, _: Anyone, session: SessionDep, settings: SettingsDep, next: str = "/") -> Response:
    """Show the sign-in page, or the first-run page when there is no office yet."""
    if not offices.any_office(session):
        return see_other(request, "setup")
    return _sign_in_page(request, settings, Form({"next": safe_next(next)}))


@router.post("/sign-in")
def with_password(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Open a session, or go to the second step."""
    form = Form.read(SignInForm, data)
    try:
        entry = sign_in.with_password(
            database,
            email=form.value.email,
            password=form.value.password,
            network=network_of(request),
            browser=browser_of(request),
            now=now,
        )
    except PracticeError as problem:
        form.reject(problem)
        return _sign_in_page(request, settings, form)
    return entered(request, settings, entry, form.value.next)


def _sign_in_page(request: Request, settings: SettingsDep, form: Form[SignInForm]) -> Response:
    return page(
        request,
        "account/sign_in.html",
        status=form.status,
        form=form,
        demo=settings.demo,
        agency=settings.oidc_name if settings.oidc_issuer else "",
    )


def entered(request: Request, settings: SettingsDep, entry: Entry, target: str) -> Response:
    """Let the person in, or send them to the second step, and on to where they were going."""
    if entry.session:
        return give_session(go_to(request, safe_next(target)), settings, entry.session)
    second = f"{request.app.url_path_for('sign_in.second')}?next={safe_next(target)}"
    return give_step(go_to(request, second), settings, StepKind.SECOND_FACTOR, entry.step)


@router.get("/sign-in/second", name="sign_in.second")
def show_second(
    request: Request, _: Anyone, session: SessionDep, settings: SettingsDep, now: Now, next: str = "/"
) -> Response:
    """Ask for the second factor of a sign-in under way."""
    try:
        sign_in.look(session, StepKind.SECOND_FACTOR, step_token(request, settings, StepKind.SECOND_FACTOR), now=now)
    except StepGone:
        return see_other(request, "sign_in", notice=StepGone.message)
    return page(request, "account/second.html", form=Form({"next": safe_next(next)}))


@router.post("/sign-in/second")
def second_step(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Open the session when the code is right."""
    form = Form.read(SecondStepForm, data)
    try:
        token = proofs.second_step(
            database,
            token=step_token(request, settings, StepKind.SECOND_FACTOR),
            code=form.value.code,
            network=network_of(request),
            browser=browser_of(request),
            now=now,
        )
    except StepGone:
        return see_other(request, "sign_in", notice=StepGone.message)
    except PracticeError as problem:
        form.reject(problem)
        form.values["next"] = safe_next(str(form.values.get("next", "/")))
        return page(request, "account/second.html", status=form.status, form=form)
    answer = give_session(go_to(request, safe_next(form.value.next)), settings, token)
    return drop_step(answer, settings, StepKind.SECOND_FACTOR)


@router.post("/sign-in/passkey/options", name="passkeys.options")
def passkey_options(_: Anyone, database: DatabaseDep, settings: SettingsDep, now: Now) -> Response:
    """Return a fresh challenge for a passkey, the same to everybody."""
    with database.transaction() as session:
        options, token = passkeys.options_for_use(session, Site.of(settings.base_url), now=now)
    return give_step(Response(options, media_type="application/json"), settings, StepKind.PASSKEY, token)


@router.post("/sign-in/passkey", name="sign_in.passkey")
def with_passkey(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Open a session for whoever's passkey answered."""
    form = Form.read(PasskeyForm, data)
    try:
        with database.transaction() as session:
            entry = passkeys.enter(
                session,
                Site.of(settings.base_url),
                token=step_token(request, settings, StepKind.PASSKEY),
                credential=form.value.credential,
                browser=browser_of(request),
                now=now,
            )
    except (Invalid, TooManyTries, PasskeyRefused, StepGone) as problem:
        return see_other(request, "sign_in", notice=problem.message)
    except PracticeError:
        return see_other(request, "sign_in", notice=PasskeyRefused.message)
    answer = entered(request, settings, entry, form.value.next)
    return drop_step(answer, settings, StepKind.PASSKEY)


@router.post("/sign-out", name="sign_out")
def sign_out(request: Request, principal: Newcomer, session: SessionDep, settings: SettingsDep) -> Response:
    """End this session."""
    sessions.sign_out(session, principal)
    return signed_out(request, settings)


@router.post("/sign-out-everywhere", name="sign_out_everywhere")
def sign_out_everywhere(request: Request, principal: Newcomer, session: SessionDep, settings: SettingsDep) -> Response:
    """End every session of this user."""
    sessions.sign_out_everywhere(session, principal)
    return signed_out(request, settings)


def signed_out(request: Request, settings: SettingsDep) -> Response:
    """Say goodbye: the browser keeps neither the session nor anything it has shown."""
    return take_session(see_other(request, "sign_in", notice=N_("Du är utloggad.")), settings)
