"""Why no answer came, in words for people and with the name for whoever looks it up."""

from __future__ import annotations

import httpx

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "connecting to it took too long"),
    (httpx.ReadTimeout, "nothing came in time"),
    (httpx.WriteTimeout, "it did not take the request in time"),
    (httpx.PoolTimeout, "too many requests wait for it already"),
    (httpx.ConnectError, "there is no connection to it"),
    (httpx.NetworkError, "the connection broke off"),
    (httpx.RemoteProtocolError, "the connection broke off, or it does not speak HTTP"),
)


def why(error: Exception) -> str:
    """Say what happened; never the text of the error, which may hold the address."""
    name = type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"its certificate is not trusted ({name})"
    found = [words for kind, words in _WORDS if isinstance(error, kind)]
    return f"{found[0]} ({name})" if found else name
