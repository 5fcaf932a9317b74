"""What an office says about itself and about how its mail leaves. The mail server's password is a file, never a row."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import Office, Person
from inslussning.practice.access import Function, Principal
from inslussning.practice.mail import MailSecurity
from inslussning.services import outbox

NO_ZONE = N_("Tidszonen finns inte. Skriv till exempel Europe/Stockholm.")
ADDRESS_MISSING = N_("Fyll i adressen som mejlen ska komma från.")
HOST_MISSING = N_("Fyll i mejlserverns namn.")
HOST_UNCLEAR = N_("Skriv serverns namn, till exempel mejl.exempel.se, utan https:// och utan port.")
UNPROTECTED_PASSWORD = N_("Med användarnamn behöver anslutningen vara skyddad. Välj STARTTLS eller TLS.")
MAIL_NAME = N_("Samordning")

_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:]{3,45}\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDetails:
    """What people see of the office, and the zone its times are in."""

    name: str
    phone: str = ""
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """Where the office's mail comes from and through which server it leaves; all empty means no mail."""

    mail_address: str = ""
    mail_name: str = MAIL_NAME
    mail_host: str = ""
    mail_port: int = 587
    mail_security: MailSecurity = MailSecurity.STARTTLS
    mail_user: str = ""


def own_office(session: Session, principal: Principal) -> Office:
    """Return the principal's office; raise NotFound for whoever neither sets it up nor works with the whole of it."""
    office = session.get(Office, principal.office_id)
    if office is None or not (principal.may(Function.SET_UP) or principal.sees_whole_office):
        raise NotFound
    return office


def change_office(session: Session, principal: Principal, details: OfficeDetails) -> Office:
    """Change name, phone and zone. Meetings already planned keep the zone they were planned in. Raises Invalid for the zone."""
    principal.must(Function.SET_UP)
    office = own_office(session, principal)
    office.timezone = zone_named(details.timezone)
    office.name = details.name
    office.phone = details.phone
    return office


def change_mail(session: Session, principal: Principal, mail: MailSettings) -> Office:
    """Change how the office's mail leaves. Raises Invalid by the field for settings that cannot work."""
    principal.must(Function.SET_UP)
    office = own_office(session, principal)
    set_mail(office, mail)
    return office


def set_mail(office: Office, mail: MailSettings) -> None:
    """Write the settings to the office. Raises Invalid by the field for settings that cannot work."""
    if mail.mail_host and not _HOST.fullmatch(mail.mail_host):
        raise Invalid(field="mail_host", message=HOST_UNCLEAR)
    if mail.mail_host and not mail.mail_address:
        raise Invalid(field="mail_address", message=ADDRESS_MISSING)
    if mail.mail_user and not mail.mail_host:
        raise Invalid(field="mail_host", message=HOST_MISSING)
    if mail.mail_user and mail.mail_security is MailSecurity.NONE:
        raise Invalid(field="mail_security", message=UNPROTECTED_PASSWORD)
    for name in ("mail_address", "mail_name", "mail_host", "mail_port", "mail_security", "mail_user"):
        setattr(office, name, getattr(mail, name))


def own_address(session: Session, principal: Principal) -> str:
    """Return the principal's own mail address."""
    return session.get_one(Person, principal.person_id).email


def send_test(session: Session, principal: Principal, *, now: dt.datetime) -> None:
    """Put a mail to the principal in the outbox, to prove the settings. Raises Invalid while there is nobody to send from."""
    own_office(session, principal)
    address = own_address(session, principal)
    if outbox.post_test(session, principal, address=address, now=now) is None:
        raise Invalid(field="mail_address", message=ADDRESS_MISSING)


def zone_named(text: str) -> str:
    """Return the IANA zone of that name; raise Invalid when calendars do not know it."""
    if text not in zones():
        raise Invalid(field="timezone", message=NO_ZONE)
    return text


@cache
def zones() -> frozenset[str]:
    """Return every IANA zone that is a place: the system's own copies and fixed offsets are no use in a calendar."""
    return frozenset(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")) | {"UTC"}


def offered_zones() -> list[str]:
    """Return the zones worth offering; any other can be typed."""
    return sorted(name for name in zones() if name.startswith("Europe/"))
