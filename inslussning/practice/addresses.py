"""Mail addresses, web addresses and telephone numbers as they may be kept.

Each of them ends up where a wrong character does harm: a mail address in an SMTP command and an ATTENDEE line, a web
address in a link somebody clicks. So they are read strictly: a plain addr-spec (RFC 5321 §4.1.2) and an absolute
http(s) address (RFC 3986), nothing more.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit

from inslussning.errors import Invalid
from inslussning.i18n import N_


class AddressInvalid(Invalid):
    """The text is not an address of the kind asked for; the message says what to write."""

    message = N_("Skriv e-postadressen så här: namn@exempel.se.")


NO_MAIL_ADDRESS = N_("Skriv en e-postadress, till exempel namn@exempel.se.")
MAIL_LETTERS = N_("En e-postadress kan bara ha bokstäverna a–z, siffror och vanliga tecken. Kontrollera å, ä och ö.")
LONG_ADDRESS = N_("Adressen är för lång. Den får ha högst %(most)s tecken.")
WEB_ADDRESS = N_("Skriv hela webbadressen, till exempel https://www.exempel.se/karta.")
NO_SIGN_IN_IN_ADDRESS = N_("Webbadressen får inte innehålla användarnamn eller lösenord.")
PHONE = N_("Skriv telefonnumret med siffror, till exempel 070-123 45 67.")

_LONGEST_MAIL = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_LONGEST_LOCAL = 64  # RFC 5321 §4.5.3.1.1
_LONGEST_WEB = 500
_LONGEST_PHONE = 40

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?=[0-9-]*[a-z]){_LABEL}")  # the last part is never a number
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._"
_PHONE = re.compile(r"\+?[0-9 ()-]+")
_DIGITS = range(3, 16)  # from 112 to the longest number E.164 allows


def mail_address(text: str) -> str:
    """Return a plain ASCII addr-spec with its domain in small letters; raise AddressInvalid for anything else."""
    address = text.strip()
    if not address:
        raise AddressInvalid(message=NO_MAIL_ADDRESS)
    if len(address) > _LONGEST_MAIL:
        raise AddressInvalid(message=LONG_ADDRESS, most=_LONGEST_MAIL)
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    if not address.isascii():
        raise AddressInvalid(message=MAIL_LETTERS)
    if len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local) or not _is_host(domain):
        raise AddressInvalid
    return f"{local}@{domain}"


def web_address(text: str) -> str:
    """Return an absolute http(s) address, its host in small ASCII letters; raise AddressInvalid for anything else."""
    address = text.strip()
    if len(address) > _LONGEST_WEB:
        raise AddressInvalid(message=LONG_ADDRESS, most=_LONGEST_WEB)
    if any(char.isspace() or not char.isprintable() or char in '\\"<>' for char in address):
        raise AddressInvalid(message=WEB_ADDRESS)
    try:
        parts = urlsplit(address)
        port = "" if parts.port is None else f":{parts.port}"
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (
        ValueError
    ):  # UnicodeError is one: brackets, a port that is no number, a host that cannot be written in ASCII
        raise AddressInvalid(message=WEB_ADDRESS) from None
    if "@" in parts.netloc:
        raise AddressInvalid(message=NO_SIGN_IN_IN_ADDRESS)
    if parts.scheme not in {"http", "https"} or not _is_host(host):
        raise AddressInvalid(message=WEB_ADDRESS)
    tail = quote(parts.path, safe=_SAFE_IN_PATH)
    tail += f"?{quote(parts.query, safe=_SAFE_IN_PATH + '?')}" if parts.query else ""
    tail += f"#{quote(parts.fragment, safe=_SAFE_IN_PATH + '?')}" if parts.fragment else ""
    found = f"{parts.scheme}://{host}{port}{tail}"
    if len(found) > _LONGEST_WEB:
        raise AddressInvalid(message=LONG_ADDRESS, most=_LONGEST_WEB)
    return found


def phone_text(text: str) -> str:
    """Return the number with digits, spaces, +, - and brackets only; raise AddressInvalid when it cannot be one."""
    number = " ".join("".join(map(_dialled, text)).split())
    digits = sum(char in "0123456789" for char in number)
    if digits not in _DIGITS or len(number) > _LONGEST_PHONE or not _PHONE.fullmatch(number):
        raise AddressInvalid(message=PHONE)
    return number


def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


def _dialled(char: str) -> str:
    """Return the character a keypad's owner meant by it."""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char in "/.\u2212":
        return "-"
    return "" if category == "Cf" else char
