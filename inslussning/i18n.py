"""Texts in Swedish and English. The message ids are the Swedish texts themselves; `locale/en` holds the English.

Catalogues are read from the .po files at start, so there is no compiled file to forget.
"""

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from inslussning import paths

LANGUAGES = {"sv": "Svenska", "en": "English"}
DEFAULT_LANGUAGE = "sv"


def N_(text: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """Mark a text for translation without translating it yet."""
    return text


@cache
def translations(language: str) -> NullTranslations:
    """Return the catalogue of one language; Swedish and unknown languages give the texts as they stand."""
    source = paths.LOCALE / language / "LC_MESSAGES" / "messages.po"
    if language == DEFAULT_LANGUAGE or language not in LANGUAGES or not source.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(language: str, text: str, /, **params: object) -> str:
    """Return the text in the language with its `%(name)s` parameters filled in."""
    translated = translations(language).gettext(text)
    return translated % params if params else translated
