"""Forms: what was typed, what it means, and what is wrong with it, field by field.

Nothing typed is ever lost: a form that cannot be used is shown again with every value as it was written. Fields are declared once
as a pydantic model; the domain's own refusals (`Invalid`, `DateUnclear` …) land by the field they concern.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData

from inslussning.db import Session
from inslussning.errors import Changed, Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.practice import addresses, dates, lengths, words

Message = tuple[str, dict[str, object]]  # a message id and its parameters


class FormModel(BaseModel):
    """A form's fields. Unknown fields are ignored: browsers and extensions add their own."""

    model_config = ConfigDict(extra="ignore", frozen=True)


M = TypeVar("M", bound=FormModel)
T = TypeVar("T")


class FormRejected(PracticeError):
    """The form has errors; raised when its value is asked for all the same."""

    status = 422


class Form(Generic[M]):
    """One form on one page: `values` as typed, `errors` by field, `value` when all is well."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, Message] = {}
        self.status = 200
        self._value: M | None = None

    @classmethod
    def read(
        cls,
        model: type[M],
        data: FormData,
        *,
        today: dt.date | None = None,
        release: dt.date | None = None,
        next_meeting: dt.date | None = None,
    ) -> "Form[M]":
        """Read what was posted against the model's fields; dates are understood as of `today`."""
        form = cls()
        for name, field in model.model_fields.items():
            if field.annotation is not None and getattr(field.annotation, "__origin__", None) in {list, tuple}:
                form.values[name] = [v for v in data.getlist(name) if isinstance(v, str)]
            elif isinstance(typed := data.get(name), str):
                form.values[name] = typed
        try:
            given = {"today": today, "release": release, "next_meeting": next_meeting}
            form._value = model.model_validate(form.values, context=given)
        except ValidationError as problem:
            for error in problem.errors(include_url=False):
                form.errors.setdefault(str(error["loc"][0]) if error["loc"] else "", _message(error))
            form.status = 422
        return form

    @property
    def value(self) -> M:
        """Return the understood form; raise FormRejected when it has errors."""
        if self._value is None or self.errors:
            raise FormRejected
        return self._value

    def reject(self, problem: PracticeError) -> None:
        """Show a refusal of the domain by the field it concerns; that the form itself was bad is shown already."""
        if isinstance(problem, FormRejected):
            return
        field = problem.field if isinstance(problem, Invalid) else ""
        self.errors.setdefault(field, (problem.message, problem.params))
        self.status = problem.status

    def attempt(self, session: Session) -> "Attempt":
        """Run a use case in a `with`; when it refuses, all it did is undone and the refusal is kept for the page."""
        return Attempt(self, session)


class Attempt:
    """A savepoint around one use case. Refusals by field (422) and lost races (409) end here; everything else goes on."""

    def __init__(self, form: Form[Any], session: Session) -> None:
        self.form = form
        self.savepoint = session.begin_nested()

    def __enter__(self) -> None:
        """Enter the savepoint."""
        self.savepoint.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Leave the savepoint, undoing it on any error; swallow what the page will show."""
        self.savepoint.__exit__(kind, problem, trace)
        if not isinstance(problem, PracticeError) or problem.status not in {Invalid.status, Changed.status}:
            return False
        self.form.reject(problem)
        return True


def _message(error: Any) -> Message:  # noqa: ANN401 - pydantic's error dictionaries differ by type
    context = dict(error.get("ctx") or {})
    if error["type"] == "practice":
        return context["message"], context["params"]
    kind = (
        f"string_{error['type']}"
        if isinstance(error["input"], str) and error["type"].startswith("too_")
        else error["type"]
    )
    message = _MESSAGES.get(kind, N_("Kontrollera uppgiften."))
    return message, {k: v for k, v in context.items() if isinstance(v, int | str)}


_MESSAGES = {
    "missing": N_("Fyll i fältet."),
    "string_too_short": N_("Fyll i fältet."),
    "too_short": N_("Välj minst en."),
    "string_too_long": N_("Texten är för lång. Högst %(max_length)d tecken får plats."),
    "int_parsing": N_("Skriv ett heltal."),
    "int_from_float": N_("Skriv ett heltal."),
    "int_parsing_size": N_("Talet är för stort."),
    "greater_than_equal": N_("Talet ska vara minst %(ge)s."),
    "less_than_equal": N_("Talet får vara högst %(le)s."),
    "enum": N_("Välj ett av alternativen."),
    "uuid_parsing": N_("Välj ett av alternativen."),
    "bool_parsing": N_("Välj ett av alternativen."),
}


def _typed(read: Callable[[str], T]) -> Callable[[object], object]:
    """Wrap a reader of the practice so that its refusals become a message by the field."""

    def convert(typed: object) -> object:
        if not isinstance(typed, str):
            return typed
        return refusing(lambda: read(typed))

    return convert


def refusing(read: Callable[[], T]) -> T:
    """Return what is read; turn a refusal of the practice into a message by the field."""
    try:
        return read()
    except PracticeError as problem:
        raise PydanticCustomError(
            "practice", "practice", {"message": problem.message, "params": problem.params}
        ) from None


def _date(typed: object, info: ValidationInfo) -> object:
    context = info.context or {}
    if not isinstance(typed, str):
        return typed
    return refusing(lambda: dates.read_date(typed, **context))


def _blank(read: Callable[..., object]) -> Callable[..., object]:
    """Let an empty field through as None."""

    def convert(typed: object, info: ValidationInfo) -> object:
        if isinstance(typed, str) and not typed.strip():
            return None
        return read(typed, info)

    return convert


def _plain(read: Callable[[object], object]) -> Callable[..., object]:
    return lambda typed, _info: read(typed)


# The kinds of field there are. Lengths are added where used: Annotated[Line, Field(max_length=80)].
Line = Annotated[str, BeforeValidator(_typed(words.one_line))]
Prose = Annotated[str, BeforeValidator(_typed(words.clean))]
Day = Annotated[dt.date, BeforeValidator(_date)]
DayOrNone = Annotated[dt.date | None, BeforeValidator(_blank(_date))]
Clock = Annotated[dt.time, BeforeValidator(_typed(dates.read_time))]
ClockOrNone = Annotated[dt.time | None, BeforeValidator(_blank(_plain(_typed(dates.read_time))))]
EndOrLength = Annotated[dt.time | dt.timedelta, BeforeValidator(_typed(lengths.read_end))]
MailAddress = Annotated[str, BeforeValidator(_typed(addresses.mail_address))]
MailAddressOrBlank = Annotated[str, BeforeValidator(_typed(lambda t: addresses.mail_address(t) if t.strip() else ""))]
WebAddressOrBlank = Annotated[str, BeforeValidator(_typed(lambda t: addresses.web_address(t) if t.strip() else ""))]
PhoneOrBlank = Annotated[str, BeforeValidator(_typed(lambda t: addresses.phone_text(t) if t.strip() else ""))]
KeyOrNone = Annotated[UUID | None, BeforeValidator(lambda t: None if t == "" else t)]
Ticked = Annotated[bool, BeforeValidator(lambda t: t in (True, "1", "on", "true"))]
