"""To be written in a moment."""

from fastapi import APIRouter

router = APIRouter()
