"""Every word of the practice that people see has a label of its own, and a fresh proof is what it says."""

import datetime as dt
import importlib
import inspect
import pkgutil
from enum import StrEnum

import pytest

from inslussning import practice
from inslussning.practice.register import Fact, Part, RegisterExtract
from inslussning.practice.sign_in import USUAL_LIMITS, is_fresh

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


def labelled() -> list[type[StrEnum]]:
    """Every enum of the practice whose members have a label."""
    found = set()
    for module in pkgutil.iter_modules(practice.__path__):
        loaded = importlib.import_module(f"{practice.__name__}.{module.name}")
        for _, kind in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(kind, StrEnum) and kind.__module__ == loaded.__name__ and hasattr(kind, "label"):
                found.add(kind)
    return sorted(found, key=lambda kind: kind.__qualname__)


def test_there_are_many() -> None:
    assert len(labelled()) > 10


@pytest.mark.parametrize("kind", labelled(), ids=lambda kind: kind.__name__)
def test_no_two_members_are_called_the_same(kind: type[StrEnum]) -> None:
    labels = [member.label for member in kind]  # type: ignore[attr-defined] # chosen because they have one
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("ago", "is_it"),
    [
        (dt.timedelta(), True),
        (USUAL_LIMITS.proof, True),
        (USUAL_LIMITS.proof + dt.timedelta(seconds=1), False),
        (dt.timedelta(seconds=-1), False),
    ],
)
def test_a_proof_is_fresh_for_a_while_and_never_from_the_future(ago: dt.timedelta, is_it: bool) -> None:
    assert is_fresh(NOW - ago, NOW, USUAL_LIMITS) is is_it


def test_no_proof_is_never_fresh() -> None:
    assert not is_fresh(None, NOW, USUAL_LIMITS)


def test_an_extract_reads_the_same_to_a_machine() -> None:
    part = Part("Behov", ((Fact("Vad", "Bostad"),),))
    made = RegisterExtract(code="K-101", office="Frivården Björkstad", made_on="24 november 2026", parts=(part,))
    assert made.as_json()["delar"] == [{"rubrik": "Behov", "poster": [[{"Vad": "Bostad"}]]}]
