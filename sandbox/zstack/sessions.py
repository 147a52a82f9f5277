"""Sessions: who is logged in, and for how long (protocol.md 2)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sandbox.witness import confide
from sandbox.zstack.errors import ApiError
from sandbox.zstack.records import fixed_uuid

if TYPE_CHECKING:
    from sandbox.zstack.inventory import Inventory
    from sandbox.zstack.records import Account, User
    from sandbox.zstack.settings import Settings


@dataclass(kw_only=True)
class Session:
    """One login of an account, or of a user within it."""

    uuid: str
    account: Account
    user: User | None
    created: float
    expires: float

    @property
    def owner(self) -> str:
        """The uuid of whoever logged in: sessions are counted by it."""
        return self.user.uuid if self.user else self.account.uuid

    def inventory(self) -> Inventory:
        """Write a SessionInventory."""
        return {
            "uuid": self.uuid,
            "accountUuid": self.account.uuid,
            "userUuid": self.owner,
            "userType": "user" if self.user else "account",
            "expiredDate": datetime.fromtimestamp(self.expires, UTC),
            "createDate": datetime.fromtimestamp(self.created, UTC),
            "noSessionEvaluation": False,
        }


class Sessions:
    """All sessions; they live in the database and so survive a restart."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_uuid: dict[str, Session] = {}

    def open(self, account: Account, user: User | None = None) -> Session:
        """Log in, unless there are too many sessions already (ID.1006)."""
        now = time.time()
        session = Session(
            uuid=confide("session uuid", uuid4().hex),
            account=account,
            user=user,
            created=now,
            expires=now + self._settings.session_seconds,
        )
        owned = [
            old
            for old in self._by_uuid.values()
            if old.owner == session.owner and old.expires > now
        ]
        if self._settings.unique_session:
            for old in owned:
                self.close(old.uuid)
            owned = []
        if len(owned) >= self._settings.max_concurrent_sessions:
            raise ApiError(
                code="ID.1006",
                zh=f"登录会话数超过限制{self._settings.max_concurrent_sessions}",
                en=f"Login sessions hit limit of max allowed concurrent login sessions:"
                f" {self._settings.max_concurrent_sessions}",
            )
        self._by_uuid[session.uuid] = session
        return session

    def open_for_key(self, account: Account) -> Session:
        """Give the one session that stands for an account's access key."""
        uuid = confide("session uuid", fixed_uuid("key-session", account.name))
        now = time.time()
        session = Session(
            uuid=uuid,
            account=account,
            user=None,
            created=now,
            expires=now + self._settings.session_seconds,
        )
        self._by_uuid[uuid] = session  # anew each time: a key does not expire
        return session

    def find(self, uuid: str) -> Session | None:
        """Find a session that has not expired."""
        session = self._by_uuid.get(uuid)
        return session if session and session.expires > time.time() else None

    def use(self, uuid: str) -> Session:
        """Find a session and renew it by the full timeout, or refuse (ID.1001)."""
        session = self.find(uuid)
        if not session:
            raise ApiError(code="ID.1001", zh="会话无效或已过期", en="Session expired")
        session.expires = time.time() + self._settings.session_seconds
        return session

    def close(self, uuid: str) -> None:
        """Log out; an unknown session is no fault."""
        self._by_uuid.pop(uuid, None)

    def expire_all(self) -> None:
        """Let every session run out now."""
        self._by_uuid.clear()
