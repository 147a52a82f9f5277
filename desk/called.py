"""Sentences of the policy with the names that people know, in place of Slack's ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desk.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.desk import Desk


async def by_name(desk: Desk, text: str, ids: Iterable[str]) -> str:
    """Write `@name` for each of `ids` that `text` speaks of: it is read, and calls nobody.

    An id stays as it is when Slack cannot say, or when it is of another workspace.
    """
    names = {it: await _name(desk, it) for it in ids if it in text and "/" not in it}
    if not names:
        return text
    longest = sorted(names, key=len, reverse=True)
    ours = re.compile(rf"(?<![\w/])(?:{'|'.join(longest)})(?!\w)")
    return ours.sub(lambda found: names[found[0]], text)


async def _name(desk: Desk, it: str) -> str:
    if it.startswith("S"):
        name = await desk.directory.group(it)
    else:
        name, _ = await desk.directory.names(Person(enterprise="", team="", user=it))
    return it if name == it else f"@{' '.join(name.split())}"
