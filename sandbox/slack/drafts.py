"""Signed deliveries not sent yet: to send many times at once, or spoilt on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack import payloads
from sandbox.slack.sender import Delivery, event_json, form, payload, sign

if TYPE_CHECKING:
    from sandbox.slack.controls import Control, Option
    from sandbox.slack.state import State, View
    from sandbox.slack.transcript import Message


class Drafts:
    """Writes deliveries; `user` and `channel` are ids or names."""

    def __init__(self, state: State, signing_secret: str) -> None:
        self._state = state
        self.signing_secret = signing_secret

    def command(self, command: str, text: str, *, user: str, channel: str) -> Delivery:
        """Write a slash command."""
        workspace = self._state.workspace
        person, place = workspace.person(user), workspace.channel(channel)
        return self.sign(
            form(payloads.slash_command(self._state, command, text, person, place))
        )

    def click(
        self,
        source: Message | View,
        control: Control,
        option: Option | None = None,
        *,
        user: str,
        typed: dict[str, str] | None = None,
    ) -> Delivery:
        """Write a press, or a choice when an option is given."""
        person = self._state.workspace.person(user)
        clicked = payloads.click(
            self._state, source, control, person, option, typed=typed
        )
        return self.sign(payload(clicked))

    def suggestion(
        self, source: Message | View, control: Control, typed: str, *, user: str
    ) -> Delivery:
        """Write what a menu asks while someone types into it."""
        person = self._state.workspace.person(user)
        asked = payloads.suggestion(self._state, source, control, person, typed)
        return self.sign(payload(asked))

    def submission(self, view: View, answers: dict[str, str]) -> Delivery:
        """Write the submission of a modal by whoever has it open."""
        return self.sign(payload(payloads.submission(self._state, view, answers)))

    def event(
        self, event: dict[str, Any], *, retry: int = 0, reason: str = ""
    ) -> Delivery:
        """Write a whole event_callback; a retry says so in its headers."""
        more = (
            {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
            if retry
            else {}
        )
        return self.sign(event_json(event), more=more)

    def sign(
        self,
        written: tuple[bytes, str],
        *,
        secret: str | None = None,
        at: float | None = None,
        more: dict[str, str] | None = None,
    ) -> Delivery:
        """Sign a body and its content type; a wrong secret or an old time spoils it."""
        body, content_type = written
        wanted = self.signing_secret if secret is None else secret
        return sign(body, content_type, secret=wanted, at=at, more=more)
