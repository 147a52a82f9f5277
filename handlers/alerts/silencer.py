"""Alertmanager's API v2, as far as silences go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from desk.alerts.silences import NoSilencer, SilenceRefused

if TYPE_CHECKING:
    from desk.alerts.silences import Silence

_TIMEOUT = httpx.Timeout(10, connect=3)
_UNKNOWN = 404
_FAULT = 500  # it, or a proxy in front of it, has one
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_OVER = "already expired"  # what a silence that has ended is refused with, as a 500


class _Kept(BaseModel):
    id: str
    comment: str = ""


class _Made(BaseModel):
    silenceID: str  # noqa: N815  # its name there


_LIST = TypeAdapter(list[_Kept])


class Alertmanager:
    """The silences of one Alertmanager, or of a cluster of them, at `url`."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._http = http

    async def find(self, mark: str) -> str | None:
        """The id of the silence whose comment carries `mark`."""
        answer = _good(await self._ask("GET", "/silences"))
        try:
            kept = _LIST.validate_json(answer.content)
        except ValidationError:
            raise _unreadable() from None
        return next((it.id for it in kept if f"[{mark}]" in it.comment), None)

    async def create(self, wanted: Silence) -> str:
        """Create a silence; its id."""
        answer = _good(await self._ask("POST", "/silences", json=_written(wanted)))
        try:
            return _Made.model_validate_json(answer.content).silenceID
        except ValidationError:
            raise _unreadable() from None

    async def expire(self, silence_id: str) -> bool:
        """End a silence; False when there is none to end."""
        answer = await self._ask("DELETE", f"/silence/{quote(silence_id, safe='')}")
        if answer.status_code == _UNKNOWN or _OVER in answer.text:
            return False
        _good(answer)
        return True

    async def _ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        url = f"{self._url}/api/v2{path}"
        try:
            return await self._http.request(method, url, timeout=_TIMEOUT, **sent)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            sent_off = not isinstance(error, (*_NOT_SENT, httpx.InvalidURL))
            raise NoSilencer(type(error).__name__, sent=sent_off) from None


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.status_code >= _FAULT:
        reason = f"status {answer.status_code}"
        raise NoSilencer(reason, sent=True)
    if not answer.is_success:
        raise SilenceRefused(answer.text.strip().strip('"') or str(answer.status_code))
    return answer


def _unreadable() -> NoSilencer:
    return NoSilencer("an answer that is not Alertmanager's", sent=True)


def _written(wanted: Silence) -> dict[str, Any]:
    matchers = [
        {"name": name, "value": value, "isRegex": False, "isEqual": True}
        for name, value in wanted.matchers.items()
    ]
    return {
        "matchers": matchers,
        "startsAt": datetime.fromtimestamp(wanted.starts, UTC).isoformat(),
        "endsAt": datetime.fromtimestamp(wanted.ends, UTC).isoformat(),
        "createdBy": wanted.created_by,
        "comment": wanted.comment,
    }
