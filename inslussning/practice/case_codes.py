"""The code that stands for a case everywhere: on pages, in mails, in spoken words.

A code must never give a person away, so a personal number is refused, and so is a word without a digit, which may be
somebody's name.
"""

import re

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.words import looks_like_personal_number, one_line

NOT_A_CODE = N_("Skriv ärendet som en kod med en siffra, till exempel K-101, aldrig ett namn.")
PERSONAL_NUMBER = N_("Det ser ut som ett personnummer. Skriv en kod i stället, till exempel K-101.")

_CODE = re.compile(r"(?=.*[0-9])[A-ZÅÄÖ0-9][A-ZÅÄÖ0-9./-]{0,19}")


def case_code(text: str) -> str:
    """Return the code in capitals; raise Invalid for a personal number and for what may be a name."""
    code = one_line(text).upper()
    if looks_like_personal_number(code):
        raise Invalid(field="code", message=PERSONAL_NUMBER)
    if not _CODE.fullmatch(code):
        raise Invalid(field="code", message=NOT_A_CODE)
    return code
