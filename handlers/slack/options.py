"""Names for the menus of Workflow Builder, answered before the acknowledgement."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import structlog

from api.errors import ZStackError
from desk.errors import UserError
from desk.suggestions import Suggestion, suggest
from handlers.blocks.text import cut, name, plain
from handlers.slack.asking import NoAnswer, SlackSaid, ask
from handlers.tokens import refuse_unreadable

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from desk.desk import Desk

KINDS = {"vm_options": "vm", "iso_options": "iso"}
"""The steps that only answer with names, and of what."""

_MOST = 100  # options (platform.md §2)
_TEXT = 75
_VALUE = 150
_LOOK = 1.2  # seconds; with what follows no more than the two of contract.md
_SAY = 0.7

log = structlog.get_logger()


async def answer(
    desk: Desk, client: AsyncWebClient, kind: str, *, typed: str, execution: str
) -> None:
    """Hand over the names that fit, and what was typed as it is."""
    found = await _found(desk, kind, typed)
    outputs = json.dumps({"options": options(typed, found)})
    said = {"function_execution_id": execution, "outputs": outputs}
    try:
        await ask(client, "functions.completeSuccess", seconds=_SAY, data=said)
    except (SlackSaid, NoAnswer) as error:  # whoever types goes on typing
        log.warning("options_lost", reason=str(error))


async def _found(desk: Desk, kind: str, typed: str) -> tuple[Suggestion, ...]:
    try:
        refuse_unreadable(typed)
        async with asyncio.timeout(_LOOK):
            return await suggest(desk, kind, typed, limit=_MOST - 1)
    except (ZStackError, UserError, TimeoutError) as error:
        log.warning("options_not_found", reason=type(error).__name__)
        return ()


def options(typed: str, found: tuple[Suggestion, ...]) -> list[dict[str, Any]]:
    """What Slack shows; what was typed comes first, or a menu would take nothing else."""
    words = typed.strip()
    shown = (
        [] if words in {"", *(it.words for it in found)} else [Suggestion("", words)]
    )
    return [
        {"text": plain(cut(_label(it), _TEXT)), "value": it.words}
        for it in (*shown, *found)
        if len(it.words) <= _VALUE
    ]


def _label(one: Suggestion) -> str:
    if not one.name:
        return f"As typed: {name(one.words)}"
    return name(one.name) if one.words == one.name else f"{name(one.name)} {one.words}"
