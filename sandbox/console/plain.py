"""Block Kit as plain lines of text, for a page or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from sandbox.console.draw import Drawing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.slack import Edit

_WIDTH = 100


def lines(edit: Edit, names: Mapping[str, str]) -> str:
    """Write what an edit shows, without its frame and colours."""
    console = Console(width=_WIDTH, color_system=None, file=None)
    with console.capture() as captured:
        console.print(Drawing(names).blocks(edit))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
