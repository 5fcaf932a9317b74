"""Which roles must have a second factor, as dated rules of the office."""

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.db import Session
from inslussning.i18n import N_
from inslussning.practice.access import Principal, Role
from inslussning.services import factor_rules
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep, StepUp, Today
from inslussning.web.forms import Day, Form, FormModel
from inslussning.web.render import options, page, see_other

router = APIRouter()


class FactorRuleForm(FormModel):
    """A role, what is asked of it, and from when."""

    role: Role
    required: Literal["yes", "no"]
    valid_from: Day


@router.get("/second-factor", name="settings.second_factor")
def show(request: Request, principal: OfficeKeeper, session: SessionDep, today: Today) -> Response:
    """Show the rule of every role."""
    return _page(request, principal, session, today, Form({"valid_from": today.isoformat()}))


@router.post("/second-factor")
def save(
    request: Request, principal: OfficeKeeper, _proof: StepUp, session: SessionDep, data: FormDep, today: Today
) -> Response:
    """Let a rule hold from a day."""
    form = Form.read(FactorRuleForm, data, today=today)
    with form.attempt(session):
        given = form.value
        is_required = given.required == "yes"
        factor_rules.set_rule(
            session, principal, given.role, required=is_required, valid_from=given.valid_from, today=today
        )
        return see_other(request, "settings.second_factor", notice=N_("Sparat."))
    return _page(request, principal, session, today, form)


def _page(
    request: Request, principal: Principal, session: Session, today: Today, form: Form[FactorRuleForm]
) -> Response:
    return page(
        request,
        "settings/second_factor.html",
        status=form.status,
        section="settings",
        form=form,
        roles=options(Role),
        rules=factor_rules.list_rules(session, principal, today=today),
    )
