"""What people and misfortune do in the stories."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from desk import login
from desk.credentials import Credentials
from desk.notice import Notice, Outcome, Slot
from desk.offers import click
from tests.desk.conftest import ALICE, PLACE, open_desk

if TYPE_CHECKING:
    from desk.command import Command
    from desk.person import Person
    from tests.desk.conftest import Bench


@dataclass
class Story:
    """A bench with the hands of people on it."""

    bench: Bench
    stack: contextlib.AsyncExitStack
    trigger: int = 0

    @property
    def answer(self) -> Notice:
        """What the message that everybody sees says now."""
        return self.bench.told.notices(Slot.ANSWER)[-1]

    @property
    def labels(self) -> list[str]:
        """What can be pressed below the last message."""
        return [choice.label for choice in self.bench.told.last.choices]

    def posted(self, slot: Slot) -> int:
        """How many messages there are in a slot; edits are not counted."""
        said = self.bench.told.said
        return sum(not receipt for _, it, receipt in said if it.slot is slot)

    def changes(self) -> int:
        """How often ZStack really changed something."""
        return sum(action.changed for action in self.bench.node.log.actions())

    async def press(self, label: str, person: Person = ALICE, text: str = "") -> None:
        """Press the newest button of that name."""
        self.trigger += 1
        await click(
            self.bench.desk,
            self.bench.press(label),
            person=person,
            place=PLACE,
            trigger=str(self.trigger),
            text=text,
        )

    async def answered(self, row: Command, label: str) -> Command:
        """Press a button and see what becomes of the row."""
        await self.press(label)
        return await self.bench.settle(row)

    async def connect(self, account: str = "ops", user: str = "") -> None:
        """Fill in the login page behind the newest link."""
        links = [one.link[1] for one in self.bench.told.notices() if one.link]
        ticket = await login.find(self.bench.desk, links[-1].rpartition("/")[2])
        method = "user" if user else "account"
        filled_in = Credentials(
            method=method,
            account=account,
            user=user,
            password=SecretStr("sandbox-password"),
        )
        await login.log_in(self.bench.desk, ticket, filled_in)

    async def log_out(self, person: Person = ALICE) -> None:
        """Forget the session."""
        await self.bench.desk.sessions.drop(person.key)

    async def crash(self) -> None:
        """Lose the process: what it held runs out, and a new one starts on the file."""
        self.bench.clock.now += 60
        bench = self.bench
        url = bench.desk.cloud.url.removesuffix("/zstack")
        fresh = open_desk(bench.database_url, url, bench.clock, bench.people)
        bench.desk = await self.stack.enter_async_context(fresh)

    @contextlib.contextmanager
    def nobody_listens(self) -> Any:
        """No management node listens where the desk looks for it."""
        cloud = self.bench.desk.cloud
        url, cloud.url = cloud.url, "http://127.0.0.1:1/zstack"
        yield
        cloud.url = url

    async def to(self, step: str, vm: str = "web-01", **arguments: Any) -> Command:
        """Bring a detach as far as `step`."""
        row = await self.bench.accept(
            "DetachIsoFromVmInstance", vm_instance_uuid=vm, **arguments
        )
        return await self.bench.settle(row, until=step)

    async def to_the_end_of_its_job(self) -> Command:
        """Bring a detach as far as ZStack does, with nobody knowing of the end yet."""
        row = await self.to("follow.1")
        await self.bench.node.idle()
        return row


@pytest.fixture
async def story(bench):
    async with contextlib.AsyncExitStack() as stack:
        yield Story(bench, stack)


@pytest.fixture
def proven(story):
    """Check that a row came to the one good end, with one action and one answer."""

    def check(row: Command) -> None:
        assert row.outcome is Outcome.SUCCEEDED
        assert story.changes() == 1
        posted = [n.command_id for n in story.bench.told.notices(Slot.ANSWER)]
        assert posted.count(row.id) > 1
        assert story.posted(Slot.ANSWER) == len(set(posted))

    return check


@pytest.fixture
async def to_be_resent(story, bench):
    """A row that was sent once, is not known to ZStack, and is about to be sent again."""
    bench.node.faults.add("drop", "DetachIsoFromVmInstance")
    row = await story.to("sent.1")
    return await bench.settle(row, until="send.1")
