"""Who people are, asked of Slack and remembered for a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from cachetools import TTLCache

from desk.person import SERVICE, Person, Place, Standing
from desk.policy import Channel, Kind
from desk.rolls import Unanswered
from handlers.slack.asking import NoAnswer, SlackSaid

if TYPE_CHECKING:
    from handlers.slack.questions import Questions


class Members:
    """The directory of the workspace in which the bot is installed."""

    def __init__(self, questions: Questions) -> None:
        self._ask = questions.ask
        self._users: TTLCache[str, dict[str, Any]] = TTLCache(4096, 60)
        self._channels: TTLCache[str, Kind] = TTLCache(4096, 60)
        self._groups: TTLCache[str, str] = TTLCache(4096, 60)
        self._workspace: dict[str, Any] = {}

    async def standing(self, person: Person) -> Standing:
        """Tell what `person` is to our workspace; UNKNOWN when Slack cannot say."""
        if person == SERVICE:
            return Standing.SERVICE
        if person.is_shell:
            return Standing.MEMBER
        try:
            workspace = await self.workspace()
            user = await self._user(person.user)
        except SlackSaid as said:
            is_known = said.word == "user_not_found"
            return Standing.STRANGER if is_known else Standing.UNKNOWN
        except NoAnswer:
            return Standing.UNKNOWN
        return standing_of(user, home=workspace["team_id"], team=person.team)

    async def at_home(self, person: Person) -> Person:
        """Find the own team of somebody who was named in any; as they are when unknown."""
        try:
            user = await self._user(person.user)
        except (SlackSaid, NoAnswer):
            return person
        grid = user.get("enterprise_user") or {}
        return Person(
            enterprise=grid.get("enterprise_id") or person.enterprise,
            team=user.get("team_id") or person.team,
            user=person.user,
        )

    async def names(self, person: Person) -> tuple[str, str]:
        """Name the person and the workspace; the ids when Slack cannot say."""
        if person == SERVICE:
            return person.user, "this bot"
        if person.is_shell:
            return person.user, "this machine"
        try:
            workspace = await self.workspace()
            user = await self._user(person.user)
        except (SlackSaid, NoAnswer):
            return person.user, person.team
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name")
        return name or person.user, workspace.get("team") or person.team

    async def email(self, person: Person) -> str:
        """Tell somebody's e-mail address; raises Unanswered."""
        try:
            user = await self._user(person.user)
        except (SlackSaid, NoAnswer) as error:
            message = f"Slack does not tell your e-mail address ({error})"
            raise Unanswered(message) from None
        email = (user.get("profile") or {}).get("email")
        if not email:
            message = "the bot lacks the scope users:read.email, or you have no address"
            raise Unanswered(message)
        return str(email)

    async def group(self, group_id: str) -> str:
        """Tell the handle of a user group, `ops` of @ops; its id when Slack cannot say."""
        if group_id not in self._groups:
            try:
                said = await self._ask("usergroups.list", include_disabled="true")
            except (SlackSaid, NoAnswer):
                return group_id
            self._groups.update((it["id"], it["handle"]) for it in said["usergroups"])
        return self._groups.get(group_id, group_id)

    async def channel(self, place: Place, *, asks: bool) -> Channel:
        """Tell where `place` is, and of which kind when `asks`."""
        if place.get("kind") == "shell":
            return Channel("", Kind.SHELL)
        if place.get("step"):
            return Channel("", Kind.WORKFLOW)
        channel_id = str(place.get("channel", ""))
        return Channel(
            channel_id, await self._kind(channel_id) if asks else Kind.UNKNOWN
        )

    async def _kind(self, channel_id: str) -> Kind:
        found = self._channels.get(channel_id)
        if not found:
            try:
                said = await self._ask("conversations.info", channel=channel_id)
            except (SlackSaid, NoAnswer):
                return Kind.UNKNOWN
            found = self._channels[channel_id] = kind_of(said["channel"])
        return found

    async def workspace(self) -> dict[str, Any]:
        """Tell where the bot is installed, asked once."""
        if not self._workspace:
            self._workspace = await self._ask("auth.test")
        return self._workspace

    async def _user(self, user_id: str) -> dict[str, Any]:
        found = self._users.get(user_id)
        if not found:
            found = (await self._ask("users.info", user=user_id))["user"]
            self._users[user_id] = found
        return cast("dict[str, Any]", found)


def standing_of(user: dict[str, Any], *, home: str, team: str) -> Standing:
    """Tell what Slack's own record says of a user: the least trusted word counts.

    `home` is where the bot is installed, `team` the one that the delivery named.
    """
    if user.get("deleted"):
        return Standing.DELETED
    if (
        user.get("is_bot")
        or user.get("is_workflow_bot")
        or user.get("id") == "USLACKBOT"
    ):
        return Standing.BOT
    if user.get("is_stranger") or user.get("team_id", home) != team:
        return Standing.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER if team == home else Standing.VISITOR


def kind_of(channel: dict[str, Any]) -> Kind:
    """Tell what Slack's own record says of a channel: who else may be in it counts most."""
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return Kind.SHARED
    if channel.get("is_im"):
        return Kind.IM
    if channel.get("is_mpim"):
        return Kind.GROUP_IM
    return Kind.PRIVATE if channel.get("is_private", True) else Kind.PUBLIC
