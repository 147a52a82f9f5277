"""What proves to ZStack who somebody is: a session that runs out, or an access key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from api.auth import AccessKeyAuth, SessionAuth
from desk.rows import digest

if TYPE_CHECKING:
    import httpx

    from api.models import Session

LIFETIME = 7200.0  # seconds; ZStack's default `session.timeout` (protocol.md §2)
KEY_LIFETIME = 365 * 86_400.0  # seconds without use after which a key is forgotten
_ACCOUNT = 64  # characters of the ledger's column


@dataclass(frozen=True)
class Held:
    """A session or an access key that we hold for somebody.

    ZStack does not say whose an access key is, but it never changes its account: the key
    itself stands for it in `account_uuid`.
    """

    person_key: str
    session_uuid: str
    account_uuid: str
    account_name: str
    lifetime: float
    kept: bool
    key_id: str = ""
    key_secret: str = ""

    @classmethod
    def of_session(
        cls, person_key: str, session: Session, *, account_name: str, keep: bool
    ) -> Self:
        """What a log-in gave."""
        lifetime = session.lifetime.total_seconds() if session.lifetime else LIFETIME
        account = session.account_uuid
        return cls(person_key, session.uuid, account, account_name, lifetime, keep)

    @classmethod
    def of_key(cls, person_key: str, key_id: str, key_secret: str) -> Self:
        """An access key, which signs on for every request by itself."""
        name = f"access key {key_id}"
        account = name if len(name) <= _ACCOUNT else digest(name)
        return cls(
            person_key,
            session_uuid="",
            account_uuid=account,
            account_name=name,
            lifetime=KEY_LIFETIME,
            kept=False,
            key_id=key_id,
            key_secret=key_secret,
        )

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return f"Held({self.account_name})"

    @property
    def is_key(self) -> bool:
        """Whether it signs on by itself."""
        return bool(self.key_id)

    @property
    def lost(self) -> str:
        """Why ZStack may have stopped to know it although it should have lived on."""
        if self.is_key:
            return f"ZStack does not take the {self.account_name} any more."
        return (
            f"ZStack ended your session as {self.account_name} before its time. Another "
            "log-in of the same account does that where ZStack allows one session only "
            "(enable.unique.session); connecting again ends the other in turn. An access "
            "key ends nobody's session."
        )

    @property
    def proof(self) -> str:
        """What may be stored to tell it from another one."""
        return digest(self.session_uuid or f"{self.key_id}:{self.key_secret}")

    @property
    def auth(self) -> httpx.Auth:
        """What signs this person's requests."""
        if self.is_key:
            return AccessKeyAuth(self.key_id, self.key_secret)
        return SessionAuth(self.session_uuid)
