"""`alerts:` – where alerts go and what they may do."""

from __future__ import annotations

from desk.policy.conditions import Part


class Alerts(Part):
    """Nothing can be said of alerts yet."""
