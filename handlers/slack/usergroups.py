"""The members of Slack's user groups, remembered for a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import TTLCache

from desk.person import Person
from desk.rolls import Unanswered
from handlers.slack.asking import NoAnswer, SlackSaid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from handlers.slack.questions import Questions

_HINT = {
    "missing_scope": "the bot lacks the scope usergroups:read",
    "no_such_subteam": "there is no such user group",
    "paid_teams_only": "user groups need a paid plan",
}


class UserGroups:
    """A roll that Slack keeps; nobody else's ids may be looked for in it."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        # About 20 questions a minute are let through (libraries.md).
        self._members: TTLCache[str, frozenset[str]] = TTLCache(256, 60)

    async def has(self, name: str, person: Person) -> bool:
        """Tell whether `person` is in the user group of that id; raises Unanswered."""
        return person.user in await self._known(name)

    async def people(self, name: str, known: Iterable[Person]) -> frozenset[Person]:  # noqa: ARG002  # a Roll's shape
        """Tell who is in it: everybody, known or not; raises Unanswered."""
        members = await self._known(name)
        try:
            home = await self._questions.ask("auth.test")
        except (SlackSaid, NoAnswer):
            message = "Slack does not say where the bot is installed"
            raise Unanswered(message) from None
        enterprise = home.get("enterprise_id") or ""
        return frozenset(
            Person(enterprise=enterprise, team=home["team_id"], user=user)
            for user in members
        )

    async def size(self, name: str) -> int:
        """Tell how many are in it; raises Unanswered."""
        return len(await self._known(name))

    async def _known(self, name: str) -> frozenset[str]:
        found = self._members.get(name)
        if found is None:
            found = self._members[name] = await self._ask(name)
        return found

    async def _ask(self, name: str) -> frozenset[str]:
        try:
            method = "usergroups.users.list"
            answer = await self._questions.ask(method, usergroup=name)
        except SlackSaid as said:
            reason = _HINT.get(said.word, f"Slack says {said}")
            message = f"{reason}, asked who is in {name}"
            raise Unanswered(message) from None
        except NoAnswer:
            message = f"Slack does not say who is in {name}"
            raise Unanswered(message) from None
        return frozenset(answer["users"])
