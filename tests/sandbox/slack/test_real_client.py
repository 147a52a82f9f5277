"""Slack's own client and verifier, so that the stand-in and the bot share no mistake."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient


@pytest.fixture
def client(slack):
    return AsyncWebClient("xoxb-sandbox", base_url=f"{slack.state.url}/api/")


async def test_slacks_verifier_takes_a_delivery(slack):
    delivery = slack.drafts.command(
        "/detach-iso", "web-01", user="alice", channel="ops"
    )
    verifier = SignatureVerifier(slack.drafts.signing_secret)

    assert verifier.is_valid_request(delivery.body, delivery.headers)
    assert not SignatureVerifier("other").is_valid_request(
        delivery.body, delivery.headers
    )


async def test_slacks_client_posts_edits_and_reads(slack, client, blocks):
    metadata = Metadata("zstack_operation", {"outcome": "running"})
    shown = [blocks.actions(blocks.button())]
    posted = await client.chat_postMessage(
        channel="C0OPS", text="x", blocks=shown, metadata=metadata
    )
    await client.chat_update(channel="C0OPS", ts=posted["ts"], text="y", blocks=shown)
    history = await client.conversations_history(
        channel="C0OPS", include_all_metadata=True
    )

    assert history["messages"][0]["metadata"]["event_payload"] == {"outcome": "running"}
    assert slack.messages("ops")[0].controls[0].label == "Undo"


async def test_slacks_client_raises_what_is_refused(client):
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_postMessage(channel="C0NONE", text="x")
