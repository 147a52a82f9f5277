"""Block Kit's shapes and sizes, as data (Slack's block, element and object references)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A bare string."""

    longest: int
    shortest: int = 0


@dataclass(frozen=True)
class Text:
    """A text object, never empty."""

    longest: int
    plain: bool = False


@dataclass(frozen=True)
class Anything:
    """Not looked into."""


@dataclass(frozen=True)
class Part:
    """An object that names its kind in `type`, or has just the one kind given."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Many:
    """A list."""

    of: Rule
    most: int
    least: int = 1


Rule = Words | Text | Anything | Part | Many


@dataclass(frozen=True)
class Shape:
    """The keys of one kind; any other key is refused, as Slack does."""

    keys: dict[str, Rule]
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


ID = Words(255, shortest=1)
ANY = Anything()
CONFIRM = Part(("confirm",))
OPTIONS = Many(Part(("option",)), 100)
FEW_OPTIONS = Many(Part(("option",)), 10)
PLACEHOLDER = Text(150, plain=True)

MENUS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
MULTI_MENUS = tuple(f"multi_{menu}" for menu in MENUS)
PICKERS = ("datepicker", "timepicker", "datetimepicker")
TICKS = ("checkboxes", "radio_buttons")
PRESSED = ("button", "workflow_button", "overflow")
TYPED = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)

_EVERYWHERE = {
    "actions",
    "card",
    "context",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "video",
}
MODAL_BLOCKS = frozenset(_EVERYWHERE | {"alert"})
HOME_BLOCKS = frozenset(
    _EVERYWHERE | {"carousel", "container", "data_table", "data_visualization", "table"}
)
MESSAGE_BLOCKS = HOME_BLOCKS | {
    "context_actions",
    "file",
    "markdown",
    "plan",
    "task_card",
}
SURFACES = {
    "message": (MESSAGE_BLOCKS, 50),
    "modal": (MODAL_BLOCKS, 100),
    "home": (HOME_BLOCKS, 100),
}
