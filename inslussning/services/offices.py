"""The office itself: setting it up, its own lists and rules, and how its mail leaves."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from inslussning.db import Session
from inslussning.errors import PracticeError
from inslussning.i18n import N_
from inslussning.models import AgendaTemplate, NeedArea, Office, OfficeRule, Organisation, Person, User
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Role
from inslussning.practice.office_defaults import NEED_AREAS, VIDEO_AGENDA, WEEKLY_AGENDA, RuleKey
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import office_starts
from inslussning.services.office_settings import MAIL_NAME, zone_named
from inslussning.services.passwords import hash_password
from meetings.agenda import ItemKind, TemplateItem

EPOCH = office_starts.EPOCH


class AlreadySetUp(PracticeError):
    """There is an office; the first-run page has nothing more to do."""

    status = 404
    message = N_("Tjänsten är redan inställd. Logga in i stället.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffice:
    """What a first run asks for."""

    name: str
    timezone: str
    coordinator: str
    email: str
    password: str
    organisation: str = "Frivården"


def any_office(session: Session) -> bool:
    """Tell whether the installation has been set up."""
    return (session.scalar(select(func.count()).select_from(Office)) or 0) > 0


def create_office(session: Session, new: NewOffice, *, now: dt.datetime) -> Office:
    """Make an office with its starting lists and first coordinator. Raises Invalid for a zone or a password that will not do."""
    zone = zone_named(new.timezone)
    hashed = hash_password(new.password, about=[new.coordinator, new.email, new.name])
    office = Office(name=new.name, timezone=zone, created_at=now, mail_name=MAIL_NAME)
    session.add(office)
    session.flush()  # the rows below name the office by its key
    session.add_all(NeedArea(office_id=office.id, name=name, position=n) for n, name in enumerate(NEED_AREAS))
    for kind, items in ((MeetingKind.WEEKLY, WEEKLY_AGENDA), (MeetingKind.VIDEO, VIDEO_AGENDA)):
        session.add(AgendaTemplate(office_id=office.id, meeting_kind=kind, valid_from=EPOCH, items=_as_json(items)))
    office_starts.complete(session.connection(), [office.id])
    organisation = Organisation(office_id=office.id, name=new.organisation, kind=OrganisationKind.PROBATION)
    session.add(organisation)
    session.flush()  # the person names the organisation
    person = Person(
        office_id=office.id, name=new.coordinator, email=new.email.casefold(), organisation_id=organisation.id
    )
    session.add(person)
    session.flush()  # the user names the person
    session.add(
        User(office_id=office.id, person_id=person.id, email=person.email, password_hash=hashed, role=Role.COORDINATOR)
    )
    session.flush()  # a reader in the same transaction must find the user
    return office


def _as_json(items: tuple[TemplateItem, ...]) -> list[dict[str, str | int]]:
    return [{"kind": item.kind.value, "title": item.title, "minutes": item.minutes} for item in items]


def rules(session: Session, office_id: UUID, today: dt.date) -> dict[RuleKey, int]:
    """Return the office's numbers in force on a day."""
    rows = session.execute(
        select(OfficeRule.key, OfficeRule.value)
        .where(OfficeRule.office_id == office_id, OfficeRule.valid_from <= today)
        .order_by(OfficeRule.valid_from)
    )
    return {RuleKey(key): value for key, value in rows}


def agenda_template(session: Session, office_id: UUID, kind: MeetingKind, today: dt.date) -> tuple[TemplateItem, ...]:
    """Return the office's standing items for a kind of meeting, as they are on a day."""
    items = session.scalar(
        select(AgendaTemplate.items)
        .where(
            AgendaTemplate.office_id == office_id,
            AgendaTemplate.meeting_kind == kind,
            AgendaTemplate.valid_from <= today,
        )
        .order_by(AgendaTemplate.valid_from.desc())
        .limit(1)
    )
    return tuple(TemplateItem(ItemKind(i["kind"]), i["title"], i["minutes"]) for i in items or ())


def name_of(session: Session, office_id: UUID) -> str:
    """Return what an office is called."""
    return session.get_one(Office, office_id).name
