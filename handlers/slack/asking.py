"""Asking Slack's Web API: bounded in time, and its refusals as one exception."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

SECONDS = 7.0
_TOO_MANY = 429
_OWN_FAULT = 500
_LIMITED = {"ratelimited", "rate_limited"}
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"),
    (aiohttp.ClientConnectorError, "there is no connection to it"),
    (TimeoutError, "nothing came in time"),
    (aiohttp.ClientError, "the connection broke off"),
)
# "It's possible some aspect of the operation succeeded", says Slack of these.
_PERHAPS_DONE = {"", "internal_error", "fatal_error"}


class NoAnswer(Exception):
    """Slack did not answer; `is_heard` says whether it may have heard the question."""

    def __init__(self, reason: str, *, is_heard: bool = True) -> None:
        super().__init__(reason)
        self.is_heard = is_heard


class SlackSaid(Exception):
    """Slack answered, with an error; `word` is empty when that was not JSON.

    `is_passing`: the same may work later. `is_doubtful`: it may have worked now.
    """

    def __init__(self, error: SlackApiError) -> None:
        # The client hands over its own response, or aiohttp's for what is not JSON.
        response: Any = error.response
        is_json = hasattr(response, "status_code")
        status = int(response.status_code if is_json else response.status)
        data = getattr(response, "data", None)
        self.word = str(data.get("error", "")) if isinstance(data, dict) else ""
        self.is_limited = status == _TOO_MANY or self.word in _LIMITED
        self.is_doubtful = not self.is_limited and (
            status >= _OWN_FAULT or self.word in _PERHAPS_DONE
        )
        self.is_passing = self.is_limited or self.is_doubtful
        wait = str(response.headers.get("Retry-After", ""))
        self.seconds = float(wait) if wait.isdecimal() else 30.0
        super().__init__(self.word or f"status {status}")


async def ask(
    client: AsyncWebClient, method: str, *, seconds: float = SECONDS, **sent: Any
) -> AsyncSlackResponse:
    """Call `method` with `json=` or `data=`; raises SlackSaid or NoAnswer.

    The client's own timeout does not count with a session that is shared.
    """
    try:
        async with asyncio.timeout(seconds):
            return await client.api_call(method, **sent)
    except SlackApiError as error:
        raise SlackSaid(error) from None
    except AttributeError:  # the client reads any 200 as an object, a proxy's page too
        reason = "a 200 that is not Slack's"
        raise NoAnswer(reason) from None
    except aiohttp.ClientConnectorError as error:
        raise NoAnswer(_why(error), is_heard=False) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NoAnswer(_why(error)) from None


def _why(error: Exception) -> str:
    """Say what happened; never the text of the error, which may hold the address."""
    found = [words for kind, words in _WORDS if isinstance(error, kind)]
    return f"{found[0]} ({type(error).__name__})"
