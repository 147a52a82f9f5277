"""Is a request really Slack's? Pure; says why not, and never what was in it."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW = 300  # seconds; platform.md §1


def fault(
    secrets: Sequence[str], *, timestamp: str, signature: str, body: bytes, now: float
) -> str | None:
    """Say what is wrong with a request, or None when one of `secrets` signed it.

    Several secrets are valid while one is being rotated; every one is compared, in
    constant time.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):  # noqa: PLR2004  # seconds
        return "malformed timestamp"
    if abs(now - int(timestamp)) > WINDOW:
        return "stale timestamp"
    if not signature.isascii():
        return "malformed signature"
    signed = b"v0:" + timestamp.encode() + b":" + body
    matches = [
        hmac.compare_digest(_sign(secret, signed), signature) for secret in secrets
    ]
    return None if any(matches) else "wrong signature"


def _sign(secret: str, signed: bytes) -> str:
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
