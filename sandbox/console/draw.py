"""Draw Block Kit in a terminal with rich; record the console to get an SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.columns import Columns
from rich.console import Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from sandbox.console.richtext import rich_text
from sandbox.console.words import mrkdwn, printable, words
from sandbox.slack.controls import attached, controls_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import RenderableType

    from sandbox.slack.controls import Control, Option
    from sandbox.slack.transcript import Edit

    Block = dict[str, Any]
    Number = Callable[[Control, Option | None], str]

_COLOURS = {
    "succeeded": "green",
    "running": "blue",
    "accepted": "blue",
    "failed": "red",
    "refused": "yellow",
    "unknown": "magenta",
}


def unnumbered(control: Control, option: Option | None) -> str:  # noqa: ARG001 -- a Number
    """Number nothing: for a picture nobody can press in."""
    return ""


class Drawing:
    """Draws edits; `names` tells what ids are called, `number` what to type for a control."""

    def __init__(self, names: Mapping[str, str], number: Number = unnumbered) -> None:
        self._names = names
        self._number = number
        self._writers: dict[str, Callable[[Block], Iterator[RenderableType]]] = {
            "header": self._header,
            "section": self._section,
            "context": self._context,
            "divider": self._divider,
            "rich_text": self._rich_text,
            "table": self._table,
            "data_table": self._table,
            "image": self._image,
            "markdown": self._markdown,
            "input": lambda _: iter(()),
            "actions": lambda _: iter(()),
            "context_actions": lambda _: iter(()),
        }

    def panel(self, edit: Edit, title: str) -> Panel:
        """Draw one edit of a message in a frame."""
        outcome = edit.outcome
        return Panel(
            self.blocks(edit),
            title=Text(printable(title), "bold"),
            title_align="left",
            subtitle=Text(outcome) if outcome else None,
            subtitle_align="right",
            border_style=_COLOURS.get(outcome, "white"),
        )

    def blocks(self, edit: Edit) -> RenderableType:
        """Draw the blocks, or the text when there are none, as Slack does."""
        parts = [part for block in edit.blocks for part in self._block(block)]
        if not parts and edit.text:
            parts = [mrkdwn(edit.text, self._names)]
        parts += [part for it in edit.attachments for part in self._attachment(it)]
        return Group(*parts)

    def _attachment(self, attachment: Block) -> Iterator[RenderableType]:
        for name in ("pretext", "title", "text"):
            if attachment.get(name):
                yield mrkdwn(attachment[name], self._names)
        buttons = [self._button(it) for it in attached([attachment])]
        if buttons:
            yield Padding(Columns(buttons), (1, 0, 0, 0))

    def _block(self, block: Block) -> Iterator[RenderableType]:
        write = self._writers.get(str(block.get("type")), self._unknown)
        yield from write(block)
        yield from self._controls(block)

    def _header(self, block: Block) -> Iterator[RenderableType]:
        yield Text(printable(block["text"]["text"]), "bold")

    def _divider(self, block: Block) -> Iterator[RenderableType]:  # noqa: ARG002 -- has nothing
        yield Rule(style="dim")

    def _rich_text(self, block: Block) -> Iterator[RenderableType]:
        yield rich_text(block, self._names)

    def _image(self, block: Block) -> Iterator[RenderableType]:
        yield Text(f"[image: {printable(block.get('alt_text', ''))}]", "dim")

    def _markdown(self, block: Block) -> Iterator[RenderableType]:
        yield Text(printable(block["text"]))

    def _unknown(self, block: Block) -> Iterator[RenderableType]:
        yield Text(f"[{printable(str(block.get('type')))}]", "dim")

    def _section(self, block: Block) -> Iterator[RenderableType]:
        if "text" in block:
            yield words(block["text"], self._names)
        if block.get("fields"):
            grid = Table.grid(padding=(0, 3))
            fields = [words(field, self._names) for field in block["fields"]]
            for left in range(0, len(fields), 2):
                grid.add_row(*fields[left : left + 2])
            yield grid

    def _context(self, block: Block) -> Iterator[RenderableType]:
        for element in block["elements"]:
            if element["type"] == "image":
                yield Text(f"[{printable(element.get('alt_text', ''))}]", "dim")
            else:
                written = words(element, self._names)
                written.stylize("dim")
                yield written

    def _table(self, block: Block) -> Iterator[RenderableType]:
        first, *rest = block["rows"]
        table = Table(header_style="bold")
        for cell in first:
            table.add_column(self._cell(cell))
        for row in rest:
            table.add_row(*(self._cell(cell) for cell in row))
        yield table

    def _cell(self, cell: Block) -> Text:
        if cell.get("type") == "rich_text":
            return rich_text(cell, self._names)
        return Text(printable(str(cell.get("text", cell.get("value", "")))))

    def _controls(self, block: Block) -> Iterator[RenderableType]:
        controls = controls_of([block])
        buttons = [it for it in controls if it.is_button]
        if buttons:
            yield Padding(Columns([self._button(it) for it in buttons]), (1, 0, 0, 0))
        for menu in controls:
            if not menu.is_button:
                yield self._menu(menu)

    def _button(self, button: Control) -> Text:
        colour = {"danger": "white on red", "primary": "white on green"}.get(
            button.style
        )
        label = Text(f" {printable(button.label)} ", colour or "reverse")
        return Text(self._number(button, None)).append_text(label)

    def _menu(self, menu: Control) -> Text:
        lines = [Text(printable(menu.label), "italic")] if menu.label else []
        lines += [
            Text(self._number(menu, option)).append(f"○ {printable(option.label)}")
            for option in menu.options
        ]
        return Text("\n").join(lines)
