"""Ctrl-C at `run`: what becomes of the command is said, and it is not lost."""

import asyncio
import json
import os
import signal

import pytest


@pytest.fixture(autouse=True)
def at_a_terminal():
    """Let Ctrl-C be heard: what a script starts in its background is born deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
async def started(cloud):
    """Start a command in a process of its own, which does not outlive the test."""
    processes = []

    async def start(*words, **streams):
        processes.append(await cloud.start(*words, **streams))
        return processes[-1]

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def interrupted(started):
    """Run a command in a process of its own, and press Ctrl-C at a moment."""

    async def run(line, moment):
        process = await started("run", line, stdin=asyncio.subprocess.DEVNULL)
        await moment(process)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 20)
        return process.returncode, out.decode(), err.decode()

    return run


async def test_what_was_sent_goes_on(cloud, interrupted):
    await cloud.log_in()
    cloud.node.settings.change(job_seconds=60)

    async def is_sent(process):
        await process.stdout.readuntil(b"running: ")

    status, out, err = await interrupted("detach-iso web-01", is_sent)
    left = json.loads((await cloud.run("history", "--json")).stdout)[0]
    cloud.node.restart()  # or the end would wait for the job

    assert (status, err) == (130, "")
    assert f"{left['command_id']} was sent to ZStack. It is followed with the" in out
    assert left["outcome"] == "running"


async def test_what_was_not_sent_can_be_taken_back(cloud, interrupted):
    await cloud.log_in()
    cloud.settings["ZSTACK_URL"] = "http://127.0.0.1:9/zstack"

    async def is_accepted(process):
        await process.stdout.readline()

    status, out, _ = await interrupted("detach-iso web-01", is_accepted)
    row = json.loads((await cloud.run("history", "--json")).stdout)[0]
    undone = await cloud.run("run", f"cancel {row['command_id']}")

    assert status == 130
    assert "was not sent yet. It goes on with the bot that runs, or with the" in out
    assert f'Take it back with: python -m bot run "cancel {row["command_id"]}".' in out
    assert "succeeded: Cancelled" in undone.stdout


async def test_a_question_does_not_keep_a_terminal_waiting(cloud, started):
    await cloud.log_in()
    ours, its = os.openpty()
    process = await started("run", "detach-iso twin", stdin=its, stdout=its, stderr=its)
    os.close(its)

    await asyncio.to_thread(read_until, ours, "Your choice")
    process.send_signal(signal.SIGINT)
    status = await asyncio.wait_for(process.wait(), 10)
    told = await asyncio.to_thread(read_until, ours, "anew to give one.")

    os.close(ours)
    assert status == 130
    assert "waits for an answer, and expires" in told


def read_until(terminal, words):
    """What is shown on a terminal until these words are."""
    shown = ""
    while words not in shown:
        shown += os.read(terminal, 4096).decode()
    return shown
