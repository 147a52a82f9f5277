"""Slash commands: acknowledged at once, recorded once, or answered in the acknowledgement."""

import asyncio
import contextlib
import sqlite3

import pytest

from handlers.slack.private import private
from sandbox.slack import Fault


def shown(ack):
    (block,) = ack.json["blocks"]
    assert ack.json["response_type"] == "ephemeral"
    assert block["text"]["type"] == "plain_text"
    return block["text"]["text"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param("/detach-iso", "Example: /detach-iso web-01", id="no arguments"),
        pytest.param('/detach-iso "web', "quotation mark", id="open quote"),
        pytest.param("/detach-iso a --force", "not an option", id="unknown option"),
        pytest.param("/detach-iso a\0", "control character", id="control character"),
        pytest.param("/detach-iso " + "x" * 4000, "too long", id="4,000 characters"),
        pytest.param("/detach-iso <@U0BOB>", "mention or link", id="mention"),
        pytest.param("/zstack explode", "not a command", id="unknown command"),
        pytest.param("/unheard-of x", "“unheard-of” is not", id="unknown slash"),
    ],
)
async def test_words_not_understood_are_answered_and_leave_no_row(
    idle, words, sentence
):
    ack = await idle.command(words)

    assert ack.is_ok
    assert sentence in shown(ack)
    assert not await idle.rows()
    assert not idle.slack.calls


@pytest.mark.parametrize("words", ["/zstack", "/zstack help", "/zstack help iso"])
async def test_help_is_answered_in_the_acknowledgement(idle, words):
    ack = await idle.command(words)

    assert "/detach-iso <vm> [iso] – Detach an ISO from a VM." in shown(ack)
    assert not await idle.rows()


async def test_what_people_typed_is_shown_plain_and_escaped(idle):
    typed = "`&` *bold* <b> & :tada:"

    ack = await idle.command(f"/zstack '{typed}'")

    assert typed in shown(ack)
    assert ack.json["blocks"][0]["text"]["emoji"] is False
    assert "`&amp;` *bold* &lt;b&gt; &amp; :tada:" in ack.json["text"]


def test_a_private_sentence_fits_into_a_block():
    body = private("<" * 4000)

    assert body["blocks"][0]["text"]["text"] == "<" * 3000
    assert body["text"] == "&lt;" * 4000


async def test_a_command_is_recorded_before_it_is_acknowledged(idle):
    ack = await idle.command('/detach-iso "my vm" ubuntu.iso', channel="ops")

    (row,) = await idle.rows()
    assert (ack.is_ok, ack.body) == (True, "")
    assert row.words == '/detach-iso "my vm" ubuntu.iso'
    assert row.arguments == {"vm_instance_uuid": "my vm", "iso_uuid": "ubuntu.iso"}
    assert row.person.key == "|T0SANDBOX|U0ALICE"
    assert (row.place["channel"], row.place["user"]) == ("C0OPS", "U0ALICE")


async def test_the_same_in_the_long_form(idle):
    await idle.command("/zstack iso detach web-01")

    (row,) = await idle.rows()
    assert (row.operation, row.words) == (
        "DetachIsoFromVmInstance",
        "/zstack iso detach web-01",
    )


async def test_nobody_waits_for_slack_or_zstack(bot):
    bot.slack.faults.add(Fault("*", "slow", count=100, seconds=1.5))
    bot.node.faults.add("slow", count=100, seconds=1.5)

    ack = await bot.command("/detach-iso web-01")

    assert ack.is_ok
    assert ack.seconds < 1
    assert not bot.slack.calls
    bot.slack.faults.clear()
    bot.node.faults.clear()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_one_delivery_sent_twenty_times_is_one_row_and_one_action(bot):
    await bot.log_in()
    draft = bot.slack.drafts.command(
        "/detach-iso", "web-01", user="alice", channel="ops"
    )

    acks = await asyncio.gather(*(bot.slack.send(draft) for _ in range(20)))

    await bot.ended("succeeded")
    rows = [row for row in await bot.rows() if row.operation != "login"]
    assert {ack.status for ack in acks} == {200}
    assert len(rows) == 1
    assert len(bot.node.log.actions()) == 1


async def test_the_same_words_again_are_another_command(idle):
    await idle.command("/detach-iso web-01")
    await idle.command("/detach-iso web-01")

    assert len(await idle.rows()) == 2


async def test_a_bug_of_ours_is_told_with_a_reference(idle, logged, monkeypatch):
    monkeypatch.delattr(idle.desk.ledger.__class__, "insert")

    ack = await idle.command("/zstack whoami")

    (line,) = logged.named("listener_failed")
    assert ack.status == 200
    assert f"Tell its operator the reference {line['reference']}." in shown(ack)
    assert "nothing was done" in shown(ack)


async def test_a_locked_database_is_said_in_time(idle, logged):
    with contextlib.closing(sqlite3.connect(idle.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        ack = await idle.command("/detach-iso web-01")

    assert ack.is_ok
    assert "The bot's database did not take the command" in shown(ack)
    assert len(logged.named("delivery_not_recorded")) == 1
    assert not await idle.rows()


async def test_a_database_that_is_gone_is_said(idle):
    await idle.sql("ALTER TABLE command RENAME TO away")

    ack = await idle.command("/detach-iso web-01")

    assert "nothing was accepted" in shown(ack)


@pytest.mark.parametrize("database_url", ["proxied"], indirect=True)
async def test_a_database_that_does_not_answer_in_time_has_accepted_nothing(
    idle, proxy
):
    proxy.cut_before(b"INSERT INTO command")

    ack = await idle.command("/detach-iso web-01")

    proxy.mend()
    assert ack.is_ok
    assert "nothing was accepted" in shown(ack)


@pytest.mark.parametrize("database_url", ["proxied"], indirect=True)
async def test_a_commit_that_is_not_answered_is_said_to_be_not_confirmed(
    idle, proxy, logged
):
    proxy.cut_after(b"COMMIT;")

    ack = await idle.command("/detach-iso web-01")

    proxy.mend()
    assert ack.is_ok
    assert "Look at /zstack history before you try again" in shown(ack)
    assert "nothing was accepted" not in shown(ack)
    assert len(logged.named("delivery_not_confirmed")) == 1
    assert len(await idle.rows()) == 1
