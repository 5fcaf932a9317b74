"""Collect every text of the product into locale/ and say which lack English.

The message ids are Swedish. Texts that are gone are dropped, texts that are new come in empty; `--check` changes nothing and fails
when a text has no English or the catalogue is out of step with the code.
"""

import datetime as dt
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "locale" / "en" / "LC_MESSAGES" / "messages.po"
METHODS = [("inslussning/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false", "trimmed": "true"}}
STEADY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def collected() -> Catalog:
    """Return every text of code and templates, without places: a moved line is no change."""
    catalog = Catalog(project="Inslussning", charset="utf-8", locale="en")
    folders = {"inslussning", "templates"}
    found = extract_from_dir(
        ROOT,
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).relative_to(ROOT).parts[0] in folders if Path(path) != ROOT else True,
    )
    for _file, _line, message, _comments, context in found:
        catalog.add(message, context=context)
    return catalog


def current() -> Catalog:
    """Return the English catalogue as it is."""
    if not ENGLISH.is_file():
        return Catalog(project="Inslussning", charset="utf-8", locale="en")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def untranslated(catalog: Catalog) -> list[str]:
    """Return the ids that have no English, or whose parameters differ from the Swedish."""
    lacking = []
    for message in catalog:
        if not message.id:
            continue
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(words) or message.fuzzy or list(message.check(catalog)):
            lacking.append(str(message.id))
    return lacking


def main() -> int:
    """Bring the catalogue up to date, or check that it is."""
    wanted, have = collected(), current()
    if "--check" in sys.argv:
        stale = {str(m.id) for m in wanted if m.id} ^ {str(m.id) for m in have if m.id}
        lacking = untranslated(have)
        for text in sorted(stale | set(lacking)):
            print(f"lacks English or is gone: {text}")
        return 1 if stale or lacking else 0
    have.update(wanted, no_fuzzy_matching=True)
    have.obsolete.clear()
    have.header_comment = "# The English of Inslussning's Swedish texts."
    have.creation_date = have.revision_date = STEADY  # a date of today would change the file every time
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, have, sort_output=True, omit_header=False, width=120, no_location=True)
    print(f"{len(have)} texts, {len(untranslated(have))} without English in {ENGLISH.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
