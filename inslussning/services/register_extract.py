"""The client's register extract: everything the product holds about the client in a case, who has read it, and what was shared why.

The rows are found by following the database's own references, so a new table cannot be forgotten; what each fact is called is said by
`practice.register`. Only somebody of the staff who may see the case can make one.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, or_, select

from inslussning.db import Session
from inslussning.db.base import Base, OfficeRow
from inslussning.i18n import DEFAULT_LANGUAGE, N_, translate
from inslussning.models import (
    Actor,
    AgendaItem,
    AuditCase,
    AuditEntry,
    Case,
    ConsentArea,
    DisclosureArea,
    LegalBasis,
    Meeting,
    Minutes,
    MinutesRevision,
    Need,
    NeedArea,
    Organisation,
    Person,
    User,
)
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice import dates
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.action_words import STATE_WORDS
from inslussning.practice.audit import Event
from inslussning.practice.register import LABELS, LEFT_OUT, NOT_SAID, PARTS, Fact, Part, RegisterExtract
from inslussning.services import audit, case_rows, visible
from meetings.agenda import ItemKind
from meetings.minutes import MinutesState
from meetings.vocabulary import Response

WHO_HAS_READ = N_("Vilka som har läst eller ändrat")
MOMENT = N_("%(day)s kl. %(clock)s")
YES, NO = N_("Ja"), N_("Nej")
NOTHING = ""
_MODELS: dict[str, type[OfficeRow]] = {
    str(mapper.local_table.name): mapper.class_
    for mapper in Base.registry.mappers
    if isinstance(mapper.local_table, Table) and issubclass(mapper.class_, OfficeRow)
}


def register_extract(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> RegisterExtract:
    """Return everything that is kept of the client in a case, in Swedish; raises NotFound for a case that is not visible."""
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    words = _Words(session, principal)
    keys = {table.name: ids for table, ids in case_rows.rows_of_case(session, case.id).items()}
    keys["clients"] = {case.client_id}
    with audit.aside(session):  # all is of this one case
        parts = [_part(session, words, case, name, heading, keys.get(name, set())) for name, heading in PARTS]
        parts.append(_readers(session, principal, case))
    return RegisterExtract(
        code=case.code,
        office=principal.office_name,
        made_on=dates.day_long(now.astimezone(ZoneInfo(principal.zone)).date(), lang=DEFAULT_LANGUAGE),
        parts=tuple(part for part in parts if part.entries),
    )


def _part(session: Session, words: "_Words", case: Case, name: str, heading: str, keys: set[UUID]) -> Part:
    rows: Sequence[OfficeRow]
    if name == "minutes_revisions":
        entries = tuple(_locked(session, words, case))
    else:
        model = _MODELS[name]
        rows = session.scalars(select(model).where(model.id.in_(list(keys))).order_by(model.id)).all()
        entries = tuple(facts for row in rows if (facts := words.facts(row)))
    return Part(_say(heading), entries)


def _say(text: str) -> str:
    return translate(DEFAULT_LANGUAGE, text)


class _Words:
    """Says rows in words, with the names of the office's own lists read once."""

    def __init__(self, session: Session, principal: Principal) -> None:
        self.zone = principal.zone
        mine = principal.office_id
        self.names: dict[UUID, str] = {}
        for actor in session.scalars(select(Actor).where(Actor.office_id == mine)):
            self.names[actor.id] = actor.title
        for model, column in ((Person, Person.name), (NeedArea, NeedArea.name)):
            self.names |= dict(iter(session.execute(select(model.id, column).where(model.office_id == mine))))
        users = select(User.id, Person.name).join(Person, Person.id == User.person_id).where(User.office_id == mine)
        self.names |= dict(iter(session.execute(users)))
        bases = session.scalars(select(LegalBasis).where(LegalBasis.office_id == mine))
        self.names |= {basis.id: f"{basis.name} ({basis.citation})" for basis in bases}
        needs = select(Need.id, NeedArea.name).join(NeedArea, NeedArea.id == Need.area_id)
        self.names |= dict(iter(session.execute(needs.where(Need.office_id == mine))))
        starts = session.execute(select(Meeting.id, Meeting.starts_at).where(Meeting.office_id == mine))
        self.names |= {key: self.text(at) for key, at in starts}
        self.areas: defaultdict[UUID, list[str]] = defaultdict(list)
        for part, area in (
            *session.execute(select(ConsentArea.consent_id, ConsentArea.area_id).where(ConsentArea.office_id == mine)),
            *session.execute(
                select(DisclosureArea.decision_id, DisclosureArea.area_id).where(DisclosureArea.office_id == mine)
            ),
        ):
            self.areas[part].append(self.names.get(area, NOTHING))

    def facts(self, row: OfficeRow) -> tuple[Fact, ...]:
        """Return what a row says, without what is empty and what tells nothing."""
        table = row.__table__.name  # type: ignore[attr-defined] # a mapped table has a name
        found = [
            Fact(_say(LABELS[column.name]), text)
            for column in row.__table__.columns
            if column.name not in LEFT_OUT
            and (table, column.name) not in NOT_SAID
            and (text := self.text(getattr(row, column.name)))
        ]
        if areas := self.areas.get(row.id):
            found.append(Fact(_say(LABELS["areas"]), ", ".join(sorted(areas))))
        return tuple(found)

    def text(self, value: object) -> str:
        """Return one value in words."""
        if isinstance(value, bool):
            return _say(YES if value else NO)
        if isinstance(value, UUID):
            return self.names.get(value, NOTHING)
        if isinstance(value, dt.datetime):
            there = value.astimezone(ZoneInfo(self.zone))
            day, clock = dates.day_long(there.date(), lang=DEFAULT_LANGUAGE), dates.time_text(there.time())
            return translate(DEFAULT_LANGUAGE, MOMENT, day=day, clock=clock)
        if isinstance(value, dt.date):
            return dates.day_long(value, lang=DEFAULT_LANGUAGE)
        if isinstance(value, Mapping | list | tuple):
            return "; ".join(_leaves(value))
        return _word(value)


def _word(value: object) -> str:
    """Return a choice as people say it, and anything else as it stands."""
    if isinstance(value, StrEnum):
        return _say(str(getattr(value, "label", None) or _KINDS.get(value, value.value)))
    return NOTHING if value is None else str(value)


_KINDS: dict[StrEnum, str] = {
    **dict[StrEnum, str](STATE_WORDS.items()),
    MeetingKind.WEEKLY: N_("Möte på veckotiden"),
    MeetingKind.VIDEO: N_("Videomöte"),
    MeetingState.PLANNED: N_("Planerat"),
    MeetingState.CANCELLED: N_("Inställt"),
    ItemKind.STANDING: N_("Stående punkt"),
    ItemKind.CASE: N_("Ärende"),
    MinutesState.DRAFT: N_("Utkast"),
    MinutesState.FINALISED: N_("Slutförda"),
    Response.NEEDS_ACTION: N_("Inget svar"),
    Response.ACCEPTED: N_("Ja"),
    Response.TENTATIVE: N_("Kanske"),
    Response.DECLINED: N_("Nej"),
}
"""Words of the kinds that have none of their own."""


def _leaves(value: object) -> Iterator[str]:
    """Yield what a kept document says, in its own order, without its keys."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str) and value.strip() and not _is_mark(value):
        yield value


def _is_mark(text: str) -> bool:
    """Tell whether a text is an id or a fingerprint and nothing anybody reads."""
    bare = text.replace("-", "")
    return len(bare) >= 32 and all(char in "0123456789abcdef" for char in bare)  # noqa: PLR2004 - an id's length


def _locked(session: Session, words: _Words, case: Case) -> Iterator[tuple[Fact, ...]]:
    """Yield what the locked minutes say of the case: all of a meeting of its own, its items of a shared one."""
    shared = select(AgendaItem.meeting_id).where(AgendaItem.case_id == case.id)
    rows = session.execute(
        select(MinutesRevision, Meeting.starts_at, Meeting.case_id)
        .join(Minutes, Minutes.id == MinutesRevision.minutes_id)
        .join(Meeting, Meeting.id == Minutes.meeting_id)
        .where(Meeting.office_id == case.office_id, or_(Meeting.case_id == case.id, Meeting.id.in_(shared)))
        .order_by(Meeting.starts_at, MinutesRevision.number)
    )
    for revision, starts_at, owner in rows.all():
        facts = [
            Fact(_say(LABELS["meeting_id"]), words.text(starts_at)),
            Fact(_say(LABELS["number"]), str(revision.number)),
            Fact(_say(LABELS["finalised_at"]), words.text(revision.finalised_at)),
        ]
        for one in _items(revision.content, case, is_whole=owner == case.id):
            facts += [
                Fact(_say(LABELS[name]), str(one[name]))
                for name in ("title", "notes", "decisions", "what")
                if one.get(name)
            ]
        yield tuple(facts)


def _items(content: Mapping[str, Any], case: Case, *, is_whole: bool) -> Iterator[Mapping[str, Any]]:
    for name in ("items", "agreed", "carried"):
        for one in content.get(name, ()):
            if is_whole or str(one.get("case_id")) == str(case.id):
                yield one


def _readers(session: Session, principal: Principal, case: Case) -> Part:
    """Return who has read or changed: function, organisation, day and what, without the order of every look."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.event, AuditEntry.asker, AuditEntry.role, Organisation.name)
        .join(AuditCase, (AuditCase.office_id == AuditEntry.office_id) & (AuditCase.seq == AuditEntry.seq))
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(AuditEntry.office_id == principal.office_id, AuditCase.case_id == case.id)
        .order_by(AuditEntry.seq)
    )
    zone = ZoneInfo(principal.zone)
    found: dict[tuple[dt.date, str], dict[Event, None]] = {}
    for at, event, asker, role, organisation in rows:
        function = Role(role).label if role in set(Role) else asker.label
        who = ", ".join(part for part in (_say(function), organisation) if part)
        found.setdefault((at.astimezone(zone).date(), who), {})[event] = None
    entries = tuple(
        (
            Fact(_say(N_("Dag")), dates.day_long(day, lang=DEFAULT_LANGUAGE)),
            Fact(_say(N_("Vem")), who),
            Fact(_say(N_("Vad")), ", ".join(_say(event.label) for event in events)),
        )
        for (day, who), events in sorted(found.items(), key=lambda one: one[0])
    )
    return Part(_say(WHO_HAS_READ), entries)
