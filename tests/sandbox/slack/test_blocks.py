import pytest
from slackblocks import _limits as theirs

from sandbox.slack.blocks import complaints


def text(length=1, kind="plain_text"):
    return {"type": kind, "text": "x" * length}


def section(**more):
    return {"type": "section", **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def button(length=1, **more):
    return {"type": "button", "text": text(length), **more}


def option(**more):
    return {"text": text(), "value": "v", **more}


def select(**more):
    return {"type": "static_select", "action_id": "s", "options": [option()], **more}


def confirm(**more):
    parts = {"title": text(), "text": text(), "confirm": text(), "deny": text()}
    return parts | more


def table(rows, columns):
    return {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows,
    }


SIZES = [
    pytest.param(theirs.TEXT_MAX_LENGTH, lambda n: section(text=text(n)), id="section text"),
    pytest.param(10, lambda n: section(fields=[text()] * n), id="fields"),
    pytest.param(2000, lambda n: section(fields=[text(n)]), id="field text"),
    pytest.param(150, lambda n: {"type": "header", "text": text(n)}, id="header"),
    pytest.param(theirs.CONTEXT_ELEMENTS_MAX_ITEMS, lambda n: {"type": "context", "elements": [text()] * n}, id="context"),
    pytest.param(theirs.ACTIONS_ELEMENTS_MAX_ITEMS, lambda n: actions(*[button(action_id=str(i)) for i in range(n)]), id="actions"),
    pytest.param(theirs.BLOCK_ID_MAX_LENGTH, lambda n: {"type": "divider", "block_id": "x" * n}, id="block_id"),
    pytest.param(theirs.ACTION_ID_MAX_LENGTH, lambda n: actions(button(action_id="x" * n)), id="action_id"),
    pytest.param(theirs.BUTTON_TEXT_MAX_LENGTH, lambda n: actions(button(n)), id="button text"),
    pytest.param(theirs.BUTTON_VALUE_MAX_LENGTH, lambda n: actions(button(value="x" * n)), id="button value"),
    pytest.param(theirs.BUTTON_URL_MAX_LENGTH, lambda n: actions(button(url="x" * n)), id="button url"),
    pytest.param(theirs.CONFIRMATION_TITLE_MAX_LENGTH, lambda n: actions(button(confirm=confirm(title=text(n)))), id="confirm title"),
    pytest.param(theirs.CONFIRMATION_TEXT_MAX_LENGTH, lambda n: actions(button(confirm=confirm(text=text(n)))), id="confirm text"),
    pytest.param(theirs.CONFIRMATION_DENY_MAX_LENGTH, lambda n: actions(button(confirm=confirm(deny=text(n)))), id="confirm deny"),
    pytest.param(theirs.OPTION_TEXT_MAX_LENGTH, lambda n: actions(select(options=[option(text=text(n))])), id="option text"),
    pytest.param(theirs.OPTION_VALUE_MAX_LENGTH, lambda n: actions(select(options=[option(value="x" * n)])), id="option value"),
    pytest.param(theirs.SELECT_OPTIONS_MAX_ITEMS, lambda n: actions(select(options=[option()] * n)), id="options"),
    pytest.param(theirs.SELECT_PLACEHOLDER_MAX_LENGTH, lambda n: actions(select(placeholder=text(n))), id="placeholder"),
    pytest.param(theirs.OVERFLOW_OPTIONS_MAX_ITEMS, lambda n: actions({"type": "overflow", "options": [option()] * n}), id="overflow"),
    pytest.param(100, lambda n: table(n, 1), id="table rows"),
    pytest.param(20, lambda n: table(1, n), id="table columns"),
    pytest.param(12_000, lambda n: {"type": "markdown", "text": "x" * n}, id="markdown"),
]  # fmt: skip


@pytest.mark.parametrize(("most", "make"), SIZES)
def test_a_size_is_taken_up_to_the_limit_and_no_further(most, make):
    assert complaints([make(most)]) == []
    assert complaints([make(most + 1)])


def test_a_message_holds_fifty_blocks():
    assert complaints([{"type": "divider"}] * 50) == []
    assert complaints([{"type": "divider"}] * 51)
    assert complaints([{"type": "divider"}] * 51, "modal") == []


@pytest.mark.parametrize(
    ("block", "place"),
    [
        pytest.param({"type": "sektion"}, "/blocks/0]", id="unknown block"),
        pytest.param("section", "/blocks/0]", id="not an object"),
        pytest.param(section(), "/blocks/0]", id="empty section"),
        pytest.param(section(text=text(0)), "/blocks/0/text/text]", id="empty text"),
        pytest.param(section(text="x"), "/blocks/0/text]", id="bare text"),
        pytest.param(section(text=text(), colour="red"), "/blocks/0]", id="unknown key"),
        pytest.param(section(text=text() | {"size": 1}), "/blocks/0/text]", id="unknown key of a text"),
        pytest.param(section(text=text(kind="mrkdwn") | {"emoji": True}), "/blocks/0/text]", id="emoji in mrkdwn"),
        pytest.param(section(text=text(), accessory={"type": "table"}), "/blocks/0/accessory]", id="wrong accessory"),
        pytest.param({"type": "header", "text": text(kind="mrkdwn")}, "/blocks/0/text]", id="mrkdwn header"),
        pytest.param(actions(), "/blocks/0/elements]", id="no elements"),
        pytest.param(actions({"type": "button"}), "/blocks/0/elements/0]", id="button without text"),
        pytest.param(actions("x"), "/blocks/0/elements/0]", id="element is no object"),
        pytest.param(actions(button(value=1)), "/blocks/0/elements/0/value]", id="value is no string"),
        pytest.param(actions(select(options="x")), "/blocks/0/elements/0/options]", id="options are no list"),
        pytest.param(actions(button(action_id="a"), button(action_id="a")), "/blocks/0/elements]", id="action_id twice"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(block, place):
    (fault, *_) = complaints([block])

    assert fault.endswith(f"[json-pointer:{place}")


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param("[]", id="no list"),
        pytest.param([{"type": "divider", "block_id": "b"}] * 2, id="block_id twice"),
        pytest.param([table(1, 1)] * 2, id="two tables"),
        pytest.param([{"type": "markdown", "text": "x" * 7_000}] * 2, id="markdown together"),
        pytest.param([{"type": "table", "rows": [[{"type": "raw_text", "text": "x" * 10_001}]]}], id="large table"),
    ],
)  # fmt: skip
def test_a_fault_of_the_whole_is_found(blocks):
    assert complaints(blocks)


def test_a_modal_takes_no_table_and_a_message_no_alert():
    assert complaints([table(1, 1)], "modal")
    assert complaints([{"type": "alert", "text": text()}], "message")
