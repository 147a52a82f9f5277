"""`steps:` – which workflow steps run under the service key."""

from __future__ import annotations

from desk.policy.conditions import Part


class Steps(Part):
    """Nothing can be said of steps yet."""
