"""Telling a workflow how its step ended: once, in the words of the manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import structlog

from desk.errors import Undeliverable
from desk.notice import Outcome
from handlers.blocks.text import escape, name, prose
from handlers.slack.asking import SlackSaid

if TYPE_CHECKING:
    from desk.deliver import Receipt
    from desk.notice import Notice
    from handlers.slack.voice import Voice

_GOOD = {Outcome.SUCCEEDED, Outcome.UNCHANGED}
_PLAIN = {Outcome.REFUSED, Outcome.ACCEPTED}
# Slack says both of a step that has ended, by an earlier try or by somebody's hand.
_ENDED = {"execution_not_in_running_state", "function_execution_not_found"}
_OLD = "parameter_validation_failed"
_OLD_MANIFEST = (
    "Slack refused the step's outputs: the app's manifest is of another version. Install "
    "what “python -m bot manifest --steps” prints. What was done: {}"
)
_TEXT = 3_000

log = structlog.get_logger()


async def complete(voice: Voice, execution: str, notice: Notice) -> Receipt:
    """End a workflow step; a step that has ended already is left as it is."""
    try:
        if notice.outcome in _GOOD:
            await _succeed(voice, execution, notice)
        else:
            await _fail(voice, execution, sentence(notice))
    except SlackSaid as said:
        if said.word not in _ENDED:
            raise Undeliverable(said.word, retry_after=60) from None
        log.info("step_has_ended", command=notice.command_id, reason=said.word)
    return {"step": execution}


async def _succeed(voice: Voice, execution: str, notice: Notice) -> None:
    written = json.dumps(outputs(notice))
    try:
        await voice.ask(
            "functions.completeSuccess",
            function_execution_id=execution,
            outputs=written,
        )
    except SlackSaid as said:
        if said.word != _OLD:
            raise
        log.error("outputs_refused", command=notice.command_id)  # noqa: TRY400  # its word is the message
        await _fail(voice, execution, _OLD_MANIFEST.format(name(notice.title)))


async def _fail(voice: Voice, execution: str, error: str) -> None:
    await voice.ask(
        "functions.completeError",
        function_execution_id=execution,
        error=escape(error, _TEXT),
    )


def outputs(notice: Notice) -> dict[str, str]:
    """What the steps after this one can use.

    Escaped: they may post it, and a VM's name must not call a whole channel.
    """
    return {
        "outcome": str(notice.outcome),
        "resource_uuid": notice.resource_uuid or "",
        "summary": escape(summary(notice), _TEXT),
    }


def summary(notice: Notice) -> str:
    """The answer as lines of text, a table row by row."""
    rows = (" · ".join(map(name, row)) for row in notice.table[1:])
    lines = [name(notice.title), *(prose(it, _TEXT) for it in notice.lines), *rows]
    return "\n".join(lines)


def sentence(notice: Notice) -> str:
    """Why it did not happen, and what to do next."""
    reason = str(notice.error.root) if notice.error else ""
    hint = notice.next_step or _hint(notice)
    parts = [notice.title, *notice.lines, reason, hint]
    return ". ".join(name(part).removesuffix(".") for part in parts if part) + "."


def _hint(notice: Notice) -> str:
    # What was refused, or not even accepted, says itself what to mend.
    return "" if notice.outcome in _PLAIN else "Look at /zstack history"
