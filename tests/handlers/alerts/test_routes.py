"""`POST /alerts/…`: who may, what is answered, and that it is recorded before."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import httpx
import pytest
from sqlalchemy import select

from desk import tables
from handlers.alerts import grafana
from handlers.alerts.proof import hmac_of
from handlers.alerts.routes import alert_routes
from handlers.web.app import web
from tests.handlers.conftest import ALERT_SECRETS

on_both = pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"], indirect=True
)


def _basic(pair):
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _signed(secret, body):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


PROOFS = {
    "alertmanager": lambda _: {"Authorization": "Bearer alertmanager-token"},
    "grafana": lambda body: {grafana.SIGNATURE: _signed("grafana-alert-secret", body)},
    "zwatch": lambda _: _basic("zwatch:päss:word"),
    "pagerduty": lambda body: {
        "X-PagerDuty-Signature": f"v1=00,v1={_signed('pagerduty-secret', body)}"
    },
    "generic": lambda _: {"Authorization": "bearer generic-alert-token"},
}
BODIES = {name: name for name in PROOFS} | {"zwatch": "zwatch-alarm"}


@pytest.fixture
def send(idle, sample):
    """Deliver a source's sample, or another body, with its proof or without."""

    async def send(source, body=None, *, method="POST", **headers):
        body = sample(BODIES[source]) if body is None else body
        return await idle.browser.request(
            method,
            f"{idle.url}/alerts/{source}",
            content=body,
            headers=PROOFS[source](body) | headers,
        )

    return send


@pytest.fixture
def recorded(idle):
    """The titles of all that is recorded, the oldest first."""

    async def recorded():
        query = select(tables.alert.c.told).order_by(tables.alert.c.number)
        async with idle.store.read() as connection:
            found = (await connection.execute(query)).scalars().all()
        return [it["title"] for it in found]

    return recorded


@on_both
@pytest.mark.parametrize("source", PROOFS)
async def test_every_source_is_recorded_once_and_then_answered(
    send, recorded, sample, source
):
    body = sample(BODIES[source])
    more = {"X-Webhook-Id": "d1"} if source == "pagerduty" else {}
    if source == "generic":
        body = json.dumps(json.loads(body) | {"id": "7"}).encode()

    first, again = await send(source, body, **more), await send(source, body, **more)

    told = first.json()["alerts"]
    assert (first.status_code, first.json()["new"]) == (202, told)
    assert (again.status_code, again.json()) == (202, {"alerts": told, "new": 0})
    assert len(await recorded()) == told


async def test_grafana_may_put_and_others_may_not(send):
    assert (await send("grafana", method="PUT")).status_code == 202
    assert (await send("generic", method="PUT")).status_code == 405
    assert (await send("grafana", method="GET")).status_code == 405


async def test_a_source_without_a_secret_has_no_route(idle):
    for given in ({}, {"generic": ""}):
        app = web(idle.desk, idle.health, None, alerts=alert_routes(idle.book, given))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as client:
            for source in PROOFS:
                answer = await client.post(f"http://bot/alerts/{source}")

                assert answer.status_code == 404


WRONG = {
    "nothing": {"Authorization": ""},
    "another": {"Authorization": "Bearer other"},
    "another scheme": {"Authorization": "Token generic-alert-token"},
    "letters that are none": {"Authorization": b"Bearer \xff\xfe"},
    "no base64": {"Authorization": "Basic ???"},
    "half of it": _basic("zwatch"),
    "another password": _basic("zwatch:other"),
    "no signature": {
        "X-Grafana-Alerting-Signature": "",
        "X-PagerDuty-Signature": "",
        "Authorization": "",
    },
    "another signature": {
        "X-Grafana-Alerting-Signature": "0" * 64,
        "X-PagerDuty-Signature": f"v1={'0' * 64},v2=1",
        "Authorization": "",
    },
}


@pytest.mark.parametrize("source", PROOFS)
async def test_who_does_not_know_the_secret_is_refused(
    idle, sample, recorded, source, logged
):
    for headers in WRONG.values():
        answer = await idle.browser.post(
            f"{idle.url}/alerts/{source}",
            content=sample(BODIES[source]),
            headers=headers,
        )

        assert answer.status_code == 401
        assert answer.text == "The secret or signature is missing or wrong."
    assert await recorded() == []
    assert ALERT_SECRETS[source] not in logged


async def test_grafana_may_sign_a_timestamp_too_as_long_as_it_is_fresh(send, sample):
    body = sample("grafana")

    async def answer(stamp, signature=None):
        signature = signature or hmac_of(
            "grafana-alert-secret", str(stamp).encode(), b":", body
        )
        named = {grafana.TIMESTAMP: str(stamp), grafana.SIGNATURE: signature}
        said = await send("grafana", **named)
        return said.status_code

    now = int(time.time())
    assert await answer(now) == 202
    assert await answer(now - 400) == 401
    assert await answer(now + 400) == 401
    assert await answer("soon") == 401
    assert await answer("9" * 5000) == 401
    assert await answer(now, _signed("grafana-alert-secret", body)) == 401


async def test_a_count_that_no_database_holds_is_taken_for_many(send, sample):
    body = json.loads(sample("alertmanager")) | {"truncatedAlerts": 10**400}

    answer = await send("alertmanager", json.dumps(body).encode())

    assert answer.status_code == 202


@pytest.mark.parametrize("source", PROOFS)
async def test_a_body_that_cannot_be_read_is_a_bad_request(
    send, recorded, source, logged
):
    answer = await send(source, b'{"a secret":')

    assert (answer.status_code, answer.text.count("\n")) == (400, 0)
    assert answer.text.endswith(".")
    assert "a secret" not in logged
    assert await recorded() == []


@pytest.mark.parametrize("source", PROOFS)
async def test_a_body_that_is_too_large_is_refused(send, recorded, source):
    assert (await send(source, b" " * 1_100_000)).status_code == 413
    assert await recorded() == []


@pytest.mark.parametrize("name", ["zwatch-test", "pagerduty-ping"])
async def test_a_test_of_the_connection_is_welcome(send, sample, recorded, name):
    answer = await send(name.partition("-")[0], sample(name))

    assert (answer.status_code, answer.json()["alerts"]) == (202, 0)
    assert await recorded() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_when_the_database_cannot_the_source_shall_try_again(idle, send):
    async with idle.store.write():  # nobody else can write meanwhile
        answer = await send("alertmanager")

    assert answer.status_code == 503
    assert (await send("alertmanager")).status_code == 202


@pytest.mark.parametrize("database_url", ["proxied"], indirect=True)
async def test_when_postgresql_is_away_the_source_shall_try_again(send, proxy):
    proxy.cut()

    answer = await send("alertmanager")

    assert answer.status_code == 503


async def test_zstack_s_wrong_length_header_loses_the_end_and_not_the_alarm(
    idle, sample, recorded
):
    """It counts characters; what is left of the body then reads as a bad next request."""
    body = sample("zwatch-alarm").rstrip()
    length = len(body.decode())
    assert length < len(body)
    host, port = idle.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        "POST /alerts/zwatch HTTP/1.1\r\nHost: bot\r\n"
        "Content-Type: application/json\r\n"
        f"Authorization: {_basic('zwatch:päss:word')['Authorization']}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )

    writer.write(head.encode() + body)

    answer = await reader.readuntil(b"}")
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 202")
    assert await recorded() == ["CPU of 虚拟机"]


async def test_a_length_header_that_is_too_large_waits_for_more_and_records_nothing(
    idle, sample, recorded
):
    body = sample("zwatch-alarm")
    host, port = idle.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        "POST /alerts/zwatch HTTP/1.1\r\nHost: bot\r\n"
        f"Authorization: {_basic('zwatch:päss:word')['Authorization']}\r\n"
        f"Content-Length: {len(body) + 9}\r\n\r\n"
    )

    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert await recorded() == []


async def test_the_address_may_name_the_cloud_that_alerts_are_about(idle, sample):
    body = sample("zwatch-alarm")
    address = f"{idle.url}/alerts/zwatch?cloud=lab"

    answer = await idle.browser.post(
        address, content=body, headers=PROOFS["zwatch"](body)
    )

    assert answer.status_code == 202
    async with idle.desk.store.read() as connection:
        told = (await connection.execute(select(tables.alert.c.told))).scalar_one()
    assert told["origin"]["cloud"] == "lab"
    assert "cloud" not in told["labels"]
