"""Single-use links by mail: a person starts to sign in, or chooses a new password, without anybody typing it for them.

A link is good once and for some days. It never touches a sign-in that exists already, other than the one it was made for, and it never
stands in for a second factor (ASVS 5.0 V6.4).
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from inslussning.db import Session
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Actor, Office, Organisation, Person, Staffing, User, UserInvitation
from inslussning.practice import dates
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.audit import Event
from inslussning.practice.mail import MailKind
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.sign_in import InvitationKind
from inslussning.services import offices, outbox, passwords, sessions, sign_in, users, visible
from inslussning.services.mail_text import Button, mail_text
from inslussning.services.outbox import Draft
from inslussning.services.sessions import token_hash
from meetings.imip import MailText
from meetings.vocabulary import Party

USUAL_DAYS = 7
NEW_PASSWORD_LASTS = dt.timedelta(days=1)


class InvitationGone(PracticeError):
    """The link was used, taken back, has lapsed or never was: the four look the same."""

    status = 404
    message = N_("Länken gäller inte längre. Be den som skickade den om en ny.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewColleague:
    """Whom to let in, and as what. `actor_id`: the function the person answers for from the day the link is used."""

    name: str
    email: str
    role: Role
    organisation_id: UUID
    actor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation just made. `link` is shown only where no mail could be written, to be handed over in another way."""

    invitation: UserInvitation
    link: str = ""


def invite(session: Session, principal: Principal, new: NewColleague, *, base_url: str, now: dt.datetime) -> Sent:
    """Write down an invitation and its mail; an earlier unused one to the same address is taken back.

    Raises Invalid for an address that already signs in, NotFound for a foreign organisation or function.
    """
    principal.must(Function.SET_UP)
    address = new.email.casefold()
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise Invalid(field="email", message=users.ADDRESS_TAKEN)
    visible.one(session, principal, Organisation, new.organisation_id)
    if new.actor_id is not None:
        visible.one(session, principal, Actor, new.actor_id)
    days = offices.rules(session, principal.office_id, principal.today).get(RuleKey.USER_INVITATION_DAYS, USUAL_DAYS)
    invitation = UserInvitation(
        office_id=principal.office_id,
        kind=InvitationKind.JOIN,
        email=address,
        name=new.name,
        role=new.role,
        organisation_id=new.organisation_id,
        actor_id=new.actor_id,
        invited_by=principal.user_id,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return _send(session, principal, invitation, base_url=base_url, now=now)


def offer_new_password(session: Session, principal: Principal, key: UUID, *, base_url: str, now: dt.datetime) -> Sent:
    """Send a colleague a link to choose a new password; what they have now works until it is used. Raises Invalid for oneself."""
    principal.must(Function.SET_UP)
    if key == principal.user_id:
        raise Invalid(message=N_("Ditt eget lösenord byter du under Mitt konto."))
    user = visible.one(session, principal, User, key)
    person = session.get_one(Person, user.person_id)
    invitation = UserInvitation(
        office_id=principal.office_id,
        kind=InvitationKind.NEW_PASSWORD,
        email=user.email,
        name=person.name,
        role=user.role,
        organisation_id=person.organisation_id,
        user_id=user.id,
        invited_by=principal.user_id,
        created_at=now,
        expires_at=now + NEW_PASSWORD_LASTS,
    )
    return _send(session, principal, invitation, base_url=base_url, now=now)


def _send(
    session: Session, principal: Principal, invitation: UserInvitation, *, base_url: str, now: dt.datetime
) -> Sent:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = token_hash(token)
    _take_back_unused(session, invitation.office_id, invitation.email, now=now)
    session.add(invitation)
    session.flush()  # the log names it
    sign_in.note_by(session, principal, invitation.id, f"link_{invitation.kind}")
    link = f"{base_url.rstrip('/')}/join/{token}"
    office = session.get_one(Office, principal.office_id)
    if outbox.sender_of(office) is None or not outbox.is_usable(invitation.email):
        return Sent(invitation, link)
    text = _mail(invitation, office, link)
    recipient = Party(invitation.email)
    thread = f"account-{invitation.id}"
    draft = Draft(kind=MailKind.ACCOUNT, thread=thread, position=0, actor_id=None, recipient=recipient, text=text)
    outbox.enqueue(session, office, draft, now=now)
    return Sent(invitation)


def _mail(invitation: UserInvitation, office: Office, link: str) -> MailText:
    """Return the mail: it names neither the office's work nor anybody."""
    until = dates.moment_text(invitation.expires_at, office.timezone, None)
    if invitation.kind is InvitationKind.JOIN:
        subject, label = "Inbjudan att logga in", "Börja logga in"
        first = "Du är inbjuden att logga in i vår tjänst."
    else:
        subject, label = "Nytt lösenord", "Välj nytt lösenord"
        first = "Här kan du välja ett nytt lösenord."
    lines = [
        first,
        f"Länken fungerar en gång, till och med {until}.",
        "Väntade du inget mejl? Då kan du bortse från det.",
    ]
    return mail_text(subject, lines, button=Button(label, link), signature=office.mail_name)


def _take_back_unused(session: Session, office_id: UUID, email: str, *, now: dt.datetime) -> None:
    session.execute(
        update(UserInvitation)
        .where(
            UserInvitation.office_id == office_id,
            UserInvitation.email == email,
            UserInvitation.used_at.is_(None),
            UserInvitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def waiting(session: Session, principal: Principal, *, now: dt.datetime) -> Sequence[UserInvitation]:
    """Return the office's links that have not been used and still work, newest first."""
    return session.scalars(
        select(UserInvitation)
        .where(
            visible.rows(UserInvitation, principal),
            UserInvitation.used_at.is_(None),
            UserInvitation.withdrawn_at.is_(None),
            UserInvitation.expires_at >= now,
        )
        .order_by(UserInvitation.created_at.desc())
    ).all()


def withdraw(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> None:
    """Take a link back: it stops working at once. Raises NotFound for one of another office."""
    principal.must(Function.SET_UP)
    visible.one(session, principal, UserInvitation, key).withdrawn_at = now


def look(session: Session, token: str, *, now: dt.datetime) -> UserInvitation:
    """Return the invitation a link is for, changing nothing; raise InvitationGone."""
    found = session.scalar(
        select(UserInvitation).where(
            UserInvitation.token_hash == token_hash(token),
            UserInvitation.used_at.is_(None),
            UserInvitation.withdrawn_at.is_(None),
            UserInvitation.expires_at >= now,
        )
    )
    if found is None:
        raise InvitationGone
    return found


def about(session: Session, invitation: UserInvitation) -> list[str]:
    """Return what the password must not be made of."""
    office = session.get_one(Office, invitation.office_id)
    return [invitation.name, invitation.email, office.name]


def accept(session: Session, token: str, *, password: str, now: dt.datetime) -> User:
    """Use the link: the person may sign in, or has a new password. Raises Invalid for the password, and InvitationGone.

    Of two at once one wins. Where the address has come to sign in by other means since, the link does nothing.
    """
    invitation = look(session, token, now=now)
    hashed = passwords.hash_password(password, about=about(session, invitation))
    _use_up(session, invitation, now=now)
    if invitation.kind is InvitationKind.NEW_PASSWORD:
        return _set_password(session, invitation, hashed)
    return open_account(session, invitation, hashed, now=now)


def accept_without_password(session: Session, key: UUID, *, now: dt.datetime) -> User:
    """Use an invitation for somebody who has proved who they are in another way. Raises InvitationGone."""
    invitation = session.get(UserInvitation, key)
    if invitation is None or invitation.kind is not InvitationKind.JOIN or invitation.expires_at < now:
        raise InvitationGone
    _use_up(session, invitation, now=now)
    return open_account(session, invitation, "", now=now)


def _use_up(session: Session, invitation: UserInvitation, *, now: dt.datetime) -> None:
    """Mark the link as used; raise InvitationGone when somebody else just did."""
    won = session.execute(
        update(UserInvitation)
        .where(
            UserInvitation.id == invitation.id,
            UserInvitation.used_at.is_(None),
            UserInvitation.withdrawn_at.is_(None),
        )
        .values(used_at=now)
        .returning(UserInvitation.id)
    ).first()
    if won is None:
        raise InvitationGone


def _set_password(session: Session, invitation: UserInvitation, hashed: str) -> User:
    user = session.get(User, invitation.user_id, with_for_update=True)
    if user is None or user.disabled_at is not None or user.email != invitation.email:
        raise InvitationGone
    user.password_hash = hashed
    sessions.end_all_of(session, user.id)
    sign_in.note(session, user, Event.ACCOUNT_CHANGED, "password_by_link")
    return user


def open_account(session: Session, invitation: UserInvitation, hashed: str, *, now: dt.datetime) -> User:
    """Let the invited person sign in. Raises InvitationGone when the address already does: a link never takes an account over."""
    if session.scalar(select(User.id).where(User.email == invitation.email)) is not None:
        raise InvitationGone
    person = _person(session, invitation)
    user = User(
        office_id=invitation.office_id,
        person_id=person.id,
        email=invitation.email,
        password_hash=hashed,
        role=invitation.role,
    )
    session.add(user)
    try:
        session.flush()  # the address is unique in the database, where two at once cannot both win
    except IntegrityError:
        raise InvitationGone from None
    if invitation.actor_id is not None:
        _staff(session, invitation, person, now=now)
    sign_in.note(session, user, Event.ACCOUNT_CHANGED, "joined_by_link")
    return user


def _person(session: Session, invitation: UserInvitation) -> Person:
    person = session.scalar(
        select(Person).where(Person.office_id == invitation.office_id, Person.email == invitation.email)
    )
    if person is None:
        person = Person(
            office_id=invitation.office_id,
            name=invitation.name,
            email=invitation.email,
            organisation_id=invitation.organisation_id,
        )
        session.add(person)
        session.flush()  # the user names the person
    return person


def _staff(session: Session, invitation: UserInvitation, person: Person, *, now: dt.datetime) -> None:
    """Let the person answer for the function from today, unless they already do."""
    office = session.get_one(Office, invitation.office_id)
    today = now.astimezone(ZoneInfo(office.timezone)).date()
    has = select(Staffing.id).where(
        Staffing.person_id == person.id,
        Staffing.actor_id == invitation.actor_id,
        (Staffing.ends_on.is_(None)) | (Staffing.ends_on >= today),
    )
    if session.scalar(has.limit(1)) is None:
        session.add(
            Staffing(office_id=invitation.office_id, actor_id=invitation.actor_id, person_id=person.id, starts_on=today)
        )
