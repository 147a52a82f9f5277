import json
import re

import pytest
from slack_sdk.models.blocks import Block
from slackblocks import _limits as limit
from slackblocks._surfaces import validate_surface_blocks

from desk.notice import Notice, Slot
from handlers.blocks import render

URL = re.compile(r"https?://\S+")
BUTTON_KEYS = {
    "type",
    "action_id",
    "text",
    "value",
    "url",
    "style",
    "accessibility_label",
}
RICH_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted"}
RICH_KEYS = {"text": {"type", "text", "style"}, "user": {"type", "user_id"}}


@pytest.fixture(scope="session")
def shown():
    """Render a notice, and prove that Slack takes the message."""

    def show(**fields):
        message = render(Notice(**{"slot": Slot.ANSWER, "title": "Title"} | fields))
        check_message(message)
        return message

    return show


@pytest.fixture(scope="session")
def words():
    """All that a message shows, part by part."""

    def read(message):
        return [part["text"] for part in objects(message.blocks) if is_text(part)]

    return read


def check_message(message):
    blocks = list(message.blocks)
    assert 1 <= len(blocks) <= limit.MESSAGE_BLOCKS_MAX_ITEMS
    validate_surface_blocks(blocks, "message")
    json.dumps(blocks).encode()
    check_fallback(message.text)
    check_together(blocks)
    for block in blocks:
        CHECKS[block["type"]](block)
        Block.parse(block).validate_json()


def check_fallback(text):
    assert text.strip()
    check_length(text, limit.TEXT_MAX_LENGTH)
    assert not set("<>") & set(text)
    assert "&" not in re.sub(r"&(amp|lt|gt);", "", text)


def check_together(blocks):
    assert sum(block["type"] == "table" for block in blocks) <= 1
    assert not [part for part in objects(blocks) if part.get("type") == "mrkdwn"]
    actions = [part["action_id"] for part in objects(blocks) if "action_id" in part]
    assert len(actions) == len(set(actions))
    told = [block for block in blocks if block["type"] != "actions"]
    texts = [part["text"] for part in objects(told) if is_text(part)]
    assert sum(map(len, texts)) <= 12_000


def check_header(block):
    check_plain(block["text"], limit.HEADER_TEXT_MAX_LENGTH)


def check_section(block):
    assert "text" in block or "fields" in block
    if "text" in block:
        check_plain(block["text"], limit.SECTION_TEXT_MAX_LENGTH)
    assert len(block.get("fields", [{}])) in range(
        1, limit.SECTION_FIELDS_MAX_ITEMS + 1
    )
    for field in block.get("fields", []):
        check_plain(field, limit.SECTION_FIELDS_ITEM_MAX_LENGTH)
    if "accessory" in block:
        check_button(block["accessory"])


def check_rich_text(block):
    assert block["elements"]
    assert {part["type"] for part in block["elements"]} <= RICH_PARTS
    for part in block["elements"]:
        items = part["elements"] if part["type"] == "rich_text_list" else [part]
        assert items
        for item in items:
            check_runs(item["elements"])
    check_length("".join(texts_of(block)), limit.TEXT_MAX_LENGTH * 2)


def check_runs(runs):
    assert runs
    for run in runs:
        assert run.keys() <= RICH_KEYS[run["type"]]
        check_length(run.get("text", "a user"), limit.TEXT_MAX_LENGTH)


def check_table(block):
    assert 1 <= len(block["rows"]) <= limit.TABLE_ROWS_MAX_ITEMS
    assert len(block["column_settings"]) <= limit.TABLE_COLUMN_SETTINGS_MAX_ITEMS
    widths = {len(row) for row in block["rows"]}
    assert len(widths) == 1
    assert widths.pop() in range(1, limit.TABLE_COLUMNS_MAX_ITEMS + 1)
    for row in block["rows"]:
        assert all(cell["type"] == "raw_text" and cell["text"].strip() for cell in row)
    assert len("".join(texts_of(block))) <= 10_000


def check_actions(block):
    assert 1 <= len(block["elements"]) <= limit.ACTIONS_ELEMENTS_MAX_ITEMS
    for element in block["elements"]:
        check = {"button": check_button, "static_select": check_select}
        check[element["type"]](element)


def check_button(button):
    assert button.keys() <= BUTTON_KEYS
    check_plain(button["text"], limit.BUTTON_TEXT_MAX_LENGTH)
    check_length(button["action_id"], limit.ACTION_ID_MAX_LENGTH)
    check_length(button.get("value", "v"), limit.BUTTON_VALUE_MAX_LENGTH)
    check_length(
        button.get("accessibility_label", "a"),
        limit.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH,
    )
    assert button.get("style", "primary") in {"primary", "danger"}
    assert URL.fullmatch(button.get("url", "http://x"))
    check_length(button.get("url", "http://x"), limit.BUTTON_URL_MAX_LENGTH)


def check_select(select):
    check_plain(select["placeholder"], limit.SELECT_PLACEHOLDER_MAX_LENGTH)
    assert 1 <= len(select["options"]) <= limit.SELECT_OPTIONS_MAX_ITEMS
    for option in select["options"]:
        check_plain(option["text"], limit.OPTION_TEXT_MAX_LENGTH)
        check_length(option["value"], limit.OPTION_VALUE_MAX_LENGTH)
        if "description" in option:
            check_plain(option["description"], limit.OPTION_DESCRIPTION_MAX_LENGTH)


def check_plain(text, longest):
    assert text.keys() == {"type", "text", "emoji"}
    assert (text["type"], text["emoji"]) == ("plain_text", False)
    check_length(text["text"], longest)
    assert text["text"].strip()


def check_length(text, longest):
    assert 1 <= len(text.encode("utf-16-le")) // 2 <= longest


def is_text(part):
    return isinstance(part.get("text"), str)


def texts_of(value):
    return [part["text"] for part in objects(value) if is_text(part)]


def objects(value):
    if isinstance(value, dict):
        yield value
        value = value.values()
    if not isinstance(value, str | int | None):
        for part in value:
            yield from objects(part)


def check_input(block):
    check_plain(block["label"], limit.BUTTON_TEXT_MAX_LENGTH)
    assert block["element"]["type"] == "plain_text_input"
    assert block["element"]["max_length"] <= limit.TEXT_MAX_LENGTH


CHECKS = {
    "input": check_input,
    "header": check_header,
    "section": check_section,
    "rich_text": check_rich_text,
    "table": check_table,
    "actions": check_actions,
}
