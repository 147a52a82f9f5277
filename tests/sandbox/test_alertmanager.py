import httpx
import pytest

from sandbox.alertmanager import Alertmanager
from sandbox.server import serve

WANTED = {
    "matchers": [{"name": "a", "value": "b", "isRegex": False, "isEqual": True}],
    "startsAt": "2026-01-01T00:00:00+00:00",
    "endsAt": "2026-01-01T02:00:00+00:00",
    "createdBy": "me",
    "comment": "so",
}


@pytest.fixture
async def kept():
    return Alertmanager()


@pytest.fixture
async def http(kept):
    async with (
        serve(kept.app) as url,
        httpx.AsyncClient(base_url=f"{url}/api/v2", trust_env=False) as client,
    ):
        yield client


async def test_a_silence_is_kept_until_it_is_expired(kept, http):
    made = (await http.post("/silences", json=WANTED)).json()["silenceID"]

    assert [it["id"] for it in (await http.get("/silences")).json()] == [made]
    assert (await http.delete(f"/silence/{made}")).status_code == 200
    assert kept.active == []
    assert (await http.delete(f"/silence/{made}")).text == '"silence already expired"'
    assert (await http.delete("/silence/none")).status_code == 404


async def test_a_silence_that_ends_before_it_starts_is_refused(http):
    wrong = WANTED | {"endsAt": WANTED["startsAt"]}

    assert (await http.post("/silences", json=wrong)).status_code == 400


async def test_faults_come_first_and_a_lost_answer_comes_after_the_deed(kept, http):
    kept.faults = ["refuse", "away", "lose"]

    answers = [await http.post("/silences", json=WANTED) for _ in range(3)]

    assert [it.status_code for it in answers] == [400, 503, 503]
    assert len(kept.silences) == 1


async def test_a_webhook_is_told_of_each_group_and_its_end(kept):
    came = []

    async def hook(scope, receive, send):
        request = await receive()
        came.append((dict(scope["headers"]), request["body"]))
        await httpx_ok(send)

    async def httpx_ok(send):
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    alert = kept.fire("DiskFull", "disk is full", vm="web-01")
    kept.fire("Idle")
    async with serve(hook) as url:
        await kept.tell(url, "token")
        kept.resolve(alert)
        answers = await kept.tell(url, "token")

    assert [it.status_code for it in answers] == [202, 202]
    assert came[0][0][b"authorization"] == b"Bearer token"
    assert b'"status":"firing"' in came[0][1].replace(b": ", b":")
    assert b'"resolved"' in came[2][1]
