"""Who is on call at PagerDuty: over real HTTP, once a minute, and never by guess."""

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from desk.person import SERVICE, SHELL, Person
from desk.rolls import Unanswered
from handlers.pagerduty import PagerDuty
from sandbox.pagerduty import PagerDuty as Stand
from sandbox.server import serve
from sandbox.slack import Fault

ALICE = Person(enterprise="", team="T0SANDBOX", user="U0ALICE")
BOB = Person(enterprise="", team="T0SANDBOX", user="U0BOB")


@pytest.fixture
def stand(idle):
    idle.slack.workspace.person("alice").email = "Alice@acme.example"
    idle.slack.workspace.person("bob").email = "bob@acme.example"
    return Stand(schedules={"P1": ["alice@ACME.example"], "P2": []})


@pytest.fixture
async def duty(idle, stand):
    async with serve(stand.app) as url, httpx.AsyncClient(trust_env=False) as http:
        yield PagerDuty(url, SecretStr(stand.token), http, idle.members)


async def test_pagerduty_says_who_is_on_call_by_their_address(duty):
    assert await duty.has("P1", ALICE)
    assert not await duty.has("P1", BOB)
    assert not await duty.has("P2", ALICE)
    assert await duty.size("P1") == 1


async def test_pagerduty_names_those_on_call_whom_we_know(duty):
    shell = Person(enterprise="", team=SHELL, user="root")
    stranger = Person(enterprise="", team="T0SANDBOX", user="U0NOBODY")

    found = await duty.people("P1", [shell, SERVICE, stranger, BOB, ALICE])

    assert found == {ALICE}


async def test_it_is_asked_once_a_minute_by_all_at_once(stand, duty):
    await asyncio.gather(*(duty.has("P1", one) for one in (ALICE, BOB) * 5))
    await duty.has("P1", ALICE)

    assert stand.asked == ["P1"]


async def test_long_schedules_are_read_to_their_end(stand, duty):
    stand.schedules["P1"] = [f"u{number}@x" for number in range(250)] + [
        "bob@acme.example"
    ]

    assert await duty.has("P1", BOB)
    assert len(stand.asked) == 3


async def test_endless_schedules_are_not_known(stand, duty):
    stand.schedules["P1"] = ["u@x"] * 1001

    with pytest.raises(Unanswered, match="more people are on call in P1 than"):
        await duty.has("P1", BOB)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("refuse", "PAGERDUTY_TOKEN may not read"),
        ("limit", "asked too often"),
        ("away", "answers with status 503"),
        ("garble", "answers something that cannot be read"),
    ],
)
async def test_when_it_cannot_say_it_is_said_why_and_asked_again(
    stand, duty, fault, why
):
    stand.faults.append(fault)

    with pytest.raises(Unanswered, match=why):
        await duty.has("P1", ALICE)

    assert await duty.has("P1", ALICE)


async def test_a_wrong_token_and_a_missing_schedule_are_told_apart(stand, duty):
    with pytest.raises(Unanswered, match="no such schedule"):
        await duty.has("P9", ALICE)
    stand.token = "another"
    with pytest.raises(Unanswered, match="does not take PAGERDUTY_TOKEN"):
        await duty.has("P1", ALICE)


async def test_when_nobody_listens_it_is_not_known(idle, stand):
    async with httpx.AsyncClient(trust_env=False) as http:
        duty = PagerDuty("http://127.0.0.1:1", SecretStr("t"), http, idle.members)

        with pytest.raises(Unanswered, match=r"does not answer \(ConnectError\)"):
            await duty.has("P1", ALICE)


async def test_without_an_address_nobody_is_found(idle, duty):
    idle.slack.workspace.person("alice").email = ""

    with pytest.raises(Unanswered, match=r"lacks the scope users:read\.email"):
        await duty.has("P1", ALICE)


async def test_while_slack_does_not_tell_the_address_nobody_is_found(idle, duty):
    idle.slack.faults.add(Fault("users.info", "server_error", 9))

    with pytest.raises(Unanswered, match="does not tell your e-mail address"):
        await duty.has("P1", ALICE)


async def test_the_token_is_in_no_repr(stand, duty):
    assert stand.token not in f"{duty!r} {vars(duty)!r}"
