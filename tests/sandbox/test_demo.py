import io
import os
import pty
import sys
from pathlib import Path

import pytest
from rich.console import Console

from sandbox import demo as module
from sandbox.demo import Stage, run

BOT = str(Path(__file__).with_name("demo_bot.py"))


def stage(outcome, **more):
    console = Console(file=io.StringIO(), width=80)
    return Stage(bot=(sys.executable, BOT, outcome), console=console, **more)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        pytest.param("succeeded", 0, id="detached"),
        pytest.param("failed", 1, id="refused by the cloud"),
        pytest.param("unchanged", 1, id="nothing to do"),
    ],
)
async def test_the_outcome_decides_the_exit_status(outcome, status):
    assert await run(stage(outcome)) == status


async def test_every_edit_and_one_console_line_are_shown():
    demo = stage("succeeded")

    await run(demo)

    shown = demo.console.file.getvalue()
    assert shown.count("Console: http://127.0.0.1:") == 1
    assert "Connected as ops." in shown
    assert shown.index("running") < shown.index("succeeded")
    assert "2  Undo" in shown


async def test_a_bot_that_dies_leaves_its_last_words():
    demo = stage("dies")

    assert await run(demo) == 1
    shown = demo.console.file.getvalue()
    assert "it ended with status 1" in shown
    assert "SLACK_BOT_TOKEN: is missing" in shown


@pytest.mark.parametrize(
    ("how", "said"),
    [
        pytest.param("deaf", "the bot answered 404 to the alert", id="no such route"),
        pytest.param("mute", "no card of the alert", id="no card"),
    ],
)
async def test_an_alert_without_a_card_fails_the_demo(how, said, monkeypatch):
    monkeypatch.setattr(module, "_CARD_SECONDS", 1.0)
    demo = stage(how)

    assert await run(demo) == 1
    assert said in demo.console.file.getvalue()


async def test_a_bot_that_never_gets_ready_is_given_up():
    demo = stage("late", ready_seconds=1)

    assert await run(demo) == 1
    assert "it was not ready within 1 s" in demo.console.file.getvalue()


async def test_a_person_at_the_terminal_types_and_presses():
    typed, terminal = pty.openpty()
    demo = stage("succeeded", input=terminal)
    os.write(typed, b"\n/detach-iso twin\ndetach\n99\n2\nquit\n")

    assert await run(demo) == 0
    shown = demo.console.file.getvalue()
    assert "'detach' is neither a slash command nor a number" in shown
    assert "Nothing above has the number 99." in shown
    assert "clicked" in shown
    os.close(typed)
    os.close(terminal)


async def test_the_real_bot_detaches_the_iso():
    demo = Stage(console=Console(file=io.StringIO(), width=80))

    status = await run(demo)

    shown = demo.console.file.getvalue()
    assert status == 0, shown
    assert "Detached ubuntu-24.04.iso from web-01" in shown
    assert shown.index("Detached") < shown.index("VmCannotMigrate")
    assert "Detach debian-12.iso" in shown
