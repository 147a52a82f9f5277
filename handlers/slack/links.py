"""Asking Slack for an address to connect to, and what to do when it gives none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.slack.asking import NoAnswer, SlackSaid, ask

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_TOKEN = "Check SLACK_APP_TOKEN"  # noqa: S105  # the name of a setting
_ADVICE = {
    "link_disabled": "Switch Socket Mode on in the app's settings",
    "too_many_websockets": "An app has ten connections at most: lower SLACK_SOCKETS",
    "not_allowed_token_type": "SLACK_APP_TOKEN is the app-level token, xapp-…",
    "missing_scope": "Give the app-level token the scope connections:write",
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
}
_OURS = {
    "closed": "Slack closed the connection",
    "silent": "Slack fell silent",
    "no_pong": "Slack answers no pings",
}


class NotConnected(Exception):
    """No connection came about; the text says why.

    `is_lasting`: only a person can mend it. `seconds`: Slack wants so long to be left alone.
    """

    def __init__(
        self, reason: str, *, is_lasting: bool = False, seconds: float = 0
    ) -> None:
        super().__init__(reason)
        self.is_lasting = is_lasting
        self.seconds = seconds


def ended(word: str) -> NotConnected:
    """Say what Slack's word, or ours, for the end of a connection means."""
    advice = _ADVICE.get(word)
    said = _OURS.get(word, f"Slack says {word}")
    text = f"{said}. {advice}" if advice else said
    return NotConnected(text, is_lasting=advice is not None)


async def open_link(client: AsyncWebClient) -> str:
    """Ask for the address of one connection, which is a secret; raises NotConnected."""
    try:
        answer = await ask(client, "apps.connections.open")
    except SlackSaid as said:
        if said.is_passing:
            wait = said.seconds if said.is_limited else 0
            text = f"Slack says {said}"
            raise NotConnected(text, seconds=wait) from None
        raise ended(said.word) from None
    except NoAnswer as error:
        text = f"Slack does not answer: {error}"
        raise NotConnected(text) from None
    url = answer.get("url")
    if not isinstance(url, str):
        text = "Slack gave no address to connect to"
        raise NotConnected(text)
    return url
