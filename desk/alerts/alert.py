"""An alert as the desk knows it, whatever source told it."""

from __future__ import annotations

import json
import secrets
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from desk import keys
from desk.rows import digest

_LABELS = 100
_KEY = 1_000


def _cut(limit: int) -> AfterValidator:
    return AfterValidator(lambda text: _whole(text[:limit]))


def _whole(text: str) -> str:
    """Replace halves of characters, which JSON can write and nothing else can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _short(text: str) -> str:
    """Keep two keys apart, however long they are."""
    whole = _whole(text)
    return whole if len(whole) <= _KEY else digest(whole)


Key = Annotated[str, AfterValidator(_short)]
Word = Annotated[str, _cut(200)]
Words = Annotated[str, _cut(1_000)]
Text = Annotated[str, _cut(4_000)]


def _few(texts: dict[str, str]) -> dict[str, str]:
    return dict(list(texts.items())[:_LABELS])


Labels = Annotated[dict[Word, Words], AfterValidator(_few)]


NAMELESS = "Alert without a name"


class Status(StrEnum):
    """Where an alert, or a group of them, stands."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(BaseModel):
    """One telling of one alert. Its words are a source's: text, never markup.

    `group` is what its source tells together, `fingerprint` what stays the same from its
    start to its end, `at` since when it stands so, in seconds since the epoch. `cause` is
    the same for a delivery and its retries; empty, every telling counts as a new one.
    `more` are the alerts of the group that the source left out, `origin` is what the
    source wants to hear when somebody answers it. What has no `ends` is never told to be
    over: it happened.
    """

    model_config = ConfigDict(frozen=True)

    source: Word
    group: Key
    fingerprint: Key
    cause: Key = ""
    status: Status
    at: float | None = None
    heading: Words = ""
    title: Annotated[Words, AfterValidator(lambda it: it.strip() or NAMELESS)]
    text: Text = ""
    severity: Word = ""
    labels: Labels = {}
    annotations: Labels = {}
    links: dict[Word, Text] = {}
    actions: tuple[Words, ...] = ()
    origin: Labels = {}
    more: int = 0
    ends: bool = True

    @property
    def said(self) -> dict[str, str]:
        """Its labels, by which the policy knows it; `severity` is always one."""
        return {"severity": self.severity} | self.labels

    @property
    def group_key(self) -> str:
        """The group in a short text, whatever the source writes into it."""
        return digest(json.dumps([self.source, self.group]))

    @property
    def own_key(self) -> str:
        """What it is in its group, in a short text."""
        return digest(json.dumps([self.group_key, self.fingerprint]))

    @property
    def key(self) -> str:
        """The key of its cause; another one at each look when it has none."""
        cause = self.cause or secrets.token_hex(16)
        return keys.alert(self.source, cause)
