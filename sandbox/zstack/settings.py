"""What can be set about the simulated node while it runs."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal


@dataclasses.dataclass(kw_only=True)
class Settings:
    """The knobs of a node; names are the keys of `POST /sandbox/settings`."""

    job_seconds: float = 1.5
    """How long the host agent takes over an operation on a running VM."""
    management_address: str = "172.20.0.10:8080"
    """Host of the job `location`: the node's own, often unreachable (protocol.md 1.5)."""
    api_timeout_seconds: float = 1800
    announce_timeout: bool = True
    """Older releases leave `apiTimeout` out of the 202 (protocol.md 1.4)."""
    save_seconds: float = 0
    """Between the look for a job's uuid and the save: the two are not atomic (1.6)."""
    session_seconds: float = 7200
    max_concurrent_sessions: int = 500
    unique_session: bool = False
    """Every log-in ends the earlier sessions: `enable.unique.session` (protocol.md 2)."""
    ready: bool = True
    """False answers SYS.1010 to `ready`, as a node does that is starting."""
    timezone: str = "Asia/Shanghai"
    clock_ahead_seconds: float = 0
    """How far the node's clock is ahead of the right time."""
    timestamps: Literal["java8", "java9", "java20"] = "java8"
    language: Literal["zh", "en"] = "zh"
    """Language of `details`; the default locale is zh_CN (protocol.md 4)."""
    global_error_codes: bool = False
    """Newer releases add `globalErrorCode` (protocol.md 4)."""
    causes_in_list: bool = False
    """Put the cause of an error into `causes` instead of `cause`."""
    numbers_as_doubles: bool = False
    ignore_case: bool = True
    """Comparisons ignore case, as MySQL's default collation does."""
    web_hook: Literal["normal", "early", "twice", "never"] = "normal"
    web_hook_tries: int = 15
    web_hook_interval: float = 2
    version: str = "5.2.1"

    def change(self, **changes: Any) -> None:
        """Set the fields named, and nothing when one of them is wrong."""
        known = {field.name: field for field in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                msg = f"no setting {name!r}; there are {', '.join(known)}"
                raise ValueError(msg)
            if not _is_same_kind(getattr(self, name), value):
                msg = f"{name} cannot be {value!r}"
                raise ValueError(msg)
        for name, value in changes.items():
            setattr(self, name, value)


def _is_same_kind(old: object, new: object) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool)
    if isinstance(old, (int, float)):
        return isinstance(new, (int, float))
    return isinstance(new, type(old))
