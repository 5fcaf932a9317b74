"""How the office's mail leaves, and a test mail that proves it."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.mail import MailSecurity
from inslussning.services import invitations, office_settings
from inslussning.services.office_settings import MAIL_NAME, MailSettings
from inslussning.web.deps import FormDep, LinksDep, Now, OfficeKeeper, SessionDep, SettingsDep
from inslussning.web.forms import Form, FormModel, Line, MailAddressOrBlank, Prose, Ticked
from inslussning.web.receipts import receipt
from inslussning.web.render import options, page, see_other

router = APIRouter()

USUAL_PORT = 587  # RFC 6409 §3.1


class MailForm(FormModel):
    """Where the mail comes from and through which server it leaves. The password is only ever written, never shown."""

    mail_address: MailAddressOrBlank = ""
    mail_name: Annotated[Line, Field(max_length=80)] = MAIL_NAME
    mail_host: Annotated[Line, Field(max_length=255)] = ""
    mail_port: Annotated[int, Field(ge=1, le=65535), BeforeValidator(lambda typed: typed or USUAL_PORT)] = USUAL_PORT
    mail_security: MailSecurity = MailSecurity.STARTTLS
    mail_user: Annotated[Line, Field(max_length=254)] = ""
    mail_password: Annotated[Prose, Field(max_length=1000)] = ""

    def as_mail(self) -> MailSettings:
        """Return what the use case asks for."""
        return MailSettings(**{name: getattr(self, name) for name in MailForm.model_fields if name != "mail_password"})


class ChangedMailForm(MailForm):
    """The same, with a way to be rid of a password."""

    forget_password: Ticked = False


@router.get("/mail", name="settings.mail")
def show(request: Request, principal: OfficeKeeper, session: SessionDep, settings: SettingsDep) -> Response:
    """Show how mail leaves."""
    office = office_settings.own_office(session, principal)
    names = [name for name in MailForm.model_fields if name != "mail_password"]
    return _page(request, principal, session, settings, Form({name: getattr(office, name) for name in names}))


@router.post("/mail")
def change(
    request: Request,
    principal: OfficeKeeper,
    session: SessionDep,
    settings: SettingsDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Change how mail leaves, and send the invitations that have waited for it."""
    form = Form.read(ChangedMailForm, data)
    with form.attempt(session):
        office_settings.change_mail(session, principal, form.value.as_mail())
        sent = invitations.send_missing(session, principal, links=links, now=now)
        if form.value.mail_password or form.value.forget_password:
            settings.save_mail_password(form.value.mail_password)
        done = receipt(principal, N_("Inställningarna för e-post är sparade."), sent)
        return see_other(request, "settings.mail", notice=done)
    return _page(request, principal, session, settings, form)


@router.post("/mail/test", name="settings.mail_test")
def send_test(request: Request, principal: OfficeKeeper, session: SessionDep, now: Now) -> Response:
    """Put a test mail to the person asking in the outbox."""
    form: Form[ChangedMailForm] = Form()
    with form.attempt(session):
        office_settings.send_test(session, principal, now=now)
        return see_other(
            request, "settings.mail", notice=N_("Provmejlet ligger bland utskicken och går iväg inom någon minut.")
        )
    return see_other(request, "settings.mail", notice=N_("Spara en avsändaradress först."))


def _page(
    request: Request,
    principal: OfficeKeeper,
    session: SessionDep,
    settings: SettingsDep,
    form: Form[ChangedMailForm],
) -> Response:
    return page(
        request,
        "settings/mail.html",
        status=form.status,
        section="settings",
        form=form,
        office=office_settings.own_office(session, principal),
        own_address=office_settings.own_address(session, principal),
        securities=options(MailSecurity),
        has_password=bool(settings.mail_password()),
        fixed_password=bool(settings.smtp_password.get_secret_value()),
    )
