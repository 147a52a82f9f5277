"""Every message anyone can see, with all its edits in order."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.slack.controls import Control, attached, controls_of
from sandbox.slack.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.slack.clock import Clock

Block = dict[str, Any]
Change = tuple["Message", "Edit"]


@dataclass(frozen=True)
class Edit:
    """What a message said at one time."""

    text: str
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, Any] | None = None
    at: float = 0.0
    attachments: tuple[Block, ...] = ()

    @property
    def outcome(self) -> str:
        """The outcome in the metadata that the bot's own messages carry."""
        payload = (self.metadata or {}).get("event_payload", {})
        return str(payload.get("outcome", ""))


@dataclass(eq=False)
class Message:
    """One message; `seen_by` is the only person who sees an ephemeral one."""

    channel: str
    ts: str
    author: str
    thread_ts: str = ""
    seen_by: str = ""
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False

    @property
    def last(self) -> Edit:
        """What it says now."""
        return self.edits[-1]

    @property
    def text(self) -> str:
        """The plain text, which notifications and screen readers get."""
        return self.last.text

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks it shows now."""
        return self.last.blocks

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata it carries now."""
        return self.last.metadata or {}

    @property
    def outcome(self) -> str:
        """The outcome it tells now, if it tells one."""
        return self.last.outcome

    @property
    def controls(self) -> list[Control]:
        """What can be pressed or chosen, in reading order."""
        return [*controls_of(self.blocks), *attached(self.last.attachments)]


class Transcript:
    """All messages in the order they appeared, and a way to wait for one."""

    def __init__(self, clock: Clock) -> None:
        self.all: list[Message] = []
        self._clock = clock
        self._micros = 0
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._waiting: Waiting[Message] = Waiting()
        self._watching: list[asyncio.Queue[Change]] = []

    def post(
        self,
        channel: str,
        edit: Edit,
        *,
        author: str,
        thread_ts: str = "",
        seen_by: str = "",
    ) -> Message:
        """Add a message; its `ts` is above every earlier one."""
        message = Message(channel, self._next_ts(), author, thread_ts, seen_by, [edit])
        self.all.append(message)
        self._by_ts[channel, message.ts] = message
        self._announce(message)
        return message

    def edit(self, message: Message, edit: Edit) -> None:
        """Show something else in the same place."""
        message.edits.append(edit)
        self._announce(message)

    def delete(self, message: Message) -> None:
        """Take it out of sight; its edits stay on record."""
        message.deleted = True
        self._announce(message)

    def find(self, channel: str, ts: str) -> Message | None:
        """Find what is still in sight under `ts`."""
        message = self._by_ts.get((channel, ts))
        return None if message is None or message.deleted else message

    async def wait(self, wanted: Callable[[Message], bool], within: float) -> Message:
        """Return the first message that is, or at any edit becomes, what is wanted."""
        try:
            return await self._waiting.first(wanted, self.all, within)
        except TimeoutError:
            said = "\n".join(f"  {it.channel} {it.text}" for it in self.all[-20:])
            late = f"not seen within {within} s; there is:\n{said or '  nothing'}"
            raise TimeoutError(late) from None

    @contextlib.contextmanager
    def watch(self) -> Iterator[asyncio.Queue[Change]]:
        """Get every change from now on, in order."""
        changes: asyncio.Queue[Change] = asyncio.Queue()
        self._watching.append(changes)
        try:
            yield changes
        finally:
            self._watching.remove(changes)

    def _next_ts(self) -> str:
        self._micros = max(self._micros + 1, int(self._clock() * 1_000_000))
        seconds, micros = divmod(self._micros, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def _announce(self, message: Message) -> None:
        for changes in self._watching:
            changes.put_nowait((message, message.last))
        self._waiting.tell(message)
