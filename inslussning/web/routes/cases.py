"""Cases: the list, adding and changing one, and the page where everything about it stands."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import Response

from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case
from inslussning.practice.access import Principal
from inslussning.practice.action_words import STATE_WORDS
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_clock, release_day, release_moment
from inslussning.services import actors, case_list, case_overview, case_people, cases, clients, releases
from inslussning.services.case_list import Wanted
from inslussning.services.cases import CaseDetails, CaseOrder
from inslussning.web.deps import Coordinator, FormDep, Now, SessionDep, Today
from inslussning.web.forms import ClockOrNone, DayOrNone, Form, FormModel, KeyOrNone, Line
from inslussning.web.render import options, page, see_other

router = APIRouter(prefix="/cases")

TIME_WITHOUT_DATE = N_("Skriv frigivningsdatumet också, eller ta bort klockslaget.")


class Shown(StrEnum):
    """Which cases the list shows."""

    OPEN = "open"
    CLOSED = "closed"


class ReleaseForm(FormModel):
    """The release alone: other dates of the form may count from it."""

    release_on: DayOrNone = None


class CaseForm(ReleaseForm):
    """What is said of a case. `version` is what was read when the form was shown, absent for a new one."""

    code: Annotated[Line, Field(min_length=1, max_length=20)]
    phase: Phase = Phase.VSP
    release_time: ClockOrNone = None
    supervision_ends_on: DayOrNone = None
    prison_actor_id: KeyOrNone = None
    lead_actor_id: KeyOrNone = None
    actor_ids: tuple[UUID, ...] = ()
    version: int = 0

    def details(self, zone: str) -> CaseDetails:
        """Return what the use case asks for; raise Invalid for a clock time without a date."""
        if self.release_on is None and self.release_time is not None:
            raise Invalid(field="release_time", message=TIME_WITHOUT_DATE)
        known = self.model_dump(include=set(CaseDetails.__dataclass_fields__))
        at = release_moment(self.release_on, self.release_time, zone) if self.release_on else None
        return CaseDetails(release_at=at, **known)


class Difference(NamedTuple):
    """A field that somebody else has saved another value in: what stands now, and what was typed here."""

    label: str
    saved: str
    typed: str


@router.get("", name="cases")
def index(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    today: Today,
    show: Shown = Shown.OPEN,
    order: CaseOrder = CaseOrder.RELEASE,
    after: UUID | None = None,
) -> Response:
    """List cases, the nearest release first; htmx asks for the next rows alone."""
    found = case_list.page_of_cases(session, principal, Wanted(show is Shown.CLOSED, order, after), today=today)
    return page(request, "cases/index.html", "rows", section="cases", found=found, show=show, order=order, after=after)


@router.get("/new", name="cases.new")
def show_new(request: Request, principal: Coordinator, session: SessionDep) -> Response:
    """Show an empty form."""
    return _new(request, principal, session, Form({"phase": Phase.VSP.value}))


@router.post("/new")
def add(request: Request, principal: Coordinator, session: SessionDep, today: Today, data: FormDep) -> Response:
    """Open a case."""
    form = _read(data, today)
    with form.attempt(session):
        said = form.value
        case = cases.add_case(session, principal, said.details(principal.zone), actor_ids=said.actor_ids, today=today)
        return see_other(request, "cases.show", key=case.id, notice=N_("Ärendet är tillagt."))
    return _new(request, principal, session, form)


def _read(data: FormData, today: dt.date, was: dt.date | None = None) -> Form[CaseForm]:
    """Read the form. "VF + 10" moves the release from what it was; other dates count from what it becomes."""
    release = Form.read(ReleaseForm, data, today=today, release=was)
    becomes = None if release.errors else release.value.release_on
    if becomes is None:
        return Form.read(CaseForm, data, today=today, release=was)
    understood = FormData([*((k, v) for k, v in data.multi_items() if k != "release_on"), ("release_on", f"{becomes}")])
    form = Form.read(CaseForm, understood, today=today, release=becomes)
    form.values["release_on"] = release.values["release_on"]
    return form


def _new(request: Request, principal: Principal, session: SessionDep, form: Form[CaseForm]) -> Response:
    return page(
        request, "cases/new.html", status=form.status, section="cases", form=form, **_choices(session, principal)
    )


def _choices(session: SessionDep, principal: Principal, case: Case | None = None) -> dict[str, Any]:
    """Return what can be chosen; a prison and a lead that are out of use stay as long as they stand in the case."""
    found = list(actors.list_actors(session, principal))
    kept = [actor for actor in (case.prison, case.lead) if actor and actor not in found] if case else []
    prisons = [a for a in [*found, *kept] if a.organisation.kind is OrganisationKind.PRISON]
    return {
        "phases": options(Phase),
        "prisons": [(actor.id, _named(actor)) for actor in prisons],
        "leads": [(actor.id, _named(actor)) for actor in [*found, *kept]],
        "actors": [(actor.id, actor.title, actor.organisation.name) for actor in found],
    }


def _named(actor: Actor) -> str:
    return f"{actor.title} ({actor.organisation.name})"


@router.get("/{key}/edit", name="cases.edit")
def show_edit(request: Request, key: UUID, principal: Coordinator, session: SessionDep) -> Response:
    """Show the case's form filled in."""
    case = cases.get_case(session, principal, key)
    return _edit(request, principal, session, case, Form(_values(case, principal.zone)))


@router.post("/{key}/edit")
def change(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, data: FormDep
) -> Response:
    """Change what is said of the case, unless somebody else has since it was read."""
    case = cases.get_case(session, principal, key)
    was = release_day(case.release_at, principal.zone) if case.release_at else None
    form = _read(data, today, was)
    with form.attempt(session):
        said = form.value
        cases.change_case(session, principal, key, said.details(principal.zone), version=said.version, today=today)
        return see_other(request, "cases.show", key=key, notice=N_("Sparat."))
    return _edit(request, principal, session, cases.get_case(session, principal, key), form)


def _values(case: Case, zone: str) -> dict[str, str]:
    """Return the case as its form shows it."""
    clock = release_clock(case.release_at, zone) if case.release_at else None
    return {
        "code": case.code,
        "phase": case.phase.value,
        "release_on": str(release_day(case.release_at, zone)) if case.release_at else "",
        "release_time": clock.strftime("%H.%M") if clock else "",
        "supervision_ends_on": str(case.supervision_ends_on or ""),
        "prison_actor_id": str(case.prison_actor_id or ""),
        "lead_actor_id": str(case.lead_actor_id or ""),
        "version": str(case.version),
    }


def _edit(request: Request, principal: Principal, session: SessionDep, case: Case, form: Form[CaseForm]) -> Response:
    choices = _choices(session, principal, case)
    saved = _values(case, principal.zone)
    is_changed = form.status == Changed.status
    if is_changed:  # the page says so in its own words, and saving again is a choice made knowingly
        form.errors.clear()
        form.values["version"] = saved["version"]
    return page(
        request,
        "cases/edit.html",
        status=form.status,
        section="cases",
        case=case,
        form=form,
        changed=is_changed,
        differences=_differences(saved, form.values, choices) if is_changed else [],
        **choices,
    )


_LABELS = {
    "code": N_("Kod"),
    "phase": N_("Fas"),
    "release_on": N_("Villkorlig frigivning (VF)"),
    "release_time": N_("Klockslag"),
    "supervision_ends_on": N_("Övervakningen slutar"),
    "prison_actor_id": N_("Anstalt"),
    "lead_actor_id": N_("Huvudansvarig"),
}


def _differences(saved: dict[str, str], typed: dict[str, Any], choices: dict[str, Any]) -> list[Difference]:
    """Return where the two differ, in the words the form shows."""
    words = {str(key): text for name in ("phases", "prisons", "leads") for key, text in choices[name]}
    return [
        Difference(label, words.get(saved[name], saved[name]), words.get(typed.get(name, ""), typed.get(name, "")))
        for name, label in _LABELS.items()
        if saved[name] != typed.get(name, "")
    ]


@router.get("/{key}", name="cases.show")
def show(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Show everything about one case."""
    return show_case(request, principal, session, key, now, Form())


def show_case(
    request: Request, principal: Principal, session: SessionDep, key: UUID, now: dt.datetime, form: Form[Any]
) -> Response:
    """Answer with the page of a case and, when something on it was refused, what was typed."""
    view = case_overview.overview(session, principal, key, now=now)
    return page(
        request,
        "cases/show.html",
        status=form.status,
        section="cases",
        view=view,
        form=form,
        phases=tuple(Phase),
        state_words=STATE_WORDS,
        client=clients.identity(session, principal, view.case),
        access=case_people.in_short(session, principal, view.case, now=now),
        waiting=releases.waiting(session, principal, key, now=now),
        joining=[(actor.id, _named(actor)) for actor in view.can_join],
    )
