"""Sharing without consent: the decision of whoever is signed in, and its end."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.models import Case
from inslussning.practice.access import Principal
from inslussning.services import case_consents, cases, disclosures, legal_bases, need_areas
from inslussning.services.disclosures import NewDecision
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep, Today
from inslussning.web.forms import Day, Form, FormModel, KeyOrNone, Prose
from inslussning.web.render import page, see_other

router = APIRouter()


class DecisionForm(FormModel):
    """What is decided."""

    actor_id: KeyOrNone = None
    basis_id: KeyOrNone = None
    area_ids: tuple[UUID, ...] = ()
    valid_until: Day
    reason: Annotated[Prose, Field(max_length=disclosures.LONGEST_REASON)] = ""


@router.get("/cases/{key}/disclosures/new", name="disclosures.new")
def show_new(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show an empty form: nothing is proposed, not even the last day."""
    return _new(request, principal, session, cases.get_case(session, principal, key), Form())


@router.post("/cases/{key}/disclosures/new")
def decide(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now, data: FormDep
) -> Response:
    """Write the decision down."""
    form = Form.read(DecisionForm, data, today=today)
    with form.attempt(session):
        disclosures.decide(session, principal, key, NewDecision(**form.value.model_dump()), now=now)
        said = N_("Beslutet är dokumenterat. Aktören ser nu det som beslutet gäller.")
        return see_other(request, "cases.show", key=key, fragment="consents", notice=said)
    return _new(request, principal, session, cases.get_case(session, principal, key), form)


def _new(request: Request, principal: Principal, session: SessionDep, case: Case, form: Form[Any]) -> Response:
    found = legal_bases.in_force(session, principal, today=principal.today)
    return page(
        request,
        "consents/disclosure.html",
        status=form.status,
        section="cases",
        case=case,
        form=form,
        actors=[
            (one.id, f"{one.title} ({one.organisation.name})") for one in case_consents.choices(session, principal)
        ],
        bases=found,
        areas=[(area.id, area.name, "") for area in need_areas.list_areas(session, principal)[0]],
    )


@router.post("/disclosures/{key}/end", name="disclosures.end")
def end(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, links: LinksDep, now: Now
) -> Response:
    """End the decision at once."""
    decision, _ = disclosures.end(session, principal, key, links=links, now=now)
    said = N_("Beslutet är avslutat. Det gäller inte längre.")
    return see_other(request, "cases.show", key=decision.case_id, fragment="consents", notice=said)
