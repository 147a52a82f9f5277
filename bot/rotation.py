"""`rotate-keys`: a new key before the old ones, everything sealed with it, no old key."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from bot.app import assemble, only_runner
from bot.keys import add_key, drop_old_keys, key_file
from desk.rotation import rotate

if TYPE_CHECKING:
    from collections import Counter

    from bot.settings import Settings

ADVICE = (
    "Every bot has to run with the same SECRET_KEYS, the new key first. When this "
    "command finds nothing more to do, the old keys may go."
)


async def rotate_keys(settings: Settings) -> Counter[str]:
    """Seal everything with the newest key of SECRET_KEYS, or with a new one of the file.

    A bot that runs knows no new key of the file: raises AnotherRuns beside one.
    """
    is_ours = key_file(settings) is not None
    with only_runner(settings) if is_ours else contextlib.nullcontext():
        if is_ours:
            add_key(settings)
        async with assemble(settings) as bot:
            counts = await rotate(bot.desk.store, bot.desk.vault)
        if is_ours:
            drop_old_keys(settings)
    return counts


def sentences(counts: Counter[str]) -> list[str]:
    """What was done, and what can be opened no more."""
    said = [
        f"Sealed anew: {counts['old']}. By the newest key already: {counts['new']}."
    ]
    if counts["lost"]:
        said.append(
            f"{counts['lost']} values can be opened by no key: whoever they belong to "
            "logs in again, and what was to be told to places among them is not told. "
            "If you still have the key, put it into SECRET_KEYS and run this again."
        )
    return said
