"""Signing in and out, and the user's own account: language, appearance, password and open sessions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.errors import PracticeError
from inslussning.i18n import LANGUAGES, N_
from inslussning.services import offices, sessions
from inslussning.web.deps import Anyone, DatabaseDep, FormDep, Now, SessionDep, SettingsDep, SignedIn, session_cookie
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import go_to, page, see_other
from inslussning.web.security import safe_next

router = APIRouter()


class SignInForm(FormModel):
    """Address and password; where to go on to."""

    email: Annotated[str, Field(min_length=1, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]
    next: Annotated[str, Field(max_length=500)] = "/"


class PreferencesForm(FormModel):
    """Language and appearance."""

    language: Literal["sv", "en"]
    appearance: Literal["auto", "light", "dark"]


class PasswordForm(FormModel):
    """The current password and the new one."""

    current: Annotated[str, Field(min_length=1, max_length=1000)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


@router.get("/sign-in", name="sign_in")
def show_sign_in(request: Request, _: Anyone, session: SessionDep, settings: SettingsDep, next: str = "/") -> Response:
    """Show the sign-in page, or the first-run page when there is no office yet."""
    if not offices.any_office(session):
        return see_other(request, "setup")
    return page(request, "account/sign_in.html", form=Form({"next": safe_next(next)}), demo=settings.demo)


@router.post("/sign-in")
def sign_in(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Open a session."""
    form = Form.read(SignInForm, data)
    try:
        token = sessions.sign_in(
            database,
            email=form.value.email,
            password=form.value.password,
            network=request.client.host if request.client else "",
            browser=sessions.browser_name(request.headers.get("user-agent", "")),
            now=now,
        )
    except PracticeError as problem:
        form.reject(problem)
        form.values["password"] = ""
        return page(request, "account/sign_in.html", status=form.status, form=form, demo=settings.demo)
    return _signed_in(request, settings, token, form.value.next)


def _signed_in(request: Request, settings: SettingsDep, token: str, target: str) -> Response:
    answer = go_to(request, safe_next(target))
    answer.set_cookie(session_cookie(settings), token, httponly=True, samesite="lax", secure=settings.https, path="/")
    return answer


@router.post("/sign-out", name="sign_out")
def sign_out(request: Request, principal: SignedIn, session: SessionDep, settings: SettingsDep) -> Response:
    """End this session."""
    sessions.sign_out(session, principal)
    return _signed_out(request, settings)


@router.post("/sign-out-everywhere", name="sign_out_everywhere")
def sign_out_everywhere(request: Request, principal: SignedIn, session: SessionDep, settings: SettingsDep) -> Response:
    """End every session of this user."""
    sessions.sign_out_everywhere(session, principal)
    return _signed_out(request, settings)


def _signed_out(request: Request, settings: SettingsDep) -> Response:
    answer = see_other(request, "sign_in", notice=N_("Du är utloggad."))
    answer.delete_cookie(session_cookie(settings), path="/", secure=settings.https, httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/account", name="account")
def show_account(request: Request, principal: SignedIn, session: SessionDep) -> Response:
    """Show the user's own settings and open sessions."""
    return _account(
        request, principal, session, Form({"language": principal.language, "appearance": principal.appearance}), Form()
    )


@router.post("/account/preferences", name="account.preferences")
def save_preferences(request: Request, principal: SignedIn, session: SessionDep, data: FormDep) -> Response:
    """Save language and appearance."""
    form = Form.read(PreferencesForm, data)
    with form.attempt(session):
        sessions.set_preferences(session, principal, language=form.value.language, appearance=form.value.appearance)
        return see_other(request, "account", notice=N_("Sparat."))
    return _account(request, principal, session, form, Form())


@router.post("/account/password", name="account.password")
def change_password(request: Request, principal: SignedIn, session: SessionDep, data: FormDep) -> Response:
    """Change the password and end the user's other sessions."""
    form = Form.read(PasswordForm, data)
    with form.attempt(session):
        sessions.change_password(session, principal, current=form.value.current, new=form.value.password)
        return see_other(request, "account", notice=N_("Lösenordet är bytt. Andra inloggningar är avslutade."))
    form.values.clear()
    return _account(
        request, principal, session, Form({"language": principal.language, "appearance": principal.appearance}), form
    )


def _account(
    request: Request,
    principal: SignedIn,
    session: SessionDep,
    form: Form[PreferencesForm],
    password: Form[PasswordForm],
) -> Response:
    return page(
        request,
        "account/show.html",
        status=max(form.status, password.status),
        form=form,
        password=password,
        languages=LANGUAGES,
        sessions=sessions.own_sessions(session, principal),
    )
