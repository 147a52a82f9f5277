"""What can be pressed: buttons, a picker, a link. Offers are opaque and never cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.blocks.rich import paragraph, run
from handlers.blocks.text import BLANK, Block, count, name, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.notice import Choice

_LABEL = 75
_TYPED = 500
_ROW = 5
_BUTTONS = 50
_SECTIONS = 5
_OPTIONS = 100
_BUTTON_VALUE = 2_000
_OPTION_VALUE = 150
_URL = re.compile(r"https?://[\x21-\x7e]{1,2900}")


def choice_blocks(choices: Sequence[Choice], *, pick: bool) -> list[Block]:
    """Offer `choices` as buttons, or to pick one of."""
    if not pick:
        return _buttons(choices)
    return _sections(choices) if len(choices) <= _SECTIONS else _select(choices)


def link_blocks(label: str, url: str) -> list[Block]:
    """Make a button of a link; one that Slack would refuse stays words."""
    if not _URL.fullmatch(url):
        return [paragraph(run(f"{name(label)}: {name(url, 500)}"))]
    button = _link(0, label, url) | {"style": "primary"}
    return [{"type": "actions", "elements": [button]}]


def links_blocks(links: Sequence[tuple[str, str]]) -> list[Block]:
    """Make one row of buttons of links; those that Slack would refuse stay words."""
    usable = [it for it in links if _URL.fullmatch(it[1])][:_ROW]
    buttons = [_link(number, *link) for number, link in enumerate(usable, start=1)]
    row = [{"type": "actions", "elements": buttons}] if buttons else []
    left = [
        f"{name(label, _LABEL)}: {name(url, 500)}"
        for label, url in links
        if (label, url) not in usable
    ]
    return [*row, *([paragraph(run("\n".join(left)))] if left else [])]


def _link(number: int, label: str, url: str) -> Block:
    return {
        "type": "button",
        "action_id": f"link:{number}",
        "text": plain(name(label, _LABEL)),
        "url": url,
    }


def field_block(label: str) -> Block:
    """Let something be typed above the buttons, which then carry it along."""
    return {
        "type": "input",
        "label": plain(name(label, _LABEL)),
        "element": {
            "type": "plain_text_input",
            "action_id": "typed",
            "max_length": _TYPED,
        },
    }


def _usable(choices: Sequence[Choice], limit: int, most: int) -> list[Choice]:
    return [it for it in choices if 0 < len(it.offer) <= limit][:most]


def _buttons(choices: Sequence[Choice]) -> list[Block]:
    usable = _usable(choices, _BUTTON_VALUE, _BUTTONS)
    buttons = [_button(it, number, it.label) for number, it in enumerate(usable)]
    rows: list[Block] = [
        {"type": "actions", "elements": buttons[at : at + _ROW]}
        for at in range(0, len(buttons), _ROW)
    ]
    return [*rows, *_rest(len(choices) - len(usable))]


def _sections(choices: Sequence[Choice]) -> list[Block]:
    usable = _usable(choices, _BUTTON_VALUE, _SECTIONS)
    shown = [_section(choice, number) for number, choice in enumerate(usable)]
    return [*shown, *_rest(len(choices) - len(usable))]


def _section(choice: Choice, number: int) -> Block:
    text = "\n".join(name(it) for it in (choice.label, choice.detail) if it)
    button = _button(choice, number, "Choose")
    button["accessibility_label"] = name(f"Choose {choice.label}", _LABEL)
    return {"type": "section", "text": plain(text or BLANK), "accessory": button}


def _button(choice: Choice, number: int, label: str) -> Block:
    button: Block = {
        "type": "button",
        "action_id": f"offer:{number}",
        "text": plain(name(label, _LABEL)),
        "value": choice.offer,
    }
    return button | ({"style": choice.style} if choice.style else {})


def _select(choices: Sequence[Choice]) -> list[Block]:
    usable = _usable(choices, _OPTION_VALUE, _OPTIONS)
    rest = _rest(len(choices) - len(usable))
    if not usable:
        return rest
    select = {
        "type": "static_select",
        "action_id": "offer:0",
        "placeholder": plain(f"Choose one of {len(usable)}"),
        "options": [_option(it) for it in usable],
    }
    return [{"type": "actions", "elements": [select]}, *rest]


def _option(choice: Choice) -> Block:
    option: Block = {"text": plain(name(choice.label, _LABEL)), "value": choice.offer}
    if choice.detail:
        option["description"] = plain(name(choice.detail, _LABEL))
    return option


def _rest(number: int) -> list[Block]:
    if not number:
        return []
    said = f"{count(number, 'more choice')} not shown. A uuid names one exactly."
    return [paragraph(run(said))]
