"""The Authorization header: a session or an access key (protocol.md 2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sandbox.zstack.errors import PlainError

if TYPE_CHECKING:
    from sandbox.zstack.node import Node
    from sandbox.zstack.records import Account
    from sandbox.zstack.request import Request

_SKEW_SECONDS = 15 * 60


def token_of(node: Node, request: Request) -> str:
    """Give the session to use, or refuse in text; the session itself is not looked at."""
    header = request.headers.get("authorization")
    if header is None:
        raise PlainError(400, "missing header 'Authorization'")
    scheme, _, rest = header.partition(" ")
    if scheme == "OAuth":
        return rest.strip()
    if scheme == "ZStack":
        return _open_by_key(node, request, rest.strip())
    raise PlainError(400, f"Authorization type must be OAuth or ZStack, not {scheme}")


def _open_by_key(node: Node, request: Request, credentials: str) -> str:
    """Check a signed request; a wrong key is refused like an expired session."""
    date = request.headers.get("date", "")
    _check_skew(node, date)
    key_id, _, signature = credentials.partition(":")
    for account in node.world.accounts.values():
        good = sign(account, request.method, date, request.path)
        if account.key_id == key_id and hmac.compare_digest(good, signature):
            return node.sessions.open_for_key(account).uuid
    return ""


def sign(account: Account, method: str, date: str, path: str) -> str:
    """Sign as the server expects: no `/zstack`, no query string, no body."""
    text = f"{method}\n{date}\n/v1{path}".encode()
    digest = hmac.new(account.key_secret.encode(), text, hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _check_skew(node: Node, date: str) -> None:
    try:
        sent = parsedate_to_datetime(date)
    except ValueError as error:
        raise PlainError(400, f"invalid Date header[{date}]") from error
    # The wall clocks are compared, whatever zone the header names.
    here = node.now().replace(tzinfo=None)
    if abs((here - sent.replace(tzinfo=None)).total_seconds()) > _SKEW_SECONDS:
        raise PlainError(403, "requestTimeTooSkewed")
