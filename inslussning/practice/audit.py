"""What the access log says has happened, in one word each, and which answers are files that leave the house.

The words follow the duty a care provider has (HSLF-FS 2016:40 ch. 4 § 9): which action, at which function, when, by whom, about whom.
"""

from enum import StrEnum

from inslussning.i18n import N_


class Asker(StrEnum):
    """What kind of somebody did it."""

    USER = "user"
    LINK = "link"  # the holder of a signed link, without an account; the route says what the link was for
    CLIENT = "client"  # the person the case is about
    NOBODY = "nobody"  # somebody who is not signed in, or not yet
    SYSTEM = "system"  # a command or the worker

    @property
    def label(self) -> str:
        """Return the words people read."""
        return _ASKERS[self]


_ASKERS = {
    Asker.USER: N_("Inloggad"),
    Asker.LINK: N_("Den som har en länk"),
    Asker.CLIENT: N_("Klienten"),
    Asker.NOBODY: N_("Den som inte är inloggad"),
    Asker.SYSTEM: N_("Tjänsten själv"),
}


class Event(StrEnum):
    """What was done with case data, or tried."""

    READ = "read"
    LISTED = "listed"
    CHANGED = "changed"
    EXPORTED = "exported"
    PRINTED = "printed"
    REFUSED = "refused"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    FACTOR_CHANGED = "factor_changed"  # somebody's second factor, by themselves or by a colleague
    ACCOUNT_CHANGED = "account_changed"  # who may sign in, and with what
    OPENING_ASKED = "opening_asked"  # the first choice: is there a case
    OPENED = "opened"  # beyond the rule: an emergency, or a manager with a reason
    OPENING_ENDED = "opening_ended"
    OPENING_REVIEWED = "opening_reviewed"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REVOKED = "consent_revoked"
    CONSENT_DECLINED = "consent_declined"
    DISCLOSURE_DECIDED = "disclosure_decided"
    EXCLUDED = "excluded"  # a colleague kept out of a case
    SEALED = "sealed"
    PROTECTED = "protected"
    UNMASKED = "unmasked"  # a place or address of somebody under protection was shown
    HANDED_OVER = "handed_over"
    INVITED = "invited"
    SENT = "sent"
    REGISTER_EXTRACT = "register_extract"
    SAMPLED = "sampled"  # the log itself was checked
    KEYS_CHANGED = "keys_changed"
    DISPOSED = "disposed"

    @property
    def label(self) -> str:
        """Return the words people read."""
        return _LABELS[self]


_LABELS = {
    Event.READ: N_("Visade"),
    Event.LISTED: N_("Såg i en lista"),
    Event.CHANGED: N_("Ändrade"),
    Event.EXPORTED: N_("Hämtade som fil"),
    Event.PRINTED: N_("Skrev ut"),
    Event.REFUSED: N_("Nekades"),
    Event.SIGNED_IN: N_("Loggade in"),
    Event.SIGN_IN_FAILED: N_("Misslyckades med att logga in"),
    Event.SIGNED_OUT: N_("Loggade ut"),
    Event.FACTOR_CHANGED: N_("Ändrade ett andra steg vid inloggning"),
    Event.ACCOUNT_CHANGED: N_("Ändrade en inloggning"),
    Event.OPENING_ASKED: N_("Frågade om ett stängt ärende"),
    Event.OPENED: N_("Nödöppnade"),
    Event.OPENING_ENDED: N_("Avslutade en nödöppning"),
    Event.OPENING_REVIEWED: N_("Granskade en nödöppning"),
    Event.CONSENT_GIVEN: N_("Skrev in samtycke"),
    Event.CONSENT_REVOKED: N_("Skrev in återkallat samtycke"),
    Event.CONSENT_DECLINED: N_("Skrev in att klienten sagt nej"),
    Event.DISCLOSURE_DECIDED: N_("Beslutade att dela uppgifter"),
    Event.EXCLUDED: N_("Ändrade vem som är utestängd eller namngiven"),
    Event.SEALED: N_("Stängde eller öppnade ärendet"),
    Event.PROTECTED: N_("Ändrade skydd av personuppgifter"),
    Event.UNMASKED: N_("Visade skyddad uppgift"),
    Event.HANDED_OVER: N_("Lämnade över bemanning"),
    Event.INVITED: N_("Bjöd in till tjänsten"),
    Event.SENT: N_("Skickade"),
    Event.REGISTER_EXTRACT: N_("Tog ut registerutdrag"),
    Event.SAMPLED: N_("Kontrollerade loggen"),
    Event.KEYS_CHANGED: N_("Bytte krypteringsnyckel"),
    Event.DISPOSED: N_("Gallrade"),
}

FILES = {
    "answers.calendar": Event.EXPORTED,
    "outbox.download": Event.EXPORTED,
    "register.data": Event.REGISTER_EXTRACT,
    "register.paper": Event.REGISTER_EXTRACT,
    "releases.hand_out": Event.EXPORTED,
    "schedules.ics": Event.EXPORTED,
    "schedules.pdf": Event.PRINTED,
}
"""The routes whose answer is a file or a paper, and what taking it is called. A house test keeps the table whole."""
