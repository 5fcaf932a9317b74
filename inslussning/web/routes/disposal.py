"""Erasing by rule: the list of what is due, a preview that says what goes, the act, its receipt, and the rules."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.db import Session
from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.disposal import summed
from inslussning.services import disposal, disposal_rules, users
from inslussning.web.deps import Disposer, FormDep, SessionDep, StepUp, Today
from inslussning.web.forms import Day, Form, FormModel, KeyOrNone, Line, Ticked
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/disposal")
Part = UUID | Literal["whole"]  # an organisation's part of a case, or all of it


class RuleForm(FormModel):
    """How long something is kept, from when, and where that comes from."""

    organisation_id: KeyOrNone = None
    months: Annotated[int, Field(ge=1, le=disposal_rules.MOST_MONTHS)]
    valid_from: Day
    source: Annotated[Line, Field(min_length=1, max_length=200)]


class EraseForm(FormModel):
    """Erasing cannot be undone, so it is said twice."""

    sure: Ticked = False


@router.get("", name="disposal")
def index(request: Request, principal: Disposer, session: SessionDep) -> Response:
    """List what is due and what has been erased."""
    return page(
        request,
        "disposal/index.html",
        section="disposal",
        due=disposal.due_list(session, principal),
        receipts=disposal.list_receipts(session, principal),
    )


@router.get("/rules", name="disposal.rules")
def show_rules(request: Request, principal: Disposer, session: SessionDep, today: Today) -> Response:
    """Show the rules and the form for a new one."""
    return _rules(request, principal, session, Form({"valid_from": today.isoformat()}))


@router.post("/rules")
def set_rule(request: Request, principal: Disposer, session: SessionDep, today: Today, data: FormDep) -> Response:
    """Let a rule hold from a day."""
    form = Form.read(RuleForm, data, today=today)
    with form.attempt(session):
        disposal_rules.set_rule(session, principal, **form.value.model_dump(), today=today)
        return see_other(request, "disposal.rules", notice=N_("Regeln är sparad."))
    return _rules(request, principal, session, form)


@router.post("/rules/{key}/withdraw", name="disposal.rule_withdraw")
def withdraw_rule(request: Request, key: UUID, principal: Disposer, session: SessionDep, today: Today) -> Response:
    """Take back a rule that does not hold yet."""
    disposal_rules.withdraw_rule(session, principal, key, today=today)
    return see_other(request, "disposal.rules", notice=N_("Den kommande regeln är borttagen."))


@router.get("/receipts/{key}", name="disposal.receipt")
def receipt(request: Request, key: UUID, principal: Disposer, session: SessionDep) -> Response:
    """Show a receipt, ready to print."""
    row = disposal.get_receipt(session, principal, key)
    return page(request, "disposal/receipt.html", section="disposal", receipt=row, erased=summed(row.counts))


@router.get("/{case_key}/{part}", name="disposal.preview")
def preview(request: Request, case_key: UUID, part: Part, principal: Disposer, session: SessionDep) -> Response:
    """Say what would be erased, and for whom."""
    return _preview(request, principal, session, (case_key, part), Form())


@router.post("/{case_key}/{part}")
def erase(
    request: Request,
    case_key: UUID,
    part: Part,
    principal: Disposer,
    _proof: StepUp,
    session: SessionDep,
    data: FormDep,
) -> Response:
    """Erase, for good."""
    form = Form.read(EraseForm, data)
    with form.attempt(session):
        done = disposal.dispose(session, principal, case_key, _organisation(part), sure=form.value.sure)
        return see_other(request, "disposal.receipt", key=done.id, notice=N_("Gallrat. Det här är kvittot."))
    return _preview(request, principal, session, (case_key, part), form)


def _organisation(part: Part) -> UUID | None:
    """Return the organisation whose part is meant, or None for the whole case."""
    return part if isinstance(part, UUID) else None


def _preview(
    request: Request, principal: Principal, session: Session, what: tuple[UUID, Part], form: Form[EraseForm]
) -> Response:
    due = disposal.get_due(session, principal, what[0], _organisation(what[1]))
    return page(
        request,
        "disposal/preview.html",
        status=form.status,
        section="disposal",
        due=due,
        is_due=due.is_due(principal.today),
        erased=summed(disposal.preview(session, principal, due)),
        form=form,
    )


def _rules(request: Request, principal: Principal, session: Session, form: Form[RuleForm]) -> Response:
    return page(
        request,
        "disposal/rules.html",
        status=form.status,
        section="disposal",
        rules=disposal_rules.list_rules(session, principal),
        organisations=users.organisations(session, principal),
        form=form,
    )
