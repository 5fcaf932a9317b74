"""Settings: what the office itself decides, one module per part. Everything here is for those who keep the office's settings."""

from fastapi import APIRouter

from inslussning.web.routes.settings import (
    agendas,
    colleague,
    colleague_role,
    colleagues,
    lists,
    mail,
    needs,
    office,
    opening_reasons,
    overview,
    rules,
    second_factor,
    sharing,
)

router = APIRouter()
for part in (
    overview,
    office,
    mail,
    needs,
    agendas,
    rules,
    sharing,
    opening_reasons,
    colleagues,
    colleague,
    colleague_role,
    second_factor,
    lists,
):
    router.include_router(part.router, prefix="/settings")
