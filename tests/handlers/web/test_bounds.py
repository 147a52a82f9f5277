"""Every answer has its headers, and nobody may take for ever."""

import asyncio
from dataclasses import replace

import pytest

from handlers.web import body
from handlers.web.app import web

ALWAYS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PATHS = ("/healthz", "/readyz", "/metrics", "/nowhere", "/zstack/jobs")


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_tells_browsers_to_be_careful(idle, path):
    answer = await idle.browser.get(f"{idle.url}{path}")

    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "strict-transport-security" not in answer.headers


async def test_behind_https_browsers_are_told_to_stay_there(idle):
    desk = replace(idle.desk, public_url="https://bot.example")
    idle.doors.app = web(desk, idle.health, None)

    answer = await idle.browser.get(f"{idle.url}/login/x")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_fault_of_ours_has_the_headers_too(idle):
    async def broken():
        raise ZeroDivisionError

    idle.store.is_alive = broken

    answer = await idle.browser.get(f"{idle.url}/readyz")

    assert (answer.status_code, answer.headers["x-frame-options"]) == (500, "DENY")


async def test_a_body_that_does_not_come_is_not_waited_for(idle, monkeypatch):
    monkeypatch.setattr(body, "SLOWEST", 0.05)
    host, port = idle.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /zstack/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")

    said = await asyncio.wait_for(reader.read(), 5)

    assert said.startswith(b"HTTP/1.1 408 ")
    assert said.endswith(b"The body came too slowly.")
    writer.close()
