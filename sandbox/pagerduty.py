"""A PagerDuty: tells who is on call in a schedule, by its REST API v2."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_MOST = 100
_STATUS = {"refuse": 403, "limit": 429, "away": 503}


@dataclass
class PagerDuty:
    """What it knows: addresses by schedule.

    `faults` come first: `refuse`, `limit`, `away`, `garble`.
    """

    token: str = "pagerduty-token"
    schedules: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        """Its HTTP API."""
        return Starlette(routes=[Route("/oncalls", self._on_calls)])

    async def _on_calls(self, request: Request) -> Response:
        schedule = request.query_params.get("schedule_ids[]", "")
        self.asked.append(schedule)
        if request.headers.get("authorization") != f"Token token={self.token}":
            return _refused(401)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "garble":
            return PlainTextResponse("<html>")
        if fault:
            return _refused(_STATUS[fault])
        if schedule not in self.schedules:
            return _refused(404)
        return JSONResponse(self._page(request, schedule))

    def _page(self, request: Request, schedule: str) -> dict[str, Any]:
        people = self.schedules[schedule]
        start = int(request.query_params.get("offset", "0"))
        many = min(int(request.query_params.get("limit", "25")), _MOST)
        shown = request.query_params.get("include[]") == "users"
        page = people[start : start + many]
        return {
            "oncalls": [_shift(schedule, email, shown=shown) for email in page],
            "limit": many,
            "offset": start,
            "more": len(people) > start + many,
        }


def _shift(schedule: str, email: str, *, shown: bool) -> dict[str, Any]:
    """One person on call; without `include[]=users` only a reference to them."""
    name = email.split("@", maxsplit=1)[0]
    user: dict[str, Any] = {"id": f"P{name.upper()}", "type": "user_reference"}
    if shown:
        user |= {"type": "user", "name": name, "email": email}
    return {
        "user": user,
        "schedule": {"id": schedule, "type": "schedule_reference"},
        "escalation_level": 1,
        "start": None,
        "end": None,
    }


def _refused(status: int) -> Response:
    return JSONResponse({"error": {"message": "No", "code": 2000 + status}}, status)
