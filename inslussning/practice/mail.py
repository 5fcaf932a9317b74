"""How an office's mail leaves, and the life of one outgoing message."""

from enum import StrEnum

from inslussning.i18n import N_


class MailSecurity(StrEnum):
    """How the connection to the mail server is protected (RFC 3207, RFC 8314)."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _SECURITIES[self]


class OutboxState(StrEnum):
    """Waiting until sent or given up; `sending` is a worker's lease on the message."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _STATES[self]


class MailKind(StrEnum):
    """What a message is for."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    WITHDRAWAL = "withdrawal"
    REMINDER = "reminder"
    EXTRACT = "extract"
    STAFFING = "staffing"
    NOTICE = "notice"
    TEST = "test"
    ACCOUNT = "account"  # a single-use link to sign in with

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _KINDS[self]


class MailTrouble(StrEnum):
    """Why a message could not be handed over, as far as it is known."""

    UNREACHABLE = "unreachable"
    INSECURE = "insecure"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    BUSY = "busy"
    REJECTED = "rejected"
    DROPPED = "dropped"
    UNEXPECTED = "unexpected"

    @property
    def label(self) -> str:
        """Return what happened and what to do about it."""
        return _TROUBLES[self]

    @property
    def is_about_server(self) -> bool:
        """Tell whether every other message of the office would meet the same now."""
        return self in _SERVER_TROUBLES


_SECURITIES = {
    MailSecurity.STARTTLS: N_("STARTTLS (vanligast, port 587)"),
    MailSecurity.TLS: N_("TLS från början (port 465)"),
    MailSecurity.NONE: N_("Ingen (bara inom det egna nätet)"),
}
_STATES = {
    OutboxState.WAITING: N_("Väntar"),
    OutboxState.SENDING: N_("Skickar"),
    OutboxState.SENT: N_("Skickat"),
    OutboxState.FAILED: N_("Misslyckat"),
}
_KINDS = {
    MailKind.INVITATION: N_("Inbjudan"),
    MailKind.UPDATE: N_("Ändring"),
    MailKind.CANCELLATION: N_("Inställt"),
    MailKind.WITHDRAWAL: N_("Inbjudan återtagen"),
    MailKind.REMINDER: N_("Påminnelse"),
    MailKind.EXTRACT: N_("Utdrag"),
    MailKind.STAFFING: N_("Byte av person"),
    MailKind.NOTICE: N_("Meddelande"),
    MailKind.TEST: N_("Provmejl"),
    MailKind.ACCOUNT: N_("Inloggning"),
}
_TROUBLES = {
    MailTrouble.UNREACHABLE: N_("Mejlservern svarar inte."),
    MailTrouble.INSECURE: N_(
        "Anslutningen till mejlservern gick inte att skydda. Kontrollera servernamn och certifikat."
    ),
    MailTrouble.SIGN_IN: N_("Mejlservern godtog inte inloggningen. Kontrollera användarnamn och lösenord."),
    MailTrouble.SENDER: N_("Mejlservern godtog inte avsändaradressen. Kontrollera inställningarna."),
    MailTrouble.RECIPIENT: N_("Adressen tar inte emot mejl. Ring och fråga efter rätt adress."),
    MailTrouble.BUSY: N_("Mejlservern bad oss försöka igen senare."),
    MailTrouble.REJECTED: N_("Mejlservern vägrade ta emot mejlet."),
    MailTrouble.DROPPED: N_("Kontakten med mejlservern bröts."),
    MailTrouble.UNEXPECTED: N_("Något gick fel när mejlet skulle skickas."),
}
_SERVER_TROUBLES = frozenset({MailTrouble.UNREACHABLE, MailTrouble.INSECURE, MailTrouble.SIGN_IN, MailTrouble.SENDER})


# Seconds before try 2, 3, 4 …: soon at first, then with patience, in all about a day (RFC 5321 §4.5.4.1 wants persistence).
BACK_OFF_SECONDS = (30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)


def next_delay(attempts: int) -> int | None:
    """Return the seconds to wait after `attempts` failed tries, or None when it is time to give up."""
    return BACK_OFF_SECONDS[attempts - 1] if attempts <= len(BACK_OFF_SECONDS) else None
