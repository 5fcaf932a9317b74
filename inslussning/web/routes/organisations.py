"""Organisations: their kind, whether information to them needs a basis, their functions and people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import actors, organisations
from inslussning.web.deps import Coordinator, FormDep, SessionDep, Today
from inslussning.web.forms import Form, FormModel, Line, Ticked
from inslussning.web.render import options, page, see_other

router = APIRouter(prefix="/organisations")


class OrganisationForm(FormModel):
    """What is said of an organisation. `anyway`: that cases open without consent has been read."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    kind: OrganisationKind
    needs_basis: Ticked = False
    anyway: Ticked = False


@router.get("", name="organisations")
def index(request: Request, principal: Coordinator, session: SessionDep) -> Response:
    """List the office's organisations."""
    found = organisations.list_organisations(session, principal)
    return page(request, "organisations/index.html", section="actors", organisations=found)


@router.get("/{key}", name="organisations.show")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today) -> Response:
    """Show an organisation with its functions and people."""
    found = organisations.get_organisation(session, principal, key)
    rows = [(actor, actors.staffed_today(actor, today)) for actor in found.actors]
    return page(
        request,
        "organisations/show.html",
        section="actors",
        organisation=found.organisation,
        rows=rows,
        people=found.people,
    )


@router.get("/{key}/edit", name="organisations.edit")
def show_edit(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show the form filled in."""
    one = organisations.get_organisation(session, principal, key).organisation
    values = {"name": one.name, "kind": one.kind.value, "needs_basis": one.needs_basis}
    return _edit(request, principal, session, key, Form(values))


@router.post("/{key}/edit")
def change(request: Request, key: UUID, principal: Coordinator, session: SessionDep, data: FormDep) -> Response:
    """Change an organisation; to open cases without consent asks once more."""
    was = organisations.get_organisation(session, principal, key).organisation.needs_basis
    form = Form.read(OrganisationForm, data)
    opens = False
    with form.attempt(session):
        opens = was and not form.value.needs_basis
        if form.value.anyway or not opens:
            organisations.change_organisation(session, principal, key, **form.value.model_dump(exclude={"anyway"}))
            return see_other(request, "organisations.show", key=key, notice=N_("Sparat."))
        form.status = 422
    return _edit(request, principal, session, key, form, opens=opens)


def _edit(
    request: Request,
    principal: Principal,
    session: SessionDep,
    key: UUID,
    form: Form[OrganisationForm],
    *,
    opens: bool = False,
) -> Response:
    return page(
        request,
        "organisations/edit.html",
        status=form.status,
        section="actors",
        organisation=organisations.get_organisation(session, principal, key).organisation,
        form=form,
        kind_options=options(OrganisationKind),
        opens=opens,
        cases=organisations.open_cases(session, principal, key) if opens else 0,
    )
