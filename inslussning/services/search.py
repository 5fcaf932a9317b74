"""Finding a case by its code or its client, and an actor by what it is called, within what whoever asks may see.

Small and exact on purpose: a code or a word somebody has in front of them. Clients are looked for by the office's own staff alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case
from inslussning.practice.access import Principal
from inslussning.practice.personal_numbers import NOT_WHOLE, is_whole
from inslussning.practice.words import looks_like_personal_number, one_line, sort_key
from inslussning.services import clients, visible

MOST = 20  # of each kind; whoever gets as many writes another word instead of reading on
LONGEST_TEXT = 80
NO_NUMBERS = N_("Det går inte att söka på personnummer. Sök på ärendets kod i stället.")


class Found(NamedTuple):
    """What was found; `exact` is the only case with that very code, `names` the clients that were found by theirs."""

    cases: Sequence[Case]
    actors: Sequence[Actor]
    exact: Case | None
    names: Mapping[UUID, str]


def search(session: Session, principal: Principal, text: str) -> Found:
    """Return the cases whose code has the text in it and the actors that every word fits, at most `MOST` of each.

    Raises Invalid for a text that is empty, too long or looks like a personal number.
    """
    wanted = one_line(text)
    if not wanted:
        raise Invalid(field="text", message=N_("Skriv ärendets kod eller ett ord ur aktörens namn."))
    if len(wanted) > LONGEST_TEXT:
        raise Invalid(
            field="text",
            message=N_("Texten är för lång. Högst %(max_length)d tecken får plats."),
            max_length=LONGEST_TEXT,
        )
    if looks_like_personal_number(wanted) and not (principal.sees_whole_office and is_whole(wanted)):
        raise Invalid(field="text", message=NOT_WHOLE if principal.sees_whole_office else NO_NUMBERS)
    names = clients.find(session, principal, wanted)
    cases = _cases(session, principal, wanted, names)
    same = [case for case in cases if _squeezed(case.code) == _squeezed(wanted)]
    return Found(cases, _actors(session, principal, wanted), same[0] if len(same) == 1 else None, names)


def _squeezed(text: str) -> str:
    """Return the code as people who leave out its hyphen write it."""
    return text.casefold().replace("-", "").replace(" ", "")


def _cases(session: Session, principal: Principal, wanted: str, named: Iterable[UUID]) -> Sequence[Case]:
    squeezed = func.replace(func.replace(func.lower(Case.code), "-", ""), " ", "")
    conditions: list[ColumnElement[bool]] = [Case.code == wanted, Case.id.in_(list(named)[:MOST])]
    if _squeezed(wanted):
        conditions.append(squeezed.contains(_squeezed(wanted), autoescape=True))
    query = select(Case).where(visible.rows(Case, principal), or_(*conditions))
    return session.scalars(query.order_by(Case.closed_on.is_not(None), Case.sort_key, Case.id).limit(MOST)).all()


def _actors(session: Session, principal: Principal, wanted: str) -> Sequence[Actor]:
    query = select(Actor).where(visible.rows(Actor, principal), and_(*map(_has_word, wanted.split())))
    query = query.options(joinedload(Actor.organisation)).order_by(Actor.closed_on.is_not(None), Actor.sort_key)
    return session.scalars(query.limit(MOST)).all()


def _has_word(word: str) -> ColumnElement[bool]:
    """Return the condition that a word stands in the organisation, function or place, or in one of the short names."""
    conditions: list[ColumnElement[bool]] = [
        Actor.short_name.icontains(word, autoescape=True),
        Actor.plain_name.icontains(word, autoescape=True),
    ]
    if key := sort_key(word):  # the key has no accents and no capitals, on every database alike
        conditions.append(Actor.sort_key.contains(key, autoescape=True))
    return or_(*conditions)
