"""The user's own account: language, appearance, password and open sessions."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import LANGUAGES, N_
from inslussning.services import second_factors, sessions, sign_in
from inslussning.web.deps import FormDep, Now, SessionDep, SettingsDep, SignedIn
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import page, see_other
from inslussning.web.routes.sign_in import signed_out

router = APIRouter()


class PreferencesForm(FormModel):
    """Language and appearance."""

    language: Literal["sv", "en"]
    appearance: Literal["auto", "light", "dark"]


class PasswordForm(FormModel):
    """The current password and the new one."""

    current: Annotated[str, Field(min_length=1, max_length=1000)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


@router.get("/account", name="account")
def show(request: Request, principal: SignedIn, session: SessionDep, now: Now) -> Response:
    """Show the user's own settings and open sessions."""
    return _page(request, principal, session, now, Form(), Form())


@router.post("/account/preferences", name="account.preferences")
def save_preferences(request: Request, principal: SignedIn, session: SessionDep, data: FormDep, now: Now) -> Response:
    """Save language and appearance."""
    form = Form.read(PreferencesForm, data)
    with form.attempt(session):
        sessions.set_preferences(session, principal, language=form.value.language, appearance=form.value.appearance)
        return see_other(request, "account", notice=N_("Sparat."))
    return _page(request, principal, session, now, form, Form())


@router.post("/account/password", name="account.password")
def change_password(request: Request, principal: SignedIn, session: SessionDep, data: FormDep, now: Now) -> Response:
    """Change the password and end the user's other sessions."""
    form = Form.read(PasswordForm, data)
    with form.attempt(session):
        sign_in.change_password(session, principal, current=form.value.current, new=form.value.password)
        return see_other(request, "account", notice=N_("Lösenordet är bytt. Andra inloggningar är avslutade."))
    form.values.clear()
    return _page(request, principal, session, now, Form(), form)


@router.post("/account/sessions/{key}/end", name="account.session_end")
def end_session(
    request: Request, key: UUID, principal: SignedIn, session: SessionDep, settings: SettingsDep
) -> Response:
    """End one of the user's own sessions; ending this one signs out."""
    sessions.end_one(session, principal, key)
    if key == principal.session_id:
        return signed_out(request, settings)
    return see_other(request, "account", fragment="sessions", notice=N_("Inloggningen är avslutad."))


@router.post("/account/sessions/end-others", name="account.sessions_end_others")
def end_other_sessions(request: Request, principal: SignedIn, session: SessionDep) -> Response:
    """End every session of the user but this one."""
    sessions.end_others(session, principal)
    return see_other(request, "account", fragment="sessions", notice=N_("De andra inloggningarna är avslutade."))


def _page(
    request: Request,
    principal: SignedIn,
    session: SessionDep,
    now: Now,
    form: Form[PreferencesForm],
    password: Form[PasswordForm],
) -> Response:
    form.values.setdefault("language", principal.language)
    form.values.setdefault("appearance", principal.appearance)
    return page(
        request,
        "account/show.html",
        status=max(form.status, password.status),
        section="account",
        form=form,
        password=password,
        languages=LANGUAGES,
        sessions=sessions.own_sessions(session, principal, now=now),
        factors=second_factors.factors_of(session, principal, now=now),
    )
