"""The policy file as it stands on the disk; a wrong one never takes the place of a right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.settings import SettingsFault
from desk.policy import Policy
from desk.policy.file import PolicyFault, read_policy

if TYPE_CHECKING:
    from pathlib import Path

log = structlog.get_logger()

_NOBODY = Policy(rules=())
# Said by `doctor` and the like, which read it for themselves: a running bot knows better.
_NONE_BEFORE = "no bot starts with it, and one that runs keeps the one before"

_RESTART = "restart the bot for its changed clouds, until then it knows those before"


class PolicyFile:
    """What holds now. Without a file that is the built-in default.

    `faults` says what is wrong with the file that stands there, a line for each; what was
    read before goes on to hold then, and nothing is allowed when nothing was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: tuple[str, ...] = ()
        self._held: Policy | None = None
        self._seen: tuple[int, int, int] | None = None
        self._read()
        self._clouds = self().clouds  # connected to at the start, and not again

    def __call__(self) -> Policy:
        """Tell what holds."""
        return self._held or _NOBODY

    @property
    def said(self) -> str:
        """Tell how it stands, in half a sentence."""
        if self.faults:
            kept = "the one before holds" if self._held else _NONE_BEFORE
            return f"{self.path} is wrong, so {kept}: {'; '.join(self.faults)}"
        if not self._seen:
            return "the built-in default holds"
        holds = f"{self.path} holds, with {len(self().rules)} rules"
        return f"{holds}; {_RESTART}" if self._wants_restart else holds

    @property
    def _wants_restart(self) -> bool:
        return self().clouds != self._clouds

    def look(self) -> None:
        """Read the file again when it is another one than at the last look."""
        if self._stamp() != self._seen:
            self.reread()

    def reread(self) -> None:
        """Read the file again, whether or not it changed, and say in the log how it stands."""
        self._read()
        if self.faults:
            log.error("policy_wrong", file=str(self.path), faults=self.faults)
        else:
            log.info("policy_read", file=str(self.path), rules=len(self().rules))
            if self._wants_restart:
                log.warning("clouds_changed", file=str(self.path), hint=_RESTART)

    def must_be_right(self) -> None:
        """Refuse to start with a wrong file; raises SettingsFault."""
        if self.faults:
            lines = (f"POLICY_FILE: {self.path}: {fault}" for fault in self.faults)
            raise SettingsFault("\n".join(lines))

    def _read(self) -> None:
        was_there, self._seen = self._seen, self._stamp()
        if self._seen:
            self._take()
        elif was_there or self.faults:
            self.faults = ("it is gone; put it back, or restart for the default",)
        else:
            self._held = Policy()

    def _take(self) -> None:
        try:
            self._held = read_policy(self.path.read_text(encoding="utf-8"))
        except PolicyFault as fault:
            self.faults = tuple(map(str, fault.faults))
        except UnicodeDecodeError:
            self.faults = ("it is not UTF-8 text",)
        except OSError as error:
            self.faults = (f"it cannot be read: {error.strerror}",)
        else:
            self.faults = ()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
