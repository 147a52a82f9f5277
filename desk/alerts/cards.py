"""Draws the card of each group that has changed, and closes the groups that have ended.

New cards take turns in their channel, so that a storm of alerts leaves room for what
people asked for.
"""

from __future__ import annotations

import secrets
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import case, insert, null, or_, select, update

from desk import tables
from desk.alerts.alert import Alert, Status
from desk.alerts.book import PAUSE
from desk.alerts.card import SHOWN, card
from desk.alerts.group import add_nothing, to_group
from desk.alerts.standing import Standing, Telling, standings
from desk.notice import Choice
from desk.steps.buttons import choice_of, offer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.alerts.group import Extend, Group
    from desk.desk import Desk
    from desk.person import Place

AT_ONCE = 4
LEASE = 60.0  # seconds; drawing asks ZStack at most a few times
TAKE = "I have it"
_FOR_EVER = 90 * 86_400.0  # seconds that the card's own button can be pressed
_LONGEST = 300.0

_alerts, _groups, _offers = tables.alert, tables.alert_group, tables.offer

log = structlog.get_logger()


class Cards:
    """The groups whose cards are due. `place` says where a channel is, for an edge.

    `pause` is in seconds between two cards: Slack takes no more of them, and in a storm
    the database belongs to what people asked for.
    """

    def __init__(
        self,
        desk: Desk,
        place: Callable[[str], Place],
        *,
        extend: Extend = add_nothing,
        pause: float = PAUSE / 2,
    ) -> None:
        self._desk = desk
        self._store = desk.store
        self._place = place
        self._extend = extend
        self._pause = pause
        self._free_at = 0.0

    async def next_due(self) -> float | None:
        """Seconds until a card is due that nobody draws; None when none is."""
        async with self._store.read() as connection:
            due = (await connection.execute(self._next)).scalar()
        return None if due is None else max(due, self._free_at - time.monotonic())

    @cached_property
    def _next(self) -> Select[Any]:
        # Made once: to make it takes longer than to carry it out.
        due = _groups.c.due
        query = select(due - self._store.now()).where(due.is_not(None), self._is_free())
        return query.order_by(due).limit(1)

    async def claim(self, limit: int) -> list[Group]:
        """Take a group whose card is due, the one that has waited for longest."""
        if time.monotonic() < self._free_at:
            return []
        self._free_at = time.monotonic() + self._pause
        now, token = self._store.now(), secrets.token_hex(16)
        query = (
            select(_groups)
            .where(_groups.c.due <= now, self._is_free())
            .order_by(_groups.c.due)
            .limit(min(limit, 1))
            .with_for_update(skip_locked=True)
        )
        async with self._store.write() as connection:
            found = (await connection.execute(query)).mappings().all()
            await connection.execute(
                update(_groups)
                .where(_groups.c.id.in_([row["id"] for row in found]))
                .values(claim=token, lease=now + LEASE)
            )
        return [to_group({**row, "claim": token}) for row in found]

    def _is_free(self) -> Any:
        return or_(_groups.c.claim.is_(None), _groups.c.lease < self._store.now())

    async def draw(self, group: Group) -> None:
        """Draw the card of a claimed group, or let it wait for its turn."""
        try:
            await self._draw(group)
        except Exception as error:  # whatever it is, the card must not be forgotten
            log.exception("card_failed", alert=group.id, exc_info=error)
            again = min(_LONGEST, 2.0**group.attempts)
            await self._release(group, due=self._store.now() + again, attempts=1)

    async def _draw(self, group: Group) -> None:
        stands = await self._standings(group)
        alerts = await self._told(stands[:SHOWN])
        extras = await self._extend(group, alerts)
        is_over = not any(it.is_firing for it in stands)
        async with self._store.write(self._store.mail) as connection:
            if not await self._settle(connection, group, is_over=is_over):
                return  # somebody else draws it by now
            own = () if is_over else (await self._button(connection, group, alerts[0]),)
            await self._offer(connection, extras.offers)
            notice = card(group, stands, alerts, extras, own)
            place = self._place(group.channel)
            await self._desk.outbox.put(connection, place, notice)
        log.info("alert_card", alert=group.id, stand=str(notice.stand))

    async def _standings(self, group: Group) -> tuple[Standing, ...]:
        names = (_alerts.c.number, _alerts.c.own_key, _alerts.c.status, _alerts.c.at)
        query = select(*names).where(_alerts.c.group_id == group.id)
        async with self._store.read() as connection:
            found = await connection.execute(query)
            return standings(
                Telling(row.number, row.own_key, Status(row.status), row.at)
                for row in found
            )

    async def _told(self, stands: Sequence[Standing]) -> list[Alert]:
        """What was told last of these alerts, in their order."""
        numbers = [stand.number for stand in stands]
        query = select(_alerts.c.number, _alerts.c.told)
        async with self._store.read() as connection:
            rows = await connection.execute(query.where(_alerts.c.number.in_(numbers)))
            found = {row.number: row.told for row in rows}
        return [Alert.model_validate(found[number]) for number in numbers]

    async def _settle(
        self, connection: AsyncConnection, group: Group, *, is_over: bool
    ) -> bool:
        """Give a claim back, and close what is over; what changed meanwhile stays due."""
        now, same = self._store.now(), _groups.c.version == group.version
        values: dict[str, Any] = {"due": case((same, null()), else_=now + PAUSE)}
        if is_over:
            values |= {
                "open_key": case((same, null()), else_=_groups.c.open_key),
                "closed_at": case((same, now), else_=_groups.c.closed_at),
            }
        held = (_groups.c.id == group.id, _groups.c.claim == group.claim)
        done = await connection.execute(
            update(_groups)
            .where(*held)
            .values(values | {"claim": None, "lease": None, "attempts": 0})
        )
        return bool(done.rowcount)

    async def _release(self, group: Group, **values: Any) -> None:
        held = (_groups.c.id == group.id, _groups.c.claim == group.claim)
        async with self._store.write() as connection:
            await connection.execute(
                update(_groups).where(*held).values(values | {"claim": None})
            )

    async def _button(
        self, connection: AsyncConnection, group: Group, first: Alert
    ) -> Choice:
        """The button by which somebody says that they have it; one for each group."""
        mine = (_offers.c.command_id == group.id, _offers.c.label == TAKE)
        found = (await connection.execute(select(_offers.c.id).where(*mine))).scalar()
        if found:
            return Choice(label=TAKE, offer=found)
        payload = {
            "operation": "take",
            "arguments": {"alert_id": group.id},
            "words": f"{TAKE}: {first.title}",
        }
        offer = offer_of(group, "show", TAKE, payload, expires=_FOR_EVER)
        await self._offer(connection, [offer])
        return choice_of(offer)

    async def _offer(
        self, connection: AsyncConnection, offers: Sequence[dict[str, Any]]
    ) -> None:
        for offer in offers:
            timed = offer | {"expires": self._store.now() + offer["expires"]}
            await connection.execute(insert(_offers).values(timed))
