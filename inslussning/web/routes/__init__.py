"""One module per noun; each offers a `router`. The order only matters to a reader."""

from inslussning.web.routes import (
    actions,
    actors,
    answers,
    appointments,
    cases,
    health,
    home,
    meetings,
    minutes,
    outbox,
    schedules,
    search,
    settings,
    setup,
    sign_in,
    slots,
)

ROUTERS = (
    home.router,
    slots.router,
    meetings.router,
    minutes.router,
    cases.router,
    appointments.router,
    schedules.router,
    actions.router,
    actors.router,
    outbox.router,
    settings.router,
    search.router,
    answers.router,
    setup.router,
    sign_in.router,
    health.router,
)
