"""The numbers law and local routine decide: what holds today, since when and why, and what comes next."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import office_rules
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep, Today
from inslussning.web.forms import Day, Form, FormModel, Line
from inslussning.web.render import page, see_other

router = APIRouter()


class RuleForm(FormModel):
    """A number, from when it holds, and where it comes from."""

    value: Annotated[int, Field(ge=1, le=office_rules.MOST_DAYS)]
    valid_from: Day
    source: Annotated[Line, Field(min_length=1, max_length=200)]


@router.get("/rules", name="settings.rules")
def index(request: Request, principal: OfficeKeeper, session: SessionDep, today: Today) -> Response:
    """List every number with what holds today."""
    rules = office_rules.list_rules(session, principal, today=today)
    return page(request, "settings/rules.html", section="settings", rules=rules)


@router.get("/rules/{key}", name="settings.rule")
def show(request: Request, key: RuleKey, principal: OfficeKeeper, session: SessionDep, today: Today) -> Response:
    """Show one number with its history."""
    current = office_rules.get_rule(session, principal, key, today=today).current
    values = {"value": current.value, "source": current.source} if current else {}
    return _page(request, principal, session, key, today, Form(values | {"valid_from": today.isoformat()}))


@router.post("/rules/{key}")
def change(
    request: Request, key: RuleKey, principal: OfficeKeeper, session: SessionDep, today: Today, data: FormDep
) -> Response:
    """Let the number be another from a day on."""
    form = Form.read(RuleForm, data, today=today)
    with form.attempt(session):
        office_rules.set_rule(session, principal, key, **form.value.model_dump(), today=today)
        return see_other(request, "settings.rule", key=key.value, notice=N_("Gränsen är sparad."))
    return _page(request, principal, session, key, today, form)


@router.post("/rules/{key}/{row}/withdraw", name="settings.rule_withdraw")
def withdraw(
    request: Request, key: RuleKey, row: UUID, principal: OfficeKeeper, session: SessionDep, today: Today
) -> Response:
    """Take back a number that does not hold yet."""
    office_rules.withdraw_rule(session, principal, row, today=today)
    return see_other(request, "settings.rule", key=key.value, notice=N_("Den kommande gränsen är borttaget."))


def _page(
    request: Request,
    principal: OfficeKeeper,
    session: SessionDep,
    key: RuleKey,
    today: Today,
    form: Form[RuleForm],
) -> Response:
    return page(
        request,
        "settings/rule.html",
        status=form.status,
        section="settings",
        rule=office_rules.get_rule(session, principal, key, today=today),
        most=office_rules.longest(key),
        form=form,
    )
