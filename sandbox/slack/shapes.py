"""Which keys each block, element and object may have, and how large (platform.md §2)."""

from __future__ import annotations

from sandbox.slack.limits import (
    ANY,
    CONFIRM,
    FEW_OPTIONS,
    ID,
    MENUS,
    MULTI_MENUS,
    OPTIONS,
    PICKERS,
    PLACEHOLDER,
    PRESSED,
    TICKS,
    TYPED,
    Many,
    Part,
    Rule,
    Shape,
    Text,
    Words,
)

Keys = dict[str, Rule]

_MENU: Keys = {
    "action_id": ID,
    "placeholder": PLACEHOLDER,
    "confirm": CONFIRM,
    "focus_on_load": ANY,
}
_LISTED: Keys = {
    "options": OPTIONS,
    "option_groups": Many(Part(("option_group",)), 100),
}

OBJECTS = {
    "option": Shape(
        {
            "text": Text(75),
            "value": Words(150),
            "description": Text(75),
            "url": Words(3000),
        },
        needs=("text",),
    ),
    "option_group": Shape(
        {"label": Text(75, plain=True), "options": OPTIONS}, needs=("label", "options")
    ),
    "confirm": Shape(
        {
            "title": Text(100, plain=True),
            "text": Text(300),
            "confirm": Text(30, plain=True),
            "deny": Text(30, plain=True),
            "style": ANY,
        },
        needs=("title", "text", "confirm", "deny"),
    ),
}

ELEMENTS = {
    "button": Shape(
        {
            "action_id": ID,
            "text": Text(75, plain=True),
            "value": Words(2000),
            "url": Words(3000),
            "style": ANY,
            "confirm": CONFIRM,
            "accessibility_label": Words(75),
        },
        needs=("text",),
    ),
    "overflow": Shape(
        {"action_id": ID, "options": Many(Part(("option",)), 5), "confirm": CONFIRM},
        needs=("options",),
    ),
    "static_select": Shape(
        {**_MENU, **_LISTED, "initial_option": Part(("option",))},
        one_of=("options", "option_groups"),
    ),
    "external_select": Shape(
        {**_MENU, "min_query_length": ANY, "initial_option": Part(("option",))}
    ),
    "multi_static_select": Shape(
        {**_MENU, **_LISTED, "initial_options": ANY, "max_selected_items": ANY},
        one_of=("options", "option_groups"),
    ),
    "checkboxes": Shape(
        {
            "action_id": ID,
            "options": FEW_OPTIONS,
            "initial_options": ANY,
            "confirm": CONFIRM,
            "focus_on_load": ANY,
        },
        needs=("options",),
    ),
    "radio_buttons": Shape(
        {
            "action_id": ID,
            "options": FEW_OPTIONS,
            "initial_option": ANY,
            "confirm": CONFIRM,
            "focus_on_load": ANY,
        },
        needs=("options",),
    ),
    "plain_text_input": Shape(
        {
            "action_id": ID,
            "initial_value": Words(3000),
            "multiline": ANY,
            "min_length": ANY,
            "max_length": ANY,
            "dispatch_action_config": ANY,
            "focus_on_load": ANY,
            "placeholder": PLACEHOLDER,
        }
    ),
}

_IMAGE: Keys = {
    "image_url": Words(3000),
    "slack_file": ANY,
    "alt_text": Words(2000, shortest=1),
    "title": Text(2000, plain=True),
}
_IN_ACTIONS = (
    *PRESSED,
    *MENUS,
    *MULTI_MENUS,
    *PICKERS,
    *TICKS,
    "rich_text_input",
    "feedback_buttons",
    "icon_button",
)

BLOCKS = {
    "section": Shape(
        {
            "text": Text(3000),
            "fields": Many(Text(2000), 10),
            "accessory": Part((*_IN_ACTIONS, "image")),
            "expand": ANY,
        },
        one_of=("text", "fields"),
    ),
    "header": Shape({"text": Text(150, plain=True), "level": ANY}, needs=("text",)),
    "divider": Shape({}),
    "context": Shape(
        {"elements": Many(Part(("plain_text", "mrkdwn", "image")), 10)},
        needs=("elements",),
    ),
    "actions": Shape({"elements": Many(Part(_IN_ACTIONS), 25)}, needs=("elements",)),
    "context_actions": Shape(
        {"elements": Many(Part(("feedback_buttons", "icon_button")), 5)},
        needs=("elements",),
    ),
    "image": Shape(_IMAGE, needs=("alt_text",), one_of=("image_url", "slack_file")),
    "input": Shape(
        {
            "label": Text(2000, plain=True),
            "element": Part((*TYPED, *MENUS, *MULTI_MENUS, *PICKERS, *TICKS)),
            "hint": Text(2000, plain=True),
            "optional": ANY,
            "dispatch_action": ANY,
        },
        needs=("label", "element"),
    ),
    "markdown": Shape({"text": Words(12000, shortest=1)}, needs=("text",)),
    "rich_text": Shape({"elements": Many(ANY, 1000)}, needs=("elements",)),
    "table": Shape(
        {"rows": Many(Many(ANY, 20), 100), "column_settings": Many(ANY, 20)},
        needs=("rows",),
    ),
    "data_table": Shape(
        {
            "rows": Many(Many(ANY, 20), 201, least=2),
            "caption": ANY,
            "page_size": ANY,
            "row_header_column_index": ANY,
        },
        needs=("rows",),
    ),
}
