"""The line that says what a change sent out, and to whom nothing could be sent: silence would be taken for "everybody knows"."""

from collections.abc import Sequence

from inslussning.i18n import N_, translate
from inslussning.practice.access import Principal
from inslussning.services.invitations import Sent

_SHOWN = 4  # names; the line travels in a cookie
_ONE = N_("Ett mejl är på väg.")
_MANY = N_("%(count)s mejl är på väg.")
_WAITING = N_("%(count)s mejl väntar tills kontoret har en egen e-postadress.")
_HELD = N_(
    "Inget mejl har skickats, för klienten har skyddade personuppgifter. Det väntar på ärendets sida tills någon släpper det."
)
_WITHOUT = N_("Brevlåda saknas för %(names)s. Säg till på annat sätt.")
_MORE = N_("%(names)s och %(count)s till")


def receipt(principal: Principal, done: str, sent: Sent) -> str:
    """Return what was done, how many mails leave or wait, and which actors have no mailbox, in the principal's language."""
    language = principal.language
    parts = [translate(language, done)]
    if sent.count:
        parts.append(translate(language, _ONE if sent.count == 1 else _MANY, count=sent.count))
    if sent.waiting:
        parts.append(translate(language, _WAITING, count=sent.waiting))
    if sent.held:
        parts.append(translate(language, _HELD))
    if sent.without_mailbox:
        parts.append(translate(language, _WITHOUT, names=_names(language, sent.without_mailbox)))
    return " ".join(parts)


def _names(language: str, titles: Sequence[str]) -> str:
    if len(titles) <= _SHOWN:
        return ", ".join(titles)
    return translate(language, _MORE, names=", ".join(titles[:_SHOWN]), count=len(titles) - _SHOWN)
