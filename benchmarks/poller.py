"""What the bot is compared with: submit, look once a second, tell Slack."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx

if TYPE_CHECKING:
    from sandbox.slack import Slack

INTERVAL = 1.0  # seconds, of ZStack's own Java SDK (ZSConfig.defaultPollingInterval)
_RUNNING = 202


class Poller:
    """A client of ZStack as its SDKs are, with a Slack message at the end."""

    def __init__(self, slack: Slack, zstack_url: str) -> None:
        self._slack = slack
        self._zstack = httpx.AsyncClient(base_url=zstack_url, trust_env=False)
        self._web = httpx.AsyncClient(
            base_url=f"{slack.state.url}/api/",
            headers={"Authorization": f"Bearer {slack.state.bot_token}"},
            trust_env=False,
        )

    async def log_in(self, account: str, password: str) -> None:
        """Log in to ZStack."""
        digest = hashlib.sha512(password.encode()).hexdigest()
        body = {"logInByAccount": {"accountName": account, "password": digest}}
        answer = await self._zstack.put("/accounts/login", json=body)
        session = answer.json()["inventory"]["uuid"]
        self._zstack.headers["Authorization"] = f"OAuth {session}"

    async def run(self, method: str, path: str, channel: str) -> str:
        """Run one operation to its end and say so; the `ts` of the message."""
        job = uuid4().hex
        headers = {"X-Job-UUID": job}
        await self._zstack.request(method, path, headers=headers)
        while await self._is_running(job):  # noqa: ASYNC110  # looking is what it does
            await asyncio.sleep(INTERVAL)
        said = await self._web.post(
            "chat.postMessage", json={"channel": channel, "text": f"{path}: done"}
        )
        return str(said.json()["ts"])

    async def _is_running(self, job: str) -> bool:
        return (await self._zstack.get(f"/api-jobs/{job}")).status_code == _RUNNING

    async def close(self) -> None:
        """Close the connections."""
        await self._zstack.aclose()
        await self._web.aclose()
