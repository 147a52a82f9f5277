"""Reading from Slack: bounded in time, tried again, and asked once for all who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import stamina

from handlers.slack.asking import NoAnswer, SlackSaid, ask
from handlers.slack.flights import Flights

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

PATIENCE = 5.0  # seconds for one answer


class Questions:
    """Asks Slack; a slow answer to one question keeps nobody else waiting."""

    def __init__(self, client: AsyncWebClient, *, seconds: float = PATIENCE) -> None:
        self._client = client
        self._seconds = seconds
        self._flights: Flights[dict[str, Any]] = Flights()

    async def ask(self, method: str, **params: str) -> dict[str, Any]:
        """Call a method that changes nothing; raises SlackSaid or NoAnswer."""
        key = " ".join((method, *params.values()))
        return await self._flights.once(key, lambda: self._ask_again(method, params))

    async def _ask_again(self, method: str, params: dict[str, str]) -> dict[str, Any]:
        async for attempt in stamina.retry_context(
            on=_is_passing, attempts=3, wait_initial=0.3
        ):
            with attempt:
                answer = await ask(
                    self._client, method, seconds=self._seconds, data=params
                )
        return cast("dict[str, Any]", answer.data)


def _is_passing(error: Exception) -> bool:
    return isinstance(error, NoAnswer) or (
        isinstance(error, SlackSaid) and error.is_passing
    )
