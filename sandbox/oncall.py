"""A night on call: an alert about a VM with a forgotten ISO, which ends when it is out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.alertmanager import Alertmanager
    from sandbox.slack import Message
    from sandbox.zstack import Node

VM = "legacy-06"
TOKEN = "sandbox-alertmanager"
_LOOK = 0.3  # seconds between two looks at the VM
_NAME = "VmCannotMigrate"
_TEXT = (
    f"An ISO is still attached to {VM}: its host cannot be emptied, and maintenance "
    "would stop the VM."
)


class AlertLostError(Exception):
    """The bot did not take the alert."""


class ForgottenIso:
    """The alert, told to the bot's webhook over HTTP as Alertmanager does."""

    def __init__(self, node: Node, alertmanager: Alertmanager, bot_url: str) -> None:
        self._vm = node.world.vm(VM)
        self._alertmanager = alertmanager
        self._url = f"{bot_url}/alerts/alertmanager"

    async def play(self) -> None:
        """Fire, and resolve as soon as nothing is in the drives of the VM."""
        uuid = self._vm.uuid
        alert = self._alertmanager.fire(_NAME, _TEXT, severity="warning", VMUuid=uuid)
        await self._tell()
        while self._vm.iso_uuids:  # noqa: ASYNC110  # a cloud tells nobody of its changes
            await asyncio.sleep(_LOOK)
        self._alertmanager.resolve(alert)
        await self._tell()

    async def _tell(self) -> None:
        for answer in await self._alertmanager.tell(self._url, TOKEN):
            if not answer.is_success:
                message = f"the bot answered {answer.status_code} to the alert"
                raise AlertLostError(message)


def is_card(message: Message) -> bool:
    """Whether a message is the card of an alert."""
    return message.metadata.get("event_type") == "zstack_alert"
