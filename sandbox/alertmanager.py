"""An Alertmanager: keeps silences by its API v2, and tells a webhook of its alerts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    Json = dict[str, Any]

_NEVER = "0001-01-01T00:00:00Z"


@dataclass
class Alertmanager:
    """What it knows. `faults` come first: `refuse`, `away`, `lose` (it acts, then drops)."""

    silences: dict[str, Json] = field(default_factory=dict)
    alerts: dict[str, Json] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        """Its HTTP API."""
        return Starlette(
            routes=[
                Route("/api/v2/silences", self._list, methods=["GET"]),
                Route("/api/v2/silences", self._create, methods=["POST"]),
                Route("/api/v2/silence/{id}", self._expire, methods=["DELETE"]),
            ]
        )

    @property
    def active(self) -> list[Json]:
        """The silences that hold now."""
        return [
            it for it in self.silences.values() if it["status"]["state"] == "active"
        ]

    async def _list(self, _: Request) -> Response:
        self.asked.append("list")
        return self._faulty() or JSONResponse(list(self.silences.values()))

    async def _create(self, request: Request) -> Response:
        self.asked.append("create")
        wrong = self._faulty(but="lose")
        if wrong:
            return wrong
        wanted = await request.json()
        if not wanted.get("matchers") or wanted["endsAt"] <= wanted["startsAt"]:
            return JSONResponse("silence invalid: it needs matchers and a time", 400)
        silence_id = str(uuid4())
        kept = {"id": silence_id, "status": {"state": "active"}, **wanted}
        self.silences[silence_id] = kept
        return self._faulty() or JSONResponse({"silenceID": silence_id})

    async def _expire(self, request: Request) -> Response:
        self.asked.append("expire")
        wrong = self._faulty(but="lose")
        if wrong:
            return wrong
        kept = self.silences.get(request.path_params["id"])
        if not kept:
            return Response(status_code=404)
        if kept["status"]["state"] == "expired":
            return JSONResponse("silence already expired", 500)
        kept["status"] = {"state": "expired"}
        return self._faulty() or Response()

    def _faulty(self, but: str = "") -> Response | None:
        if not self.faults or self.faults[0] == but:
            return None
        fault = self.faults.pop(0)
        if fault == "refuse":
            return JSONResponse("bad matcher format", 400)
        return PlainTextResponse("no healthy upstream", 503)

    def fire(self, name: str, text: str = "", **labels: str) -> Json:
        """Let an alert fire; what is silenced fires too, and is not told."""
        known = {"alertname": name} | labels
        fingerprint = hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]
        alert = {
            "status": "firing",
            "labels": known,
            "annotations": {"summary": text} if text else {},
            "startsAt": datetime.now(UTC).isoformat(),
            "endsAt": _NEVER,
            "generatorURL": "http://prometheus.example/graph",
            "fingerprint": fingerprint,
        }
        self.alerts[fingerprint] = alert
        return alert

    def resolve(self, alert: Json) -> None:
        """Let an alert end."""
        alert |= {"status": "resolved", "endsAt": datetime.now(UTC).isoformat()}

    async def tell(self, url: str, token: str) -> list[httpx.Response]:
        """Tell a webhook of every group of alerts of one name; the answers."""
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
            names = sorted({it["labels"]["alertname"] for it in self.alerts.values()})
            return [await http.post(url, json=self._told(name)) for name in names]

    def _told(self, name: str) -> Json:
        alerts = [
            it for it in self.alerts.values() if it["labels"]["alertname"] == name
        ]
        fires = any(it["status"] == "firing" for it in alerts)
        return {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{name}"}}',
            "truncatedAlerts": 0,
            "status": "firing" if fires else "resolved",
            "receiver": "zstack-chatops",
            "groupLabels": {"alertname": name},
            "commonLabels": {"alertname": name},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example",
            "alerts": alerts,
        }


def slack_attachment(text: str, *buttons: tuple[str, str]) -> Json:
    """What its `slack_configs` post with buttons: each a label, and what it asks for."""
    actions = [
        {"type": "button", "name": "chatops", "text": label, "value": value}
        for label, value in buttons
    ]
    return {
        "callback_id": "chatops",
        "color": "danger",
        "text": text,
        "fallback": text,
    } | {"actions": actions}
