"""Log in and out (protocol.md 2)."""

from __future__ import annotations

from hashlib import sha512
from typing import TYPE_CHECKING

from sandbox.zstack import inventory
from sandbox.zstack.errors import ApiError, invalid_argument

if TYPE_CHECKING:
    from sandbox.zstack.api import Call, Json
    from sandbox.zstack.records import Account, User

_SHORTEST, _LONGEST = 60, 31_536_000


def _matches(row: Account | User | None, password: object) -> bool:
    """Compare with the SHA-512 in lower-case hex that stands for a password."""
    return row is not None and sha512(row.password.encode()).hexdigest() == password


def _wrong() -> ApiError:
    return ApiError(
        code="ID.1000", zh="用户名或密码错误", en="wrong account name or password"
    )


def _account(call: Call) -> Account | None:
    wanted = {call.params.get("accountName"), call.params.get("accountUuid")} - {None}
    accounts = call.node.world.accounts.values()
    return next((a for a in accounts if wanted & {a.name, a.uuid}), None)


async def log_in_by_account(call: Call) -> Json:
    """Log in with an account's name and password."""
    return _open_account(call, call.params.get("accountName"))


def _open_account(call: Call, name: object) -> Json:
    accounts = call.node.world.accounts.values()
    account = next((a for a in accounts if a.name == name), None)
    if not account or not _matches(account, call.params.get("password")):
        raise _wrong()
    return {"inventory": call.node.sessions.open(account).inventory()}


async def log_in_by_user(call: Call) -> Json:
    """Log in as a user within an account."""
    account = _account(call)
    name = call.params.get("userName")
    users = call.node.world.users.values()
    user = next((u for u in users if u.name == name and not u.is_ldap), None)
    if not account or not user or user.account_uuid != account.uuid:
        raise _wrong()
    if not _matches(user, call.params.get("password")):
        raise _wrong()
    return {"inventory": call.node.sessions.open(account, user).inventory()}


async def log_in_by_ldap(call: Call) -> Json:
    """Log in with the plain password of a directory entry."""
    return _open_ldap(call, call.params.get("uid"))


def _open_ldap(call: Call, uid: object) -> Json:
    world = call.node.world
    found = (user for user in world.users.values() if user.is_ldap and user.name == uid)
    user = next(found, None)
    if not user or user.password != call.params.get("password"):
        raise _wrong()
    account = world.accounts[user.account_uuid]
    session = call.node.sessions.open(account, user)
    return {
        "inventory": session.inventory(),
        "accountInventory": inventory.account(account),
    }


async def log_in(call: Call) -> Json:
    """Log in by the generic API, which says what kind of login it is."""
    name = call.params.get("username")
    if call.params.get("loginType") == "ldap":
        return _open_ldap(call, name)
    return _open_account(call, name)


async def log_out(call: Call) -> Json:
    """End a session."""
    call.node.sessions.close(call.variables["sessionUuid"])
    return {}


async def validate_session(call: Call) -> Json:
    """Tell whether a session is good, without renewing it."""
    return {"valid": call.node.sessions.find(call.variables["sessionUuid"]) is not None}


async def renew_session(call: Call) -> Json:
    """Set how long a session lasts; the next ordinary call sets it back."""
    duration = call.params.get("duration", call.node.settings.session_seconds)
    if not _SHORTEST <= duration <= _LONGEST:
        raise invalid_argument(
            zh=f"duration[{duration}]超出范围",
            en=f"duration[{duration}] is out of range",
        )
    session = call.node.sessions.use(call.variables["sessionUuid"])
    session.expires += duration - call.node.settings.session_seconds
    return {"inventory": session.inventory()}
