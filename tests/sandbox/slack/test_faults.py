import asyncio
from urllib.parse import parse_qs

import httpx
import pytest

from sandbox.slack import Fault, Slack


async def test_a_rate_limited_call_says_when_to_come_back(slack, api):
    slack.faults.add(Fault("chat.postMessage", "rate_limited", seconds=2.5))

    answer = await api.http.post(
        "chat.postMessage", json={"channel": "C0OPS", "text": "x"}
    )

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert slack.messages() == []


async def test_a_fault_happens_as_often_as_asked_and_only_there(slack, api):
    slack.faults.add(Fault("chat.postMessage", "server_error", count=2))
    body = {"channel": "C0OPS", "text": "x"}

    assert (await api("auth.test"))["ok"]
    codes = [
        (await api.http.post("chat.postMessage", json=body)).status_code
        for _ in range(3)
    ]

    assert codes == [500, 500, 200]


@pytest.mark.parametrize(
    ("kind", "posted"),
    [
        pytest.param("drop_before", 0, id="before"),
        pytest.param("drop_after", 1, id="after"),
    ],
)
async def test_a_dropped_connection_may_have_had_its_effect(slack, api, kind, posted):
    slack.faults.add(Fault("chat.postMessage", kind))

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await api("chat.postMessage", channel="C0OPS", text="x")

    assert len(slack.messages()) == posted


async def test_a_channel_can_be_gone(slack, api):
    slack.faults.add(Fault("*", "refuse"))

    answer = await api("chat.postMessage", channel="C0OPS", text="x")

    assert answer["error"] == "channel_not_found"


async def test_a_slow_call_still_has_its_effect(slack, api):
    slack.faults.add(Fault("chat.postMessage", "slow", seconds=0.01))

    assert (await api("chat.postMessage", channel="C0OPS", text="x"))["ok"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param("rate_limited", 429, id="too fast"),
        pytest.param("server_error", 500, id="broken"),
        pytest.param("refuse", 400, id="gone"),
    ],
)
async def test_a_response_url_misbehaves_too(slack, bot, kind, status):
    await slack.command("/detach-iso")
    url = parse_qs(bot.came[0][1].decode())["response_url"][0]
    slack.faults.add(Fault("response_url", kind))

    async with httpx.AsyncClient() as client:
        assert (await client.post(url, json={"text": "x"})).status_code == status
        slack.faults.add(Fault("response_url", "drop_after"))
        with pytest.raises(httpx.TransportError):
            await client.post(url, json={"text": "x"})


async def test_edits_can_be_limited_to_so_many_a_minute():
    slack = Slack(updates_per_minute=2)
    async with slack.serve() as url:
        headers = {"Authorization": "Bearer xoxb-sandbox"}
        async with httpx.AsyncClient(base_url=f"{url}/api/", headers=headers) as client:
            body = {"channel": "C0OPS", "text": "x"}
            body["ts"] = (await client.post("chat.postMessage", json=body)).json()["ts"]
            three = [await client.post("chat.update", json=body) for _ in range(3)]
            slack.clock.skip(61)
            later = await client.post("chat.update", json=body)

    assert [it.status_code for it in (*three, later)] == [200, 200, 429, 200]
    assert 0 < int(three[2].headers["Retry-After"]) <= 60


async def test_an_acknowledgement_that_comes_late_is_a_timeout(bot):
    slack = Slack(ack_seconds=0)
    async with bot.beside(slack) as slack.bot_url:
        ack = await slack.command("/detach-iso")

    assert (ack.status, ack.failure) == (200, "operation_timeout")
    assert "operation_timeout" in slack.messages("ops")[0].text


async def test_a_bot_that_never_answers_is_given_up(bot):
    bot.hold = asyncio.Event()
    slack = Slack(patience_seconds=0.05)
    async with bot.beside(slack) as slack.bot_url:
        acks = await slack.mention("help")
        bot.hold.set()

    assert [ack.failure for ack in acks] == ["operation_timeout"] * 4
    assert bot.came[1][0]["x-slack-retry-reason"] == "http_timeout"
