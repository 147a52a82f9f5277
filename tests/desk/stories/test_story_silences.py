"""Silencing at an Alertmanager that can be away, and whose answers can be lost."""

import dataclasses
from datetime import datetime

import httpx
import pytest

from desk.machine import STEPS
from desk.notice import Outcome, Slot
from desk.policy import Effect, Policy
from desk.policy.model import Rule
from handlers.alerts.silencer import Alertmanager as Client
from sandbox.alertmanager import Alertmanager
from sandbox.server import serve
from tests.desk.conftest import BOB

MATCHERS = {"alertname": "DiskFull", "vm": "web-01"}


@pytest.fixture
async def alertmanager(bench):
    """An Alertmanager that the desk knows."""
    kept = Alertmanager()
    async with serve(kept.app) as url, httpx.AsyncClient(trust_env=False) as http:
        bench.desk = dataclasses.replace(bench.desk, silencer=Client(url, http))
        yield kept


async def silence(bench, until=None, **known):
    """Record a silence and see what becomes of it."""
    asked = {"matchers": MATCHERS, "seconds": 7200} | known
    return await bench.settle(await bench.accept("silence", **asked), until=until)


async def test_a_silence_says_who_and_why_and_for_how_long(story, bench, alertmanager):
    row = await silence(bench, why="disk is being replaced")

    (kept,) = alertmanager.active
    starts, ends = (datetime.fromisoformat(kept[it]) for it in ("startsAt", "endsAt"))
    assert row.outcome is Outcome.SUCCEEDED
    assert {it["name"]: it["value"] for it in kept["matchers"]} == MATCHERS
    assert kept["createdBy"] == "Ualice of Acme, by zstack-chatops"
    assert kept["comment"] == f"disk is being replaced [{row.id}]"
    assert (ends - starts).total_seconds() == 7200
    assert story.answer.title == "Silenced for 2 h"


async def test_a_silence_is_told_to_everybody_and_can_be_ended_once(
    story, bench, alertmanager
):
    row = await silence(bench, seconds=1800)
    assert story.answer.title == "Silenced for 30 min"

    await story.press("End the silence", person=BOB)
    await bench.settle(row)

    assert alertmanager.active == []
    assert bench.told.notices(Slot.ANSWER)[-1].title == "Ended the silence"


async def test_a_silence_that_has_ended_is_said_to_have(bench, story, alertmanager):
    row = await silence(bench)
    (kept,) = alertmanager.active
    kept["status"] = {"state": "expired"}

    await story.press("End the silence")
    await bench.settle(row)

    assert story.answer.title == "The silence has ended before"
    assert story.answer.outcome is Outcome.UNCHANGED


async def test_a_silence_that_is_not_known_is_said_to_have_ended(bench, alertmanager):
    row = await bench.accept("unsilence", silence_id="../silences")

    assert (await bench.settle(row)).outcome is Outcome.UNCHANGED
    assert alertmanager.asked == []  # the id is one part of the path, whatever it is


@pytest.mark.parametrize("faults", [["lose"], ["lose", "away"], ["away", "lose"]])
async def test_a_lost_answer_does_not_silence_twice(bench, alertmanager, faults):
    alertmanager.faults = list(faults)

    row = await silence(bench)

    assert row.outcome is Outcome.SUCCEEDED
    assert len(alertmanager.silences) == 1


async def test_a_crash_between_sending_and_writing_does_not_silence_twice(
    story, bench, alertmanager
):
    row = await bench.accept("silence", matchers=MATCHERS, seconds=1800)
    (claimed,) = await bench.desk.ledger.claim(1)
    await STEPS["decide.1"].run(bench.desk, claimed)
    silencer = bench.desk.silencer
    await story.crash()
    bench.desk = dataclasses.replace(bench.desk, silencer=silencer)

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED
    assert len(alertmanager.silences) == 1


async def test_a_silence_that_another_worker_took_over_is_left_to_it(
    bench, alertmanager
):
    await bench.accept("silence", matchers=MATCHERS, seconds=1800)
    (claimed,) = await bench.desk.ledger.claim(1)
    bench.clock.now += 60
    await bench.desk.ledger.claim(1)

    assert await bench.runner.advance(claimed) is None
    assert alertmanager.asked == []


async def test_what_was_sent_cannot_be_cancelled(bench, alertmanager):
    alertmanager.faults = ["lose"]
    row = await bench.accept("silence", matchers=MATCHERS, seconds=1800)
    for claimed in await bench.desk.ledger.claim(1):
        await bench.runner.advance(claimed)

    waiting = await bench.desk.ledger.by_id(row.id)
    assert not await bench.desk.ledger.cancel(waiting)


@pytest.mark.parametrize("errand", ["silence", "unsilence"])
async def test_a_refusal_is_told_in_alertmanagers_words(
    story, bench, alertmanager, errand
):
    alertmanager.faults = ["refuse"]
    row = await bench.accept(
        errand, matchers=MATCHERS, seconds=1800, silence_id="0" * 8
    )

    assert (await bench.settle(row)).outcome is Outcome.FAILED
    assert story.answer.lines == ("bad matcher format",)


@pytest.mark.parametrize("errand", ["silence", "unsilence"])
async def test_an_alertmanager_that_stays_away_is_given_up(
    story, bench, alertmanager, errand
):
    alertmanager.faults = ["away"] * 9
    row = await bench.accept(
        errand, matchers=MATCHERS, seconds=1800, silence_id="0" * 8
    )

    ended = await bench.settle(row)

    known = Outcome.FAILED if errand == "unsilence" else Outcome.UNKNOWN
    assert (ended.outcome, story.answer.title) == (
        known,
        "Alertmanager does not answer",
    )


async def test_nobody_listening_is_no_doubt(story, bench):
    async with httpx.AsyncClient(trust_env=False) as http:
        client = Client("http://127.0.0.1:1", http)
        bench.desk = dataclasses.replace(bench.desk, silencer=client)
        row = await silence(bench)

    assert (row.outcome, story.answer.lines) == (Outcome.FAILED, ("ConnectError",))


async def test_without_its_address_the_operator_is_named(bench):
    row = await silence(bench)

    assert row.outcome is Outcome.REFUSED
    assert "set ALERTMANAGER_URL" in bench.told.last.title


def under(bench, *rules):
    """Let a policy of these rules hold."""
    policy = Policy(rules=rules)
    bench.desk = dataclasses.replace(bench.desk, policy=lambda: policy)


async def test_silencing_needs_a_rule_that_allows_it(bench, alertmanager):
    only = {"commands": ("iso *",)}
    under(bench, Rule(name="isos", effect=Effect.ALLOW, what=only))

    row = await silence(bench)

    assert (row.outcome, alertmanager.asked) == (Outcome.REFUSED, [])


async def test_a_silence_that_others_had_to_approve_is_refused(bench, alertmanager):
    under(bench, Rule(name="four eyes", effect=Effect.APPROVE))

    row = await silence(bench)

    assert (row.outcome, alertmanager.asked) == (Outcome.REFUSED, [])
    assert "Do it in Alertmanager" in bench.told.last.title


@pytest.mark.parametrize("answer", ["Silence", "Leave it"])
async def test_a_silence_that_has_to_be_confirmed_is_asked_about(
    story, bench, alertmanager, answer
):
    under(bench, Rule(name="ask", effect=Effect.CONFIRM))
    row = await silence(bench, until="ask.1")
    assert alertmanager.asked == []

    await story.press(answer)

    ended = await bench.settle(row)
    known = Outcome.SUCCEEDED if answer == "Silence" else Outcome.REFUSED
    assert (ended.outcome, len(alertmanager.active)) == (known, answer == "Silence")


async def test_the_end_of_a_silence_that_has_to_be_confirmed_is_asked_about(
    story, bench, alertmanager
):
    await silence(bench)
    under(bench, Rule(name="ask", effect=Effect.CONFIRM))
    row = await bench.accept(
        "unsilence", key="k2", silence_id=alertmanager.active[0]["id"]
    )

    row = await bench.settle(row, until="ask.1")

    assert len(alertmanager.active) == 1
    await story.press("Unsilence")
    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED
    assert alertmanager.active == []


async def test_a_silence_in_doubt_is_asked_about(story, bench, alertmanager):
    row = await bench.accept(
        "silence", matchers=MATCHERS, seconds=1800, doubt="The alert has been resolved."
    )

    row = await bench.settle(row, until="ask.1")

    notice = bench.told.notices(Slot.PRIVATE)[-1]
    assert notice.lines == ("The alert has been resolved.",)
    assert alertmanager.asked == []
