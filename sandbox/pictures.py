"""`make pictures`: plays every kind of message against the real bot, and draws them."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING

import httpx

from sandbox.demo import ACCOUNT, PASSWORD, PERSON
from sandbox.login import follow
from sandbox.oncall import ForgottenIso, is_card
from sandbox.stage import (
    CHROMIUM,
    DIRECTORY,
    PATIENCE,
    Stage,
    has_chromium,
    photograph,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from sandbox.slack import Edit, Message
    from sandbox.zstack import Node

    Story = Callable[[Stage], Awaitable[None]]

_DETACH = "DetachIsoFromVmInstance"


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
    card = await stage.slack.wait(is_card, PATIENCE)
    stage.draw("alert", "Alertmanager tells of an alert", list(stage.shown(card)))
    button = next(it for it in card.controls if it.label.startswith("Detach"))
    messages = await stage.play(stage.slack.click(card, button), ended)
    said = f"{PERSON} presses [{button.label}]"
    answers = [list(stage.shown(it))[-1] for it in messages]
    stage.draw("alert-answer", said, answers)
    await firing
    await stage.slack.wait(lambda it: it is card and "Resolved" in it.text, PATIENCE)
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
