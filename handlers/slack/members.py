"""Who people are, asked of Slack and remembered for a minute."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import stamina
import structlog
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError

from desk.person import Person, Standing

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger()

SHELL = "shell"
"""The team of people who use the shell of the bot's own machine."""

_CANNOT_ASK = (SlackApiError, aiohttp.ClientError, TimeoutError)


class Members:
    """The directory of the workspace in which the bot is installed."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._users: TTLCache[str, dict[str, Any]] = TTLCache(4096, 60)
        self._asking = asyncio.Lock()
        self._workspace: dict[str, Any] = {}

    async def standing(self, person: Person) -> Standing:
        """Tell what `person` is to our workspace; UNKNOWN when Slack cannot say."""
        if person.team == SHELL:
            return Standing.MEMBER
        try:
            workspace = await self.workspace()
            if person.team != workspace["team_id"]:
                return Standing.STRANGER
            user = await self._user(person.user)
        except SlackApiError as error:
            known = error.response.get("error") == "user_not_found"
            return Standing.STRANGER if known else Standing.UNKNOWN
        except (aiohttp.ClientError, TimeoutError):
            return Standing.UNKNOWN
        return standing_of(user, workspace["team_id"])

    async def names(self, person: Person) -> tuple[str, str]:
        """Name the person and the workspace; the ids when Slack cannot say."""
        if person.team == SHELL:
            return person.user, "this machine"
        try:
            workspace = await self.workspace()
            user = await self._user(person.user)
        except _CANNOT_ASK:
            return person.user, person.team
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name")
        return name or person.user, workspace.get("team") or person.team

    async def workspace(self) -> dict[str, Any]:
        """Tell where the bot is installed, asked once."""
        async with self._asking:
            if not self._workspace:
                self._workspace = await self._ask("auth.test")
        return self._workspace

    async def _user(self, user_id: str) -> dict[str, Any]:
        async with self._asking:
            if user_id not in self._users:
                found = await self._ask("users.info", user=user_id)
                self._users[user_id] = found["user"]
            return self._users[user_id]

    async def _ask(self, method: str, **params: str) -> dict[str, Any]:
        async for attempt in stamina.retry_context(
            on=_is_passing, attempts=3, wait_initial=0.3
        ):
            with attempt:
                answer = await self._client.api_call(method, data=params)
        return cast("dict[str, Any]", answer.data)


def _is_passing(error: Exception) -> bool:
    if isinstance(error, SlackApiError):
        return getattr(error.response, "status_code", 200) >= 429  # noqa: PLR2004
    return isinstance(error, aiohttp.ClientError | TimeoutError)


def standing_of(user: dict[str, Any], team_id: str) -> Standing:
    """Tell what Slack's own record says of a user: the least trusted word counts."""
    if user.get("deleted"):
        return Standing.DELETED
    if (
        user.get("is_bot")
        or user.get("is_workflow_bot")
        or user.get("id") == "USLACKBOT"
    ):
        return Standing.BOT
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return Standing.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER
