"""Every table of the product, so that migrations and mappers see them all."""

from inslussning.models.actions import Action, ActionEvent
from inslussning.models.actors import Actor, Organisation, Person, Staffing
from inslussning.models.appointments import Appointment
from inslussning.models.case_access import BreakGlass, CasePerson
from inslussning.models.cases import Case, CaseActor, Client
from inslussning.models.consents import (
    AskAgain,
    Consent,
    ConsentArea,
    ConsentQuestion,
    DisclosureArea,
    DisclosureDecision,
    LegalBasis,
)
from inslussning.models.invitations import Invitation, InvitationResponse
from inslussning.models.meetings import AgendaItem, AgendaTemplate, Meeting, MeetingAttendance
from inslussning.models.minutes import Minutes, MinutesRevision
from inslussning.models.needs import Need, NeedArea
from inslussning.models.office import Office, OfficeRule
from inslussning.models.outbox import OutboxMessage
from inslussning.models.schedules import Schedule
from inslussning.models.slots import SlotActor, WeeklySlot
from inslussning.models.users import SignInFailure, User, UserSession

__all__ = [
    "Action",
    "ActionEvent",
    "Actor",
    "AgendaItem",
    "AgendaTemplate",
    "Appointment",
    "AskAgain",
    "BreakGlass",
    "Case",
    "CaseActor",
    "CasePerson",
    "Client",
    "Consent",
    "ConsentArea",
    "ConsentQuestion",
    "DisclosureArea",
    "DisclosureDecision",
    "Invitation",
    "InvitationResponse",
    "LegalBasis",
    "Meeting",
    "MeetingAttendance",
    "Minutes",
    "MinutesRevision",
    "Need",
    "NeedArea",
    "Office",
    "OfficeRule",
    "Organisation",
    "OutboxMessage",
    "Person",
    "Schedule",
    "SignInFailure",
    "SlotActor",
    "Staffing",
    "User",
    "UserSession",
    "WeeklySlot",
]
