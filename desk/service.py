"""The bot's own access key: it looks, and runs what the policy lets run under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from api.operation import Risk
from desk.errors import UserError
from desk.held import Held
from desk.person import SERVICE

if TYPE_CHECKING:
    from api.client import Cloud
    from api.operation import Operation

Reply = TypeVar("Reply")


class NoServiceKey(UserError):
    """The bot has no access key of its own."""

    def __init__(self) -> None:
        super().__init__(
            "This would run under the bot's own access key, and there is none. "
            "Set ZSTACK_SERVICE_KEY, or run it as yourself."
        )


class KeyRefused(UserError):
    """ZStack does not take the bot's own access key."""

    def __init__(self) -> None:
        super().__init__(
            "ZStack does not take the bot's own access key. "
            "An operator has to set ZSTACK_SERVICE_KEY anew."
        )


class OnlyLooks(Exception):  # named by what it stands for
    """Something else than a look was asked for under the service key."""


class Service:
    """Looks at ZStack under the service key. What changes something is refused here.

    Commands that the policy lets run under the key go through the ledger like all others,
    as the person SERVICE.
    """

    def __init__(self, cloud: Cloud, key: str) -> None:
        key_id, _, secret = key.partition(":")
        self.held = Held.of_key(SERVICE.key, key_id, secret)
        self._cloud = cloud

    async def __call__(self, operation: Operation[Reply]) -> Reply:
        """Ask; raises OnlyLooks for what is no read, else a ZStackError."""
        if operation.rest.risk is not Risk.READ:
            raise OnlyLooks(type(operation).__name__)
        return await self._cloud.call(operation, self.held.auth)
