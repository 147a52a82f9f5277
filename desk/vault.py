"""Secrets at rest: sealed with Fernet keys, each bound to its owner."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Vault:
    """Seals with the first key, opens with any: so that keys can be rotated.

    The owner goes inside the plaintext, because Fernet authenticates nothing beside it:
    a row copied onto another person does not open.
    """

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, owner: str, value: Any) -> str:
        """Seal a JSON value for `owner`."""
        text = json.dumps([owner, value], separators=(",", ":"))
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, owner: str, sealed: str) -> Any:
        """Open what was sealed for `owner`; None when the key or the owner is another."""
        try:
            found, value = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            return None
        return value if found == owner else None
