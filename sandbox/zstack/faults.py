"""Faults on request: what goes wrong with the next requests that match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal[
    "slow",  # waits `seconds` before the request is processed
    "slow-reply",  # processes it, then waits `seconds` before the reply
    "drop",  # closes the connection before the request is processed
    "drop-reply",  # processes it, then closes the connection instead of replying
    "error",  # 500 with a line of text, not processed
    "proxy",  # 503 in HTML as a proxy in front writes it, not processed
    "proxy-reply",  # processes it, then the proxy's 503 hides the reply
    "fail",  # ends with the error `code`, operation not run
    "stuck",  # job accepted, operation never run, 202 for ever
    "stuck-done",  # job accepted and operation run, 202 for ever
    "lost",  # operation run, the job's row was never saved: 404
]


@dataclass(kw_only=True)
class Fault:
    """One kind of trouble for the next `count` requests that match.

    `match` is an API's name, or a regular expression searched in `METHOD /path`,
    with and without the `/zstack/v1` in front.
    """

    kind: Kind
    match: str = ""
    count: int = 1
    seconds: float = 1.0
    code: str = "SYS.1001"

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            msg = f"no fault {self.kind!r}; there are {', '.join(get_args(Kind))}"
            raise ValueError(msg)
        self._pattern = re.compile(self.match)

    def meets(self, method: str, path: str, api: str | None) -> bool:
        """Tell whether this fault is for the request."""
        texts = (f"{method} {path}", f"{method} /zstack/v1{path}")
        return self.match == api or any(map(self._pattern.search, texts))


class Faults:
    """The faults to come; the first that matches is played and counted down."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def add(self, kind: Kind, match: str = "", **options: Any) -> Fault:
        """Ask for a fault; see `Fault` for the options."""
        fault = Fault(kind=kind, match=match, **options)
        self.pending.append(fault)
        return fault

    def clear(self) -> None:
        """Let all go well again."""
        self.pending.clear()

    def take(self, method: str, path: str, api: str | None) -> Fault | None:
        """Take the fault for a request, if there is one."""
        for fault in self.pending:
            if fault.meets(method, path, api):
                fault.count -= 1
                if fault.count <= 0:
                    self.pending.remove(fault)
                return fault
        return None
