"""The one-time link: one person, five tries, ten minutes."""

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from api.errors import Rejected, Unreachable
from api.operations import LogOut
from desk import audit, login, tables
from desk.credentials import Credentials
from desk.login import TicketGone, TicketUnknown
from desk.notice import Outcome, Slot
from desk.offers import click
from desk.steps.question import TICKET
from tests.desk.conftest import BOB, PLACE

RIGHT = Credentials(method="account", account="ops", password="sandbox-password")
WRONG = RIGHT.model_copy(update={"password": "secret"})


async def asked(bench, operation="login", **arguments):
    """Let BOB ask for something; the row, which waits, and the link's secret."""
    row = await bench.accept(operation, key="asked", person=BOB, **arguments)
    row = await bench.settle(row, until="login.1")
    await bench.carry()
    _, link = next(one.link for one in reversed(bench.told.notices()) if one.link)
    return row, link.rsplit("/", 1)[1]


@pytest.fixture
async def secret(bench):
    return (await asked(bench))[1]


@pytest.fixture
async def ticket(bench, secret):
    return await login.find(bench.desk, secret)


async def wrong(bench, ticket):
    password = Credentials(method="account", account="ops", password="wrong")
    with pytest.raises(Rejected):
        await login.log_in(bench.desk, ticket, password)


async def tries(bench):
    async with bench.desk.store.read() as connection:
        return (await connection.execute(select(tables.ticket.c.tries))).scalar()


class Abreast:
    """A cloud whose first two log-ins end at the same moment."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.both = asyncio.Barrier(2)

    async def call(self, operation, auth=None):
        try:
            return await self.cloud.call(operation, auth)
        finally:
            if not isinstance(operation, LogOut):
                await self.both.wait()


def sessions_of(bench, name="ops"):
    """How many sessions of that account live at ZStack."""
    return sum(
        session.account.name == name
        for session in bench.node.sessions._by_uuid.values()
    )


async def test_a_link_names_the_person_and_the_workspace(ticket):
    assert (ticket.person, ticket.person_name) == (BOB, "Ubob")
    assert (ticket.workspace, ticket.place) == ("Acme", PLACE)


async def test_the_secret_is_neither_shown_nor_stored(bench, secret, ticket):
    assert secret not in repr(ticket)
    assert secret.encode() not in await bench.written()


async def test_looking_at_the_link_does_not_use_it_up(bench, secret):
    assert await login.find(bench.desk, secret) == await login.find(bench.desk, secret)


async def test_a_link_that_never_was_is_not_known(bench):
    with pytest.raises(TicketUnknown, match="not known"):
        await login.find(bench.desk, "invented")


async def test_a_link_expires(bench, secret):
    bench.clock.now += TICKET + 1

    with pytest.raises(TicketGone, match="Send /zstack login for a new one"):
        await login.find(bench.desk, secret)


async def test_a_right_password_connects_and_uses_the_link_up(bench, secret, ticket):
    assert await login.log_in(bench.desk, ticket, RIGHT) == "ops"

    assert (await bench.desk.sessions.get(BOB)).account_name == "ops"
    with pytest.raises(TicketGone):
        await login.find(bench.desk, secret)


async def test_a_used_link_is_not_used_again(bench, ticket):
    await login.log_in(bench.desk, ticket, RIGHT)

    with pytest.raises(TicketGone):
        await login.log_in(bench.desk, ticket, RIGHT)


async def test_a_wrong_password_leaves_the_link(bench, secret, ticket):
    for _ in range(4):
        await wrong(bench, ticket)

    assert await login.log_in(bench.desk, ticket, RIGHT) == "ops"


async def test_the_fifth_wrong_password_uses_the_link_up(bench, secret, ticket):
    for _ in range(5):
        await wrong(bench, ticket)

    with pytest.raises(TicketGone):
        await login.log_in(bench.desk, ticket, RIGHT)
    with pytest.raises(TicketGone):
        await login.find(bench.desk, secret)


async def test_no_more_than_five_passwords_are_tried_side_by_side(bench, ticket):
    password = Credentials(method="account", account="ops", password="wrong")
    guesses = [login.log_in(bench.desk, ticket, password) for _ in range(12)]

    ended = await asyncio.gather(*guesses, return_exceptions=True)

    assert sum(isinstance(one, Rejected) for one in ended) == 5
    assert sum(isinstance(one, TicketGone) for one in ended) == 7


async def twice_at_once(bench, ticket):
    """Log in by one link in two windows; ZStack takes both before either is noted."""
    desk = replace(bench.desk, cloud=Abreast(bench.desk.cloud))
    windows = (login.log_in(desk, ticket, RIGHT) for _ in range(2))
    return await asyncio.gather(*windows, return_exceptions=True)


async def test_two_right_passwords_side_by_side_leave_one_session(bench, ticket):
    before = sessions_of(bench)

    ended = await twice_at_once(bench, ticket)

    assert ended.count("ops") == 1
    assert sum(isinstance(one, TicketGone) for one in ended) == 1
    assert sessions_of(bench) == before + 1


async def test_the_second_of_two_hears_the_same_when_no_log_out_works(bench, ticket):
    bench.node.faults.add("drop", "LogOut", count=9)

    ended = await twice_at_once(bench, ticket)

    assert sum(isinstance(one, TicketGone) for one in ended) == 1


async def test_one_that_fails_beside_one_that_works_takes_nothing_back(bench, ticket):
    bench.node.faults.add("drop", "LogInByUser", count=9)
    user = Credentials(
        method="user", account="ops", user="oncall", password="sandbox-password"
    )
    desk = replace(bench.desk, cloud=Abreast(bench.desk.cloud))
    windows = (login.log_in(desk, ticket, given) for given in (RIGHT, user))

    ended = await asyncio.gather(*windows, return_exceptions=True)

    assert ended[0] == "ops"
    assert isinstance(ended[1], TicketGone | Unreachable)  # whichever came first


async def test_a_zstack_that_is_away_costs_no_try(bench, ticket):
    for _ in range(6):
        bench.node.faults.add("drop", "LogInByAccount", count=2)
        with pytest.raises(Unreachable):
            await login.log_in(bench.desk, ticket, RIGHT)
        bench.node.faults.clear()

    assert await tries(bench) == 0
    assert await login.log_in(bench.desk, ticket, RIGHT)


@pytest.mark.parametrize(
    ("credentials", "name"),
    [
        ({"method": "account", "account": "ops"}, "ops"),
        ({"method": "user", "account": "ops", "user": "oncall"}, "ops/oncall"),
        ({"method": "ldap", "user": "lena"}, "lena (LDAP)"),
    ],
    ids=["an account", "a user of it", "by LDAP"],
)
async def test_people_log_in_in_three_ways(bench, ticket, credentials, name):
    given = Credentials(**credentials, password="sandbox-password")

    assert await login.log_in(bench.desk, ticket, given) == name


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
async def test_a_session_is_kept_for_the_shift_when_wished(bench, ticket, keep):
    given = RIGHT.model_copy(update={"keep": keep})

    await login.log_in(bench.desk, ticket, given)

    assert (await bench.desk.sessions.get(BOB)).kept is keep


async def test_the_waiting_command_goes_on_by_itself(bench):
    row, secret = await asked(
        bench, "DetachIsoFromVmInstance", vm_instance_uuid="web-01"
    )

    await login.log_in(bench.desk, await login.find(bench.desk, secret), RIGHT)

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED
    assert len(bench.actions("web-01")) == 1


async def test_one_log_in_lets_every_waiting_command_go_on(bench):
    first, _ = await asked(bench)
    second = await bench.accept("login", key="again", person=BOB)
    second = await bench.settle(second, until="login.1")
    link = next(one.link for one in reversed(bench.told.notices()) if one.link)[1]

    ticket = await login.find(bench.desk, link.rsplit("/", 1)[1])
    await login.log_in(bench.desk, ticket, RIGHT)
    rows = [await bench.settle(row) for row in (first, second)]

    assert [row.outcome for row in rows] == [Outcome.SUCCEEDED] * 2


async def test_the_errand_of_logging_in_ends_with_the_account(bench):
    row, secret = await asked(bench)

    await login.log_in(bench.desk, await login.find(bench.desk, secret), RIGHT)

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED
    assert bench.told.notices(Slot.PRIVATE)[-1].title == "You are connected as ops"


async def test_a_command_that_has_expired_stays_so(bench):
    row, secret = await asked(bench)
    ticket = await login.find(bench.desk, secret)
    bench.clock.now += 901
    assert (await bench.settle(row)).outcome is Outcome.EXPIRED

    await login.log_in(bench.desk, ticket, RIGHT)

    assert (await bench.settle(row)).outcome is Outcome.EXPIRED
    assert await bench.desk.sessions.get(BOB)


async def test_the_person_is_told_directly_and_not_me_ends_the_session(bench, ticket):
    await login.log_in(bench.desk, ticket, RIGHT)
    await bench.carry()
    (told,) = bench.told.notices(Slot.DIRECT)
    assert told.title == "Your Slack account now acts in ZStack as ops"

    place = {"place": PLACE, "trigger": "t1"}
    await click(bench.desk, bench.press("Not me"), person=BOB, **place)
    await bench.settle(await bench.desk.ledger.by_id(ticket.command_id))

    assert await bench.desk.sessions.get(BOB) is None


async def test_wrong_passwords_are_bounded_by_person_whatever_the_links(bench):
    for number in range(login.HOURLY // login.TRIES):
        row = await bench.accept("login", key=f"k{number}", person=BOB)
        await bench.settle(row, until="login.1")
        await bench.carry()
        ticket = await login.find(bench.desk, _newest(bench))
        for _ in range(login.TRIES):
            await wrong(bench, ticket)
    _, secret = await asked(bench)
    ticket = await login.find(bench.desk, secret)

    with pytest.raises(TicketGone, match="Too many wrong passwords"):
        await login.log_in(bench.desk, ticket, RIGHT)

    assert (await login.find(bench.desk, secret)).person == BOB


def _newest(bench):
    links = (one.link for one in reversed(bench.told.notices()) if one.link)
    return next(links)[1].rsplit("/", 1)[1]


async def test_the_audit_tells_which_account_somebody_acts_with(bench, ticket):
    await login.log_in(bench.desk, ticket, RIGHT)

    held = await bench.desk.sessions.get(BOB)
    (row,) = [
        json.loads(link.entry)
        async for link in audit.links(bench.desk.store)
        if '"connected"' in link.entry
    ]
    assert row["person"]["user"] == "UBOB"
    assert row["account"] == {"uuid": held.account_uuid, "name": "ops"}
