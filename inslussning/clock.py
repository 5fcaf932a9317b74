"""The only place that reads the clock. Everyone else is told what time it is, so every rule can be tested."""

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    """Return the time now, aware, in UTC, to the microsecond."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251 - this is the clock
