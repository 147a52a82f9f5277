"""Who is told of every secret that the stand-ins know, and of every word of their bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Nobody, unless the tests listen: they compare both (tests/leaks.py).
OF_SECRETS: list[Callable[[str, str], object]] = []
OF_WORDS: list[Callable[[bytes], object]] = []


def confide(kind: str, secret: str) -> str:
    """Tell of a secret, by its kind; hands it back."""
    for tell in OF_SECRETS:
        tell(kind, secret)
    return secret


def said(words: bytes) -> None:
    """Tell what a bot printed."""
    for tell in OF_WORDS:
        tell(words)
