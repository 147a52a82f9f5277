"""The stand-in's Socket Mode, seen by Slack's own client and by a bare WebSocket."""

import asyncio
import contextlib

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Fault, Slack


@pytest.fixture
async def slack():
    slack = Slack(socket_mode=True, ack_seconds=0.2)
    async with slack.serve():
        yield slack


@pytest.fixture
def client(slack):
    return AsyncWebClient("xapp-sandbox", base_url=f"{slack.state.url}/api/")


@pytest.fixture
async def link(client):
    """Ask for an address to connect to."""

    async def ask():
        return (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]

    return ask


@pytest.fixture
async def connect(link):
    """Open a bare WebSocket."""
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as all_:

        async def connect(url=""):
            ws = session.ws_connect(
                url or await link(),
                autoping=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=0.1),
            )
            return await all_.enter_async_context(ws)

        yield connect


@pytest.fixture
async def theirs(slack, client):
    """Slack's own client, which answers with words."""
    made = SocketModeClient("xapp-sandbox", web_client=client)
    came = made.came = []

    async def answer(_, request):
        came.append(request)
        said = SocketModeResponse(request.envelope_id, {"text": "Well."})
        await made.send_socket_mode_response(said)

    made.socket_mode_request_listeners.append(answer)
    await made.connect()
    await slack.sockets.connected()
    yield made
    await made.close()


def command(slack):
    return slack.drafts.command("/detach-iso", "web-01", user="alice", channel="ops")


async def test_slacks_own_client_takes_a_command_and_its_answer_is_shown(slack, theirs):
    ack = await slack.command("/detach-iso", "web-01")

    (request,) = theirs.came
    assert request.type == "slash_commands"
    assert request.payload["command"] == "/detach-iso"
    assert request.payload["text"] == "web-01"
    assert request.accepts_response_payload
    assert ack.json == {"text": "Well."}
    assert slack.messages("ops", user="alice")[0].text == "Well."


async def test_an_event_says_which_try_it_is(slack, theirs):
    delivery = slack.drafts.event({"type": "event_callback"}, retry=2, reason="timeout")

    await slack.send(delivery)

    (request,) = theirs.came
    assert (request.type, request.retry_attempt) == ("events_api", 2)
    assert request.retry_reason == "timeout"


async def test_a_click_is_an_interaction(slack, theirs, blocks):
    shown = {"channel": "C0OPS", "text": "x"}
    shown["blocks"] = [blocks.actions(blocks.button())]
    await AsyncWebClient(
        "xoxb-sandbox", base_url=f"{slack.state.url}/api/"
    ).chat_postMessage(**shown)

    ack = await slack.press(slack.messages("ops")[0], "Undo")

    (request,) = theirs.came
    assert ack.is_ok
    assert request.type == "interactive"
    assert request.payload["actions"][0]["action_id"] == "offer:1"


async def test_a_connection_begins_with_hello(slack, connect):
    hello = await (await connect()).receive_json()

    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": "A0ZSTACK"}


async def test_a_link_is_good_for_one_connection(link, connect):
    url = await link()
    await connect(url)

    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await connect(url)


@pytest.mark.parametrize(
    ("token", "method", "word"),
    [
        pytest.param("xoxb-sandbox", "apps.connections.open", "type", id="bot's"),
        pytest.param("xapp-sandbox", "auth.test", "type", id="app's"),
        pytest.param("xapp-other", "apps.connections.open", "auth", id="another's"),
    ],
)
async def test_each_token_is_good_for_its_own_methods(slack, token, method, word):
    client = AsyncWebClient(token, base_url=f"{slack.state.url}/api/")

    with pytest.raises(SlackApiError, match=word):
        await client.api_call(method)


async def test_an_envelope_without_acknowledgement_comes_again(slack, connect):
    ws = await connect()
    await ws.receive_json()

    late = await slack.send(command(slack))
    first = await ws.receive_json()
    again = asyncio.create_task(slack.sockets.redeliver())
    second = await ws.receive_json()
    await ws.send_json({"envelope_id": second["envelope_id"]})

    assert late.failure == "operation_timeout"
    assert second["payload"] == first["payload"]
    assert second["retry_attempt"] == 1
    assert [it.is_ok for it in await again] == [True]


async def test_without_a_connection_nothing_arrives(slack):
    ack = await slack.command("/detach-iso", "web-01")

    assert ack.failure == "dispatch_failed"


async def test_who_hangs_up_has_not_acknowledged(slack, connect):
    ws = await connect()
    await ws.receive_json()

    sending = asyncio.create_task(slack.send(command(slack)))
    await ws.receive_json()
    await ws.close()

    assert (await sending).failure == "dispatch_failed"


async def test_it_insists_over_the_connection_that_comes_next(slack, connect):
    first = await connect()
    insisting = asyncio.create_task(slack.sockets.insist(command(slack)))
    await first.receive_json()
    await first.receive_json()
    await first.close()
    second = await connect()
    await second.receive_json()
    frame = await second.receive_json()
    await second.send_json({"envelope_id": frame["envelope_id"]})

    assert (await insisting).is_ok


async def test_an_announced_end_sends_nothing_new(slack, connect):
    ws = await connect()
    await ws.receive_json()
    (socket,) = await slack.sockets.connected()

    await socket.disconnect("warning")

    assert (await ws.receive_json())["reason"] == "warning"
    assert slack.sockets.open == []


async def test_socket_mode_can_be_switched_off(slack, connect):
    ws = await connect()
    await ws.receive_json()

    await slack.sockets.disable()

    assert (await ws.receive_json())["reason"] == "link_disabled"
    assert (await (await connect()).receive_json())["reason"] == "link_disabled"


async def test_an_app_has_ten_connections(connect):
    for _ in range(10):
        await (await connect()).receive_json()

    assert (await (await connect()).receive_json())["reason"] == "too_many_websockets"


async def test_it_answers_pings_until_it_falls_silent(slack, connect):
    ws = await connect()
    await ws.receive_json()
    await ws.ping(b"a")
    pong = await ws.receive(timeout=1)
    (socket,) = await slack.sockets.connected()

    socket.go_silent()
    await ws.ping(b"b")

    assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"a")
    with pytest.raises(TimeoutError):
        await ws.receive(timeout=0.05)


async def test_it_pings_as_slack_does(slack, connect):
    slack.sockets.ping_seconds = 0.01
    async with slack.sockets.serve():
        ws = await connect()
        await ws.receive_json()

        ping = await ws.receive(timeout=1)

    assert ping.type is aiohttp.WSMsgType.PING


async def test_half_open_it_takes_bytes_into_the_void(slack, connect):
    ws = await connect()
    await ws.receive_json()
    (socket,) = await slack.sockets.connected()

    socket.swallow()
    await ws.send_json({"envelope_id": "x"})

    with pytest.raises(TimeoutError):
        await ws.receive(timeout=0.05)
    assert socket.acknowledged == []


@pytest.mark.parametrize("way", ["cut", "cut_within"])
async def test_a_cut_is_no_frame(slack, connect, way):
    ws = await connect()
    await ws.receive_json()
    (socket,) = await slack.sockets.connected()

    getattr(socket, way)(*[{"envelope_id": "x" * 999}][: way == "cut_within"])

    assert (await ws.receive(timeout=1)).type is aiohttp.WSMsgType.CLOSED


@pytest.mark.parametrize("kind", ["rate_limited", "server_error"])
async def test_links_can_be_refused(slack, link, kind):
    slack.faults.add(Fault("apps.connections.open", kind))

    with pytest.raises((SlackApiError, aiohttp.ContentTypeError)):
        await link()


async def test_a_handshake_can_be_left_open(slack, connect):
    slack.sockets.shakes_hands = False

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await connect()


async def test_hello_can_be_left_out(slack, connect):
    slack.sockets.says_hello = False
    ws = await connect()

    with pytest.raises(TimeoutError):
        await ws.receive(timeout=0.05)
