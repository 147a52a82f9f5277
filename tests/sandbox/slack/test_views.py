import json
from urllib.parse import parse_qs

import pytest


def interaction(bot):
    return json.loads(parse_qs(bot.came[-1][1].decode())["payload"][0])


@pytest.fixture
async def trigger(slack, bot):
    await slack.command("/zstack", "iso detach")
    return parse_qs(bot.came[-1][1].decode())["trigger_id"][0]


@pytest.fixture
async def view(slack, api, trigger, blocks):
    asked = blocks.modal(blocks.question(), callback_id="iso_detach")
    answer = await api("views.open", trigger_id=trigger, view=asked)
    assert answer["ok"], answer
    return await slack.view()


async def test_a_trigger_opens_one_view(api, view, trigger, blocks):
    again = await api("views.open", trigger_id=trigger, view=blocks.modal())

    assert again["error"] == "exchanged_trigger_id"


async def test_a_trigger_is_good_for_three_seconds(slack, api, trigger, blocks):
    slack.clock.skip(3.5)

    answer = await api("views.open", trigger_id=trigger, view=blocks.modal())

    assert answer["error"] == "expired_trigger_id"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(
            {"title": {"type": "plain_text", "text": "x" * 25}}, id="long title"
        ),
        pytest.param({"private_metadata": "x" * 3001}, id="long metadata"),
        pytest.param(
            {"blocks": [{"type": "table", "rows": []}]}, id="a block for messages"
        ),
    ],
)
async def test_a_view_beyond_the_limits_is_refused(api, trigger, blocks, wrong):
    answer = await api("views.open", trigger_id=trigger, view=blocks.modal() | wrong)

    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"]


async def test_a_view_that_asks_needs_a_submit_button(api, trigger, blocks):
    mute = blocks.modal(blocks.question())
    del mute["submit"]

    assert not (await api("views.open", trigger_id=trigger, view=mute))["ok"]


async def test_a_submission_tells_what_was_filled_in_and_closes(slack, bot, view):
    await slack.submit(view, {"VM": "web-01"})

    told = interaction(bot)
    assert told["view"]["state"]["values"] == {
        "ask-vm": {"vm": {"type": "plain_text_input", "value": "web-01"}}
    }
    assert told["view"]["callback_id"] == "iso_detach"
    assert not view.is_open


async def test_menus_are_filled_in_by_their_lines(slack, bot, api, view, blocks):
    ticks = blocks.menu(("Force", "f"), kind="checkboxes", action_id="force")
    elements = [blocks.menu(("Ubuntu", "u1"), action_id="iso"), ticks]
    asked = [
        blocks.question(it["action_id"], it["action_id"]) | {"element": it}
        for it in elements
    ]
    await api("views.update", view_id=view.id, view=blocks.modal(*asked))

    await slack.submit(view, {"iso": "Ubuntu", "force": "f"})

    values = interaction(bot)["view"]["state"]["values"]
    assert values["ask-iso"]["iso"]["selected_option"]["value"] == "u1"
    assert values["ask-force"]["force"]["selected_options"][0]["value"] == "f"


async def test_a_failed_submission_keeps_the_view_open(slack, bot, view):
    bot.status = 500

    await slack.submit(view, {})

    assert view.is_open


async def test_errors_keep_the_view_open(slack, bot, view):
    bot.answer = {"response_action": "errors", "errors": {"ask-vm": "There is none."}}

    ack = await slack.submit(view, {})

    assert view.is_open
    assert ack.json["errors"] == {"ask-vm": "There is none."}


async def test_an_answer_can_show_something_else(slack, bot, view, blocks):
    bot.answer = {"response_action": "update", "view": blocks.modal(title="Sure?")}

    await slack.submit(view, {})

    assert view.body["title"]["text"] == "Sure?"


async def test_views_stack_and_go_together(slack, bot, view, blocks):
    bot.answer = {"response_action": "push", "view": blocks.modal(title="Sure?")}
    await slack.submit(view, {})
    top = await slack.view(lambda it: it.body["title"]["text"] == "Sure?")

    bot.answer = {"response_action": "clear"}
    await slack.submit(top, {})

    assert (top.previous_id, top.root_id) == (view.id, view.id)
    assert slack.state.modals("U0ALICE") == []


async def test_an_update_with_an_old_hash_loses(api, view, blocks):
    old = view.hash
    first = await api("views.update", view_id=view.id, hash=old, view=blocks.modal())
    second = await api("views.update", view_id=view.id, hash=old, view=blocks.modal())

    assert first["ok"]
    assert second["error"] == "hash_conflict"


async def test_a_button_in_a_view_tells_the_view(slack, bot, api, view, blocks):
    pressed = blocks.modal(blocks.actions(blocks.button("More")))
    await api("views.update", view_id=view.id, view=pressed)

    await slack.press(view, "More")

    told = interaction(bot)
    assert told["container"] == {"type": "view", "view_id": view.id}
    assert "response_url" not in told
    pushed = await api("views.push", trigger_id=told["trigger_id"], view=blocks.modal())
    assert pushed["view"]["previous_view_id"] == view.id


async def test_an_app_home_is_shown_again_in_the_same_view(slack, api):
    home = {"type": "home", "blocks": [{"type": "divider"}]}

    first = await api("views.publish", user_id="U0BOB", view=home)
    second = await api("views.publish", user_id="U0BOB", view=home)

    assert first["view"]["id"] == second["view"]["id"]
    assert len((await slack.view(user="bob")).shown) == 2
