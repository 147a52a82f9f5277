from urllib.parse import parse_qs

import httpx
import pytest


@pytest.fixture
async def post(slack, bot):
    async with httpx.AsyncClient() as client:

        async def post(url, **body):
            answer = await client.post(url, json=body)
            return answer.status_code, answer.text

        yield post


@pytest.fixture
async def command_url(slack, bot):
    await slack.command("/detach-iso", "web-01")
    return parse_qs(bot.came[-1][1].decode())["response_url"][0]


@pytest.fixture
async def click_url(slack, api, blocks):
    offer = blocks.actions(blocks.button())
    metadata = {"event_type": "e", "event_payload": {"outcome": "running"}}
    await api(
        "chat.postMessage",
        channel="C0OPS",
        text="original",
        blocks=[offer],
        metadata=metadata,
    )
    await slack.press(slack.messages("ops")[0], "Undo")
    token = next(reversed(slack.state.links))
    return f"{slack.state.url}/response/{token}"


async def test_an_answer_is_private_unless_it_says_otherwise(slack, post, command_url):
    assert await post(command_url, text="private") == (200, "ok")
    await post(command_url, text="public", response_type="in_channel")

    private, public = slack.messages("ops")
    assert (private.seen_by, public.seen_by) == ("U0ALICE", "")


async def test_a_link_is_good_for_five_answers(post, command_url):
    answers = [await post(command_url, text=str(n)) for n in range(6)]

    assert answers == [(200, "ok")] * 5 + [(404, "used_url")]


async def test_a_link_is_good_for_thirty_minutes(slack, post, command_url):
    slack.clock.skip(30 * 60 + 1)

    assert await post(command_url, text="late") == (404, "expired_url")


async def test_an_unknown_link_leads_nowhere(slack, post):
    assert await post(f"{slack.state.url}/response/none", text="x") == (
        404,
        "no_service",
    )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({}, "no_text", id="nothing"),
        pytest.param(
            {"blocks": [{"type": "alert"}]}, "invalid_blocks", id="bad blocks"
        ),
    ],
)
async def test_a_bad_answer_is_refused_and_costs_no_use(
    slack, post, command_url, body, error
):
    assert await post(command_url, **body) == (400, error)
    assert next(iter(slack.state.links.values())).uses == 0


async def test_a_click_can_replace_its_message_and_keep_its_metadata(
    slack, post, click_url
):
    await post(click_url, text="done", replace_original=True)

    (message,) = slack.messages("ops")
    assert (message.text, message.outcome) == ("done", "running")


async def test_a_click_can_delete_its_message(slack, post, click_url):
    await post(click_url, delete_original=True)

    assert slack.messages("ops") == []


async def test_a_command_cannot_edit_what_it_posted(slack, post, command_url):
    await post(command_url, text="one")
    await post(command_url, text="two", replace_original=True)

    assert [it.text for it in slack.messages("ops")] == ["one", "two"]
