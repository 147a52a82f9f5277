"""Whether the suite wrote a secret that it used: then the run fails, whatever the tests say.

What tests and their bots print is kept by test, and searched at the end of the run together with
every file that they left below pytest's temporary directory. A finding names the place and the
kind of the secret, never the secret.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from bot.settings import Settings
from sandbox import witness

if TYPE_CHECKING:
    from asyncio import StreamReader
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SHORTEST = 12  # bytes: what is shorter turns up by chance
_UUID = 32
_HEX = re.compile(rb"[0-9a-f]{%d,}" % _UUID)
SECRET_SETTINGS = {
    name.upper()
    for name, field in Settings.model_fields.items()
    if "SecretStr" in str(field.annotation)
}


class Leaks:
    """The secrets of a run by kind, what it printed by test, and what was found in it."""

    def __init__(self) -> None:
        self._uuids: dict[bytes, str] = {}
        self._others: dict[bytes, str] = {}
        self.findings: set[str] = set()
        self._printed: dict[str, list[bytes]] = defaultdict(list)

    def keep(self, kind: str, secret: str) -> str:
        """Nobody may write this; hands it back."""
        value = secret.strip().encode()
        if len(value) == _UUID and _HEX.fullmatch(value):
            if len(set(value)) > 1:  # "aaaa…" stands for a VM in the next test
                self._uuids.setdefault(value, kind)
        elif len(value) >= SHORTEST:
            self._others.setdefault(value, kind)
        return secret

    def keep_settings(self, settings: Mapping[str, str | None]) -> None:
        """Nor what these settings of a bot have in confidence, with or without its name."""
        for name in SECRET_SETTINGS & settings.keys():
            for value in (settings[name] or "").split(","):
                self.keep(name, value)
                self.keep(name, value.rpartition(":")[2])
        address = urlsplit(settings.get("DATABASE_URL") or "")
        self.keep("password of a database", address.password or "")

    def kinds(self) -> dict[str, str]:
        """Every secret, and its kind."""
        kept = self._uuids | self._others
        return {value.decode(): kind for value, kind in kept.items()}

    def hear(self, words: str | bytes, test: str = "") -> None:
        """What a test printed, or its bots; the one that runs, unless it is named."""
        words = words.encode() if isinstance(words, str) else words
        test = test or os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        self._printed[test].append(words)

    def overhear(self, reader: StreamReader | None) -> None:
        """Hear what a process prints, whoever reads it and whether or not they do."""
        if reader is None:
            return
        feed = reader.feed_data

        def feed_data(data: bytes) -> None:
            self.hear(data)
            feed(data)

        reader.feed_data = feed_data

    def search_printed(self) -> None:
        """Look through all that was printed."""
        for test, words in self._printed.items():
            self._search(b"".join(words), f"{test} printed")

    def search_below(self, directory: Path, owner: str = "") -> None:
        """Look through every file of a directory; it is named by its owner's name, or its own."""
        for path in _files(directory):
            if path.suffix == ".keys":
                # Where a bot keeps the keys that it made itself, and nowhere else.
                for key in path.read_text(encoding="utf-8").split(","):
                    self.keep("encryption key", key)
        for path in _files(directory):
            if path.suffix != ".keys":
                place = owner or str(path.relative_to(directory))
                self._search(path.read_bytes(), f"{place} holds")

    def _search(self, data: bytes, place: str) -> None:
        self.findings |= {f"{place} a secret: {kind}" for kind in self._in(data)}

    def _in(self, data: bytes) -> Iterator[str]:
        """The kinds of the secrets in it. Uuids are too many to look for one by one."""
        for run in set(_HEX.findall(data)):
            for start in range(len(run) - _UUID + 1):
                if kind := self._uuids.get(run[start : start + _UUID]):
                    yield kind
        for value, kind in self._others.items():
            if value in data:
                yield kind


def _files(directory: Path) -> list[Path]:
    """Every file below, by name; not where the workers of the same run write."""
    return sorted(
        path
        for path in directory.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not path.relative_to(directory).parts[0].startswith("popen-")
    )


LEAKS = Leaks()
secret = LEAKS.keep


class Plugin:
    """Listens in this process, with or without xdist; the controller judges."""

    def pytest_configure(self) -> None:
        witness.OF_SECRETS.append(LEAKS.keep)
        witness.OF_WORDS.append(LEAKS.hear)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":  # which has the output of all three
            for _, words in report.sections:
                LEAKS.hear(words, report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker found."""
        told = getattr(node, "workeroutput", {})
        LEAKS.findings.update(told.get("leaks", ()))
        for secret, kind in told.get("secrets", {}).items():
            LEAKS.keep(kind, secret)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        # The files first: among them are keys that a bot made itself, which it may have printed.
        LEAKS.search_below(session.config._tmp_path_factory.getbasetemp())
        LEAKS.search_printed()
        if hasattr(session.config, "workeroutput"):
            told = {"leaks": sorted(LEAKS.findings), "secrets": LEAKS.kinds()}
            session.config.workeroutput.update(told)
        if LEAKS.findings:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if LEAKS.findings:
            terminalreporter.section("secrets in what the suite wrote", red=True)
        for finding in sorted(LEAKS.findings):
            terminalreporter.line(finding)
