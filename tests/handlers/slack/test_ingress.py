"""The endpoint itself: who is let in, and what is said of the rest."""

import json

import pytest

from handlers.slack.ingress import ingress
from handlers.web.app import web
from sandbox.slack.sender import event_json, form, sign
from tests.fuzz.routes import COMMAND, VIEW

WORDS = "a-very-private-name"
LARGEST = 1024 * 1024


@pytest.fixture
def post(idle):
    """Post to the endpoint; of `headers`, None leaves one out."""

    async def post(written=None, *, secret=None, at=None, **headers):
        delivery = idle.slack.drafts.sign(
            written or form(COMMAND | {"command": "/zstack", "text": WORDS}),
            secret=secret,
            at=at,
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = delivery.headers | named
        kept = {name: value for name, value in given.items() if value is not None}
        url = f"{idle.url}/slack/events"
        return await idle.browser.post(url, content=delivery.body, headers=kept)

    return post


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"secret": "another"}, id="another secret"),
        pytest.param({"at": 1_000_000_000}, id="old"),
        pytest.param({"X_Slack_Signature": None}, id="no signature"),
        pytest.param({"X_Slack_Signature": "v0=ü".encode()}, id="not ASCII"),
        pytest.param({"X_Slack_Signature": "v0=" + "f" * 9000}, id="long"),
        pytest.param({"X_Slack_Request_Timestamp": None}, id="no timestamp"),
        pytest.param({"X_Slack_Request_Timestamp": "abc"}, id="no number"),
        pytest.param({"X_Slack_Request_Timestamp": "9" * 400}, id="huge"),
        pytest.param({"X_Slack_Request_Timestamp": "²".encode()}, id="superscript"),
    ],
)
async def test_what_slack_did_not_sign_is_refused(post, idle, logged, spoilt):
    answer = await post(**spoilt)

    assert (answer.status_code, answer.text) == (
        401,
        "The request is not signed by Slack.",
    )
    assert len(logged.named("delivery_refused")) == 1
    assert WORDS not in logged
    assert not await idle.rows()


async def test_the_secret_before_is_still_good(post):
    answer = await post(secret="the-secret-before")

    assert answer.status_code == 200


async def test_ssl_check_opens_nothing(post):
    answer = await post(form({"ssl_check": "1"}), secret="another")

    assert answer.status_code == 401


async def test_url_verification_is_answered(post):
    asked = {"type": "url_verification", "challenge": "abc", "token": "t"}

    answer = await post(event_json(asked))

    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(
    "written",
    [
        pytest.param((b"text=\xff\xfe", "text/plain"), id="not UTF-8"),
        pytest.param((b"{not json", "application/json"), id="not JSON"),
        pytest.param((b"[1, 2]", "application/json"), id="a list"),
        pytest.param((b"payload=nothing", "text/plain"), id="no JSON in the payload"),
        pytest.param((b"payload=7", "text/plain"), id="a number in the payload"),
    ],
)
async def test_signed_nonsense_is_a_bad_request(post, logged, written):
    answer = await post(written)

    assert (answer.status_code, answer.text) == (
        400,
        "The body is not what Slack sends.",
    )
    assert not logged.named("request_failed")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param((b"", "text/plain"), id="empty"),
        pytest.param(event_json(VIEW | {"type": "view_closed"}), id="view"),
        pytest.param(event_json({"type": "unheard_of"}), id="unheard of"),
        pytest.param(form({"nothing": "known"}), id="unknown fields"),
    ],
)
async def test_what_nobody_listens_to_is_acknowledged(post, logged, written):
    answer = await post(written)

    assert (answer.status_code, answer.text) == (200, "")
    assert len(logged.named("delivery_not_understood")) == 1


async def test_an_unknown_event_is_acknowledged(idle):
    acks = await idle.slack.event({"type": "never_heard_of", "user": "U0ALICE"})

    assert [ack.status for ack in acks] == [200]


async def test_a_body_of_one_mebibyte_is_read(post):
    answer = await post((b"x" * LARGEST, "text/plain"))

    assert answer.status_code == 200


async def test_a_body_that_says_it_is_larger_is_refused(post):
    answer = await post((b"x" * (LARGEST + 1), "text/plain"))

    assert (answer.status_code, answer.text) == (413, "The body is over 1 MiB.")


async def test_a_body_that_grows_larger_is_refused(idle):
    async def pieces():
        for _ in range(17):
            yield b"x" * 65_536

    answer = await idle.browser.post(f"{idle.url}/slack/events", content=pieces())

    assert (answer.status_code, answer.text) == (413, "The body is over 1 MiB.")


async def test_a_request_that_breaks_off_is_no_fault_of_ours(raw, logged):
    await raw(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")

    assert not logged.named("request_failed")
    assert "Traceback" not in logged


async def test_without_slack_over_http_there_is_no_such_route(idle):
    idle.doors.app = web(idle.desk, idle.health, None)

    answer = await idle.browser.post(f"{idle.url}/slack/events")

    assert answer.status_code == 404


ABSENT = (
    ("GET", "/slack/events", 405),
    ("PUT", "/slack/events", 405),
    ("DELETE", "/login/x", 405),
    ("GET", "/zstack/jobs", 405),
    ("POST", "/readyz", 405),
    ("GET", "/", 404),
    ("GET", "/slack", 404),
    ("GET", "/login/", 404),
    ("GET", "/login/../../etc/passwd", 404),
)


async def test_what_is_not_there_is_said_plainly(idle):
    for method, path, status in ABSENT:
        answer = await idle.browser.request(method, idle.url + path)

        assert (answer.status_code, len(answer.text) < 20) == (status, True)


async def test_a_fault_of_ours_shows_nothing_of_itself(idle, logged):
    async def broken(request):
        raise RuntimeError(WORDS)

    idle.doors.app = web(idle.desk, idle.health, broken)

    answer = await idle.browser.post(f"{idle.url}/slack/events")

    assert answer.status_code == 500
    assert answer.text == "A fault of this bot stopped the request."
    assert len(logged.named("request_failed")) == 1


async def test_the_clock_decides_what_is_fresh(idle):
    delivery = sign(b"{}", "application/json", secret="s", at=1_000)
    app = ingress(None, ["s"], now=lambda: 2_000)
    idle.doors.app = web(idle.desk, idle.health, app)

    url = f"{idle.url}/slack/events"
    answer = await idle.browser.post(url, content=b"{}", headers=delivery.headers)

    assert answer.status_code == 401


async def test_nothing_of_a_delivery_is_logged(idle, logged):
    await idle.command(f"/detach-iso {WORDS}")

    assert await idle.rows()
    assert WORDS not in logged
    assert json.dumps(idle.slack.state.bot_token) not in logged
