"""Actors: the office's functions, their mailboxes and who staffs them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import actors, closing, handover, invitations, staffing_page
from inslussning.services.actors import ActorDetails
from inslussning.services.handover import Place
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep, Today
from inslussning.web.forms import (
    Day,
    DayOrNone,
    Form,
    FormModel,
    Line,
    MailAddress,
    MailAddressOrBlank,
    PhoneOrBlank,
    Ticked,
)
from inslussning.web.mailing import MailingDep
from inslussning.web.receipts import receipt
from inslussning.web.render import options, page, see_other

router = APIRouter(prefix="/actors")
STAFFED = N_("Bemanningen är sparad.")


class ActorForm(FormModel):
    """What an office says of a function."""

    organisation: Annotated[Line, Field(min_length=1, max_length=120)]
    kind: OrganisationKind
    function: Annotated[Line, Field(min_length=1, max_length=120)]
    place: Annotated[Line, Field(max_length=80)] = ""
    short_name: Annotated[Line, Field(min_length=1, max_length=20)]
    plain_name: Annotated[Line, Field(max_length=80)] = ""
    mailbox: MailAddressOrBlank = ""
    phone: PhoneOrBlank = ""
    visiting_address: Annotated[Line, Field(max_length=200)] = ""
    wants_place: Ticked = False


class StaffingForm(FormModel):
    """A person and an interval."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    email: MailAddress
    starts_on: Day
    ends_on: DayOrNone = None


class EndForm(FormModel):
    """The last day of a staffing."""

    ends_on: Day


@router.get("", name="actors")
def index(request: Request, principal: Coordinator, session: SessionDep, today: Today) -> Response:
    """List the office's actors by organisation, with who staffs each today."""
    rows = [staffing_page.line_of(actor, today) for actor in actors.list_actors(session, principal)]
    return page(request, "actors/index.html", section="actors", rows=rows)


@router.get("/new", name="actors.new")
def show_new(request: Request, principal: Coordinator, session: SessionDep) -> Response:
    """Show an empty form."""
    return _new(request, principal, session, Form())


@router.post("/new")
def add(request: Request, principal: Coordinator, session: SessionDep, data: FormDep) -> Response:
    """Add a function."""
    form = Form.read(ActorForm, data)
    with form.attempt(session):
        actor = actors.add_actor(session, principal, ActorDetails(**form.value.model_dump()))
        return see_other(request, "actors.show", key=actor.id, notice=N_("Aktören är tillagd."))
    return _new(request, principal, session, form)


def _new(request: Request, principal: Coordinator, session: SessionDep, form: Form[ActorForm]) -> Response:
    return page(
        request, "actors/new.html", status=form.status, section="actors", form=form, **_choices(session, principal)
    )


@router.get("/{key}", name="actors.show")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now) -> Response:
    """Show a function and its staffing."""
    return _show(request, principal, session, key, Form({"starts_on": today.isoformat()}), now)


@router.post("/{key}/staffing", name="actors.staff")
def staff(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    today: Today,
    mailing: MailingDep,
    data: FormDep,
) -> Response:
    """Let a person answer for the function over an interval."""
    form = Form.read(StaffingForm, data, today=today)
    with form.attempt(session):
        sent = handover.put_in(session, principal, key, Place(**form.value.model_dump()), **mailing._asdict())
        return see_other(request, "actors.show", key=key, notice=receipt(principal, STAFFED, sent))
    return _show(request, principal, session, key, form, mailing.now)


@router.post("/{key}/staffing/{staffing}/end", name="actors.end_staffing")
def end_staffing(
    request: Request,
    key: UUID,
    staffing: UUID,
    principal: Coordinator,
    session: SessionDep,
    mailing: MailingDep,
    data: FormDep,
) -> Response:
    """Set the last day of a staffing."""
    form = Form.read(EndForm, data, today=handover.local_today(principal, mailing.now))
    with form.attempt(session):
        last = form.value.ends_on
        sent = handover.end(session, principal, key, staffing, ends_on=last, **mailing._asdict())
        return see_other(request, "actors.show", key=key, notice=receipt(principal, STAFFED, sent))
    return _show(request, principal, session, key, form, mailing.now)


def _show(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    key: UUID,
    form: Form[StaffingForm] | Form[EndForm],
    now: Now,
) -> Response:
    actor = actors.get_actor(session, principal, key)
    return page(
        request,
        "actors/show.html",
        status=form.status,
        section="actors",
        actor=actor,
        staffing=staffing_page.staffing_page(session, principal, actor, now=now),
        form=form,
    )


@router.get("/{key}/edit", name="actors.edit")
def show_edit(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show the function's form filled in."""
    actor = actors.get_actor(session, principal, key)
    form: Form[ActorForm] = Form(
        {name: getattr(actor, name) for name in ActorForm.model_fields if name not in {"organisation", "kind"}}
        | {"organisation": actor.organisation.name, "kind": actor.organisation.kind.value}
    )
    return _edit(request, principal, session, key, form)


@router.post("/{key}/edit")
def change(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, data: FormDep, links: LinksDep, now: Now
) -> Response:
    """Change what is said of the function; its invitations follow it to a new mailbox."""
    form = Form.read(ActorForm, data)
    with form.attempt(session):
        actor = actors.change_actor(session, principal, key, ActorDetails(**form.value.model_dump()))
        sent = invitations.follow(session, principal, actor, links=links, now=now)
        moved = N_("Sparat. Aktörens inbjudningar skickas till den nya brevlådan.")
        return see_other(request, "actors.show", key=key, notice=moved if sent.count else N_("Sparat."))
    return _edit(request, principal, session, key, form)


@router.get("/{key}/close", name="actors.close")
def show_close(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Say what happens when the function is taken out of use."""
    told = closing.preview(session, principal, key, now=now)
    return page(request, "actors/close.html", section="actors", actor=told.actor, told=told)


@router.post("/{key}/close")
def close(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep
) -> Response:
    """Take the function out of use; what it is invited to is taken back."""
    sent = closing.close(session, principal, key, links=links, now=now)
    done = receipt(principal, N_("Aktören är avslutad. Det den varit med om finns kvar."), sent)
    return see_other(request, "actors", notice=done)


def _edit(request: Request, principal: Coordinator, session: SessionDep, key: UUID, form: Form[ActorForm]) -> Response:
    actor = actors.get_actor(session, principal, key)
    return page(
        request,
        "actors/edit.html",
        status=form.status,
        section="actors",
        actor=actor,
        form=form,
        **_choices(session, principal),
    )


def _choices(session: SessionDep, principal: Coordinator) -> dict[str, Any]:
    names = sorted({a.organisation.name for a in actors.list_actors(session, principal, with_closed=True)})
    return {"kind_options": options(OrganisationKind), "organisations": names}


@router.post("/{key}/people/{person}/protect", name="actors.protect_person")
def protect_person(
    request: Request, key: UUID, person: UUID, principal: Coordinator, session: SessionDep, data: FormDep
) -> Response:
    """Leave a person's name out outside the own organisation, or tell it again."""
    actors.protect_person(session, principal, key, person, protected=data.get("protected") == "1")
    return see_other(request, "actors.show", key=key, fragment="staffing", notice=N_("Sparat."))
