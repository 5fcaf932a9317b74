"""What the office has decided about sharing: the grounds for sharing without consent, and its own words to a client who hesitates."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.practice.office_defaults import TextKey
from inslussning.services import legal_bases, office_texts
from inslussning.services.legal_bases import BasisDetails
from inslussning.web.deps import FormDep, OfficeKeeper, SessionDep, Today
from inslussning.web.forms import Day, DayOrNone, Form, FormModel, Line, Prose
from inslussning.web.render import page, see_other

router = APIRouter()


class BasisForm(FormModel):
    """A ground, where it stands, and from when it may be used."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    citation: Annotated[Line, Field(min_length=1, max_length=120)]
    explanation: Annotated[Prose, Field(max_length=500)] = ""
    valid_from: Day


class EndForm(FormModel):
    """The last day a ground may be used; none takes the end away."""

    valid_until: DayOrNone = None


class TextForm(FormModel):
    """The office's own words."""

    body: Annotated[Prose, Field(max_length=office_texts.LONGEST)] = ""


@router.get("/sharing", name="settings.sharing")
def index(request: Request, principal: OfficeKeeper, session: SessionDep, today: Today) -> Response:
    """Show the grounds and the text."""
    return _index(request, principal, session, Form({"valid_from": today.isoformat()}), None)


@router.post("/sharing/text", name="settings.sharing_text")
def change_text(
    request: Request, principal: OfficeKeeper, session: SessionDep, today: Today, data: FormDep
) -> Response:
    """Put the text in other words."""
    form = Form.read(TextForm, data)
    with form.attempt(session):
        office_texts.set_text(session, principal, TextKey.MOTIVATION, form.value.body)
        return see_other(request, "settings.sharing", notice=N_("Texten är sparad."))
    return _index(request, principal, session, Form({"valid_from": today.isoformat()}), form)


@router.post("/bases", name="settings.bases_add")
def add(request: Request, principal: OfficeKeeper, session: SessionDep, today: Today, data: FormDep) -> Response:
    """Add a ground, last."""
    form = Form.read(BasisForm, data, today=today)
    with form.attempt(session):
        legal_bases.add_basis(session, principal, BasisDetails(**form.value.model_dump()))
        return see_other(request, "settings.sharing", notice=N_("Grunden är tillagd."))
    return _index(request, principal, session, form, None)


def _index(
    request: Request, principal: Principal, session: SessionDep, form: Form[Any], text: Form[Any] | None
) -> Response:
    words = text or Form({"body": office_texts.text(session, principal, TextKey.MOTIVATION)})
    return page(
        request,
        "settings/sharing.html",
        status=max(form.status, words.status),
        section="settings",
        bases=legal_bases.list_bases(session, principal),
        form=form,
        text=words,
    )


@router.get("/bases/{key}", name="settings.basis")
def show(request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep) -> Response:
    """Show one ground."""
    row = legal_bases.get_basis(session, principal, key)
    values = {name: str(getattr(row, name)) for name in BasisForm.model_fields}
    return _basis(request, principal, session, key, Form(values | {"valid_until": str(row.valid_until or "")}))


@router.post("/bases/{key}")
def change(
    request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, today: Today, data: FormDep
) -> Response:
    """Put a ground that no decision rests on in other words."""
    form = Form.read(BasisForm, data, today=today)
    with form.attempt(session):
        legal_bases.change_basis(session, principal, key, BasisDetails(**form.value.model_dump()))
        return see_other(request, "settings.sharing", notice=N_("Grunden är sparad."))
    return _basis(request, principal, session, key, form)


@router.post("/bases/{key}/end", name="settings.basis_end")
def end(
    request: Request, key: UUID, principal: OfficeKeeper, session: SessionDep, today: Today, data: FormDep
) -> Response:
    """Let a ground be used until a day, or without end."""
    form = Form.read(EndForm, data, today=today)
    with form.attempt(session):
        legal_bases.end_basis(session, principal, key, last_on=form.value.valid_until)
        return see_other(request, "settings.sharing", notice=N_("Grundens sista dag är sparad."))
    return _basis(request, principal, session, key, form)


def _basis(request: Request, principal: Principal, session: SessionDep, key: UUID, form: Form[Any]) -> Response:
    row = legal_bases.get_basis(session, principal, key)
    form.values = {name: str(getattr(row, name)) for name in BasisForm.model_fields} | form.values
    form.values.setdefault("valid_until", str(row.valid_until or ""))
    return page(
        request,
        "settings/basis.html",
        status=form.status,
        section="settings",
        basis=row,
        is_used=legal_bases.is_used(session, row),
        form=form,
    )
