"""What a rule is about, on what, where and when."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from api.operation import Risk
from desk.policy.asked import Kind
from desk.policy.ids import ChannelId
from desk.policy.subjects import Words, any_fits
from desk.policy.truth import Truth, every, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from desk.policy.asked import Asked, Resource

_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
_DATE = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*"


def _like(pattern: str, example: str) -> BeforeValidator:
    """Take a text only in this form: pydantic reads any number as seconds."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            message = f"is not written like {example}"
            raise ValueError(message)
        return value.zfill(5) if isinstance(value, str) else value

    return BeforeValidator(check)


Clock = Annotated[time, _like(_CLOCK, "09:00")]
Moment = Annotated[AwareDatetime, _like(_DATE, "2026-12-24T18:00+08:00")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Part(BaseModel):
    """A part of the policy file: nothing in it that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class What(Part):
    """Operations: globs on the words of the command or on ZStack's name, and the risk."""

    commands: Words | None = None
    operations: Words | None = None
    risks: Annotated[tuple[Risk, ...], Field(min_length=1)] | None = None

    def fit(self, asked: Asked) -> bool:
        """Whether `asked` is for one of them."""
        named = self.commands is None and self.operations is None
        named = named or any_fits(self.commands or (), [asked.command])
        named = named or any_fits(self.operations or (), [asked.operation])
        return named and (self.risks is None or asked.risk in self.risks)


Tag = Annotated[str, Field(pattern=r"^[^\[\]]+$")]
"""A glob of * and ? alone: ZStack is asked, which knows no other."""


class Where(Part):
    """Resources: each of these that is said has to fit.

    The cloud is known of whatever ZStack is asked, everything else of a resource alone.
    """

    names: Words | None = None
    tags: Annotated[tuple[Tag, ...], Field(min_length=1)] | None = None
    zones: Words | None = None
    clusters: Words | None = None
    clouds: Words | None = None

    def fit(self, asked: Asked) -> Truth:
        """Whether the resource is one of them; no when there is none at all."""
        return every(self._fits(asked))

    def _fits(self, asked: Asked) -> Iterator[Truth]:
        if self.clouds:
            yield asked.cloud is not None and any_fits(self.clouds, [asked.cloud])
        if asked.resource:
            yield from self._fits_resource(asked.resource)
        elif self.names or self.tags or self.zones or self.clusters:
            yield None if asked.is_early else False

    def _fits_resource(self, resource: Resource) -> Iterator[Truth]:
        known = (
            (self.names, frozenset({resource.name, resource.uuid})),
            (self.zones, resource.zone),
            (self.clusters, resource.cluster),
        )
        for globs, held in known:
            if globs:
                yield None if held is None else any_fits(globs, held)
        if self.tags:
            held = resource.tags
            yield None if held is None else not held.isdisjoint(self.tags)


class Hours(Part):
    """A time of the day, in a zone; one that ends before it begins goes over midnight."""

    zone: str
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = _DAYS
    after: Clock = time.min
    before: Clock | None = None

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = "is not the name of a time zone, for example Asia/Shanghai"
            raise ValueError(message) from None
        return value

    @field_validator("after", "before")
    @classmethod
    def _is_local(cls, value: time | None) -> time | None:
        if value and value.tzinfo:
            message = "has a zone of its own; say it in “zone”"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.after == self.before:
            message = "ends when it begins"
            raise ValueError(message)
        return self

    def hold(self, moment: datetime) -> bool:
        """Whether `moment` is within them."""
        here = moment.astimezone(ZoneInfo(self.zone))
        now, today = here.time(), _DAYS[here.weekday()]
        if self.before is None or self.after < self.before:
            ended = self.before is not None and now >= self.before
            return today in self.days and self.after <= now and not ended
        yesterday = _DAYS[(here - timedelta(days=1)).weekday()]
        late = now >= self.after and today in self.days
        return late or (now < self.before and yesterday in self.days)


class Freeze(Part):
    """A time in which changes rest; `since` and `until` carry their zone."""

    name: str
    since: Moment
    until: Moment

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.until <= self.since:
            message = "ends before it begins"
            raise ValueError(message)
        return self

    def hold(self, moment: datetime) -> bool:
        """Whether `moment` is within it."""
        return self.since <= moment < self.until


class When(Part):
    """The circumstances: each of these that is said has to fit.

    `up_to` and `over` count the person's commands at once, with this one.
    """

    channels: Annotated[tuple[ChannelId, ...], Field(min_length=1)] | None = None
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] | None = None
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)] | None = None
    frozen: bool | None = None
    up_to: Annotated[int, Field(ge=1)] | None = None
    over: Annotated[int, Field(ge=1)] | None = None

    def fit(self, asked: Asked, freezes: tuple[Freeze, ...]) -> Truth:
        """Whether it is asked in these circumstances."""
        return every(self._fits(asked, freezes))

    def _fits(self, asked: Asked, freezes: tuple[Freeze, ...]) -> Iterator[Truth]:
        if self.channels:
            yield asked.channel.id in self.channels
        if self.kinds:
            yield _of_kind(self.kinds, asked.channel.kind)
        if self.hours:
            yield some(one.hold(asked.moment) for one in self.hours)
        if self.frozen is not None:
            yield any(one.hold(asked.moment) for one in freezes) is self.frozen
        if self.up_to is not None:
            yield asked.running + 1 <= self.up_to
        if self.over is not None:
            yield asked.running + 1 > self.over


def _of_kind(kinds: tuple[Kind, ...], kind: Kind) -> Truth:
    if kind in kinds:
        return True
    return None if kind is Kind.UNKNOWN else False
