"""`break_glass:` – who may go ahead without the others, and who hears of it."""

from __future__ import annotations

from desk.policy.conditions import Part


class BreakGlass(Part):
    """Nothing can be said of it yet."""
