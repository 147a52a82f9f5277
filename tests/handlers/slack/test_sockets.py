"""Socket Mode against the made-up Slack: what breaks on the way, and what holds."""

import asyncio
import contextlib
import random
import sqlite3
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from slack_sdk.web.async_client import AsyncWebClient

from desk.errors import StoreUnavailable
from handlers.slack.app import build
from handlers.slack.ingress import ingress
from handlers.slack.socket import Patience
from handlers.slack.sockets import Pace, Sockets
from handlers.web.app import web
from sandbox.slack import Fault, envelopes
from tests.handlers.conftest import SECRET

SURE = Patience(connect=2.0, drain=2.0, close=0.2)
HASTY = replace(SURE, connect=0.2, ping=0.05, pong=0.5, silence=0.5)
PACE = Pace(
    stagger=0.0, shortest=0.01, longest=0.05, lasting=0.1, stable=0.0, farewell=0.2
)


@pytest.fixture
async def connect(idle):
    """Let a bot connect by Socket Mode; how it stands."""
    tasks, all_ = [], []
    slack = idle.slack
    slack.socket_mode = True
    slack.sockets.ping_seconds = 0.05

    async def connect(count=1, patience=SURE, pace=PACE, app=None, *, waits=True):
        app_client = AsyncWebClient(
            slack.state.app_token,
            base_url=idle.client.base_url,
            session=idle.client.session,
            retry_handlers=[],
        )
        made = Sockets(
            app or build(idle.desk, idle.client),
            app_client,
            idle.client.session,
            count=count,
            patience=patience,
            pace=pace,
        )
        all_.append(made)
        tasks.append(asyncio.create_task(made.run()))
        if waits:
            await slack.sockets.connected(count)
        return made

    async with slack.sockets.serve():
        yield connect
        for one in all_:
            one.stop()
        await asyncio.gather(*tasks)


@pytest.fixture
def draft(idle):
    def draft(words="web-01"):
        return idle.slack.drafts.command(
            "/detach-iso", words, user="alice", channel="ops"
        )

    return draft


@pytest.fixture
def locked(idle):
    """Hold the database, as another process does that writes for long."""

    @contextlib.contextmanager
    def lock():
        with contextlib.closing(sqlite3.connect(idle.database)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()

    return lock


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_command_is_carried_out_and_so_is_the_click_on_its_answer(bot, connect):
    await connect(2)
    await bot.log_in()

    ack = await bot.command("/detach-iso web-01")
    answer = await bot.ended("succeeded")
    await bot.slack.press(answer, "Undo")
    await bot.said("Attached")

    assert ack.is_ok
    assert len(bot.node.log.actions()) == 2


async def test_words_that_make_no_sense_are_answered_in_the_acknowledgement(
    idle, connect
):
    await connect()

    ack = await idle.command("/detach-iso")

    assert ack.json["response_type"] == "ephemeral"
    assert "vm" in ack.json["text"]
    assert await idle.rows() == []


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"type": "block_actions", "actions": []}, id="nothing pressed"),
        pytest.param({"command": "/zstack", "text": "vm list"}, id="no user"),
        pytest.param({"type": "event_callback", "event": 1}, id="no event"),
        pytest.param({"type": "block_actions", "actions": {}}, id="no list"),
    ],
)
async def test_what_is_not_shaped_as_slack_does_it_is_left_as_when_it_is_posted(
    idle, connect, draft, logged, payload
):
    await connect()
    (socket,) = idle.slack.sockets.all
    envelope = envelopes.envelope(draft()) | {"payload": payload}

    ack = await socket.ask(envelope, 0.3)
    last = await socket.ask(envelopes.envelope(draft()), 2)

    assert (ack.is_ok, last.is_ok) == (False, True)
    assert "envelope_not_understood" in logged
    assert "envelope_failed" not in logged


async def test_the_same_delivery_over_two_sockets_and_posted_is_one_command(
    idle, connect, draft
):
    await connect(2)
    delivery = draft()

    acks = [await idle.slack.send(delivery) for _ in range(2)]
    idle.slack.socket_mode = False
    posted = await idle.slack.send(delivery)

    assert [it.is_ok for it in (*acks, posted)] == [True] * 3
    assert all(it.acknowledged for it in idle.slack.sockets.all)
    assert len(await idle.rows()) == 1


async def test_it_is_acknowledged_only_when_its_row_is_written(
    idle, connect, draft, locked
):
    await connect()
    (socket,) = idle.slack.sockets.all

    with locked():
        sending = asyncio.create_task(idle.slack.send(draft()))
        await asyncio.wait({sending}, timeout=0.2)
        early = list(socket.acknowledged)
    ack = await sending

    assert early == []
    assert (ack.is_ok, ack.body) == (True, "")
    assert len(await idle.rows()) == 1


async def test_without_its_database_it_says_that_nothing_was_accepted(
    idle, connect, draft
):
    await connect()
    await database_goes(idle)

    ack = await idle.slack.send(draft())

    assert "nothing was accepted" in ack.json["text"]


async def database_goes(bot):
    await bot.sql("ALTER TABLE command RENAME TO elsewhere")


async def test_without_its_database_a_workflow_step_is_left_to_come_again(
    idle, connect
):
    idle.slack.sockets.ack_seconds = 0.3
    await connect()
    (socket,) = idle.slack.sockets.all
    await database_goes(idle)

    acks = await idle.slack.step("vm_list", {"person": "U0ALICE"})

    assert [it.failure for it in acks] == ["operation_timeout"] * 4
    assert socket.acknowledged == []


@pytest.fixture
def forgetful(idle):
    """A bot whose database does not take the first event."""
    app, tries = build(idle.desk, idle.client), []

    @app.middleware
    async def database(body, next):  # noqa: A002  # Bolt's name
        tries.append(body)
        if len(tries) == 1:
            raise StoreUnavailable
        await next()

    return app


async def test_an_event_that_was_not_recorded_comes_again(
    idle, connect, forgetful, logged
):
    idle.slack.sockets.ack_seconds = 0.2
    await connect(app=forgetful)
    before = counted("slack_redeliveries_total", type="events_api")

    acks = await idle.slack.mention("hello")

    assert [it.is_ok for it in acks] == [False, True]
    assert "envelope_not_acknowledged" in logged
    assert counted("slack_redeliveries_total", type="events_api") == before + 1


async def test_a_posted_event_that_was_not_recorded_comes_again_too(idle, forgetful):
    idle.doors.app = web(idle.desk, idle.health, ingress(forgetful, [SECRET]))

    acks = await idle.slack.mention("hello")

    assert [it.status for it in acks] == [503, 200]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_next_connection_is_up_before_the_announced_end(
    idle, connect, draft, reason
):
    made = await connect()
    (old,) = idle.slack.sockets.all
    before = counted("slack_socket_reconnects_total", reason=reason)

    await old.disconnect(reason)
    await idle.slack.sockets.until(lambda it: len(it.all) == 2)
    is_alive = not old.ended.is_set()
    last = await old.ask(envelopes.envelope(draft()), 2)
    await old.ended.wait()

    assert is_alive
    assert last.is_ok
    assert made.up == 1
    assert counted("slack_socket_reconnects_total", reason=reason) == before + 1
    assert len(await idle.rows()) == 1


async def test_silence_is_a_broken_line(idle, connect):
    idle.slack.sockets.ping_seconds = 1000
    async with idle.slack.sockets.serve():
        await connect(patience=HASTY)
        before = counted("slack_socket_reconnects_total", reason="silent")

        await idle.slack.sockets.until(lambda it: len(it.all) == 2)

    assert counted("slack_socket_reconnects_total", reason="silent") == before + 1


async def test_a_line_that_swallows_is_replaced_and_what_it_swallowed_comes_again(
    idle, connect, draft
):
    await connect(patience=HASTY)
    (dead,) = idle.slack.sockets.all
    dead.swallow()
    idle.slack.sockets.ack_seconds = 5

    swallowed = await idle.slack.send(draft())
    await idle.slack.sockets.connected()
    (again,) = await idle.slack.sockets.redeliver()

    assert not swallowed.is_ok
    assert again.is_ok
    assert len(await idle.rows()) == 1


@pytest.mark.parametrize("way", ["silent", "cut", "within", "closed"])
async def test_a_line_that_breaks_is_replaced(idle, connect, draft, way):
    await connect(patience=HASTY)
    (socket,) = idle.slack.sockets.all
    envelope = envelopes.envelope(draft())
    match way:
        case "silent":
            socket.go_silent()
        case "cut":
            socket.cut()
        case "within":
            socket.cut_within(envelope)
        case "closed":
            await socket.close()

    await idle.slack.sockets.until(lambda it: len(it.all) == 2)
    ack = await idle.slack.sockets.deliver(envelope)

    assert ack.is_ok
    assert len(await idle.rows()) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param({"kind": "server_error"}, "status 500", id="500"),
        pytest.param({"kind": "drop_before"}, "does not answer", id="reset"),
        pytest.param(
            {"kind": "refuse", "error": "invalid_auth"}, "SLACK_APP_TOKEN", id="token"
        ),
    ],
)
async def test_without_a_link_it_says_why_and_tries_again(idle, connect, fault, said):
    idle.slack.faults.add(Fault("apps.connections.open", **fault))
    slow = replace(PACE, shortest=0.2, longest=0.2, lasting=0.2)
    made = await connect(pace=slow, waits=False)

    assert said in await stands(made, "0 of 1 connected: ")
    assert await stands(made, "1 of 1 connected") == "1 of 1 connected"


async def stands(made, beginning):
    """How it stands, as soon as that begins so."""
    async with asyncio.timeout(5):
        while not str(made).startswith(beginning):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.005)
    return str(made)


async def test_a_429_is_obeyed(idle, connect):
    idle.slack.faults.add(Fault("apps.connections.open", "rate_limited", seconds=1))
    time = asyncio.get_running_loop().time
    began = time()

    await connect()

    assert time() - began >= 1


async def test_socket_mode_switched_off_is_said_and_tried_again_slowly(
    idle, connect, logged
):
    made = await connect()

    await idle.slack.sockets.disable()
    said = await stands(made, "0 of 1 connected: ")
    idle.slack.sockets.is_disabled = False
    await idle.slack.sockets.connected()

    assert "Slack says link_disabled. Switch Socket Mode on" in said
    assert "link_disabled" in logged


async def test_who_hangs_up_instead_of_saying_hello_is_tried_again(idle, connect):
    idle.slack.sockets.hangs_up = True
    made = await connect(waits=False)

    said = await stands(made, "0 of 1 connected: ")
    idle.slack.sockets.hangs_up = False

    await idle.slack.sockets.connected()
    assert "closed the connection at once" in said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(
            b'{"ok": true, "url": "ws://127.0.0.1:9/?ticket=hidden"}',
            "the connection to Slack failed (ClientConnectorError)",
            id="nobody there",
        ),
        pytest.param(b'{"ok": true}', "Slack gave no address", id="no address"),
    ],
)
async def test_an_address_that_leads_nowhere_is_said_and_not_shown(
    connect, elsewhere, answer, said
):
    elsewhere(200, body=answer, kind="application/json")

    made = await connect(waits=False)

    assert said in await stands(made, "0 of 1 connected: ")
    assert "ticket" not in str(made)


async def test_a_fault_of_ours_is_logged_and_not_acknowledged(idle, connect, logged):
    class Broken:
        async def async_dispatch(self, request):
            raise ZeroDivisionError

    idle.slack.sockets.ack_seconds = 0.2
    await connect(app=Broken())

    ack = await idle.command("/detach-iso web-01")

    assert ack.failure == "operation_timeout"
    assert len(logged.named("envelope_failed")) == 1


async def test_connections_start_one_after_the_other(idle, connect):
    made = await connect(2, pace=replace(PACE, stagger=0.2), waits=False)

    first = await stands(made, "1 of 2 connected")

    assert first == "1 of 2 connected"
    assert await stands(made, "2 of 2 connected")


async def test_an_app_without_socket_mode_is_told_so_from_the_start(idle, connect):
    idle.slack.sockets.is_disabled = True

    made = await connect(waits=False)

    assert "Switch Socket Mode on" in await stands(made, "0 of 1 connected: ")


@pytest.mark.parametrize("what", ["shakes_hands", "says_hello"])
async def test_who_never_says_hello_is_given_up(idle, connect, what):
    setattr(idle.slack.sockets, what, False)
    made = await connect(patience=HASTY, waits=False)

    said = await stands(made, "0 of 1 connected: ")
    setattr(idle.slack.sockets, what, True)

    await idle.slack.sockets.connected()
    assert "did not say hello in time" in said


async def test_whatever_was_delivered_is_there_once_while_lines_break_under_load(
    idle, connect, draft
):
    dice = random.Random(5)  # the same breaks every time
    await connect(3, patience=HASTY)
    sockets = idle.slack.sockets
    sockets.ack_seconds = 1.0
    deliveries = [draft(f"vm-{number}") for number in range(90)]

    async def one(delivery, number):
        if number % 10 == 5 and sockets.open:
            victim = dice.choice(sockets.open)
            match number // 10 % 4:
                case 0:
                    victim.cut()
                case 1:
                    await victim.disconnect("warning")
                case 2:
                    victim.cut_within(envelopes.envelope(delivery))
                case 3:
                    victim.swallow()
        return await sockets.insist(delivery)

    acks = []
    for begin in range(0, len(deliveries), 30):
        batch = deliveries[begin : begin + 30]
        numbers = range(begin, begin + 30)
        acks += await asyncio.gather(*map(one, batch, numbers))

    words = sorted(row.words for row in await idle.rows())
    assert all(it.is_ok for it in acks)
    assert words == sorted(f"/detach-iso vm-{number}" for number in range(90))


async def test_at_the_end_what_is_under_way_is_acknowledged(
    idle, connect, draft, locked
):
    made = await connect()
    (socket,) = idle.slack.sockets.all

    with locked():
        sending = asyncio.create_task(idle.slack.send(draft()))
        await asyncio.wait({sending}, timeout=0.2)
        made.stop()
        await asyncio.wait({sending}, timeout=0.1)
    ack = await sending
    await asyncio.wait_for(socket.ended.wait(), 2)

    assert ack.is_ok
    assert len(await idle.rows()) == 1
    assert idle.slack.sockets.open == []


async def test_what_is_no_envelope_is_no_harm(idle, connect, draft, logged):
    await connect()
    (socket,) = idle.slack.sockets.all
    odd = {"envelope_id": "x", "type": "slash_commands", "payload": {"command": 7}}

    await socket._ws.send_str("not JSON")
    await socket._ws.send_json({"type": "hello"})
    await socket._ws.send_json(odd)
    await socket._ws.send_bytes(b"x")
    ack = await idle.slack.send(draft())

    assert ack.is_ok
    assert "frame_not_understood" in logged
