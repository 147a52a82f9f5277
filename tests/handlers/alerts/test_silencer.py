import httpx
import pytest
from starlette.responses import PlainTextResponse

from desk.alerts.silences import NoSilencer, Silence, SilenceRefused, in_common
from handlers.alerts.silencer import Alertmanager
from sandbox.server import serve

WANTED = Silence(
    matchers={"a": "b"}, starts=0, ends=60, created_by="me", why="so", mark="k1"
)


@pytest.fixture
async def answering():
    """An Alertmanager that answers whatever it is told to."""
    said = {"text": "", "status": 200}

    async def app(scope, receive, send):
        answer = PlainTextResponse(said["text"], said["status"])
        await answer(scope, receive, send)

    async with serve(app) as url, httpx.AsyncClient(trust_env=False) as http:
        yield Alertmanager(f"{url}/", http), said


@pytest.mark.parametrize("text", ["", "[]", "<html>", '{"silenceID": 7}'])
async def test_an_answer_that_cannot_be_read_may_have_silenced(answering, text):
    client, said = answering
    said["text"] = text

    with pytest.raises(NoSilencer) as caught:
        await client.create(WANTED)

    assert caught.value.sent


async def test_a_list_that_cannot_be_read_is_no_answer(answering):
    client, said = answering
    said["text"] = "{}"

    with pytest.raises(NoSilencer, match="not Alertmanager's"):
        await client.find("k1")


async def test_a_refusal_without_words_tells_its_status(answering):
    client, said = answering
    said["status"] = 403

    with pytest.raises(SilenceRefused, match="403"):
        await client.expire("k1")


async def test_an_address_that_is_none_was_not_sent():
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(NoSilencer) as caught:
            await Alertmanager("http://[", http).find("k1")

    assert not caught.value.sent


@pytest.mark.parametrize(
    ("alerts", "shared"),
    [
        pytest.param([{"a": "1", "b": "2"}], {"a": "1", "b": "2"}, id="one"),
        pytest.param(
            [{"a": "1", "b": "2"}, {"a": "1", "b": "3"}], {"a": "1"}, id="two"
        ),
        pytest.param([{"a": "1"}, {"b": "1"}], {}, id="nothing"),
        pytest.param([{"a": "", "b": "1"}], {"b": "1"}, id="an empty one means absent"),
    ],
)
def test_what_all_alerts_share_silences_them(alerts, shared):
    assert in_common(alerts) == shared
