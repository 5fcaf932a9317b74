"""The world of the matrix: two offices, six kinds of case with everything in them, and everybody who might ask.

Everything a case can hold is there for each of the six, so that a question about one that is not one's own has something to find.
"""

import datetime as dt
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from inslussning.db.base import Base
from inslussning.models import (
    Action,
    ActionEvent,
    AgendaItem,
    Appointment,
    AskAgain,
    BreakGlass,
    Case,
    CaseActor,
    CasePerson,
    Client,
    ConsentQuestion,
    DisclosureArea,
    DisclosureDecision,
    Invitation,
    InvitationResponse,
    LegalBasis,
    Meeting,
    MeetingAttendance,
    Minutes,
    MinutesRevision,
    Need,
    NeedArea,
    OutboxMessage,
    Schedule,
    Staffing,
    User,
)
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import CaseScope, Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.consent import Answer, Form
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.protection import CasePersonKind, OpeningKind, Protection
from inslussning.services import invitations, minutes, schedules
from inslussning.services.invitation_mails import answer_address
from inslussning.services.links import Links, Purpose
from meetings.actions import ActionState
from meetings.agenda import ItemKind
from meetings.vocabulary import Response
from tests.factories.offices import a_consent, an_actor, an_office
from tests.factories.planning import a_slot
from tests.matrix.canaries import Aviary
from tests.matrix.kits import DAY, HOUR, House, Kit, Thing
from tests.matrix.people import people, shares


@dataclass
class MatrixWorld:
    """Everything, with the tokens of those who are signed in ("" for those who are not)."""

    kits: dict[Thing, Kit]
    houses: dict[str, House]
    tokens: dict[str, str]
    shares: dict[str, frozenset[UUID]]
    aviary: Aviary


FUNCTIONS = (
    ("probation", OrganisationKind.PROBATION, "Frivårdsinspektör"),
    ("probation2", OrganisationKind.PROBATION, "Frivårdsinspektör två"),
    ("social", OrganisationKind.MUNICIPALITY, "Socialsekreterare"),
    ("housing", OrganisationKind.MUNICIPALITY, "Boendesamordnare"),
    ("employment", OrganisationKind.EMPLOYMENT_SERVICE, "Arbetsförmedlare"),
    ("clinic", OrganisationKind.REGION, "Sjuksköterska"),
    ("guest", OrganisationKind.SOCIAL_INSURANCE, "Handläggare"),
    ("prison", OrganisationKind.PRISON, "Klienthandläggare"),
    ("lay", OrganisationKind.CIVIL_SOCIETY, "Lekmannaövervakare"),
)
MEMBERS = ("social", "employment", "probation", "prison", "lay")


def a_house(session: Session, name: str, mail: str, *, now: dt.datetime) -> House:
    office, first = an_office(session, now=now, name=name, email=f"samordnare@{mail}.example")
    actors = {
        short: an_actor(session, first, short, function, kind, mailbox=f"{short}@{mail}.example", wants_place=True)
        for short, kind, function in FUNCTIONS
    }
    session.add_all(
        Staffing(
            office_id=office.id, actor_id=actors["probation"].id, person_id=first.person_id, starts_on=now.date() - DAY
        )
        for _ in range(1)
    )
    areas = {a.name: a for a in session.scalars(select(NeedArea).where(NeedArea.office_id == office.id))}
    basis = session.scalars(select(LegalBasis).where(LegalBasis.office_id == office.id)).first() or LegalBasis(
        office_id=office.id,
        name="Samtycke saknas",
        citation="10 kap. 2 § OSL",
        valid_from=dt.date(2026, 1, 1),
        position=1,
    )
    session.add(basis)
    session.flush()
    slot = a_slot(
        session,
        first,
        now=now - 14 * DAY,
        first_on=now.date() - 12 * DAY,
        last_on=now.date() + 60 * DAY,
        actor_ids=tuple(actors[one].id for one in ("social", "employment")),
    )
    dates = list(session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)))
    coming = next(one for one in dates if one.starts_at > now)
    return House(office, first, actors, areas, basis, slot, coming, dates[0])


def a_kit(session: Session, house: House, thing: Thing, code: str, *, now: dt.datetime) -> Kit:
    """A case with one of everything in it."""
    office_id, god, actors = house.office.id, house.god, house.actors
    client = Client(office_id=office_id)
    session.add(client)
    session.flush()
    case = Case(
        office_id=office_id,
        client_id=client.id,
        code=code,
        sort_key=code,
        phase=Phase.CLOSED if thing is Thing.CLOSED else Phase.PLAN,
        release_at=now + 41 * DAY,
        supervision_ends_on=now.date() + 400 * DAY,
        prison_actor_id=actors["prison"].id,
        lead_actor_id=actors["probation" if thing is Thing.OWN else "probation2"].id,
        opened_on=dt.date(2026, 9, 1),
        closed_on=now.date() if thing is Thing.CLOSED else None,
        sealed_at=now - DAY if thing is Thing.SEALED else None,
        protection=Protection.MARKED if thing is Thing.PROTECTED else Protection.NONE,
    )
    session.add(case)
    session.flush()
    kit = Kit(thing, case)
    inside = [
        *MEMBERS,
        *(["clinic"] if thing is Thing.OWN else []),
        *(["housing"] if thing is Thing.SAME_OFFICE else []),
    ]
    for short in inside:
        left = now.date() - DAY if short == "clinic" else None
        session.add(
            CaseActor(
                office_id=office_id,
                case_id=case.id,
                actor_id=actors[short].id,
                joined_on=dt.date(2026, 9, 1),
                left_on=left,
            )
        )
        if short == "social" and thing is Thing.SAME_OFFICE:
            continue  # takes part, and the client has not consented
        areas = ["Boende"] if short == "social" else ["Försörjning"]
        consent = a_consent(session, god, case, actors[short], areas=areas, not_shared="x", given_through="x")
        if consent is not None and short == "employment":
            kit.ids["consent"] = str(consent.id)
    _facts(session, house, kit, inside, now)
    _meetings(session, house, kit, now)
    return kit


def _facts(session: Session, house: House, kit: Kit, inside: list[str], now: dt.datetime) -> None:  # noqa: PLR0915 - one of each, in order
    office_id, case, person = house.office.id, kit.case, house.god.person_id
    rows: list[Base] = []
    for name, short in (("need", "Boende"), ("need_other", "Beroende")):
        need = Need(
            office_id=office_id, case_id=case.id, area_id=house.areas[short].id, text="x", opened_on=case.opened_on
        )
        session.add(need)
        session.flush()
        kit.ids[name], kit.rows[name] = str(need.id), need.id
    for short in [*inside, "client"]:
        need_id = kit.rows["need" if short in {"social", "probation"} else "need_other"]
        action = Action(
            office_id=office_id,
            case_id=case.id,
            need_id=need_id,
            what="x",
            due_on=now.date() + DAY,
            state=ActionState.PLANNED,
            actor_id=None if short == "client" else house.actors[short].id,
            created_at=now - DAY,
        )
        session.add(action)
        session.flush()
        event = ActionEvent(
            office_id=office_id,
            action_id=action.id,
            person_id=person,
            at=now - DAY,
            state=ActionState.PLANNED,
            due_on=now.date(),
            note="x",
        )
        session.add(event)
        kit.rows[f"action {short}"], kit.ids[f"action_{short}"] = action.id, str(action.id)
        session.flush()
        kit.rows[f"event {short}"] = event.id
    for hours, short in enumerate(("employment", "social", "lay")):
        starts = case.release_at + DAY + hours * 2 * HOUR if case.release_at else now
        appointment = Appointment(
            office_id=office_id,
            case_id=case.id,
            actor_id=house.actors[short].id,
            starts_at=starts,
            ends_at=starts + HOUR,
            what="x",
            place="x",
            getting_there="x",
            bring="x",
            contact="x",
        )
        session.add(appointment)
        session.flush()
        kit.ids[f"appointment_{short}"], kit.rows[f"appointment {short}"] = str(appointment.id), appointment.id
    question = ConsentQuestion(
        office_id=office_id,
        case_id=case.id,
        asked_on=now.date(),
        form=Form.ORAL,
        answer=Answer.NO,
        note="x",
        asked_by=person,
    )
    decision = DisclosureDecision(
        office_id=office_id,
        case_id=case.id,
        actor_id=house.actors["guest"].id,
        basis_id=house.basis.id,
        reason="x",
        decided_by=person,
        decided_at=now - 10 * DAY,
        valid_from=now.date() - 10 * DAY,
        valid_until=now.date() + 30 * DAY,
        areas=[DisclosureArea(office_id=office_id, area_id=house.areas["Boende"].id)],
    )
    rows += [question, decision]
    session.add_all(rows)
    session.flush()
    again = AskAgain(office_id=office_id, question_id=question.id, case_id=case.id, on_day=now.date() + DAY)
    named = CasePerson(
        office_id=office_id,
        case_id=case.id,
        person_id=person,
        kind=CasePersonKind.NAMED,
        reason="x",
        set_by=person,
        set_at=now,
    )
    opened = BreakGlass(
        office_id=office_id,
        case_id=case.id,
        user_id=house.god.user_id,
        kind=OpeningKind.EMERGENCY,
        reason="x",
        opened_at=now - 9 * HOUR,
        expires_at=now - 5 * HOUR,
        review_note="x",
    )
    session.add_all([again, named, opened])
    session.flush()
    kit.ids |= {
        "question": str(question.id),
        "decision": str(decision.id),
        "again": str(again.id),
        "opening": str(opened.id),
    }
    kit.ids |= {"case": str(case.id), "case_person": str(named.id), "area": str(house.areas["Boende"].id)}
    kit.ids |= {"actor": str(house.actors["employment"].id), "member": str(house.actors["employment"].id)}
    kit.ids |= {
        "slot": str(house.slot.id),
        "slot_actor": str(house.actors["social"].id),
        "weekly": str(house.weekly.id),
    }
    kit.ids["organisation"] = str(house.actors["employment"].organisation_id)
    kit.ids["placed"] = str(house.god.person_id)
    kit.ids["lead"] = str(house.actors["probation"].id)
    kit.ids |= {"person": str(person), "basis": str(house.basis.id), "held": str(house.held.id)}
    kit.rows["case"] = case.id
    for name, model in (("user", User), ("staffing", Staffing), ("outbox", OutboxMessage)):
        found = session.scalars(select(model.id).where(model.office_id == office_id)).first()
        kit.ids[name] = str(found or "")


def _meetings(session: Session, house: House, kit: Kit, now: dt.datetime) -> None:
    """A video meeting that is coming and one that has been, and an item of the case in the group's own."""
    office_id, case = house.office.id, kit.case
    for name, starts in (("video", now + 5 * DAY), ("video_held", now - 5 * DAY)):
        meeting = Meeting(
            office_id=office_id,
            case_id=case.id,
            kind=MeetingKind.VIDEO,
            starts_at=starts,
            ends_at=starts + HOUR,
            timezone="Europe/Stockholm",
            place="x",
            video_link="https://video.example/x",
            reason="x",
        )
        session.add(meeting)
        session.flush()
        item = AgendaItem(
            office_id=office_id,
            meeting_id=meeting.id,
            position=0,
            kind=ItemKind.CASE,
            title="x",
            case_id=case.id,
            minutes=10,
            notes="x",
            decisions="x",
        )
        came = MeetingAttendance(
            office_id=office_id,
            meeting_id=meeting.id,
            actor_id=house.actors["employment"].id,
            attendance=Attendance.CAME,
        )
        session.add_all([item, came])
        session.flush()
        kit.ids |= {name: str(meeting.id), f"{name}_item": str(item.id)}
        kit.rows |= {name: meeting.id, f"{name}_item": item.id}
    for name, meeting in (("weekly", house.weekly), ("held", house.held)):
        place = len(list(session.scalars(select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id))))
        item = AgendaItem(
            office_id=office_id,
            meeting_id=meeting.id,
            position=place,
            kind=ItemKind.CASE,
            title="x",
            case_id=case.id,
            minutes=5,
            notes="x",
            decisions="x",
        )
        session.add(item)
        session.flush()
        kit.ids[f"{name}_item"] = str(item.id)


def everything(principal: Principal) -> Principal:
    """The coordinator as nobody is in the product: with no case closed. Writes what the product writes from the texts."""
    return replace(principal, scope=CaseScope(whole_office=True))


def write_the_rest(session: Session, house: House, kits: list[Kit], *, links: Links, now: dt.datetime) -> None:
    """Let the product write its own texts out of the canaries: mails, locked minutes, schedules handed over."""
    god = everything(house.god)
    for kit in kits:
        video = session.get_one(Meeting, UUID(kit.ids["video"]))
        shorts = ["guest", "employment", "prison"] + ([] if kit.thing is Thing.SAME_OFFICE else ["social"])
        asked = [house.actors[one] for one in shorts]
        invitations.invite_meeting(session, god, video, asked, links=links, now=now)
        for short in shorts[1::2]:
            row = session.get_one(Appointment, kit.rows[f"appointment {short}"])
            invitations.invite_appointment(session, god, row, links=links, now=now)
        session.flush()
        first = session.scalars(
            select(Invitation).where(
                Invitation.meeting_id == video.id, Invitation.actor_id == house.actors["employment"].id
            )
        ).one()
        session.add(
            InvitationResponse(
                office_id=house.office.id,
                invitation_id=first.id,
                meeting_id=None,
                answer=Response.ACCEPTED,
                note="x",
                answered_at=now,
            )
        )
        kit.ids["invitation"] = str(first.id)
        kit.ids["answer"] = answer_address(links, first).rpartition("/")[2]
        minutes.finalise(session, god, UUID(kit.ids["video_held"]), links=links, now=now)
        schedules.hand_over(session, god, kit.case.id, now=now)
    minutes.finalise(session, god, house.held.id, links=links, now=now)
    session.flush()
    for kit in kits:
        held = select(MinutesRevision.id).join(Minutes, Minutes.id == MinutesRevision.minutes_id)
        revision = session.scalars(held.where(Minutes.meeting_id == UUID(kit.ids["video_held"]))).one()
        social = house.actors["social"].id
        kit.ids["extract"] = links.token(Purpose.EXTRACT, revision, social)
        mail = select(OutboxMessage.id).where(OutboxMessage.office_id == house.office.id)
        thread = session.get_one(Invitation, UUID(kit.ids["invitation"])).uid
        kit.ids["outbox"] = str(session.scalars(mail.where(OutboxMessage.thread == thread)).first() or UUID(int=1))
        schedule = session.scalars(select(Schedule.id).where(Schedule.case_id == kit.case.id)).first()
        kit.rows["schedule"] = schedule or UUID(int=1)


def ownership(  # noqa: PLR0912 - one branch for each way to belong
    session: Session, houses: dict[str, House], kits: list[Kit]
) -> dict[tuple[str, UUID], str]:
    """Say whose every row is: by its case, by what it hangs on, or by the foreign office. The house's own rows are nobody's."""
    thing_of_case = {kit.case.id: str(kit.thing) for kit in kits}
    foreign = houses["foreign"].office.id
    owned: dict[tuple[str, UUID], str] = {}
    tables = [t for t in Base.metadata.sorted_tables if "id" in t.c]
    rows = {t.name: list(session.execute(select(t.c.id, *_links(t))).mappings()) for t in tables}
    for table in tables:
        for row in rows[table.name]:
            if table.name == "cases":
                owned["cases", row["id"]] = thing_of_case[row["id"]]
            elif row.get("case_id") is not None:
                owned[table.name, row["id"]] = thing_of_case[row["case_id"]]
            elif row.get("office_id") == foreign:
                owned[table.name, row["id"]] = str(Thing.FOREIGN)
    hangs_on = (
        "action_id",
        "minutes_id",
        "meeting_id",
        "need_id",
        "invitation_id",
        "question_id",
        "consent_id",
        "decision_id",
    )
    for _ in range(3):
        for table in tables:
            for row in rows[table.name]:
                if (table.name, row["id"]) in owned:
                    continue
                for name in hangs_on:
                    if name in table.c and row.get(name) is not None:
                        above = next(iter(table.c[name].foreign_keys)).column.table.name
                        if (above, row[name]) in owned:
                            owned[table.name, row["id"]] = owned[above, row[name]]
    for client_id, case_id in session.execute(select(Case.client_id, Case.id)):
        owned["clients", client_id] = thing_of_case[case_id]
    return owned


def _links(table: Table) -> list[object]:
    return [c for c in table.columns if c.foreign_keys or c.name == "office_id"]


def the_world(session: Session, *, links: Links, now: dt.datetime) -> MatrixWorld:
    """Build everything and put a canary in every text.

    In the group's own agenda the office's staff see that a time is taken, never by whom or by what: those items' keys are no secret.
    """
    houses = {
        "own": a_house(session, "Frivården Björkstad", "bjorkstad", now=now),
        "foreign": a_house(session, "Frivården Granvik", "granvik", now=now),
    }
    kits = {
        thing: a_kit(session, houses["foreign" if thing is Thing.FOREIGN else "own"], thing, f"K-{n}01", now=now)
        for n, thing in enumerate(Thing)
    }
    tokens = people(session, houses, kits, now=now)
    aviary = Aviary()
    everybody = list(kits.values())
    aviary.plant(session, ownership(session, houses, everybody))
    for where, house in houses.items():
        own = [kit for kit in everybody if (kit.thing is Thing.FOREIGN) == (where == "foreign")]
        write_the_rest(session, house, own, links=links, now=now)
    aviary.plant(session, ownership(session, houses, everybody))  # what has been written since
    shown_as_taken = {UUID(kit.ids[f"{name}_item"]) for kit in everybody for name in ("weekly", "held")}
    for (_table, key), thing in ownership(session, houses, everybody).items():
        if key not in shown_as_taken or thing == Thing.FOREIGN:
            aviary.own(thing, key)
    return MatrixWorld(kits, houses, tokens, shares(kits), aviary)
