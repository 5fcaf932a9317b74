"""The code a client gets on paper: letters that cannot be taken for each other, in two groups, read forgivingly."""

import re

GROUP = 5
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0, O, 1 or I; ten of them are fifty bits


def shown(code: str) -> str:
    """Return the code as it is printed."""
    return f"{code[:GROUP]}-{code[GROUP:]}"


def read(typed: str) -> str:
    """Return the code that was typed, whatever its case, spaces and dashes; what cannot be a code becomes nothing."""
    code = re.sub(r"[\s\-–—]", "", typed).upper()
    return code if len(code) == 2 * GROUP and set(code) <= set(LETTERS) else ""
