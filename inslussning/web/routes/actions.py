"""Actions: the list everybody works from, one action with its history, and adding one outside a meeting."""

import datetime as dt
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from inslussning.errors import NotFound
from inslussning.i18n import N_
from inslussning.models import Case
from inslussning.practice.access import Principal
from inslussning.practice.action_words import STATE_COLOURS, STATE_WORDS, ActionDue, ActionScope, step_word
from inslussning.practice.release import release_day
from inslussning.services import action_lists, actions, actors, cases
from inslussning.services.actions import NewAction
from inslussning.web.action_query import CLIENT, ActionQuery, read_query
from inslussning.web.addresses import path_for
from inslussning.web.deps import ActionFollower, Coordinator, FormDep, Now, SessionDep, Today
from inslussning.web.forms import Day, Form, FormModel, KeyOrNone, Line, Prose, Ticked
from inslussning.web.render import go_to, is_part, options, page, see_other
from inslussning.web.security import safe_next
from meetings.actions import ActionState

router = APIRouter(prefix="/actions")

Who = Annotated[UUID | None, BeforeValidator(lambda typed: None if typed == CLIENT else typed)]


class NewActionForm(FormModel):
    """Who does what by when, for which need of which case."""

    case_id: UUID
    what: Annotated[Line, Field(min_length=1, max_length=actions.LONGEST_WHAT)]
    actor_id: Who
    due_on: Day
    need_id: KeyOrNone = None


class StateForm(FormModel):
    """The state wanted; `row` says that a row of the list asked, and `next` where to go on to."""

    state: ActionState
    note: Annotated[Prose, Field(max_length=actions.LONGEST_NOTE)] = ""
    next: Annotated[str, Field(max_length=500)] = ""
    row: Ticked = False


class DayForm(FormModel):
    """A new day, and the version of the action it was chosen for."""

    due_on: Day
    reason: Annotated[Prose, Field(max_length=actions.LONGEST_NOTE)] = ""
    version: int


@router.get("", name="actions")
def index(request: Request, principal: ActionFollower, session: SessionDep, today: Today) -> Response:
    """List actions, the most overdue first; htmx gets the rows alone."""
    query = read_query(request.query_params)
    if query.closed:
        listed = action_lists.closed_page(session, principal, query.wanted, after=query.after)
    else:
        listed = action_lists.open_page(session, principal, query.wanted, today=today, after=query.after)
    filters = {} if is_part(request) else _filters(session, principal, query)
    context = _list_context(request, principal, query) | filters
    answer = page(request, "actions/index.html", "rows", section="actions", listed=listed, **context)
    if not query.after:
        answer.headers["HX-Push-Url"] = query.address(context["base"])
    return answer


def _list_context(request: Request, principal: Principal, query: ActionQuery) -> dict[str, Any]:
    path = path_for(request, "actions")
    return {
        "query": query,
        "address": lambda **changes: query.address(path, **changes),
        "base": path,
        "case_base": path_for(request, "cases" if principal.sees_whole_office else "shared.cases"),
        "state_words": STATE_WORDS,
        "state_colours": STATE_COLOURS,
        "is_part": is_part(request),
        "just_changed": False,
        "problems": (),
    }


def _filters(session: SessionDep, principal: Principal, query: ActionQuery) -> dict[str, Any]:
    return {
        "filters": Form[FormModel](query.values),
        "choices": action_lists.choices(session, principal, query.wanted),
        "scopes": options(ActionScope),
        "dues": options(ActionDue),
    }


@router.get("/new", name="actions.new")
def show_new(
    request: Request, principal: Coordinator, session: SessionDep, case: UUID | None = None, need: UUID | None = None
) -> Response:
    """Show an empty form, or first the choice of a case."""
    if case is None:
        return page(request, "actions/choose_case.html", section="actions", cases=cases.choices(session, principal))
    return _new(request, principal, session, case, Form({"need_id": str(need or "")}))


@router.post("/new")
def add(
    request: Request, principal: Coordinator, session: SessionDep, now: Now, today: Today, data: FormDep
) -> Response:
    """Add an action; "VF-14" counts from the release of the case."""
    case = cases.get_case(session, principal, _case_of(data))
    form = Form.read(NewActionForm, data, today=today, release=_release(case, principal))
    with form.attempt(session):
        actions.add_action(session, principal, NewAction(**form.value.model_dump()), now=now)
        said = N_("Åtgärden är tillagd.")
        return see_other(request, "cases.show", key=case.id, fragment="needs", notice=said)
    return _new(request, principal, session, case.id, form)


def _case_of(data: FormDep) -> UUID:
    try:
        return UUID(str(data.get("case_id", "")))
    except ValueError:
        raise NotFound from None  # the field is hidden, so nobody has mistyped it


def _release(case: Case, principal: Principal) -> dt.date | None:
    return release_day(case.release_at, principal.zone) if case.release_at else None


def _new(
    request: Request, principal: Principal, session: SessionDep, case_id: UUID, form: Form[NewActionForm]
) -> Response:
    case = cases.get_case(session, principal, case_id)
    inside = {member.actor_id for member in case.members if member.left_on is None}
    everyone = [actor for actor in actors.list_actors(session, principal) if not _has_left(case, actor.id)]
    return page(
        request,
        "actions/new.html",
        status=form.status,
        section="actions",
        case=case,
        form=form,
        members=[(actor.id, actor.title) for actor in everyone if actor.id in inside],
        others=[(actor.id, actor.title) for actor in everyone if actor.id not in inside],
        needs=[(n.id, n.area.name) for n in cases.needs_of(session, principal, case.id) if n.met_on is None],
    )


def _has_left(case: Case, actor_id: UUID) -> bool:
    return any(member.actor_id == actor_id and member.left_on is not None for member in case.members)


@router.get("/{key}", name="actions.show")
def show(request: Request, key: UUID, principal: ActionFollower, session: SessionDep) -> Response:
    """Show one action with everything that has happened to it."""
    return _show(request, principal, session, key)


@router.post("/{key}/state", name="actions.state")
def set_state(
    request: Request,
    key: UUID,
    principal: ActionFollower,
    session: SessionDep,
    now: Now,
    today: Today,
    data: FormDep,
) -> Response:
    """Put the action in a state, from its own page or from a row of the list."""
    form = Form.read(StateForm, data)
    with form.attempt(session):
        actions.set_state(session, principal, key, form.value.state, note=form.value.note, now=now)
        if not (form.value.row and is_part(request)):
            onwards = safe_next(form.value.next) if form.value.next else f"{path_for(request, 'actions')}/{key}"
            return go_to(request, onwards, notice=N_("Sparat."))
    if form.values.get("row") and is_part(request):
        return _row(request, principal, session, key, today, form)
    return _show(request, principal, session, key, form)


def _row(
    request: Request, principal: Principal, session: SessionDep, key: UUID, today: dt.date, form: Form[StateForm]
) -> Response:
    """Answer a row of the list with the row as it is now, and the counts above it."""
    action = actions.get_action(session, principal, key)
    query = read_query(dict(parse_qsl(form.values.get("next", "").partition("?")[2])))
    opened, late = action_lists.counts(session, principal, query.wanted, today=today)
    return page(
        request,
        "actions/_changed.html",
        status=form.status,
        rows=[action_lists.row_of(principal, action)],
        opened=opened,
        late=late,
        **_list_context(request, principal, query) | {"just_changed": True, "problems": form.errors.values()},
    )


@router.post("/{key}/reschedule", name="actions.reschedule")
def reschedule(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, today: Today, data: FormDep
) -> Response:
    """Give the action a new day; "VF-14" counts from the release of its case."""
    case = actions.get_action(session, principal, key).case
    form = Form.read(DayForm, data, today=today, release=_release(case, principal))
    with form.attempt(session):
        given = form.value
        actions.reschedule(
            session, principal, key, due_on=given.due_on, note=given.reason, version=given.version, now=now
        )
        return see_other(request, "actions.show", key=key, notice=N_("Den nya dagen är sparad."))
    form.errors = {"reason" if field == "note" else field: problem for field, problem in form.errors.items()}
    return _show(request, principal, session, key, form)


def _show(
    request: Request,
    principal: Principal,
    session: SessionDep,
    key: UUID,
    form: Form[StateForm] | Form[DayForm] | None = None,
) -> Response:
    action = actions.get_action(session, principal, key)
    form = form or Form[StateForm]()
    return page(
        request,
        "actions/show.html",
        status=form.status,
        section="actions",
        action=action,
        need=actions.need_shown(principal, action),
        form=form,
        happened=actions.history(session, principal, key),
        meeting=actions.meeting_of(session, principal, action),
        unseen=actions.is_unseen(session, principal, action, now=principal.asked_at),
        steps=[(state.value, step_word(action.state, state)) for state in actions.next_states(principal, action)],
        state_words=STATE_WORDS,
        state_colours=STATE_COLOURS,
    )
