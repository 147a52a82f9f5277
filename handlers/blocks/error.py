"""What ZStack said when it said no: the root cause first, then the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.blocks.rich import bold, bullets, code, paragraph, rich_text, run, section
from handlers.blocks.text import Block, name, prose

if TYPE_CHECKING:
    from api.models import ErrorCode

_DETAILS = 1_800
_STEP = 300
_ENDS = 4


def error_blocks(error: ErrorCode) -> list[Block]:
    """Show the innermost error in full, and how the outermost came to it."""
    steps = error.chain
    label = "ZStack said: " if len(steps) == 1 else "Root cause: "
    shown = [paragraph(bold(label), *_facts(steps[-1]))]
    if len(steps) > 1:
        shown.append(rich_text(bullets(_chain(steps))))
    return shown


def _facts(error: ErrorCode) -> list[Block]:
    facts = [code(name(error.code))]
    if error.description:
        facts.append(run(f" {name(error.description, _STEP)}"))
    if error.details:
        facts.append(run(f"\n{prose(error.details, _DETAILS)}"))
    if error.elaboration:
        facts.append(run(f"\n{prose(error.elaboration, _STEP)}"))
    if error.global_error_code:
        facts += [run("\nLook it up as "), code(name(error.global_error_code))]
    return facts


def _chain(steps: tuple[ErrorCode, ...]) -> list[Block]:
    told = [
        section(code(name(it.code)), run(f" {_why(it, steps[-1])}")) for it in steps
    ]
    told[-1]["elements"].append(bold(" ← root cause"))
    others = sum(max(0, len(it.causes) - 1) for it in steps)
    if others:
        told.append(section(run(f"+{others} more causes beside these")))
    if len(told) > 2 * _ENDS:
        left = section(run(f"… {len(told) - 2 * _ENDS} more steps …"))
        told = [*told[:_ENDS], left, *told[-_ENDS:]]
    return told


def _why(error: ErrorCode, root: ErrorCode) -> str:
    # What the root says stands above in full already.
    details = None if error.details == root.details else error.details
    said = [text for text in (error.description, details) if text]
    return name(": ".join(said), _STEP)
