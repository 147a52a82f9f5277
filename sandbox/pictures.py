"""`make pictures`: plays every kind of message against the real bot, and draws them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console, Group
from rich.text import Text

from sandbox import botprocess
from sandbox.alertmanager import Alertmanager
from sandbox.console.draw import Drawing
from sandbox.demo import ACCOUNT, ON_CALL, PASSWORD, PERSON, _free_port, _settings
from sandbox.login import follow
from sandbox.oncall import ForgottenIso, is_card
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Iterable,
        Iterator,
        Sequence,
    )

    from sandbox.slack import Edit, Message

    Story = Callable[["Stage"], Awaitable[None]]

CHROMIUM = Path("/usr/bin/chromium")
DIRECTORY = botprocess.ROOT / "docs" / "pictures"
WIDTH = 88
_PATIENCE = 20.0
_QUIET = 0.4  # seconds without a change after which nothing more comes
_DETACH = "DetachIsoFromVmInstance"
# What differs from one run to the next, and what stands in its place: as long as it.
_VOLATILE = (
    (r"(/login/)[\w-]+", r"\1…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8080"),
    (r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(?! UTC)", "2026-01-05 09:30:00"),
    (r"Until \d\d:\d\d UTC", "Until 09:45 UTC"),
    (r"\bWx0SANDBOX\d+", "Wx0SANDBOX0001"),
    (r"(cancel )[a-z2-9]{10}\b", r"\1k7m2p9x4qa"),
    (
        r"(since|resolved) 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC",
        r"\1 2026-01-05 09:30:00 UTC",
    ),
    (r"seen at \d\d:\d\d:\d\d UTC", "seen at 09:30:00 UTC"),
    (r"took \d+(\.\d)? s", "took 1.6 s"),
)
_ID = re.compile(r"(?<=· )[a-z2-9]{10}$|^[a-z2-9]{10}$", re.MULTILINE)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--hide-scrollbars", "--window-size=560,640"),
)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_OWN_FONT = "ui-monospace, Menlo, Consolas, monospace"


@dataclass
class Stage:
    """Both clouds, the bot in between, and the pictures taken so far."""

    slack: Slack
    node: Node
    alertmanager: Alertmanager = field(default_factory=Alertmanager)
    directory: Path = DIRECTORY
    pictures: dict[str, str] = field(default_factory=dict)

    async def play(
        self, action: Awaitable[object], ends: Callable[[Edit], bool]
    ) -> list[Message]:
        """Act, wait until a message ends as wanted, then until all is quiet."""
        earlier = set(self.slack.transcript.all)
        with self.slack.transcript.watch() as changes:
            await action
            async with asyncio.timeout(_PATIENCE):
                while not ends((await changes.get())[1]):
                    pass
            with contextlib.suppress(TimeoutError):
                while True:
                    await asyncio.wait_for(changes.get(), _QUIET)
        return [it for it in self.slack.transcript.all if it not in earlier]

    async def type(
        self, line: str, ends: Callable[[Edit], bool], user: str = PERSON
    ) -> list[Message]:
        """Type a slash command in #ops."""
        command, _, text = line.partition(" ")
        return await self.play(self.slack.command(command, text, user=user), ends)

    def draw(self, name: str, typed: str, edits: Sequence[tuple[str, Edit]]) -> None:
        """Draw what somebody did and what they saw then."""
        drawing = Drawing(self.slack.workspace.names)
        panels = [drawing.panel(_steady(edit), title) for title, edit in edits]
        self.pictures[name] = svg(name, Group(Text(typed, "italic dim"), *panels))

    def shown(self, message: Message) -> Iterator[tuple[str, Edit]]:
        """Every edit of a message, with where it stands."""
        channel = self.slack.workspace.channels[message.channel]
        place = "direct message" if channel.with_user else f"#{channel.name}"
        place += " · in a thread" if message.thread_ts else ""
        place += " · only visible to you" if message.seen_by else ""
        for number, edit in enumerate(message.edits):
            yield place + (f" · edit {number}" if number else ""), edit


def svg(name: str, drawn: Any) -> str:
    """Draw as an SVG that is the same every time, and fetches no font."""
    console = Console(width=WIDTH, record=True, file=io.StringIO(), color_system=None)
    console.print(drawn)
    picture = console.export_svg(title="", unique_id=name)
    plain = _FONTS.sub("", picture).replace("Fira Code, monospace", _OWN_FONT)
    return "\n".join(line.rstrip() for line in plain.splitlines()) + "\n"


def _steady(edit: Edit) -> Edit:
    return replace(edit, text=_blank(edit.text), blocks=_blank(edit.blocks))


def _blank(value: Any) -> Any:
    """Take out what is another at every run, wherever it stands in `value`."""
    if isinstance(value, dict):
        return {key: _blank(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_blank, value))
    if not isinstance(value, str):
        return value
    for found, instead in _VOLATILE:
        value = re.sub(found, instead, value)
    return _ID.sub("command-id", value)


def ended(edit: Edit) -> bool:
    """Whether a message tells an outcome that stays."""
    return edit.outcome not in {"", "accepted", "running"}


def answered(edit: Edit) -> bool:
    """Whether it is an answer at all: private ones carry no outcome."""
    return edit.outcome not in {"accepted", "running"}


def told(
    name: str, line: str, ends: Callable[[Edit], bool] = ended, user: str = PERSON
) -> Story:
    """Picture how each new message of a command ends."""

    async def story(stage: Stage) -> None:
        messages = await stage.type(line, ends, user)
        last = [list(stage.shown(message))[-1] for message in messages]
        stage.draw(name, f"{user}: {line}", last)

    return story


async def success(stage: Stage) -> None:
    """Picture a detach with its running edit before, and what its buttons show."""
    line = "/detach-iso web-01"
    (answer,) = await stage.type(line, ended)
    stage.draw("success", f"{PERSON}: {line}", list(stage.shown(answer)))
    for button, name in (("Details", "details"), ("Command line", "command-line")):
        shown = await stage.play(stage.slack.press(answer, button), answered)
        edits = [list(stage.shown(message))[-1] for message in shown]
        stage.draw(name, f"{PERSON} presses [{button}]", edits)
    undone = await stage.play(stage.slack.press(answer, "Undo"), ended)
    edits = [list(stage.shown(message))[-1] for message in undone]
    stage.draw("undo", f"{PERSON} presses [Undo]", edits)


async def alert(stage: Stage) -> None:
    """Picture an alert, its button, what comes of it, and its end."""
    story = ForgottenIso(stage.node, stage.alertmanager, stage.slack.bot_url)
    firing = asyncio.create_task(story.play())
    card = await stage.slack.wait(is_card, _PATIENCE)
    stage.draw("alert", "Alertmanager tells of an alert", list(stage.shown(card)))
    button = next(it for it in card.controls if it.label.startswith("Detach"))
    messages = await stage.play(stage.slack.click(card, button), ended)
    said = f"{PERSON} presses [{button.label}]"
    answers = [list(stage.shown(it))[-1] for it in messages]
    stage.draw("alert-answer", said, answers)
    await firing
    await stage.slack.wait(lambda it: it is card and "Resolved" in it.text, _PATIENCE)
    last = list(stage.shown(card))[-1]
    stage.draw("alert-resolved", "Alertmanager tells that it is over", [last])


def changed_meanwhile(name: str, vm: str, change: Callable[[Node, str], None]) -> Story:
    """Picture what comes when a VM changes between the look and the request."""

    async def story(stage: Stage) -> None:
        stage.node.faults.add("slow", _DETACH, seconds=1.0)
        line = f"/detach-iso {vm}"

        async def act() -> None:
            await stage.slack.command("/detach-iso", vm)
            await stage.slack.wait(lambda it: vm in it.text and it.outcome == "running")
            change(stage.node, vm)

        messages = await stage.play(act(), ended)
        edits = [list(stage.shown(message))[-1] for message in messages]
        stage.draw(name, f"{PERSON}: {line}", edits)

    return story


def _give_away(node: Node, name: str) -> None:
    world = node.world
    owner = next(it for it in world.accounts.values() if it.name == "guest-tenant")
    next(vm for vm in world.vms.values() if vm.name == name).owner_uuid = owner.uuid


def _remove(node: Node, name: str) -> None:
    vms = node.world.vms
    del vms[next(uuid for uuid, vm in vms.items() if vm.name == name)]


async def denied(stage: Stage) -> None:
    """Picture what a user gets whom ZStack lets only look."""
    link, _ = await ask_for_link(stage, "bob")
    viewer = {"method": "user", "account": ACCOUNT, "user": "viewer"}
    async with httpx.AsyncClient(trust_env=False) as client:
        page = await client.get(link)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        if csrf is None:
            raise LookupError(page.text)
        hidden = {"csrf": csrf[1], "password": PASSWORD}
        await stage.play(client.post(link, data=viewer | hidden), answered)
    await told("failed-denied", "/detach-iso web-01", user="bob")(stage)


async def unknown(stage: Stage) -> None:
    """Picture a job of which nothing is heard any more."""
    stage.node.settings.change(api_timeout_seconds=2)
    stage.node.faults.add("stuck", _DETACH)
    await told("unknown", "/detach-iso legacy-03")(stage)
    stage.node.settings.change(api_timeout_seconds=1800)


async def all_isos(stage: Stage) -> None:
    """Picture what becomes of "all of them"."""
    (question,) = await stage.type("/detach-iso db-01", answered)
    every = stage.slack.click(question, question.controls[-1])
    messages = await stage.play(every, ended)
    (answer,) = [it for it in messages if it.outcome]
    edits = list(stage.shown(answer))
    stage.draw("all-isos", f"{PERSON} presses [All 2]", [edits[0], edits[-1]])


async def waits(stage: Stage) -> None:
    """Picture a command that waits for another on the same VM, and is cancelled."""
    stage.node.faults.add("slow", _DETACH, seconds=2.0)
    line = "/detach-iso Web-03"
    await stage.type(line, lambda edit: edit.outcome == "running")
    (waiting,) = await stage.type(line, lambda edit: edit.outcome == "accepted")
    await stage.play(stage.slack.press(waiting, "Cancel"), ended)
    stage.draw("waits", f"{PERSON}: {line}, twice", list(stage.shown(waiting)))


async def stopped(stage: Stage) -> None:
    """Picture what is asked before a VM is stopped, and how that ends."""
    line = "/zstack vm stop web-02"
    (question,) = await stage.type(line, answered)
    shown = list(stage.shown(question))
    yes = stage.slack.press(question, "Stop it")
    answer = next(it for it in await stage.play(yes, ended) if not it.seen_by)
    stage.draw("vm-stop", f"{PERSON}: {line}", [*shown, list(stage.shown(answer))[-1]])


async def approved(stage: Stage) -> None:
    """Picture what waits for a second person, asks why, and how it then ends."""
    line = "/zstack vm destroy batch-01"
    (question,) = await stage.type(line, answered)
    stage.draw("approval-reason", f"{PERSON}: {line}", list(stage.shown(question)))
    typed = {"Reason": "replaced by batch-02"}
    asked = stage.slack.press(question, "Ask for approval", typed=typed)
    messages = await stage.play(asked, lambda edit: edit.outcome == "accepted")
    card = next(it for it in messages if not it.seen_by)
    (listed,) = await stage.type("/zstack approvals", answered, "bob")
    stage.draw("approvals", "bob: /zstack approvals", list(stage.shown(listed)))
    own = await stage.play(stage.slack.press(card, "Approve"), answered)
    said = [list(stage.shown(it))[-1] for it in own]
    stage.draw("approval-own", f"{PERSON} presses [Approve]", said)
    yes = stage.slack.press(card, "Approve", user="bob")
    shown = await stage.play(yes, lambda edit: edit.outcome == "succeeded")
    called = [list(stage.shown(it))[-1] for it in shown if it.thread_ts]
    edits = list(stage.shown(card))
    title = f"{PERSON} says why, and bob presses [Approve]"
    stage.draw("approval", title, [edits[0], *called, edits[-1]])


async def moved_on(stage: Stage) -> None:
    """Picture a button of a VM that has moved on since it was made."""
    (answer,) = await stage.type("/detach-iso web-01", ended)
    vm = next(it for it in stage.node.world.vms.values() if it.name == "web-01")
    vm.state = "Stopped"
    (asked,) = await stage.play(stage.slack.press(answer, "Undo"), answered)
    title = f"{PERSON} presses [Undo] of a VM that has stopped since"
    stage.draw("moved-on", title, list(stage.shown(asked)))
    vm.state = "Running"


async def step(stage: Stage) -> None:
    """Picture what a workflow asks its person, and how its step ends."""
    inputs = {"vm_instance_uuid": "win-01", "iso_uuid": "virtio-win.iso"}
    runs = stage.slack.step("iso_detach", inputs | {"person": "U0ALICE"})
    (asked,) = await stage.play(runs, lambda edit: "A workflow asks" in edit.text)
    await stage.play(stage.slack.press(asked, "Run"), ended)
    edits = list(stage.shown(asked))
    outputs = (await stage.slack.completion()).outputs or {}
    said = "\n".join(f"  {name}: {value}" for name, value in outputs.items())
    title = (
        f"a workflow runs the step iso_detach, {PERSON} presses [Run], and it hears:"
    )
    stage.draw("step", f"{title}\n{said}", [edits[0], edits[-1]])


async def ask_for_link(stage: Stage, user: str) -> tuple[str, Message]:
    """Ask to log in; returns the link and the message that holds it."""
    (message,) = await stage.type("/zstack login", answered, user)
    return next(it.url for it in message.controls if it.url), message


async def connect(stage: Stage) -> None:
    """Picture the link, the page behind it, and the message that tells of it."""
    link, message = await ask_for_link(stage, PERSON)
    stage.draw("login-link", f"{PERSON}: /zstack login", list(stage.shown(message)))
    await photograph(link, stage.directory / "login-page.png")
    messages = await stage.play(
        follow(link, account=ACCOUNT, password=PASSWORD),
        lambda edit: "connected" in edit.text,
    )
    edits = [next(stage.shown(it)) for it in messages if not it.seen_by]
    stage.draw("connected", f"{PERSON} presses [Connect] on the page", edits)


def has_chromium() -> bool:
    """Whether there is a browser to photograph pages with."""
    return CHROMIUM.exists()


async def photograph(url: str, file: Path) -> None:
    """Take a picture of a page with Chromium, when it is there."""
    if not has_chromium():
        return
    with tempfile.TemporaryDirectory(prefix="zstack-chromium-") as profile:
        process = await asyncio.create_subprocess_exec(
            *(str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}"),
            *(f"--screenshot={file}", url),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await asyncio.wait_for(process.wait(), _PATIENCE)


STORIES: tuple[Story, ...] = (
    connect,
    success,
    alert,
    told("unchanged", "/detach-iso web-02"),
    told("failed-state", "/detach-iso migrating-01"),
    told("failed-mounted", "/detach-iso mounted-01"),
    told("failed-host", "/detach-iso agentless-01"),
    changed_meanwhile("failed-not-owned", "legacy-01", _give_away),
    changed_meanwhile("failed-gone", "legacy-02", _remove),
    denied,
    unknown,
    told("no-such-vm", "/detach-iso web-1", answered),
    told("picker-vm", "/detach-iso twin", answered),
    told("picker-iso", "/detach-iso db-01", answered),
    all_isos,
    waits,
    step,
    told("vm-list", "/zstack vm list web"),
    told("vm-show", "/zstack vm show big-01"),
    stopped,
    approved,
    moved_on,
    told("confirmation", "/detach-iso installer-01", answered),
    told("refused-guest", "/detach-iso web-01", answered, "guest"),
    told("bad-words", '/detach-iso "my vm', answered),
    told("usage", "/detach-iso", answered),
    told("help", "/zstack help", answered),
    told("history", "/zstack history", answered),
)


@contextlib.asynccontextmanager
async def staged(directory: Path = DIRECTORY, **more: str) -> AsyncIterator[Stage]:
    """Run both clouds and the bot, with `more` settings, while the block runs."""
    slack, node = Slack(), Node(job_seconds=0.6, language="en")
    alertmanager = Alertmanager()
    port = _free_port()
    slack.bot_url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="zstack-pictures-") as home:
        async with (
            serve(node.app) as zstack_url,
            serve(alertmanager.app) as alertmanager_url,
            slack.serve() as slack_url,
        ):
            settings = _settings(slack, slack_url, zstack_url, port) | ON_CALL
            settings |= {
                "ALERTMANAGER_URL": alertmanager_url,
                "DATABASE_URL": f"sqlite:///{home}/bot.sqlite3",
                "JOB_MARGIN": "0",
            } | more
            async with botprocess.running(settings, Path(home)) as bot:
                await bot.ready(slack.bot_url)
                yield Stage(slack, node, alertmanager, directory)


async def take(directory: Path, stories: Iterable[Story] = STORIES) -> dict[str, str]:
    """Play every story; returns the pictures by name."""
    async with staged(directory) as stage:
        for story in stories:
            await story(stage)
    return stage.pictures


def main() -> int:
    """Take the pictures and say which."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    pictures = asyncio.run(take(DIRECTORY))
    for name, picture in pictures.items():
        (DIRECTORY / f"{name}.svg").write_text(picture, encoding="utf-8")
    sys.stdout.write(f"{len(pictures)} pictures: {', '.join(pictures)}\n")
    if not has_chromium():
        sys.stdout.write(f"Skipped the login page: {CHROMIUM} is missing.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
