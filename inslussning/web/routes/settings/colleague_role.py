"""Another role for a colleague."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Role
from inslussning.practice.role_words import SEES
from inslussning.services import roles, users
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep, StepUp
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import page, see_other

router = APIRouter()


class RoleForm(FormModel):
    """The role chosen."""

    role: Role


@router.get("/colleagues/{key}/role", name="settings.colleague_role")
def show(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show the roles with what each of them sees."""
    return _page(request, key, principal, session, Form({"role": users.get_user(session, principal, key).role}))


@router.post("/colleagues/{key}/role")
def change(
    request: Request, key: UUID, principal: OfficeKeeper, _proof: StepUp, session: SessionDep, data: FormDep
) -> Response:
    """Give the colleague the role."""
    form = Form.read(RoleForm, data)
    with form.attempt(session):
        roles.change_role(session, principal, key, form.value.role)
        return see_other(request, "settings.colleagues", notice=N_("Rollen är ändrad och gäller direkt."))
    return _page(request, key, principal, session, form)


def _page(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, form: Form[RoleForm]) -> Response:
    return page(
        request,
        "settings/colleague_role.html",
        status=form.status,
        section="settings",
        form=form,
        colleague=users.get_user(session, principal, key),
        roles=[(role, role.label, SEES[role]) for role in Role],
    )
