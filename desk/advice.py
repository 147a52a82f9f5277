"""What to do next after ZStack said no: decided by code and cause, never by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.models import ErrorCode

# The codes and their meaning: protocol.md §4.
_ADVICE = {
    "ID.1000": "Log in again with /zstack login.",
    "ID.1001": "ZStack does not know this session or access key. Log in with "
    "/zstack login.",
    "ID.1002": "This ZStack account may not touch the VM. Ask its owner, or connect "
    "another account with /zstack login.",
    "ID.1003": "The account's quota is used up. Free something, or ask an "
    "administrator to raise it.",
    "ID.1005": "ZStack wants this account's password changed first. Change it in the "
    "ZStack console, then /zstack login.",
    "ID.1006": "The account has as many sessions as ZStack allows one. Log out elsewhere, "
    "or wait until an old one runs out, then try again; an access key needs no session.",
    "SYS.1001": "ZStack ran out of time. Look at the host's state, then press Retry.",
    "SYS.1003": "It was deleted meanwhile, or this account may not see it. Check the "
    "name and send the command again.",
    "SYS.1007": "ZStack does not take this value. Choose another image or VM and try "
    "again.",
    "SYS.1010": "The management node is not ready. Press Retry in a minute.",
    "SYS.1012": "The management node is away. Press Retry in a minute.",
    "SYS.1015": "The host's agent did not answer. Check that the host is Connected, "
    "then press Retry.",
    "SYS.1016": "The host's agent did not answer. Check that the host is Connected, "
    "then press Retry.",
    "HOST.1010": "The host is disconnected. Reconnect it in ZStack, then press Retry.",
}
_STATE = (
    "ZStack does this while a VM is {}. Bring it there, or wait until it is, then "
    "press Retry."
)
_MOUNTED = (
    "The guest still has the ISO mounted. Run umount /dev/sr0 && eject /dev/sr0 in it "
    "(Windows: eject the drive), then press Retry."
)
_OTHERWISE = (
    "What ZStack says above is the reason. If a policy denies it, ask an administrator; "
    "otherwise mend it and press Retry."
)
_FINAL = {"SYS.1003", "SYS.1007", "SYS.1014"}  # asking again changes nothing (§4)


def may_retry(error: ErrorCode) -> bool:
    """Tell whether the same request can end otherwise another time."""
    return error.root.code not in _FINAL


def advice(
    error: ErrorCode,
    *,
    states: str = "Running",
    wrong_state: str | None = None,
    obstacle: str | None = None,
) -> str:
    """What to do, from the innermost code that we know.

    `states` are those in which ZStack would do it; `wrong_state` says that the VM was in
    another, `obstacle` what else was seen to stand in the way.
    """
    # The agent's sentence is English whatever the server's language (protocol.md §4);
    # it chooses a hint here and decides nothing.
    if any("still mounted" in (inner.details or "") for inner in error.chain):
        return _MOUNTED
    for inner in reversed(error.chain):
        if inner.code == "VM.1010":
            return _then(wrong_state) or _STATE.format(states)
        if inner.code in _ADVICE:
            return _ADVICE[inner.code]
    return _then(obstacle) or _OTHERWISE


def without_retry(advised: str) -> str:
    """Say it where there is no Retry to press."""
    return advised.replace("press Retry", "send it again")


def _then(first: str | None) -> str | None:
    return f"{first} Then press Retry." if first else None
