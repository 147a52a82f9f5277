import aiohttp
import pytest

from desk.errors import Undeliverable
from handlers.slack.responder import LIFETIME, Responder, is_allowed
from sandbox.slack import Fault

HOSTS = {"hooks.slack.com", "127.0.0.1:8080", "localhost", "hooks.example:0"}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        pytest.param("https://hooks.slack.com/a/b", True, id="Slack"),
        pytest.param("https://HOOKS.slack.com/a", True, id="capitals"),
        pytest.param("http://127.0.0.1:8080/a", True, id="plain on loopback"),
        pytest.param("http://localhost/a", True, id="plain on localhost"),
        pytest.param("http://hooks.slack.com/a", False, id="plain elsewhere"),
        pytest.param("http://127.0.0.1:8081/a", False, id="another port"),
        pytest.param("http://127.0.0.1/a", False, id="no port"),
        pytest.param("https://hooks.slack.com:8443/a", False, id="port of Slack"),
        pytest.param("https://hooks.slack.com:0/a", False, id="port zero"),
        pytest.param("https://hooks.slack.com:x/a", False, id="port of letters"),
        pytest.param("https://hooks.slack.com:99999/a", False, id="huge port"),
        pytest.param("https://hooks.slack.com@evil.example/a", False, id="user"),
        pytest.param("https://evil.example@hooks.slack.com/a", False, id="any user"),
        pytest.param("https://@hooks.slack.com/a", False, id="empty user"),
        pytest.param("https://hooks.slack.com:x@evil.example/", False, id="password"),
        pytest.param("https://hooks.slack.com\\@evil.example/", False, id="backslash"),
        pytest.param("https://evil.example\\.hooks.slack.com/", False, id="sub"),
        pytest.param("https://hooks.slack.com.evil.example/a", False, id="suffix"),
        pytest.param("https://evilhooks.slack.com/a", False, id="prefix"),
        pytest.param("https://a.hooks.slack.com/a", False, id="subdomain"),
        pytest.param("https://hooks.slack.com./a", False, id="dot at the end"),
        pytest.param("https://hooks。slack。com/a", False, id="other full stops"),
        pytest.param("https://hoo\u212as.slack.com/a", False, id="Kelvin for k"),
        pytest.param("https://hооks.slack.com/a", False, id="Cyrillic o"),
        pytest.param("https://hooks.slack\n.com/a", False, id="line in it"),
        pytest.param("https://hooks.slack.com/\ta", False, id="tab in it"),
        pytest.param(" https://hooks.slack.com/a", False, id="space in front"),
        pytest.param("ftp://hooks.slack.com/a", False, id="another scheme"),
        pytest.param("file:///etc/passwd", False, id="file"),
        pytest.param("//hooks.slack.com/a", False, id="no scheme"),
        pytest.param("https://[::1/a", False, id="broken"),
        pytest.param("", False, id="empty"),
    ],
)
def test_only_slack_is_answered(url, allowed):
    assert is_allowed(url, HOSTS) is allowed


@pytest.fixture
def link(idle):
    """A fresh response_url of a command of Alice's."""
    return idle.slack.state.new_link("C0OPS", "U0ALICE")


@pytest.fixture
def respond(idle, link):
    return lambda: idle.responder.respond(link, {"text": "x"})


@pytest.fixture
def usable(idle, link):
    return lambda since=None: idle.responder.may_use(
        link, idle.slack.clock() if since is None else since
    )


async def test_a_link_takes_five_answers(respond, usable, idle):
    for _ in range(5):
        assert usable()
        assert await respond()

    assert not usable()
    assert len(idle.slack.messages("ops")) == 5


async def test_a_link_lives_half_an_hour(usable, idle):
    now = idle.slack.clock()

    assert usable(now - LIFETIME + 5)
    assert not usable(now - LIFETIME - 1)


@pytest.mark.parametrize("error", ["used_url", "expired_url", "no_service", "other"])
async def test_a_link_that_slack_no_longer_takes_is_said(respond, idle, error):
    idle.slack.faults.add(Fault("response_url", "refuse", error=error))

    assert await respond() is False


@pytest.mark.parametrize(
    ("fault", "reason", "wait"),
    [
        (Fault("response_url", "rate_limited", seconds=7), "rate limited", 7),
        (Fault("response_url", "server_error"), "response_url answered 500", 1),
        (Fault("response_url", "drop_before"), "ServerDisconnectedError", 1),
        (Fault("response_url", "drop_after"), "ServerDisconnectedError", 1),
    ],
    ids=lambda it: getattr(it, "kind", None),
)
async def test_a_passing_fault_is_tried_again(respond, idle, fault, reason, wait):
    idle.slack.faults.add(fault)

    with pytest.raises(Undeliverable, match=reason) as caught:
        await respond()

    assert caught.value.retry_after == wait


async def test_what_slack_has_not_taken_costs_no_use(respond, usable, idle):
    idle.slack.faults.add(Fault("response_url", "rate_limited", 9))
    for _ in range(9):
        with pytest.raises(Undeliverable):
            await respond()

    assert usable()


async def test_what_slack_may_have_taken_costs_a_use(respond, usable, idle):
    idle.slack.faults.add(Fault("response_url", "drop_before", 5))
    for _ in range(5):
        with pytest.raises(Undeliverable):
            await respond()

    assert not usable()


async def test_a_slack_that_is_not_there_costs_no_use():
    async with aiohttp.ClientSession() as session:
        responder = Responder(session, ["127.0.0.1:1"], now=lambda: 0)
        for _ in range(6):
            with pytest.raises(Undeliverable, match="ClientConnectorError"):
                await responder.respond("http://127.0.0.1:1/x", {})

        assert responder.may_use("http://127.0.0.1:1/x", 0)


@pytest.mark.parametrize("wait", ["²", "soon", ""])
async def test_a_wait_that_is_no_number_is_a_moment(respond, idle, elsewhere, wait):
    elsewhere(429, {"Retry-After": wait})

    with pytest.raises(Undeliverable) as caught:
        await respond()

    assert caught.value.retry_after == 1


async def test_redirects_are_not_followed(respond, elsewhere):
    asked = elsewhere(307, {"Location": "/somewhere-else"})

    assert await respond() is False
    assert len(asked) == 1
