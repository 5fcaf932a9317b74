"""A small world that most tests begin from: one office, its actors and two cases. Callers commit."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import (
    Actor,
    Case,
    CaseActor,
    Client,
    Consent,
    ConsentArea,
    NeedArea,
    Office,
    Organisation,
    Person,
    Staffing,
    User,
)
from inslussning.practice.access import Principal, Role
from inslussning.practice.consent import Form
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.words import sort_key
from inslussning.services import actors, factor_rules, offices, principals
from inslussning.services.actors import ActorDetails
from inslussning.services.offices import NewOffice

ASKED_AT = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)  # the moment most tests stand at
PASSWORD = "frivård i Björkstad"
# a hash of PASSWORD made once: argon2id is slow on purpose
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$FfiDuV9+xPNv0hY+0sfkUg$mFkB3nTKjplxBu5xQk0p8qMosUCqCMImTngfoIN11d4"


@dataclass
class World:
    """What a test needs to name."""

    office: Office
    coordinator: Principal
    social: Actor
    employment: Actor
    clinic: Actor
    prison: Actor
    probation: Actor
    near: Case  # released within weeks
    far: Case  # released in months


def an_office(
    session: Session,
    *,
    now: dt.datetime,
    name: str = "Frivården Björkstad",
    email: str = "samordnare@bjorkstad.example",
) -> tuple[Office, Principal]:
    new = NewOffice(
        name=name,
        timezone="Europe/Stockholm",
        coordinator="Maria Ek",
        email=email,
        password=PASSWORD,
        organisation=name,
    )
    office = offices.create_office(session, new, now=now)
    factor_rules.demand_of_nobody(session, office.id, since=offices.EPOCH)  # most tests are about something else
    office.mail_address = "samordning@bjorkstad.example"
    office.phone = "010-123 45 00"
    return office, principal_for(session, office, email)


def principal_for(session: Session, office: Office, email: str, *, now: dt.datetime | None = None) -> Principal:
    """The person as the product knows them at a moment, by default when the office's tests take place."""
    user_id = session.scalars(select(User.id).where(User.office_id == office.id, User.email == email)).one()
    session.flush()
    return principals.of_user(session, user_id, now=now or ASKED_AT)


def an_actor(
    session: Session, principal: Principal, short: str, function: str, kind: OrganisationKind, **changes: object
) -> Actor:
    details: dict[str, object] = {
        "organisation": kind.label,
        "kind": kind,
        "function": function,
        "place": "Björkstad",
        "short_name": short,
        "plain_name": function.lower(),
        "mailbox": f"{short}@partner.example",
    }
    return actors.add_actor(session, principal, ActorDetails(**{**details, **changes}))  # type: ignore[arg-type]


def a_case(
    session: Session,
    principal: Principal,
    code: str,
    *,
    release_at: dt.datetime | None,
    actors: list[Actor],
    prison: Actor | None = None,
    lead: Actor | None = None,
) -> Case:
    client = Client(office_id=principal.office_id)
    session.add(client)
    session.flush()
    case = Case(
        office_id=principal.office_id,
        client_id=client.id,
        code=code,
        sort_key=sort_key(code),
        phase=Phase.PLAN,
        release_at=release_at,
        prison_actor_id=prison.id if prison else None,
        lead_actor_id=lead.id if lead else None,
        opened_on=dt.date(2026, 9, 1),
    )
    session.add(case)
    session.flush()
    session.add_all(
        CaseActor(office_id=principal.office_id, case_id=case.id, actor_id=a.id, joined_on=dt.date(2026, 9, 1))
        for a in actors
    )
    session.flush()
    for actor in actors:
        a_consent(session, principal, case, actor)
    return case


def a_consent(
    session: Session,
    principal: Principal,
    case: Case,
    actor: Actor,
    *,
    areas: list[str] | None = None,
    **changes: object,
) -> Consent | None:
    """The client's consent for an actor, in every subject area unless some are named; none for one that needs none."""
    organisation = session.get_one(Organisation, actor.organisation_id)
    if not organisation.needs_basis:
        return None
    found = session.execute(select(NeedArea.id, NeedArea.name).where(NeedArea.office_id == principal.office_id))
    covered = [key for key, name in found if areas is None or name in areas]
    details: dict[str, object] = {
        "valid_from": dt.date(2026, 9, 1),
        "valid_until": dt.date(2027, 6, 30),
        "given_on": dt.date(2026, 9, 1),
        "form": Form.WRITTEN,
        "documented_by": principal.person_id,
        "documented_at": dt.datetime(2026, 9, 1, 8, 0, tzinfo=dt.UTC),
    }
    consent = Consent(
        office_id=principal.office_id,
        case_id=case.id,
        actor_id=actor.id,
        areas=[ConsentArea(office_id=principal.office_id, area_id=key) for key in covered],
        **{**details, **changes},
    )
    session.add(consent)
    session.flush()
    return consent


def a_partner(
    session: Session,
    world: World,
    actor: Actor,
    *,
    email: str = "partner@kommun.example",
    name: str = "Per Lind",
    role: Role = Role.PARTNER,
) -> Principal:
    """A partner, or somebody with another role, who may sign in and staffs one actor."""
    person = Person(office_id=world.office.id, name=name, email=email, organisation_id=actor.organisation_id)
    session.add(person)
    session.flush()
    session.add(
        Staffing(office_id=world.office.id, actor_id=actor.id, person_id=person.id, starts_on=dt.date(2026, 1, 1))
    )
    session.add(
        User(office_id=world.office.id, person_id=person.id, email=email, password_hash=PASSWORD_HASH, role=role)
    )
    session.flush()
    return principal_for(session, world.office, email)


def a_world(session: Session, *, now: dt.datetime) -> World:
    office, coordinator = an_office(session, now=now)
    social = an_actor(session, coordinator, "soc", "Socialsekreterare vuxen", OrganisationKind.MUNICIPALITY)
    employment = an_actor(session, coordinator, "af", "Arbetsförmedlare", OrganisationKind.EMPLOYMENT_SERVICE)
    clinic = an_actor(session, coordinator, "bero", "Beroendemottagningen", OrganisationKind.REGION)
    prison = an_actor(session, coordinator, "gran", "Klienthandläggare", OrganisationKind.PRISON, place="Granliden")
    probation = an_actor(
        session, coordinator, "fri", "Frivårdsinspektör", OrganisationKind.PROBATION, organisation=office.name
    )
    near = a_case(
        session,
        coordinator,
        "K-101",
        release_at=dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC),
        actors=[social, employment],
        prison=prison,
        lead=probation,
    )
    far = a_case(
        session,
        coordinator,
        "K-102",
        release_at=dt.datetime(2027, 4, 15, 7, 0, tzinfo=dt.UTC),
        actors=[social, clinic],
        prison=prison,
        lead=probation,
    )
    return World(office, coordinator, social, employment, clinic, prison, probation, near, far)
