"""What the demo's clients have said of sharing: most yes to each partner by itself, one that is taken back, and a no."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from inslussning.db import Session
from inslussning.demo.cases import CaseStory, Consented
from inslussning.models import Actor, Case
from inslussning.practice.access import Principal
from inslussning.practice.consent import Answer, Form, ReasonCode
from inslussning.services import cases, consent_questions, consents
from inslussning.services.consent_questions import NewQuestion
from inslussning.services.consents import NewConsent, Said
from inslussning.services.links import Links


def say_yes(
    session: Session,
    principal: Principal,
    case: Case,
    story: CaseStory,
    actors: Mapping[str, Actor],
    *,
    now: dt.datetime,
) -> None:
    """Write down each partner's consent as it was given at a moment, in every subject area unless the story says which."""
    areas = {area.name: area.id for area in cases.need_areas(session, principal)}
    given_on = now.astimezone(ZoneInfo(principal.zone)).date()
    special = {one.who: one for one in story.consents}
    for short in story.actors:
        told = special.get(short, Consented(short))
        until = consents.proposed_end(session, principal, case, today=given_on)
        new = NewConsent(
            actor_id=actors[short].id,
            area_ids=tuple(areas[name] for name in told.areas or areas),
            valid_from=given_on,
            valid_until=until if told.days is None else given_on + dt.timedelta(days=told.days),
            given_on=given_on,
            form=Form.WRITTEN,
            through="klienthandläggaren på Granliden",
            not_shared=told.not_shared,
        )
        consents.give(session, principal, case.id, new, now=now)


def take_back(
    session: Session, principal: Principal, case: Case, actor_id: UUID, *, links: Links, now: dt.datetime
) -> None:
    """Let the client take a consent back."""
    said = Said(form=Form.ORAL, through="frivårdsinspektören")
    consents.revoke(session, principal, case.id, actor_id, said, links=links, now=now)


def say_no(session: Session, principal: Principal, case: Case, *, now: dt.datetime) -> None:
    """Let the client say no when asked, with the days to ask again that the office's rules propose."""
    asked_on = now.astimezone(ZoneInfo(principal.zone)).date()
    again = consent_questions.proposed_days(session, principal, case, asked_on=asked_on, today=asked_on)
    question = NewQuestion(
        asked_on=asked_on, form=Form.ORAL, answer=Answer.NO, reason_code=ReasonCode.WANTS_FEWER, again_on=again
    )
    consent_questions.ask(session, principal, case.id, question, now=now)
