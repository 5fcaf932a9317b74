"""Documents sealed in parts: the minutes of a weekly meeting speak of many cases, and each case's part is under that case's own key.

So erasing one case erases its part of old minutes, and the rest can still be read. A part is bound to its place in the document too.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from inslussning.db.vault import Connect, SealBroken, Vault, owner_of
from inslussning.i18n import N_

PARTS = "p1."  # what a document in parts begins with
ERASED = N_("Gallrat")


class Owners(NamedTuple):
    """Whose key seals a row's values, and the office, whose key seals what is nobody's own in a document of parts."""

    row: UUID
    office: UUID


def dumps(value: object) -> bytes:
    """Return a document as the bytes that are sealed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def owner_or_none(raw: str) -> str:
    """Return whose key a value is sealed with, or nothing for a document in parts or a damaged value, which shows when opened."""
    try:
        return owner_of(raw, "")
    except SealBroken:
        return ""


def seal_parts(
    vault: Vault,
    connect: Connect,
    parts: tuple[tuple[str, tuple[str, ...]], ...],
    place: str,
    owners: Owners,
    content: Mapping[str, Any],
) -> str:
    """Return the document as one text: each element's named fields under its own case's key, the rest under the office's."""
    rest = json.loads(json.dumps(content))
    sealed = {}
    for name, fields in parts:
        for at, element in enumerate(rest[name] if name else [rest]):
            told = {field: element.pop(field) for field in fields if field in element}
            owner = UUID(element["case_id"]) if element.get("case_id") else owners.row
            path = f"{name}.{at}"
            sealed[path] = vault.seal(connect, owner, f"{place}.{path}", dumps(told))
            element[""] = list(told)
    body = vault.seal(connect, owners.office, place, dumps(rest))
    return PARTS + json.dumps({"rest": body, "parts": sealed})


def open_parts(vault: Vault, connect: Connect, place: str, raw: str) -> Any:  # noqa: ANN401 - a document
    """Return the document with "Gallrat" for what has been erased; None when all of it has."""
    if not raw.startswith(PARTS):
        raise SealBroken(place)
    try:
        stored = json.loads(raw[len(PARTS) :])
        body, parts = stored["rest"], dict(stored["parts"])
    except (ValueError, KeyError, TypeError):
        raise SealBroken(place) from None
    vault.prepare(connect, {owner_or_none(token) for token in (body, *parts.values())} - {""})
    found = vault.open(connect, place, body)
    if found is None:
        return None
    rest = json.loads(found)
    for path, token in parts.items():
        name, _, at = path.rpartition(".")
        element = rest[name][int(at)] if name else rest
        fields = element.pop("")
        told = vault.open(connect, f"{place}.{path}", token)
        element.update(dict.fromkeys(fields, ERASED) if told is None else json.loads(told))
    return rest
