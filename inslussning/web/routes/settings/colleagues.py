"""Who may sign in: colleagues, and partners who want an account of their own. They are invited by a single-use link."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.db import Session
from inslussning.i18n import N_
from inslussning.practice.access import Principal, Role
from inslussning.practice.role_words import SEES
from inslussning.services import outbox_reading, user_invitations, users
from inslussning.services.user_invitations import NewColleague, Sent
from inslussning.web.deps import FormDep, Now, OfficeKeeper, SessionDep, SettingsDep, StepUp
from inslussning.web.forms import Form, FormModel, KeyOrNone, Line, MailAddress
from inslussning.web.render import page, see_other

router = APIRouter()


class InvitationForm(FormModel):
    """Whom to invite, and as what."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    email: MailAddress
    organisation_id: UUID
    role: Role
    actor_id: KeyOrNone = None


class ColleagueForm(FormModel):
    """A person who may sign in, with a first password that is handed over by word of mouth."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    email: MailAddress
    organisation_id: UUID
    role: Role
    password: Annotated[str, Field(min_length=1, max_length=1000)]


@router.get("/colleagues", name="settings.colleagues")
def index(request: Request, principal: OfficeKeeper, session: SessionDep, now: Now) -> Response:
    """List who may sign in, and who has been asked to."""
    return page(
        request,
        "settings/colleagues.html",
        section="settings",
        users=users.list_users(session, principal),
        waiting=user_invitations.waiting(session, principal, now=now),
    )


@router.get("/colleagues/invite", name="settings.colleague_invite")
def show_invite(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show an empty invitation."""
    return _invite(request, principal, session, Form({"organisation_id": principal.organisation_id}))


@router.post("/colleagues/invite")
def invite(
    request: Request,
    principal: OfficeKeeper,
    _proof: StepUp,
    session: SessionDep,
    settings: SettingsDep,
    data: FormDep,
    now: Now,
) -> Response:
    """Invite somebody to sign in."""
    form = Form.read(InvitationForm, data)
    with form.attempt(session):
        new = NewColleague(**form.value.model_dump())
        sent = user_invitations.invite(session, principal, new, base_url=settings.base_url, now=now)
        return after_sending(request, sent)
    return _invite(request, principal, session, form)


def after_sending(request: Request, sent: Sent) -> Response:
    """Say that the link is on its way, or show it this once where no mail could be written."""
    if sent.link:
        return page(request, "settings/link.html", section="settings", sent=sent)
    return see_other(request, "settings.colleagues", notice=N_("Länken är skickad."))


def _invite(request: Request, principal: Principal, session: Session, form: Form[InvitationForm]) -> Response:
    return page(
        request,
        "settings/invite.html",
        status=form.status,
        section="settings",
        form=form,
        organisations=users.organisations(session, principal),
        actors=users.functions(session, principal),
        roles=[(role, role.label, SEES[role]) for role in Role],
        can_mail=outbox_reading.setup_of(session, principal).has_address,
    )


@router.post("/colleagues/invitations/{key}/withdraw", name="settings.invitation_withdraw")
def withdraw(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, now: Now) -> Response:
    """Take a link back."""
    user_invitations.withdraw(session, principal, key, now=now)
    return see_other(request, "settings.colleagues", notice=N_("Länken är återtagen och fungerar inte längre."))


@router.get("/colleagues/new", name="settings.colleague_new")
def show_new(request: Request, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show an empty form."""
    return _new(request, principal, session, Form({"organisation_id": principal.organisation_id}))


@router.post("/colleagues/new")
def add(request: Request, principal: OfficeKeeper, _proof: StepUp, session: SessionDep, data: FormDep) -> Response:
    """Let somebody sign in with a password that is typed for them."""
    form = Form.read(ColleagueForm, data)
    with form.attempt(session):
        users.add_user(session, principal, **form.value.model_dump())
        return see_other(request, "settings.colleagues", notice=N_("Inloggningen är tillagd."))
    return _new(request, principal, session, form)


def _new(request: Request, principal: Principal, session: Session, form: Form[ColleagueForm]) -> Response:
    return page(
        request,
        "settings/colleague.html",
        status=form.status,
        section="settings",
        form=form,
        organisations=users.organisations(session, principal),
        roles=[(role, role.label, SEES[role]) for role in Role],
    )
