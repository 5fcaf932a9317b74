"""The client's consent: written down for one actor and some subject areas, over a time, and taken back at any moment.

A consent lets its actor take part in the case; a revoked one keeps it out until there is a new one. Rows are ended, never changed
or removed: what was shared, and why it might be, must be possible to tell afterwards.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, Consent, ConsentArea, NeedArea
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.consent import Form, usual_end
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.practice.words import clean, looks_like_personal_number, one_line
from inslussning.services import audit, cases, offices, visible
from inslussning.services.links import Links
from inslussning.services.parting import Parted, shut_out

LONGEST_THROUGH = 120
LONGEST_NOT_SHARED = 2000
MOST_YEARS = 3  # "some time", whatever the office proposes: a consent without an end is none

CASE_CLOSED = N_("Ärendet är avslutat. Byt fas för att dokumentera samtycke.")
NOT_NEEDED = N_("Aktören hör till den egna myndigheten och behöver inget samtycke.")
ENDS_EARLY = N_("Samtycket slutar innan det börjar. Ändra någon av dagarna.")
ENDS_BEFORE_TODAY = N_("Den dagen har redan varit. Välj en som kommer.")
TOO_LONG_TIME = N_("Ett samtycke ska gälla en begränsad tid. Välj en dag inom tre år.")
GIVEN_LATER = N_("Dagen har inte varit än. Skriv när klienten lämnade samtycket.")
CHOOSE_AREA = N_("Välj minst ett ämne som samtycket gäller.")
WHO_HEARD = N_("Skriv vem som hörde det muntliga samtycket.")
WHO_HEARD_REVOKED = N_("Skriv vem klienten sa det till.")
PERSONAL_NUMBER = N_("Det ser ut som ett personnummer. Ta bort det. Ärendets kod räcker för att hitta rätt.")
TOO_LONG = N_("Texten är för lång. Högst %(max_length)d tecken får plats.")
NOTHING_TO_REVOKE = N_("Aktören har inget samtycke som gäller. Det kan redan vara återkallat.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """What the client said yes to. `through` is by whom it came, or who heard it; `not_shared` stands in the client's own words."""

    actor_id: UUID | None
    area_ids: tuple[UUID, ...]
    valid_from: dt.date
    valid_until: dt.date
    given_on: dt.date
    form: Form
    through: str = ""
    not_shared: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a consent was taken back."""

    form: Form
    through: str = ""


def give(session: Session, principal: Principal, case_id: UUID, new: NewConsent, *, now: dt.datetime) -> Consent:
    """Write a consent down; its actor takes part in the case from then on. Raises NotFound for the case, Invalid by field.

    A button pressed twice writes one consent.
    """
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    if case.phase is Phase.CLOSED:
        raise Invalid(message=CASE_CLOSED)
    actor = checked_actor(session, principal, new.actor_id, NOT_NEEDED)
    areas = checked_areas(session, principal, new.area_ids)
    _check_days(new, today)
    through, not_shared = checked_through(new.form, new.through, WHO_HEARD), _checked_words(new.not_shared)
    same = _standing_alike(session, principal, case, new, areas)
    if same is not None:
        return same
    consent = Consent(
        office_id=principal.office_id,
        case_id=case.id,
        actor=actor,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        given_on=new.given_on,
        form=new.form,
        given_through=through,
        not_shared=not_shared,
        documented_by=principal.person_id,
        documented_at=now,
        areas=[ConsentArea(office_id=principal.office_id, area_id=key) for key in areas],
    )
    session.add(consent)
    session.flush()  # whether the actor may join is asked of the database
    cases.join(session, principal, case.id, actor.id, today=today)
    audit.note(session, Event.CONSENT_GIVEN, case_ids=[case.id], object_id=consent.id, detail=f"actor {actor.id}")
    return consent


def checked_actor(session: Session, principal: Principal, actor_id: UUID | None, not_needed: str) -> Actor:
    """Return an open actor that needs a basis; raise Invalid by the field, alike for an absent and a foreign one."""
    query = select(Actor).where(Actor.id == actor_id, visible.rows(Actor, principal))
    actor = session.scalar(query.options(joinedload(Actor.organisation)))
    if actor is None:
        raise Invalid(field="actor_id", message=cases.CHOOSE_ACTOR)
    if actor.closed_on is not None:
        raise Invalid(field="actor_id", message=cases.ACTOR_CLOSED)
    if not actor.organisation.needs_basis:
        raise Invalid(field="actor_id", message=not_needed)
    return actor


def checked_areas(session: Session, principal: Principal, area_ids: Sequence[UUID]) -> list[UUID]:
    """Return the subject areas, in the office's own order; raise Invalid for none, and alike for an absent and a foreign one."""
    wanted = set(area_ids)
    query = select(NeedArea.id).where(visible.rows(NeedArea, principal), NeedArea.id.in_(wanted))
    found = list(session.scalars(query.order_by(NeedArea.position, NeedArea.id)))
    if not found or len(found) != len(wanted):
        raise Invalid(field="area_ids", message=CHOOSE_AREA)
    return found


def _check_days(new: NewConsent, today: dt.date) -> None:
    if new.given_on > today:
        raise Invalid(field="given_on", message=GIVEN_LATER)
    check_span(new.valid_from, new.valid_until, today)


def check_span(first: dt.date, last: dt.date, today: dt.date) -> None:
    """Raise Invalid for a time that ends before it begins, has been already, or is no limited time."""
    if last < first:
        raise Invalid(field="valid_until", message=ENDS_EARLY)
    if last < today:
        raise Invalid(field="valid_until", message=ENDS_BEFORE_TODAY)
    if last > today + dt.timedelta(days=366 * MOST_YEARS):
        raise Invalid(field="valid_until", message=TOO_LONG_TIME)


def checked_through(form: Form, through: str, missing: str) -> str:
    """Return by whom something came, on one line; raise Invalid by the field. What is said needs somebody who heard it."""
    text = one_line(through)
    if form is Form.ORAL and not text:
        raise Invalid(field="through", message=missing)
    if len(text) > LONGEST_THROUGH:
        raise Invalid(field="through", message=TOO_LONG, max_length=LONGEST_THROUGH)
    if looks_like_personal_number(text):
        raise Invalid(field="through", message=PERSONAL_NUMBER)
    return text


def _checked_words(text: str) -> str:
    words = clean(text)
    if len(words) > LONGEST_NOT_SHARED:
        raise Invalid(field="not_shared", message=TOO_LONG, max_length=LONGEST_NOT_SHARED)
    if looks_like_personal_number(words):
        raise Invalid(field="not_shared", message=PERSONAL_NUMBER)
    return words


def _standing_alike(
    session: Session, principal: Principal, case: Case, new: NewConsent, areas: Sequence[UUID]
) -> Consent | None:
    """Return a consent that says the same and has not been taken back."""
    rows = session.scalars(
        select(Consent)
        .where(
            visible.rows(Consent, principal),
            Consent.case_id == case.id,
            Consent.actor_id == new.actor_id,
            Consent.revoked_at.is_(None),
            Consent.valid_from == new.valid_from,
            Consent.valid_until == new.valid_until,
            Consent.given_on == new.given_on,
        )
        .options(selectinload(Consent.areas), joinedload(Consent.actor))
    )
    return next((one for one in rows if {area.area_id for area in one.areas} == set(areas)), None)


def revoke(
    session: Session, principal: Principal, case_id: UUID, actor_id: UUID, said: Said, *, links: Links, now: dt.datetime
) -> tuple[Consent, Parted]:
    """Take back every consent the actor has in the case, at once; unless a decision lets it stay, the actor is out of the case.

    Returns the latest of them, which its receipt is made from. Raises NotFound, and Invalid when there is nothing to take back.
    """
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    actor = visible.one(session, principal, Actor, actor_id, joinedload(Actor.organisation))
    through = checked_through(said.form, said.through, WHO_HEARD_REVOKED)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    held = revocable(session, principal, case.id, actor.id, today=today)
    if not held:
        raise Invalid(message=NOTHING_TO_REVOKE)
    for one in held:
        one.revoked_at, one.revoked_by = now, principal.person_id
        one.revoked_form, one.revoked_through = said.form, through
    try:
        session.flush()  # from here on the actor's standing is what it has become
    except StaleDataError:
        raise Changed from None
    parted = shut_out(session, principal, case, actor, links=links, now=now)
    audit.note(session, Event.CONSENT_REVOKED, case_ids=[case.id], object_id=held[0].id, detail=f"actor {actor.id}")
    return held[0], parted


def revocable(
    session: Session, principal: Principal, case_id: UUID, actor_id: UUID, *, today: dt.date
) -> Sequence[Consent]:
    """Return the consents that hold or are still to begin, the one that holds longest first."""
    query = select(Consent).where(
        visible.rows(Consent, principal),
        Consent.case_id == case_id,
        Consent.actor_id == actor_id,
        Consent.revoked_at.is_(None),
        Consent.valid_until >= today,
    )
    return session.scalars(query.order_by(Consent.valid_until.desc(), Consent.id).options(*_whole())).all()


def get_consent(session: Session, principal: Principal, key: UUID) -> Consent:
    """Return one consent with actor and subject areas; raises NotFound."""
    return visible.one(session, principal, Consent, key, *_whole())


def of_case(session: Session, principal: Principal, case_id: UUID) -> Sequence[Consent]:
    """Return every consent there has been in the case, the latest first, with actor, areas and who wrote it down."""
    query = select(Consent).where(visible.rows(Consent, principal), Consent.case_id == case_id)
    query = query.options(*_whole(), joinedload(Consent.documenter))
    return session.scalars(query.order_by(Consent.documented_at.desc(), Consent.id)).all()


def _whole() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(Consent.actor).joinedload(Actor.organisation),
        selectinload(Consent.areas).joinedload(ConsentArea.area),
    )


def proposed_end(session: Session, principal: Principal, case: Case, *, today: dt.date) -> dt.date:
    """Return until when a new consent is proposed to hold, by the office's own rule."""
    months = offices.rules(session, principal.office_id, today)[RuleKey.CONSENT_AFTER_RELEASE_MONTHS]
    return usual_end(release_day(case.release_at, principal.zone) if case.release_at else None, today, months=months)
