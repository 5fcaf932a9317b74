"""Who may sign in: colleagues, and partners who want an account of their own."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Role
from inslussning.services import users
from inslussning.web.deps import FormDep, Now, OfficeKeeper, SessionDep
from inslussning.web.forms import Form, FormModel, Line, MailAddress
from inslussning.web.render import options, page, see_other

router = APIRouter()


class ColleagueForm(FormModel):
    """A person who may sign in, with a first password that is handed over by word of mouth."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    email: MailAddress
    organisation_id: UUID
    role: Role
    password: Annotated[str, Field(min_length=1, max_length=1000)]


@router.get("/colleagues", name="settings.colleagues")
def index(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """List who may sign in."""
    return page(request, "settings/colleagues.html", section="settings", users=users.list_users(session, principal))


@router.get("/colleagues/new", name="settings.colleague_new")
def show_new(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show an empty form."""
    return _new(request, principal, session, Form({"organisation_id": principal.organisation_id}))


@router.post("/colleagues/new")
def add(request: Request, principal: OfficeKeeper, session: SessionDep, data: FormDep) -> Response:
    """Let somebody sign in."""
    form = Form.read(ColleagueForm, data)
    with form.attempt(session):
        users.add_user(session, principal, **form.value.model_dump())
        return see_other(request, "settings.colleagues", notice=N_("Inloggningen är tillagd."))
    return _new(request, principal, session, form)


def _new(request: Request, principal: OfficeKeeper, session: SessionDep, form: Form[ColleagueForm]) -> Response:
    return page(
        request,
        "settings/colleague.html",
        status=form.status,
        section="settings",
        form=form,
        organisations=users.organisations(session, principal),
        roles=options(Role),
    )


@router.post("/colleagues/{key}/stop", name="settings.colleague_stop")
def stop(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, now: Now) -> Response:
    """Stop somebody from signing in, at once."""
    users.disable_user(session, principal, key, now=now)
    return see_other(
        request, "settings.colleagues", notice=N_("Inloggningen är avstängd och alla fönster är utloggade.")
    )


@router.post("/colleagues/{key}/let-in", name="settings.colleague_let_in")
def let_in(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Let somebody sign in again."""
    users.enable_user(session, principal, key)
    return see_other(request, "settings.colleagues", notice=N_("Inloggningen är på igen."))
