"""A plain sentence for one person, in the acknowledgement itself."""

from __future__ import annotations

from typing import Any


def private(sentence: str) -> dict[str, Any]:
    """Build the body of an ephemeral answer; what people typed is shown as plain text."""
    plain = {"type": "plain_text", "text": sentence[:3000], "emoji": False}
    return {
        "response_type": "ephemeral",
        "text": escape(sentence),
        "blocks": [{"type": "section", "text": plain}],
    }


def escape(text: str) -> str:
    """Escape the three characters that Slack's text gives a meaning (platform.md §2)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
