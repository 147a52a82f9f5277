"""Every row of the audit becomes a line of one message in the channel, exactly once."""

import asyncio
import re

import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from desk import audit
from desk.audit_channel import ROWS, AuditChannel
from desk.errors import Undeliverable
from desk.notice import Slot
from desk.policy import Policy
from desk.postman import TRIES, Postman
from tests.desk.conftest import ALICE, TICK, open_desk


class Copied:
    """A bench whose policy names a channel, which may change."""

    def __init__(self, bench):
        self.bench = bench

    def name(self, channel):
        self.bench.people.policy = Policy.model_validate(
            {"audit": {"channel": channel}}
        )

    async def happen(self, count=1):
        """Let something be recorded."""
        store = self.bench.desk.store
        async with store.write() as connection:
            for _ in range(count):
                told = {"event": "seen", "person": ALICE.model_dump()}
                await audit.record(connection, store, told)
        self.bench.clock.now += TICK

    async def round(self, seconds=5):
        """What a running bot does after a while."""
        await AuditChannel(self.bench.desk).catch_up()
        await self.bench.carry()
        self.bench.clock.now += seconds

    def lines(self, channel="C0AUDIT"):
        return [
            line
            for place, notice, _ in self.bench.told.said
            if notice.slot is Slot.AUDIT and place["channel"] == channel
            for line in notice.lines
        ]

    def numbers(self, channel="C0AUDIT"):
        return [int(line.split(" · ")[0]) for line in self.lines(channel)]


@pytest.fixture
async def copied(bench):
    made = Copied(bench)
    made.name("C0AUDIT")
    await made.round()
    return made


async def test_a_command_is_told_by_whom_where_on_what_and_how_it_ended(copied):
    await copied.bench.detach("web-01")

    await copied.round()

    sent, ended = copied.lines()
    assert re.fullmatch(
        r"1 · 2023-11-14 \d\d:\d\d:\d\d UTC · Ualice \(UALICE\) as ops in C0 · "
        r"sent “DetachIsoFromVmInstance web-01” · on web-01 · allow",
        sent,
    )
    assert ended.endswith(
        "ended “DetachIsoFromVmInstance web-01” · on web-01 · allow · succeeded"
    )


async def test_without_a_channel_nothing_is_told(bench):
    copied = Copied(bench)
    await copied.happen()

    await copied.round()

    assert bench.told.said == []


async def test_what_was_before_the_channel_was_named_is_not_told(bench):
    copied = Copied(bench)
    await copied.happen(3)
    copied.name("C0AUDIT")
    await copied.round()
    await copied.happen()

    await copied.round()
    await copied.round()

    assert copied.numbers() == [4]


async def test_what_piles_up_is_told_in_few_messages_and_in_order(copied):
    await copied.happen(ROWS + 5)

    for _ in range(5):
        await copied.round()

    assert copied.numbers() == [*range(1, ROWS + 6)]
    assert len(copied.bench.told.said) == 2


async def test_while_a_message_waits_the_rest_waits_for_the_next(copied):
    copied.bench.told.faults = [Undeliverable("down", retry_after=60)]
    await copied.happen()
    await copied.round()
    await copied.happen(2)
    await copied.round(seconds=60)
    await copied.round()

    await copied.round()

    assert copied.numbers() == [1, 2, 3]
    assert len(copied.bench.told.said) == 2


async def test_of_several_replicas_one_tells(copied):
    await copied.happen(3)
    replicas = [AuditChannel(copied.bench.desk) for _ in range(4)]

    await asyncio.gather(*(it.catch_up() for it in replicas))
    await copied.round()

    assert copied.numbers() == [1, 2, 3]


async def test_of_several_replicas_one_begins(bench):
    copied = Copied(bench)
    copied.name("C0AUDIT")
    replicas = [AuditChannel(bench.desk) for _ in range(4)]

    await asyncio.gather(*(it.catch_up() for it in replicas))
    await copied.happen()
    await copied.round()

    assert copied.numbers() == [1]


async def test_a_closed_channel_is_logged_once_and_told_all_when_it_opens(copied):
    postman = Postman(copied.bench.desk.outbox, copied.bench.told)
    copied.bench.told.faults = [Undeliverable("not_in_channel", retry_after=60)] * 3
    await copied.happen()

    with capture_logs() as said:
        await AuditChannel(copied.bench.desk).catch_up()
        for _ in range(4):
            for message in await copied.bench.desk.outbox.claim(1):
                await postman.carry(message)
            copied.bench.clock.now += 60

    assert copied.numbers() == [1]
    assert [it["event"] for it in said] == ["audit_copy_waits", "audit_copy_goes_on"]
    assert said[0]["channel"] == "C0AUDIT"
    assert said[0]["reason"] == "not_in_channel"
    assert "invite the bot" in said[0]["hint"]


async def test_a_channel_that_is_closed_for_days_loses_nothing(copied):
    await copied.happen()
    fault = Undeliverable("is_archived", retry_after=60)
    copied.bench.told.faults = [fault] * (TRIES + 10)
    while copied.bench.told.faults:
        await copied.round(seconds=300)

    await copied.round(seconds=300)

    assert copied.numbers() == [1]


async def test_another_channel_goes_on_where_the_closed_one_was(copied):
    copied.bench.told.faults = [Undeliverable("is_archived", retry_after=60)]
    await copied.happen()
    await copied.round()
    await copied.happen()
    copied.name("C0OTHER")

    for _ in range(20):
        await copied.round()

    assert copied.numbers() == []
    assert copied.numbers("C0OTHER") == [1, 2]


async def test_what_was_told_is_not_told_again_in_another_channel(copied):
    await copied.happen()
    await copied.round()
    copied.name("C0OTHER")
    await copied.round()
    await copied.happen()

    await copied.round()

    assert copied.numbers("C0OTHER") == [2]


async def test_a_channel_that_is_no_longer_named_is_told_nothing_more(copied):
    copied.bench.told.faults = [Undeliverable("down", retry_after=60)]
    await copied.happen()
    await copied.round()
    copied.bench.people.policy = Policy()
    await copied.round(seconds=60)
    await copied.round()
    copied.name("C0AUDIT")
    await copied.round()
    await copied.happen()

    await copied.round()

    assert copied.numbers() == [2]


async def test_a_lost_key_costs_no_row(copied, url):
    copied.bench.told.faults = [Undeliverable("down", retry_after=60)]
    await copied.happen()
    await copied.round(seconds=61)
    bench = copied.bench
    keys = [Fernet.generate_key().decode()]
    async with open_desk(
        bench.database_url, url, bench.clock, bench.people, keys=keys
    ) as desk:
        bench.desk = desk
        await copied.round()

        await copied.round()

    assert copied.numbers() == [1]


async def test_people_are_answered_before_the_audit_is_told(copied):
    await copied.happen()
    await AuditChannel(copied.bench.desk).catch_up()
    copied.bench.clock.now += TICK
    await copied.bench.accept("whoami")
    desk = copied.bench.desk
    (row,) = await desk.ledger.claim(1)
    await copied.bench.runner.advance(row)

    first, last = await desk.outbox.claim(10)

    assert (first.notice.slot, last.notice.slot) == (Slot.PRIVATE, Slot.AUDIT)
