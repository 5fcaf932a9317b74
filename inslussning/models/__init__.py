"""Every table of the product, so that migrations and mappers see them all."""

from inslussning.db.data_keys import DataKey
from inslussning.models.actions import Action, ActionEvent
from inslussning.models.actors import Actor, Organisation, Person, StaffChange, Staffing
from inslussning.models.appointments import Appointment
from inslussning.models.audit import AuditAnchor, AuditCase, AuditEntry, AuditSample
from inslussning.models.case_access import BreakGlass, CasePerson, CaseRelease, OpeningTry
from inslussning.models.cases import Case, CaseActor, Client
from inslussning.models.client_access import ClientCode, ClientSession
from inslussning.models.consents import (
    AskAgain,
    Consent,
    ConsentArea,
    ConsentQuestion,
    DisclosureArea,
    DisclosureDecision,
    LegalBasis,
)
from inslussning.models.disposal import Disposal, DisposalRule
from inslussning.models.invitations import Invitation, InvitationResponse
from inslussning.models.meetings import AgendaItem, AgendaTemplate, Meeting, MeetingAttendance
from inslussning.models.minutes import Minutes, MinutesRevision
from inslussning.models.needs import Need, NeedArea
from inslussning.models.office import Office, OfficeRule, OfficeText
from inslussning.models.outbox import OutboxMessage
from inslussning.models.posted_forms import PostedForm
from inslussning.models.schedules import Schedule
from inslussning.models.sign_in import (
    AgencyIdentity,
    CodeApp,
    Passkey,
    RecoveryCode,
    SecondFactorRule,
    SignInStep,
    UserInvitation,
)
from inslussning.models.slots import SlotActor, WeeklySlot
from inslussning.models.users import SignInFailure, User, UserSession

__all__ = [
    "Action",
    "ActionEvent",
    "Actor",
    "AgencyIdentity",
    "AgendaItem",
    "AgendaTemplate",
    "Appointment",
    "AskAgain",
    "AuditAnchor",
    "AuditCase",
    "AuditEntry",
    "AuditSample",
    "BreakGlass",
    "Case",
    "CaseActor",
    "CasePerson",
    "CaseRelease",
    "Client",
    "ClientCode",
    "ClientSession",
    "CodeApp",
    "Consent",
    "ConsentArea",
    "ConsentQuestion",
    "DataKey",
    "DisclosureArea",
    "DisclosureDecision",
    "Disposal",
    "DisposalRule",
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
    "OfficeText",
    "OpeningTry",
    "Organisation",
    "OutboxMessage",
    "Passkey",
    "Person",
    "PostedForm",
    "RecoveryCode",
    "Schedule",
    "SecondFactorRule",
    "SignInFailure",
    "SignInStep",
    "SlotActor",
    "StaffChange",
    "Staffing",
    "User",
    "UserInvitation",
    "UserSession",
    "WeeklySlot",
]
