"""Who the client of a case is: the form where the office's own staff writes it down."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from inslussning.errors import Changed
from inslussning.i18n import N_
from inslussning.models import Case
from inslussning.practice.access import Principal
from inslussning.practice.birth_dates import read_birth_date
from inslussning.practice.personal_numbers import read_personal_number
from inslussning.services import cases, clients
from inslussning.services.clients import Identity, IdentityDetails
from inslussning.web.deps import Coordinator, FormDep, SessionDep
from inslussning.web.forms import Form, FormModel, Line, MailAddressOrBlank, PhoneOrBlank, refusing
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/cases/{key}/client")


def _birth_date(typed: object) -> object:
    """Read a birth date, or an empty field as None."""
    if not isinstance(typed, str) or not typed.strip():
        return None
    return refusing(lambda: read_birth_date(typed))


def _personal_number(typed: object) -> object:
    """Read a personal number: the only field that takes one."""
    if not isinstance(typed, str) or not typed.strip():
        return ""
    return refusing(lambda: read_personal_number(typed))


class IdentityForm(FormModel):
    """What is said of the client."""

    name: Annotated[Line, Field(max_length=120)] = ""
    birth_date: Annotated[dt.date | None, BeforeValidator(_birth_date)] = None
    personal_number: Annotated[str, BeforeValidator(_personal_number)] = ""
    address: Annotated[Line, Field(max_length=200)] = ""
    phone: PhoneOrBlank = ""
    email: MailAddressOrBlank = ""
    version: int = 0


@router.get("", name="cases.client")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show the form as it stands."""
    case = cases.get_case(session, principal, key)
    said = clients.identity(session, principal, case)
    return _page(request, case, said, Form(_values(said)))


@router.post("")
def change(request: Request, key: UUID, principal: Coordinator, session: SessionDep, data: FormDep) -> Response:
    """Keep what was typed, unless somebody else has changed it since."""
    form = Form.read(IdentityForm, data)
    with form.attempt(session):
        said = form.value
        details = IdentityDetails(**said.model_dump(exclude={"version"}))
        clients.change_identity(session, principal, key, details, version=said.version)
        return see_other(request, "cases.show", key=key, notice=N_("Sparat."))
    return _again(request, principal, session, key, form)


def _again(
    request: Request, principal: Principal, session: SessionDep, key: UUID, form: Form[IdentityForm]
) -> Response:
    """Show the form with what was typed; after a lost race the next save is made knowingly."""
    case = cases.get_case(session, principal, key)
    said = clients.identity(session, principal, case)
    if form.status == Changed.status and said is not None:
        form.values["version"] = str(said.version)
    return _page(request, case, said, form)


def _page(request: Request, case: Case, said: Identity | None, form: Form[IdentityForm]) -> Response:
    return page(
        request,
        "cases/client.html",
        status=form.status,
        section="cases",
        case=case,
        form=form,
        is_masked=said is not None and said.is_masked,
    )


def _values(said: Identity | None) -> dict[str, str]:
    """Return the identity as its form shows it."""
    if said is None:
        return {}
    names = ("name", "personal_number", "address", "phone", "email", "version")
    return {name: str(getattr(said, name)) for name in names} | {"birth_date": str(said.birth_date or "")}
