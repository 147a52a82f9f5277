"""What the Web API answers instead of `ok`."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer with `ok: false` and Slack's own word for why."""

    def __init__(self, *, because: str, **more: Any) -> None:
        super().__init__(because)
        self.error = because
        self.more = more
