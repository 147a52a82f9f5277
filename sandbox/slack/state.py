"""All that the stand-in remembers, shared by its Web API, links and deliveries."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.clock import Clock
from sandbox.slack.controls import Control, controls_of
from sandbox.slack.errors import Refusal
from sandbox.slack.faults import Faults, RateLimit
from sandbox.slack.transcript import Message, Transcript
from sandbox.slack.waiting import Waiting
from sandbox.slack.workspace import Workspace

TRIGGER_SECONDS = 3
LINK_SECONDS = 30 * 60
LINK_USES = 5


@dataclass(frozen=True)
class Call:
    """One Web API call as it came, and what was answered (None: hung up)."""

    method: str
    arguments: dict[str, Any]
    answer: dict[str, Any] | None
    at: float


@dataclass(frozen=True)
class Sent:
    """What a person typed or clicked, and how the bot acknowledged it."""

    at: float
    user: str
    channel: str
    words: str
    seconds: float
    failure: str = ""


@dataclass
class Trigger:
    """The right to open one view, for three seconds."""

    user: str
    born: float
    used: bool = False


@dataclass
class Link:
    """A `response_url`: five uses in thirty minutes; `source` is what was clicked."""

    channel: str
    user: str
    born: float
    source: Message | None = None
    uses: int = 0


@dataclass(eq=False)
class View:
    """A modal or an App Home, with everything it showed."""

    id: str
    user: str
    shown: list[dict[str, Any]] = field(default_factory=list)
    root_id: str = ""
    previous_id: str = ""
    is_open: bool = True

    @property
    def body(self) -> dict[str, Any]:
        """What it shows now."""
        return self.shown[-1]

    @property
    def controls(self) -> list[Control]:
        """What can be pressed, chosen or filled in, in reading order."""
        return controls_of(self.body["blocks"])

    @property
    def hash(self) -> str:
        """Changes whenever the view does."""
        return f"{len(self.shown)}.{self.id}"


@dataclass(frozen=True)
class Completion:
    """How a workflow step said it ended."""

    execution_id: str
    outputs: dict[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True)
class Execution:
    """A run of a workflow step: its token, good for it alone, and its declared outputs."""

    token: str
    declared: dict[str, Any]


@dataclass
class State:
    """One workspace and everything that happened in it."""

    bot_token: str
    app_token: str = "xapp-sandbox"
    clock: Clock = field(default_factory=Clock)
    workspace: Workspace = field(default_factory=Workspace)
    faults: Faults = field(default_factory=Faults)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=100_000))
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=10_000))
    triggers: dict[str, Trigger] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    functions: dict[str, Any] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    completions: list[Completion] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    url: str = "http://127.0.0.1:0"
    socket_url: str = "ws://127.0.0.1:0"

    def __post_init__(self) -> None:
        self.transcript = Transcript(self.clock)
        self.updates = RateLimit(None, self.clock)
        self.shown: Waiting[View] = Waiting()
        self.completed: Waiting[Completion] = Waiting()
        self._numbers = itertools.count(1)

    def show(self, view: View, body: dict[str, Any]) -> None:
        """Let a view show something."""
        view.shown.append(body)
        self.views[view.id] = view
        self.shown.tell(view)

    def completion(self, execution: str) -> Completion | None:
        """Tell how a workflow step said it ended, if it did."""
        found = (it for it in self.completions if it.execution_id == execution)
        return next(found, None)

    @property
    def step_tokens(self) -> set[str]:
        """The tokens of workflow steps, each of which is good until its step has ended."""
        steps = self.executions.items()
        return {it.token for name, it in steps if not self.completion(name)}

    def modals(self, user: str) -> list[View]:
        """List a person's open modals, the one in front last."""
        mine = [it for it in self.views.values() if it.user == user and it.is_open]
        return [it for it in mine if it.body["type"] == "modal"]

    def new_id(self, prefix: str) -> str:
        """Make an id as Slack's look."""
        return f"{prefix}0SANDBOX{next(self._numbers):04d}"

    def new_trigger(self, user: str) -> str:
        """Make a `trigger_id`."""
        trigger = f"{next(self._numbers)}.{int(self.clock())}.sandbox"
        self.triggers[trigger] = Trigger(user, self.clock())
        return trigger

    def new_link(self, channel: str, user: str, source: Message | None = None) -> str:
        """Make a `response_url`."""
        token = f"{self.workspace.team}-{next(self._numbers)}"
        self.links[token] = Link(channel, user, self.clock(), source)
        return f"{self.url}/response/{token}"

    def use_trigger(self, trigger_id: str) -> str:
        """Use a trigger up; returns whose it is."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refusal(because="invalid_trigger_id")
        if trigger.used:
            raise Refusal(because="exchanged_trigger_id")
        if self.clock() - trigger.born > TRIGGER_SECONDS:
            raise Refusal(because="expired_trigger_id")
        trigger.used = True
        return trigger.user
