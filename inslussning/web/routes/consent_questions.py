"""Asking the client to take part: what was answered, and the days to ask again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.models import Case
from inslussning.practice.access import Principal
from inslussning.practice.consent import Answer, ReasonCode
from inslussning.practice.consent import Form as ConsentForm
from inslussning.practice.office_defaults import TextKey
from inslussning.practice.release import release_day
from inslussning.services import cases, consent_questions, office_texts
from inslussning.services.consent_questions import NewQuestion
from inslussning.web.deps import Coordinator, FormDep, Now, SessionDep, Today
from inslussning.web.forms import Day, DayOrNone, Form, FormModel, Prose
from inslussning.web.render import go_to, options, page, see_other
from inslussning.web.security import safe_next

router = APIRouter()


class QuestionForm(FormModel):
    """What was asked and answered. Two days to ask again are proposed; either can be left out."""

    asked_on: Day
    form: ConsentForm
    answer: Answer
    reason_code: Annotated[ReasonCode | None, BeforeValidator(lambda typed: typed or None)] = None
    note: Annotated[Prose, Field(max_length=consent_questions.LONGEST_NOTE)] = ""
    again: DayOrNone = None
    again_later: DayOrNone = None

    def as_new(self) -> NewQuestion:
        """Return what the use case asks for."""
        days = tuple(day for day in (self.again, self.again_later) if day is not None)
        return NewQuestion(again_on=days, **self.model_dump(exclude={"again", "again_later"}))


class DoneForm(FormModel):
    """The page to return to."""

    back: str = ""


@router.get("/cases/{key}/questions/new", name="questions.new")
def show_new(request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today) -> Response:
    """Show the form, with the days the office's rules propose for asking again."""
    case = cases.get_case(session, principal, key)
    values = {"asked_on": today.isoformat()}
    days = consent_questions.proposed_days(session, principal, case, asked_on=today, today=today)
    values |= {name: day.isoformat() for name, day in zip(("again", "again_later"), days, strict=False)}
    return _new(request, principal, session, case, Form(values))


@router.post("/cases/{key}/questions/new")
def ask(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, today: Today, now: Now, data: FormDep
) -> Response:
    """Write the answer down; after a yes the consents come next."""
    case = cases.get_case(session, principal, key)
    release = release_day(case.release_at, principal.zone) if case.release_at else None
    form = Form.read(QuestionForm, data, today=today, release=release)
    with form.attempt(session):
        question = consent_questions.ask(session, principal, key, form.value.as_new(), now=now)
        return see_other(request, "cases.show", key=key, fragment="consents", notice=_SAID[question.answer])
    return _new(request, principal, session, case, form)


_SAID = {
    Answer.YES: N_("Svaret är dokumenterat. Nu kan samtycke dokumenteras för varje aktör."),
    Answer.NO: N_("Svaret är dokumenterat. Ingen utanför kontoret får veta något."),
    Answer.LATER: N_("Svaret är dokumenterat. Ingen utanför kontoret får veta något."),
}


def _new(request: Request, principal: Principal, session: SessionDep, case: Case, form: Form[Any]) -> Response:
    return page(
        request,
        "consents/question.html",
        status=form.status,
        section="cases",
        case=case,
        form=form,
        forms=options(ConsentForm),
        answers=options(Answer),
        reasons=options(ReasonCode),
        motivation=office_texts.text(session, principal, TextKey.MOTIVATION),
    )


@router.post("/ask-again/{key}/done", name="questions.done")
def done(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, data: FormDep) -> Response:
    """Tick off a day to ask again."""
    row = consent_questions.tick_off(session, principal, key, now=now)
    back = Form.read(DoneForm, data).value.back
    if back:
        return go_to(request, safe_next(back), notice=N_("Avbockat."))
    return see_other(request, "cases.show", key=row.case_id, fragment="consents", notice=N_("Avbockat."))
