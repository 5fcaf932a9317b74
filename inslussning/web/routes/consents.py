"""The client's consent for an actor: written down, renewed, taken back, and the paper the client gets when it is."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.models import Actor, Case
from inslussning.practice.access import Principal
from inslussning.practice.consent import Form as ConsentForm
from inslussning.practice.release import release_day
from inslussning.services import case_consents, cases, consent_receipts, consents, need_areas, parting, visible
from inslussning.services.consents import NewConsent, Said
from inslussning.services.parting import Parted
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep, Today
from inslussning.web.forms import Day, Form, FormModel, KeyOrNone, Line, Prose
from inslussning.web.render import options, page, see_other

router = APIRouter()


class NewConsentForm(FormModel):
    """What the client said yes to."""

    actor_id: KeyOrNone = None
    area_ids: tuple[UUID, ...] = ()
    valid_from: Day
    valid_until: Day
    given_on: Day
    form: ConsentForm
    through: Annotated[Line, Field(max_length=consents.LONGEST_THROUGH)] = ""
    not_shared: Annotated[Prose, Field(max_length=consents.LONGEST_NOT_SHARED)] = ""


class RevokeForm(FormModel):
    """How the client took the consent back."""

    form: ConsentForm
    through: Annotated[Line, Field(max_length=consents.LONGEST_THROUGH)] = ""


@router.get("/cases/{key}/consents/new", name="consents.new")
def show_new(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    today: Today,
    actor: UUID | None = None,
    area: UUID | None = None,
) -> Response:
    """Show the form. The actor is the one the link names; no subject area is ticked but one the link is about."""
    case = cases.get_case(session, principal, key)
    earlier = _earlier(session, principal, case, actor)
    values = {
        "actor_id": str(actor or ""),
        "area_ids": [str(area)] if area else [],
        "valid_from": today.isoformat(),
        "valid_until": consents.proposed_end(session, principal, case, today=today).isoformat(),
        "given_on": today.isoformat(),
        "not_shared": earlier.not_shared if earlier else "",
    }
    return _new(request, principal, session, case, Form(values))


@router.post("/cases/{key}/consents/new")
def give(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now, data: FormDep
) -> Response:
    """Write the consent down; a button that ticks boxes only ticks them."""
    case = cases.get_case(session, principal, key)
    if data.get("tick"):
        return _new(request, principal, session, case, _ticked(session, principal, case, data, today))
    release = release_day(case.release_at, principal.zone) if case.release_at else None
    form = Form.read(NewConsentForm, data, today=today, release=release)
    with form.attempt(session):
        consents.give(session, principal, key, NewConsent(**form.value.model_dump()), now=now)
        said = N_("Samtycket är dokumenterat. Aktören ser nu det som samtycket gäller.")
        return see_other(request, "cases.show", key=key, fragment="consents", notice=said)
    return _new(request, principal, session, case, form)


def _ticked(session: SessionDep, principal: Principal, case: Case, data: FormData, today: dt.date) -> Form[Any]:
    """Return what was typed with every subject area ticked, or those of the actor's latest consent."""
    form: Form[Any] = Form.read(NewConsentForm, data, today=today)
    form.errors.clear()
    form.status = 200
    areas = [area.id for area in cases.need_areas(session, principal)]
    if data.get("tick") == "last":
        chosen = form.values.get("actor_id", "")
        known = (one for one in consents.of_case(session, principal, case.id) if str(one.actor_id) == chosen)
        latest = next(known, None)
        areas = [area.area_id for area in latest.areas] if latest else []
    form.values["area_ids"] = [str(key) for key in areas]
    return form


def _earlier(session: SessionDep, principal: Principal, case: Case, actor: UUID | None) -> Any:  # noqa: ANN401 - a consent or none
    rows = consents.of_case(session, principal, case.id) if actor else ()
    return next((one for one in rows if one.actor_id == actor), None)


def _new(request: Request, principal: Principal, session: SessionDep, case: Case, form: Form[Any]) -> Response:
    chosen = form.values.get("actor_id", "")
    known = {str(one.actor_id) for one in consents.of_case(session, principal, case.id)}
    return page(
        request,
        "consents/new.html",
        status=form.status,
        section="cases",
        case=case,
        form=form,
        actors=[
            (one.id, f"{one.title} ({one.organisation.name})") for one in case_consents.choices(session, principal)
        ],
        areas=[(area.id, area.name, "") for area in need_areas.list_areas(session, principal)[0]],
        forms=options(ConsentForm),
        has_earlier=chosen in known,
    )


@router.get("/cases/{key}/consents/{actor}/revoke", name="consents.revoke")
def show_revoke(
    request: Request, key: UUID, actor: UUID, principal: Coordinator, session: SessionDep, now: Now
) -> Response:
    """Show what taking the consent back would end."""
    return _revoke(request, principal, session, (key, actor), Form(), now)


@router.post("/cases/{key}/consents/{actor}/revoke")
def revoke(
    request: Request,
    key: UUID,
    actor: UUID,
    principal: Coordinator,
    session: SessionDep,
    links: LinksDep,
    data: FormDep,
) -> Response:
    """Take the consent back, at once, and go on to the client's receipt."""
    form = Form.read(RevokeForm, data)
    with form.attempt(session):
        said = Said(**form.value.model_dump())
        consent, parted = consents.revoke(session, principal, key, actor, said, links=links, now=principal.asked_at)
        return see_other(request, "consents.receipt", key=consent.id, notice=_done(parted))
    return _revoke(request, principal, session, (key, actor), form, principal.asked_at)


def _done(parted: Parted) -> str:
    if parted.stays:
        return N_("Samtycket är återkallat. Aktören deltar ändå, genom ett beslut utan samtycke.")
    return N_("Samtycket är återkallat. Aktören ser ingenting i ärendet längre.")


def _revoke(
    request: Request,
    principal: Principal,
    session: SessionDep,
    which: tuple[UUID, UUID],
    form: Form[Any],
    now: dt.datetime,
) -> Response:
    case = cases.get_case(session, principal, which[0])
    actor = visible.one(session, principal, Actor, which[1])
    held = consents.revocable(session, principal, case.id, actor.id, today=principal.today)
    return page(
        request,
        "consents/revoke.html",
        status=form.status,
        section="cases",
        case=case,
        actor=actor,
        held=held,
        ends=parting.consequences(session, principal, case, actor, now=now),
        form=form,
        forms=options(ConsentForm),
    )


@router.get("/consents/{key}/receipt", name="consents.receipt")
def receipt(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show the paper the client gets when a consent has been taken back."""
    found = consent_receipts.receipt(session, principal, key)
    return page(request, "consents/receipt.html", section="cases", found=found)
