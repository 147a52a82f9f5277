import json

from api.models import ErrorCode, VmInstance
from desk.notice import Card, Choice, Outcome, Slot


def test_a_message_of_a_command_carries_its_metadata(shown):
    message = shown(
        command_id="c-7",
        operation="iso detach",
        outcome=Outcome.UNCHANGED,
        resource_uuid="42",
    )

    assert message.metadata == {
        "event_type": "zstack_operation",
        "event_payload": {
            "command_id": "c-7",
            "operation": "iso detach",
            "outcome": "unchanged",
            "resource_uuid": "42",
        },
    }
    assert json.loads(json.dumps(message.metadata)) == message.metadata


def test_a_private_message_and_one_of_no_command_carry_none(shown):
    assert shown(slot=Slot.PRIVATE, command_id="c-7").metadata is None
    assert shown(slot=Slot.DIRECT, command_id="c-7").metadata is None
    assert shown().metadata is None


def test_the_equivalent_call_is_preformatted(shown):
    message = shown(code="curl -X PUT \\\n  https://cloud.example")

    (part,) = message.blocks[1]["elements"]
    assert part["type"] == "rich_text_preformatted"
    assert part["elements"][0]["text"] == "curl -X PUT \\\n  https://cloud.example"


def test_what_went_wrong_and_what_to_do_stand_above_the_card(shown, words):
    message = shown(
        lines=("a line",),
        card=Card(vm=VmInstance(uuid="a vm")),
        table=(("a row",),),
        error=ErrorCode(code="an error"),
        code="a call",
        next_step="an advice",
        command_id="an id",
        link=("a link", "https://bot.example"),
        choices=(Choice(label="a choice", offer="o"),),
    )

    order = [it for it in words(message) if it.startswith(("a ", "an "))]
    assert order == [
        "a line",
        "an error",
        "an advice",
        "a vm",
        "a row",
        "a call",
        "an id",
        "a link",
        "a choice",
    ]


def test_the_notification_says_the_whole_story_in_plain_words(shown):
    message = shown(
        outcome=Outcome.FAILED,
        title="<!channel> & web",
        progress="2 of 3",
        lines=("a line",),
        error=ErrorCode(code="A", details="mounted"),
        next_step="Eject it.",
    )

    assert message.text.split("\n") == [
        "❌ &lt;!channel&gt; &amp; web",
        "2 of 3",
        "a line",
        "A: mounted",
        "Eject it.",
    ]


def test_what_matters_less_gives_way_when_everything_is_long(shown, words):
    message = shown(
        lines=("l" * 1000,) * 40,
        code="c" * 9000,
        error=ErrorCode(code="A", details="d" * 4096),
        next_step="Eject it.",
        table=(("t" * 500,),) * 99,
    )

    said = words(message)
    assert "Too long to show here in full." in said
    assert "Eject it." in said
    assert "A" in said
