"""The first run: the installation gets its office. Afterwards the page is as good as absent."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.mail import MailSecurity
from inslussning.services import first_run, office_settings
from inslussning.services.office_settings import MAIL_NAME
from inslussning.services.offices import NewOffice
from inslussning.services.sessions import TooManyTries
from inslussning.web.deps import Anyone, DatabaseDep, FormDep, Now, SessionDep, SettingsDep
from inslussning.web.forms import Form, FormRejected, Line, MailAddress
from inslussning.web.render import options, page, see_other
from inslussning.web.routes.settings.mail import USUAL_PORT, MailForm

router = APIRouter()

USUAL_ZONE = "Europe/Stockholm"


class SetupForm(MailForm):
    """The office, its first coordinator and, if one likes, how its mail leaves."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    timezone: Annotated[Line, Field(min_length=1, max_length=64)] = USUAL_ZONE
    coordinator: Annotated[Line, Field(min_length=1, max_length=120)]
    email: MailAddress
    password: Annotated[str, Field(min_length=1, max_length=1000)]

    def as_office(self) -> NewOffice:
        """Return what the use case asks for."""
        names = ("name", "timezone", "coordinator", "email", "password")
        return NewOffice(**{name: getattr(self, name) for name in names}, organisation=self.name)


class SetupPageForm(SetupForm):
    """The same on the page, where the code proves who is asking."""

    code: Annotated[Line, Field(min_length=1, max_length=40)]


@router.get("/setup", name="setup")
def show(request: Request, _: Anyone, session: SessionDep, settings: SettingsDep) -> Response:
    """Show the first-run form while there is no office."""
    first_run.require_none(session)
    usual = {"timezone": USUAL_ZONE, "mail_name": MAIL_NAME, "mail_port": USUAL_PORT}
    return _page(request, settings, Form(usual))


@router.post("/setup")
def set_up(
    request: Request, _: Anyone, database: DatabaseDep, settings: SettingsDep, now: Now, data: FormDep
) -> Response:
    """Make the office for whoever knows the code."""
    form = Form.read(SetupPageForm, data)
    with database.read() as session:
        first_run.require_none(session)
    try:
        office, mail, code = form.value.as_office(), form.value.as_mail(), form.value.code
        network = request.client.host if request.client else ""
        first_run.set_up(database, settings, office, mail, code=code, network=network, now=now)
    except (Invalid, TooManyTries) as problem:
        form.reject(problem)
    except FormRejected:
        pass
    else:
        if form.value.mail_password:
            settings.save_mail_password(form.value.mail_password)
        return see_other(request, "sign_in", notice=N_("Kontoret är klart. Logga in med din e-postadress."))
    return _page(request, settings, form)


def _page(request: Request, settings: SettingsDep, form: Form[SetupPageForm]) -> Response:
    return page(
        request,
        "setup/show.html",
        status=form.status,
        form=form,
        zones=office_settings.offered_zones(),
        securities=options(MailSecurity),
        has_code=bool(settings.setup_code()),
        mail_open=bool(form.values.get("mail_address")) or not MailForm.model_fields.keys().isdisjoint(form.errors),
    )
