"""Secrets at rest: sealed with Fernet keys, each bound to its owner."""

from __future__ import annotations

import json
from typing import Any, Literal

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

State = Literal["new", "old", "lost"]


class Vault:
    """Seals with the first key, opens with any: so that keys can be rotated.

    The owner goes inside the plaintext, because Fernet authenticates nothing beside it:
    a row copied onto another person does not open.
    """

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._newest = Fernet(keys[0])

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

    def state(self, sealed: str) -> State:
        """Tell whether the newest key sealed it, an older one, or one that is lost."""
        if _opens(self._newest, sealed):
            return "new"
        return "old" if _opens(self._fernet, sealed) else "lost"

    def renewed(self, sealed: str) -> str:
        """Seal it with the newest key; InvalidToken when no key opens it."""
        return self._fernet.rotate(sealed.encode()).decode()


def _opens(fernet: Fernet | MultiFernet, sealed: str) -> bool:
    try:
        fernet.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True
