"""Two replicas on one PostgreSQL: whichever is asked, it is one bot."""

import asyncio

import pytest

from desk.listener import Listener
from tests.handlers.conftest import assembled, working


@pytest.fixture
async def door(slack, node, postgres_url):
    """A replica that takes what comes in, and whose workers stand still."""
    async with assembled(slack, node, postgres_url) as made:
        yield made


@pytest.fixture
async def hand(slack, node, door, postgres_url):
    """A replica that works, and at whose door nobody knocks."""
    async with assembled(slack, node, postgres_url, door=door) as made:
        listening = asyncio.create_task(Listener(made.store).run())
        async with working(made):
            slack.bot_url = door.url
            yield made
        listening.cancel()


async def test_what_one_accepts_the_other_does_and_tells(hand, door):
    await hand.log_in()

    ack = await hand.command("/detach-iso web-01")

    answer = await hand.ended("succeeded")
    assert (ack.is_ok, answer.channel) == (True, "C0OPS")
    assert len(hand.node.log.actions()) == 1


async def test_a_click_at_one_on_what_the_other_posted_is_understood(hand, door):
    await hand.log_in()
    await hand.command("/detach-iso twin")
    question = await hand.said("Which VM “twin” do you mean?")

    await hand.slack.click(question, question.controls[0])

    await hand.ended("succeeded")
    assert question.text.startswith("You chose: twin")


async def test_a_callback_at_one_for_a_job_of_the_other_is_noted(hand, door):
    await hand.log_in()
    await hand.command("/detach-iso web-01")
    await hand.ended("succeeded")
    await hand.node.idle()  # it has called

    row = next(it for it in await door.rows() if it.operation != "login")
    assert row.called_at


async def test_one_delivery_at_both_is_one_row_and_one_action(hand, door):
    await hand.log_in()
    slack = hand.slack
    draft = slack.drafts.command("/detach-iso", "web-01", user="alice", channel="ops")
    doors = [f"{it.url}/slack/events" for it in (door, hand) for _ in range(5)]

    acks = await asyncio.gather(*(slack._sender.send(draft, url) for url in doors))

    await hand.ended("succeeded")
    assert {ack.status for ack in acks} == {200}
    assert len([it for it in await door.rows() if it.operation != "login"]) == 1
    assert len(hand.node.log.actions()) == 1
