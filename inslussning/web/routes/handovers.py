"""Handing a function over on a date: asked, shown with all it leads to, and only then done. A plan can be undone until its day."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from inslussning.errors import NotFound
from inslussning.i18n import N_
from inslussning.practice.access import Principal
from inslussning.services import actors, handover, handover_preview
from inslussning.services.handover import Order
from inslussning.services.handover_preview import Consequences
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep
from inslussning.web.forms import Day, Form, FormModel, KeyOrNone, Line, MailAddressOrBlank, Ticked
from inslussning.web.mailing import MailingDep
from inslussning.web.receipts import receipt
from inslussning.web.render import page, see_other

router = APIRouter(prefix="/actors/{key}/handover")


class OrderForm(FormModel):
    """Who leaves, after which day, and who takes over. `seen`: what it leads to has been read."""

    leaving_id: UUID
    last_on: Day
    person_id: KeyOrNone = None
    name: Annotated[Line, Field(max_length=120)] = ""
    email: MailAddressOrBlank = ""
    seen: Ticked = False


@router.get("", name="actors.handover")
def show(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, change: UUID | None = None
) -> Response:
    """Ask who leaves, when, and who takes over; an earlier plan comes filled in."""
    plans = handover.coming(session, principal, key, now=now)
    found = next((one for one in plans if one.id == change), None)
    values: dict[str, object] = {}
    if found is not None:
        values = {"leaving_id": found.leaving_id, "last_on": found.last_on.isoformat(), "person_id": found.person_id}
    return _show(request, principal, session, key, Form(values), now)


@router.post("")
def hand_over(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    mailing: MailingDep,
    data: FormDep,
) -> Response:
    """Show what the hand-over leads to; once that has been seen, do it."""
    form = Form.read(OrderForm, data, today=handover.local_today(principal, mailing.now))
    told: Consequences | None = None
    with form.attempt(session):
        order = Order(**form.value.model_dump(exclude={"seen"}))
        if form.value.seen:
            sent = handover.hand_over(session, principal, key, order, **mailing._asdict())
            return see_other(
                request, "actors.show", key=key, notice=receipt(principal, N_("Överlämningen är inlagd."), sent)
            )
        told = handover_preview.preview(session, principal, key, order, now=mailing.now)
    return _show(request, principal, session, key, form, mailing.now, told)


def _show(
    request: Request,
    principal: Principal,
    session: SessionDep,
    key: UUID,
    form: Form[OrderForm],
    now: Now,
    told: Consequences | None = None,
) -> Response:
    actor = actors.get_actor(session, principal, key)
    today = handover.local_today(principal, now)
    by_start = sorted(actor.staffings, key=lambda one: one.starts_on)
    leaving = [one for one in by_start if one.ends_on is None or one.ends_on >= today]
    if not leaving or actor.closed_on is not None:
        raise NotFound
    form.values.setdefault("leaving_id", leaving[0].id)
    return page(
        request,
        "actors/handover.html",
        status=form.status,
        section="actors",
        actor=actor,
        form=form,
        leaving=leaving,
        people=actors.people_for(session, principal, actor),
        told=told,
    )


@router.post("/{change}/undo", name="actors.undo_handover")
def undo(
    request: Request, key: UUID, change: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep
) -> Response:
    """Put everything back as it was before the plan."""
    sent = handover.undo(session, principal, key, change, links=links, now=now)
    done = receipt(principal, N_("Överlämningen är ångrad. Bemanningen är som förut."), sent)
    return see_other(request, "actors.show", key=key, notice=done)
