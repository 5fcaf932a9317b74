"""How an office's mail leaves, and the life of one outgoing message."""

from enum import StrEnum


class MailSecurity(StrEnum):
    """How the connection to the mail server is protected (RFC 3207, RFC 8314)."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class OutboxState(StrEnum):
    """Waiting until sent or given up; `sending` is a worker's lease on the message."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class MailKind(StrEnum):
    """What a message is for."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    WITHDRAWAL = "withdrawal"
    REMINDER = "reminder"
    EXTRACT = "extract"
    TEST = "test"


# Seconds before try 2, 3, 4 …: soon at first, then with patience, in all about a day (RFC 5321 §4.5.4.1 wants persistence).
BACK_OFF_SECONDS = (30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)


def next_delay(attempts: int) -> int | None:
    """Return the seconds to wait after `attempts` failed tries, or None when it is time to give up."""
    return BACK_OFF_SECONDS[attempts - 1] if attempts <= len(BACK_OFF_SECONDS) else None
