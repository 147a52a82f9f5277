"""What a reader of a message can press or choose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEGACY = "attachment_button"  # a name of ours: Slack says only `button`
BUTTONS = frozenset({"button", "workflow_button", LEGACY})
CHOICES = frozenset({"static_select", "overflow", "radio_buttons", "checkboxes"})
SEARCHES = frozenset({"external_select"})
FIELDS = frozenset({"plain_text_input"})


@dataclass(frozen=True)
class Option:
    """One line of a menu."""

    label: str
    value: str


@dataclass(frozen=True)
class Control:
    """A button or a menu, and where it stands."""

    kind: str
    action_id: str
    block_id: str
    label: str
    value: str = ""
    url: str = ""
    style: str = ""
    options: tuple[Option, ...] = ()
    element: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_button(self) -> bool:
        """Whether it is pressed rather than chosen from."""
        return self.kind in BUTTONS

    def answers_to(self, name: str) -> bool:
        """Whether a person or a test would call it `name`."""
        names = {self.label, self.action_id, self.block_id, self.value}
        return name in names - {""}

    def option(self, name: str) -> Option | None:
        """Find a line of the menu by its text or value."""
        for option in self.options:
            if name in {option.label, option.value}:
                return option
        return None


def controls_of(blocks: Iterable[dict[str, Any]]) -> list[Control]:
    """List the controls of `blocks` in reading order."""
    return [
        control
        for block in blocks
        for element in _elements(block)
        for control in _control(element, block)
    ]


def attached(attachments: Iterable[dict[str, Any]]) -> list[Control]:
    """List the buttons of old-style attachments, as other programs post them."""
    return [
        Control(
            kind=LEGACY,
            action_id=action.get("name", ""),
            block_id=str(attachment.get("callback_id", "")),
            label=action.get("text", ""),
            value=action.get("value", ""),
            url=action.get("url", ""),
            style=action.get("style", ""),
            element=action,
        )
        for attachment in attachments
        for action in attachment.get("actions", [])
    ]


def _elements(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = block.get("type")
    if kind in {"actions", "context_actions"}:
        yield from block.get("elements", [])
    elif kind == "card":
        yield from block.get("actions", [])
    elif "accessory" in block:
        yield block["accessory"]
    elif "element" in block:
        yield block["element"]


def _control(element: dict[str, Any], block: dict[str, Any]) -> Iterator[Control]:
    kind = element.get("type", "")
    if kind not in BUTTONS | CHOICES | SEARCHES | FIELDS:
        return
    shown = (element.get("text"), block.get("label"), element.get("placeholder"))
    label: dict[str, Any] = next(filter(None, shown), {})
    yield Control(
        kind=kind,
        action_id=element.get("action_id", ""),
        block_id=str(block.get("block_id", "")),
        label=label.get("text", ""),
        value=element.get("value", ""),
        url=element.get("url", ""),
        style=element.get("style", ""),
        options=tuple(_options(element)),
        element=element,
    )


def _options(element: dict[str, Any]) -> Iterator[Option]:
    groups = element.get("option_groups") or [element]
    for group in groups:
        for option in group.get("options", []):
            yield Option(option["text"]["text"], option.get("value", ""))
