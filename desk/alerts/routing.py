"""Which channel a group of alerts goes to: what the policy says now, or a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk.alerts.alert import Alert
    from desk.policy import Policy


def router(policy: Callable[[], Policy], default: str) -> Callable[[Alert], str]:
    """Make what names the channel of an alert; empty when there is none for it."""

    def route(alert: Alert) -> str:
        return policy().alerts.channel(alert.source, alert.said, default)

    return route
