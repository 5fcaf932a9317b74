"""What to do next in a case, in one sentence: the first thing that is missing, in the order a group usually works.

The page shows one step and one button, so that whoever opens a case after a holiday knows where to begin.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from inslussning.i18n import N_
from inslussning.practice.attention import CaseFacts
from inslussning.practice.dates import countdown, day_text, months_from
from inslussning.practice.phases import Phase


class StepKind(StrEnum):
    """What to do; the page has a button for each but the last two."""

    CHANGE_PHASE = "change_phase"
    SET_RELEASE = "set_release"
    ADD_ACTORS = "add_actors"
    START = "start"
    BOOK_VIDEO = "book_video"
    ADD_NEEDS = "add_needs"
    AGREE = "agree"
    BOOK_TIMES = "book_times"
    HAND_OVER = "hand_over"
    FOLLOW_UP = "follow_up"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """The next step and the sentence that says it."""

    kind: StepKind
    message: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """The office's own numbers that decide when a step is due."""

    planning_starts_months: int
    first_week_days: int


_SAYS = {
    StepKind.CHANGE_PHASE: N_("Frigivningsdagen har passerat. Byt fas till Genomföra."),
    StepKind.SET_RELEASE: N_("Skriv in frigivningsdatumet, så syns det vad som ska vara klart och när."),
    StepKind.ADD_ACTORS: N_("Lägg till de aktörer som ska delta."),
    StepKind.START: N_("Det är dags att börja: frigivningen är %(when)s. Byt fas till Inleda."),
    StepKind.BOOK_VIDEO: N_("Boka videomöte med klienten och aktörerna."),
    StepKind.ADD_NEEDS: N_("Skriv in klientens behov."),
    StepKind.BOOK_TIMES: N_("Boka klientens tider för de första dagarna efter frigivningen."),
    StepKind.HAND_OVER: N_("Lämna över schemat till klienten."),
    StepKind.WAIT: N_("Planeringen börjar %(day)s, %(months)s månader före frigivningen."),
    StepKind.NOTHING: N_("Inget saknas just nu. Följ upp på nästa möte."),
}
_ONE_NEED = N_("Ett behov saknar åtgärd. Kom överens om vem som gör vad.")
_NEEDS = N_("%(count)s behov saknar åtgärd. Kom överens om vem som gör vad.")
_ONE_LATE = N_("En åtgärd är försenad. Följ upp den.")
_LATE = N_("%(count)s åtgärder är försenade. Följ upp dem.")


def next_step(case: CaseFacts, *, overdue: int, distances: Distances, today: date, lang: str = "sv") -> Step | None:
    """Return the next step, or None when the case is closed; `overdue` counts its open actions past their day."""
    if case.phase is Phase.CLOSED:
        return None
    kind = _kind(case, overdue, distances, today)
    message, params = _SAYS.get(kind, ""), dict[str, object]()
    if case.release_on is not None:
        starts_on = months_from(case.release_on, -distances.planning_starts_months)
        params["when"] = countdown(case.release_on, today, lang)
        params["day"] = day_text(starts_on, today, lang)
        params["months"] = distances.planning_starts_months
    if kind is StepKind.AGREE:
        params["count"] = case.needs_without_action
        message = _ONE_NEED if case.needs_without_action == 1 else _NEEDS
    if kind is StepKind.FOLLOW_UP:
        params["count"] = overdue
        message = _ONE_LATE if overdue == 1 else _LATE
    return Step(kind, message, params)


def _kind(case: CaseFacts, overdue: int, distances: Distances, today: date) -> StepKind:
    if case.release_on is None:
        return StepKind.SET_RELEASE
    if case.release_on < today:
        return _after_release(case, overdue, case.release_on + timedelta(days=distances.first_week_days), today)
    if today < months_from(case.release_on, -distances.planning_starts_months) and case.phase is Phase.VSP:
        return StepKind.WAIT
    missing = {
        StepKind.ADD_ACTORS: not case.actors,
        StepKind.START: case.phase is Phase.VSP,
        StepKind.BOOK_VIDEO: not case.has_video_meeting,
        StepKind.ADD_NEEDS: not case.needs,
        StepKind.AGREE: bool(case.needs_without_action),
        StepKind.FOLLOW_UP: bool(overdue),
        StepKind.BOOK_TIMES: not case.has_appointment_first_week,
        StepKind.HAND_OVER: not case.has_schedule_handed_over,
    }
    return next((kind for kind, is_missing in missing.items() if is_missing), StepKind.NOTHING)


def _after_release(case: CaseFacts, overdue: int, first_week_ends: date, today: date) -> StepKind:
    missing = {
        StepKind.CHANGE_PHASE: case.phase.is_before_release,
        StepKind.ADD_ACTORS: not case.actors,
        StepKind.BOOK_TIMES: not case.has_appointment_first_week and today <= first_week_ends,
        StepKind.FOLLOW_UP: bool(overdue),
        StepKind.ADD_NEEDS: not case.needs,
        StepKind.AGREE: bool(case.needs_without_action),
    }
    return next((kind for kind, is_missing in missing.items() if is_missing), StepKind.NOTHING)
