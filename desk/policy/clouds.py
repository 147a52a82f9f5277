"""`clouds:` – the ZStack clouds by name."""

from __future__ import annotations

from desk.policy.conditions import Part


class Clouds(Part):
    """Nothing can be said of clouds yet."""
