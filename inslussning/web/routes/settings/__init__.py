"""Settings: what the office itself decides, one module per part. Everything here is for those who keep the office's settings."""

from fastapi import APIRouter

from inslussning.web.routes.settings import agendas, colleagues, lists, mail, needs, office, overview, rules, sharing

router = APIRouter()
for part in (overview, office, mail, needs, agendas, rules, sharing, colleagues, lists):
    router.include_router(part.router, prefix="/settings")
