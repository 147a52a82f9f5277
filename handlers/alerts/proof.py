"""Who sent an alert: bearer, basic or HMAC, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def has_bearer(secret: str, headers: Mapping[str, str]) -> bool:
    """Whether `Authorization: Bearer` carries the secret."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and is_same(given.strip(), secret)


def has_basic(secret: str, headers: Mapping[str, str]) -> bool:
    """Whether `Authorization: Basic` carries the secret, which is `user:password`."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(decoded, secret.encode())


def hmac_of(secret: str, *parts: bytes) -> str:
    """The lower-case hexadecimal HMAC-SHA256 of `parts`."""
    return hmac.new(secret.encode(), b"".join(parts), hashlib.sha256).hexdigest()


def is_same(given: str, wanted: str) -> bool:
    """Compare in constant time, whatever characters there are."""
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass")
    )
