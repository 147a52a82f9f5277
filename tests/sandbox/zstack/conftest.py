import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sandbox.server import serve
from sandbox.zstack import Node


class Client:
    """Speaks the protocol by hand, so that nothing of the bot is in the way."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.headers: dict[str, str] = {}

    async def log_in(
        self, name: str = "ops", password: str = "sandbox-password"
    ) -> Any:
        hashed = hashlib.sha512(password.encode()).hexdigest()
        body = {"logInByAccount": {"accountName": name, "password": hashed}}
        reply = await self.http.put("/zstack/v1/accounts/login", json=body)
        if reply.status_code == 200:
            session = reply.json()["inventory"]["uuid"]
            self.headers = {"Authorization": f"OAuth {session}"}
        return reply

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        known = self.headers | (headers or {})
        return await self.http.request(
            method, f"/zstack/v1{path}", headers=known, **more
        )

    async def query(self, path: str, *conditions: str, **more: Any) -> Any:
        reply = await self.send("GET", path, params={"q": conditions, **more})
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def names(self, path: str, *conditions: str, **more: Any) -> list[str]:
        reply = await self.query(path, *conditions, **more)
        return sorted(item["name"] for item in reply["inventories"])

    async def poll(self, uuid: str) -> httpx.Response:
        return await self.http.get(f"/zstack/v1/api-jobs/{uuid}")


class Steered(Client):
    """A client that also holds the node, to wait for its jobs."""

    def __init__(self, http: httpx.AsyncClient, node: Node) -> None:
        super().__init__(http)
        self.node = node

    async def job(self, method: str, path: str, **more: Any) -> httpx.Response:
        uuid = uuid4().hex
        headers = {"X-Job-UUID": uuid} | more.pop("headers", {})
        accepted = await self.send(method, path, headers=headers, **more)
        assert accepted.status_code == 202, accepted.text
        await self.node.idle()
        return await self.poll(uuid)

    async def detach(
        self, vm: str, iso: str | None = None, **more: Any
    ) -> httpx.Response:
        uuid = self.node.world.vm(vm).uuid
        params = {} if iso is None else {"isoUuid": iso}
        params |= more.pop("params", {})
        return await self.job(
            "DELETE", f"/vm-instances/{uuid}/iso", params=params, **more
        )

    async def attach(self, vm: str, iso: str, **more: Any) -> httpx.Response:
        uuid = self.node.world.vm(vm).uuid
        return await self.job("POST", f"/vm-instances/{uuid}/iso/{iso}", **more)


@pytest.fixture
def node() -> Node:
    return Node(job_seconds=0.01, web_hook_interval=0.01)


@pytest.fixture
async def url(node: Node) -> AsyncIterator[str]:
    async with serve(node.app) as address:
        yield address


@pytest.fixture
async def anonymous(node: Node, url: str) -> AsyncIterator[Steered]:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield Steered(http, node)


@pytest.fixture
async def ops(anonymous: Steered) -> Steered:
    await anonymous.log_in("ops")
    return anonymous


@pytest.fixture
async def admin(anonymous: Steered) -> Steered:
    await anonymous.log_in("admin")
    return anonymous
