"""What people see of the bot's acknowledgements, or of their absence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.arguments import Arguments
from sandbox.slack.errors import Refusal
from sandbox.slack.state import Sent, View
from sandbox.slack.transcript import Edit
from sandbox.slack.views import checked, show
from sandbox.slack.workspace import BOT_USER, SLACKBOT

if TYPE_CHECKING:
    from sandbox.slack.sender import Ack
    from sandbox.slack.state import State
    from sandbox.slack.transcript import Message
    from sandbox.slack.workspace import Channel, Person


class Acknowledged:
    """Turns acknowledgements into messages and views."""

    def __init__(self, state: State) -> None:
        self._state = state

    def edit(self, text: str) -> Edit:
        """Make plain words of now."""
        return Edit(text, at=self._state.clock())

    def command(self, ack: Ack, typed: str, person: Person, channel: Channel) -> None:
        """Show the body of the answer privately, or that the command failed."""
        self._record(ack, typed, person, channel.id)
        if ack.failure:
            word = typed.split(" ", 1)[0]
            self._tell(
                person, channel.id, f'{word} failed with the error "{ack.failure}"'
            )
        elif ack.body:
            self._show(ack, person, channel.id)

    def click(
        self, ack: Ack, label: str, person: Person, source: Message | View
    ) -> None:
        """Show that a click failed; the body of the answer means nothing.

        But one in an old-style attachment may be answered by a message in it, which takes
        the place of the one that was clicked unless it says otherwise.
        """
        channel = "" if isinstance(source, View) else source.channel
        self._record(ack, f"[{label}]", person, channel)
        if ack.failure and channel:
            self._tell(
                person,
                channel,
                f'{label} failed with the error "{ack.failure}"',
            )

    def attachment(self, ack: Ack, person: Person, source: Message) -> None:
        """Show what the answer to a click in an old-style attachment says."""
        values = ack.json if isinstance(ack.json, dict) else {}
        if ack.failure or not values:
            return
        if values.get("replace_original", True):
            edit = Arguments(values).edit(self._state.clock())
            self._state.transcript.edit(source, edit)
        else:
            self._show(ack, person, source.channel)

    def submission(self, ack: Ack, view: View) -> None:
        """Close, update, push or keep the modal, as the answer asks."""
        person = self._state.workspace.person(view.user)
        self._record(ack, f"[{view.body['title']['text']}]", person, "")
        answer: dict[str, Any] = ack.json or {}
        match answer.get("response_action"):
            case _ if ack.failure:
                pass  # it stays open, with "we had some trouble connecting"
            case "errors":
                pass
            case "update":
                self._state.show(view, checked(answer["view"], ("modal",)))
            case "push":
                show(
                    self._state, view.user, checked(answer["view"], ("modal",)), on=view
                )
            case "clear":
                self._close_all(view)
            case _:
                view.is_open = False

    def _close_all(self, view: View) -> None:
        for other in self._state.views.values():
            if other.root_id == view.root_id:
                other.is_open = False

    def _show(self, ack: Ack, person: Person, channel: str) -> None:
        values = ack.json if isinstance(ack.json, dict) else {"text": ack.body}
        public = values.get("response_type") == "in_channel"
        try:
            edit = Arguments(values).edit(self._state.clock())
        except Refusal as refusal:
            self._tell(
                person, channel, f"The acknowledgement cannot be shown: {refusal.error}"
            )
            return
        seen_by = "" if public else person.id
        self._state.transcript.post(channel, edit, author=BOT_USER, seen_by=seen_by)

    def _tell(self, person: Person, channel: str, text: str) -> None:
        self._state.transcript.post(
            channel, self.edit(text), author=SLACKBOT, seen_by=person.id
        )

    def _record(self, ack: Ack, words: str, person: Person, channel: str) -> None:
        sent = Sent(
            self._state.clock(), person.id, channel, words, ack.seconds, ack.failure
        )
        self._state.sent.append(sent)
