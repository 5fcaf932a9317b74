"""Who may see a case: people kept out of it, people named in it, closing it to all but those, and protected identity."""

import datetime as dt
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.protection import CasePersonKind, Protection
from inslussning.services import case_people, protection, releases
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep
from inslussning.web.forms import Form, FormModel, KeyOrNone, Line
from inslussning.web.receipts import receipt
from inslussning.web.render import options, page, see_other

router = APIRouter(prefix="/cases/{key}/people")


class PersonForm(FormModel):
    """A person to keep out or to name, and why."""

    person_id: KeyOrNone = None
    kind: CasePersonKind = CasePersonKind.EXCLUDED
    reason: Line = ""


class CloseForm(FormModel):
    """The people who may read the case when it is closed to the rest."""

    person_ids: tuple[UUID, ...] = ()


class ProtectForm(FormModel):
    """Which protected identity the client has, and who may read."""

    protection: Protection
    protected_ids: tuple[UUID, ...] = ()


@router.get("", name="cases.people")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show who may see the case, and why."""
    return _show(request, principal, session, key, now)


@router.post("")
def put(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep) -> Response:
    """Keep a person out of the case, or name one who may read it."""
    form = Form.read(PersonForm, data)
    with form.attempt(session):
        said = form.value
        act = case_people.exclude if said.kind is CasePersonKind.EXCLUDED else case_people.name
        act(session, principal, key, said.person_id, reason=said.reason, now=now)
        return see_other(request, "cases.people", key=key, notice=N_("Sparat. Det gäller från och med nu."))
    return _show(request, principal, session, key, now, person=form)


@router.post("/{person}/remove", name="cases.people_remove")
def remove(
    request: Request, key: UUID, person: UUID, principal: Coordinator, session: SessionDep, now: Now
) -> Response:
    """Take a person off the list."""
    form: Form[PersonForm] = Form()
    with form.attempt(session):
        case_people.remove(session, principal, key, person)
        if person == principal.person_id and case_people.is_closed_to(session, principal, key):
            return see_other(request, "cases", notice=N_("Du står inte längre på ärendets lista."))
        return see_other(request, "cases.people", key=key, notice=N_("Sparat. Det gäller från och med nu."))
    return _show(request, principal, session, key, now, person=form)


@router.post("/seal", name="cases.seal")
def seal(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep) -> Response:
    """Close the case to all but the named."""
    form = Form.read(CloseForm, data)
    with form.attempt(session):
        protection.seal(session, principal, key, form.value.person_ids, now=now)
        return _after(request, principal, session, key, N_("Ärendet är stängt för alla utom de namngivna."))
    return _show(request, principal, session, key, now, close=form)


@router.post("/unseal", name="cases.unseal")
def unseal(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Open a sealed case to the office again."""
    form: Form[CloseForm] = Form()
    with form.attempt(session):
        protection.unseal(session, principal, key)
        return see_other(request, "cases.people", key=key, notice=N_("Ärendet är inte längre stängt."))
    return _show(request, principal, session, key, now, close=form)


@router.post("/protection", name="cases.protect")
def protect(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    links: LinksDep,
    now: Now,
    data: FormDep,
) -> Response:
    """Say which protected identity the client has."""
    form = Form.read(ProtectForm, data)
    with form.attempt(session):
        said = form.value
        sent = protection.protect(session, principal, key, said.protection, said.protected_ids, links=links, now=now)
        done = receipt(principal, N_("Skyddet är ändrat och gäller från och med nu."), sent)
        return _after(request, principal, session, key, done)
    return _show(request, principal, session, key, now, protect=form)


def _after(request: Request, principal: Principal, session: SessionDep, key: UUID, notice: str) -> Response:
    """Lead back to the page, unless whoever closed the case did not name oneself."""
    if case_people.is_closed_to(session, principal, key):
        return see_other(request, "cases", notice=notice)
    return see_other(request, "cases.people", key=key, notice=notice)


def _show(
    request: Request, principal: Principal, session: SessionDep, key: UUID, now: dt.datetime, **typed: Form[Any]
) -> Response:
    seen = case_people.who_sees(session, principal, key, now=now)
    oneself = [str(principal.person_id)]
    forms = {
        "person": Form({"kind": CasePersonKind.EXCLUDED.value}),
        "close": Form({"person_ids": oneself}),
        "protect": Form({"protection": seen.case.protection.value, "protected_ids": oneself}),
    } | typed
    return page(
        request,
        "cases/people.html",
        status=max(form.status for form in forms.values()),
        section="cases",
        seen=seen,
        acts=releases.acts(session, principal, key),
        kinds=[(kind.value, label) for kind, label in _kinds()],
        protections=options(Protection),
        choices=[(one, text, "") for one, text in seen.choices],
        forms=forms,
        now=now,
    )


def _kinds() -> list[tuple[CasePersonKind, str]]:
    words = dict(options(CasePersonKind))
    return [(kind, words[kind.value]) for kind in (CasePersonKind.EXCLUDED, CasePersonKind.NAMED)]
