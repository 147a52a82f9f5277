"""What came back from ZStack, or from something in between."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from api.errors import UnexpectedReply

_SHOWN = 200  # characters of an unreadable answer that are worth repeating
# A session or a job uuid opens a door, and plain texts repeat the URL that they refuse.
_SECRET = re.compile("[0-9a-fA-F]{32}")
_UNWRITABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True)
class Answer:
    """What came back. ZStack names no content type, so only the text counts."""

    status: int
    text: str
    skew: float | None = None
    """Seconds that our clock is ahead of the one that sent the answer."""

    @property
    def excerpt(self) -> str:
        """The beginning of the text, fit for an error message."""
        return _SECRET.sub("…", self.text.strip())[:_SHOWN] or "an empty body"

    def data(self) -> dict[str, Any]:
        """Read the text as a JSON object, an empty one for none; or UnexpectedReply."""
        try:
            data = json.loads(self.text.strip() or "{}")
            if _UNWRITABLE.search(self.text):
                data = _writable(data)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise UnexpectedReply(self.status, "not a JSON object")
        return data


def _writable(data: Any) -> Any:
    # Half a surrogate pair, where Java cut a text, can be neither stored nor shown, and
    # a zero not be stored by PostgreSQL.
    if isinstance(data, str):
        return data.replace("\0", "\ufffd").encode(errors="replace").decode()
    if isinstance(data, list):
        return [_writable(item) for item in data]
    if isinstance(data, dict):
        return {_writable(name): _writable(value) for name, value in data.items()}
    return data
