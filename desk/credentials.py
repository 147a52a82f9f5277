"""What somebody shows to ZStack to be let in, and what ZStack gives for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from api.operations import (
    LogIn,
    LogInByAccount,
    LogInByLdap,
    LogInByUser,
    QueryVmInstance,
)
from api.operations.session import hashed
from desk.held import Held

if TYPE_CHECKING:
    from api.client import Cloud
    from api.models import Session
    from api.operation import Operation
    from desk.person import Person

PROBE = QueryVmInstance(limit=1, fields=("uuid",))
"""A cheap question that only somebody who is signed on gets an answer to."""

_NEEDS = {
    "account": ("account", "password"),
    "user": ("account", "user", "password"),
    "ldap": ("user", "password"),
    "generic": ("login_type", "user", "password"),
    "access-key": ("key_id", "key_secret"),
}
_CALLED = {
    "login_type": "login type",
    "key_id": "access key id",
    "key_secret": "access key secret",
}


class Credentials(BaseModel):
    """What the person filled in."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    method: Literal["account", "user", "ldap", "generic", "access-key"]
    account: str = ""
    user: str = ""
    login_type: str = ""
    password: SecretStr = SecretStr("")
    key_id: str = ""
    key_secret: SecretStr = SecretStr("")
    keep: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """What this method needs and is empty, as people call it."""
        empty = (name for name in _NEEDS[self.method] if not self._text(name))
        return tuple(_CALLED.get(name, name) for name in empty)

    def _text(self, name: str) -> str:
        value = getattr(self, name)
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    @property
    def name(self) -> str:
        """What the connected account is called."""
        if self.method == "ldap":
            return f"{self.user} (LDAP)"
        if self.method == "generic":
            return f"{self.user} ({self.login_type})"
        return f"{self.account}/{self.user}" if self.method == "user" else self.account

    def to_operation(self) -> Operation[Session]:
        """Build the log-in that ZStack is asked for; an access key needs none."""
        if self.method == "ldap":
            return LogInByLdap(uid=self.user, password=self.password)
        if self.method == "generic":
            in_clear = self.login_type.lower() == "ldap"
            password = self.password if in_clear else hashed(self.password)
            return LogIn(
                username=self.user, password=password, login_type=self.login_type
            )
        if self.method == "user":
            return LogInByUser(
                account_name=self.account, user_name=self.user, password=self.password
            )
        return LogInByAccount(account_name=self.account, password=self.password)


async def sign_on(cloud: Cloud, person: Person, credentials: Credentials) -> Held:
    """Show them to ZStack; raises Rejected when it does not take them, or ZStackError."""
    if credentials.method == "access-key":
        secret = credentials.key_secret.get_secret_value()
        held = Held.of_key(person.key, credentials.key_id, secret)
        await cloud.call(PROBE, held.auth)
        return held
    session = await cloud.call(credentials.to_operation())
    return Held.of_session(
        person.key, session, account_name=credentials.name, keep=credentials.keep
    )
