"""Clicks: acknowledged at once, by whoever pressed, and never ignored in silence."""

import asyncio

import pytest

from handlers.slack.actions import person_of, place_of
from handlers.slack.apologies import Apologies
from sandbox.slack import Fault
from sandbox.slack.transcript import Edit
from sandbox.slack.workspace import BOT_USER


@pytest.fixture
async def picker(bot):
    """The question which of two VMs called twin is meant."""
    await bot.log_in()
    await bot.command("/detach-iso twin")
    return await bot.said("Which VM “twin” do you mean?")


@pytest.fixture
async def answer(bot):
    """A public answer with buttons below."""
    await bot.log_in()
    await bot.command("/detach-iso web-01")
    return await bot.ended("succeeded")


@pytest.fixture
def shown(idle):
    """A message of the bot with one control of one's own."""

    def show(element, channel="C0OPS", seen_by=""):
        text = {"type": "plain_text", "text": "?"}
        block = {"type": "section", "text": text, "accessory": element}
        edit = Edit("?", (block,))
        return idle.slack.transcript.post(
            channel, edit, author=BOT_USER, seen_by=seen_by
        )

    return show


def button(value="nothing", **more):
    text = {"type": "plain_text", "text": "Press"}
    known = {"type": "button", "text": text, "action_id": "offer:0", "value": value}
    return known | more


def menu(kind, value):
    text = {"type": "plain_text", "text": "This one"}
    return {
        "type": kind,
        "action_id": "offer:0",
        "options": [{"text": text, "value": value}],
    }


async def test_a_button_of_an_ephemeral_message_answers_the_question(bot, picker):
    control = picker.controls[0]

    ack = await bot.slack.click(picker, control)

    assert (ack.is_ok, ack.body) == (True, "")
    await bot.ended("succeeded")
    assert picker.text.startswith("You chose: twin")


async def test_a_button_of_a_channel_message_starts_a_command(bot, answer):
    ack = await bot.slack.press(answer, "Undo")

    undone = await bot.slack.wait(
        lambda it: it is not answer and it.outcome == "succeeded" and not it.seen_by
    )
    assert ack.is_ok
    assert undone.metadata["event_payload"]["operation"] == "AttachIsoToVmInstance"


async def test_pressed_twice_at_once_it_is_done_once(bot, answer):
    control = next(it for it in answer.controls if it.label == "Undo")

    await asyncio.gather(*(bot.slack.click(answer, control) for _ in range(2)))

    await bot.said("This was pressed before")
    rows = [it for it in await bot.rows() if it.operation.startswith("Attach")]
    assert len(rows) == 1


@pytest.mark.parametrize("kind", ["static_select", "overflow"])
async def test_a_line_of_a_menu_is_a_click_too(bot, picker, shown, kind):
    message = shown(menu(kind, picker.controls[0].value))

    ack = await bot.slack.choose(message, "This one")

    assert ack.is_ok
    await bot.ended("succeeded")


async def test_a_button_with_a_link_is_acknowledged(idle, shown):
    link = button(action_id="link:0", url="https://example.com")

    ack = await idle.slack.press(shown(link), "Press")

    assert (ack.status, ack.body) == (200, "")


async def test_an_offer_nobody_made_says_that_it_has_expired(bot, shown):
    await bot.slack.press(shown(button()), "Press")

    said = await bot.said("This button has expired")
    assert said.seen_by == "U0ALICE"


async def test_somebody_else_cannot_answer_a_question(bot, picker, shown):
    message = shown(button(picker.controls[0].value))

    await bot.slack.press(message, "Press", user="bob")

    said = await bot.said("Only the person who was asked")
    assert said.seen_by == "U0BOB"


async def test_the_one_who_presses_is_asked_for_permission(bot, answer):
    await bot.slack.press(answer, "Undo", user="stranger")

    said = await bot.said("You belong to another workspace")
    (row,) = [it for it in await bot.rows() if it.operation.startswith("Attach")]
    assert said.seen_by == "U0STRANGER"
    assert row.person.team == "T0PARTNER"
    assert len(bot.node.log.actions()) == 1


async def test_nobody_waits_for_slack_or_zstack(bot, answer):
    bot.slack.faults.add(Fault("*", "slow", count=100, seconds=1))
    bot.node.faults.add("slow", count=100, seconds=1)

    ack = await bot.slack.press(answer, "Undo")

    assert ack.seconds < 1
    bot.slack.faults.clear()
    bot.node.faults.clear()


async def test_a_bug_of_ours_is_told_privately_with_a_reference(idle, shown, logged):
    ack = await idle.slack.press(shown(broken()), "Press")

    said = await idle.said("Tell its operator the reference")
    (line,) = logged.named("listener_failed")
    assert ack.status == 200
    assert said.seen_by == "U0ALICE"
    assert line["reference"] in said.text


def broken():
    """A button without a value, which we never send."""
    made = button()
    del made["value"]
    return made


async def test_a_bug_is_told_in_direct_messages_where_the_channel_is_closed(
    idle, shown
):
    await idle.slack.press(shown(broken(), channel="C0OLD"), "Press")

    said = await idle.said("Tell its operator the reference")
    assert said.channel == "D0ALICE"


async def test_a_sentence_that_slack_does_not_take_is_at_least_logged(idle, logged):
    idle.slack.faults.add(Fault("*", "drop_before", 9))
    apologies = Apologies(idle.deliver)

    apologies.tell({"channel": "C0OPS", "user": "U0ALICE"}, "Sorry.")
    await asyncio.gather(*apologies._telling)

    assert len(logged.named("apology_lost")) == 1


async def test_a_click_that_could_not_be_recorded_is_told(idle, shown):
    await idle.sql("ALTER TABLE message RENAME TO away")

    ack = await idle.slack.press(shown(button()), "Press")

    said = await idle.said("The bot's database did not take the command")
    assert (ack.status, said.seen_by) == (200, "U0ALICE")


@pytest.mark.parametrize("database_url", ["proxied"], indirect=True)
async def test_a_click_that_was_not_confirmed_is_told(idle, proxy, shown):
    proxy.cut_after(b"COMMIT;")

    ack = await idle.slack.press(shown(button()), "Press")

    said = await idle.said("Look at /zstack history before you try again")
    proxy.mend()
    assert (ack.is_ok, said.seen_by) == (True, "U0ALICE")


def test_a_click_is_by_the_clickers_own_team():
    body = {
        "user": {"id": "U1", "team_id": "T2"},
        "team": {"id": "T1"},
        "enterprise": {"id": "E1"},
    }

    assert person_of(body).key == "E1|T2|U1"


@pytest.mark.parametrize(
    ("team", "key"), [({"id": "T1"}, "|T1|U1"), (None, "||U1")], ids=["team", "none"]
)
def test_without_a_team_of_its_own_the_clicker_is_of_the_installed_one(team, key):
    assert person_of({"user": {"id": "U1"}, "team": team}).key == key


def test_a_click_in_a_view_has_no_channel():
    place = place_of({"user": {"id": "U1"}, "container": {"type": "view"}})

    assert (place["channel"], place["response_url"]) == ("", "")
