"""What cards tell and offer beside the alerts: what is there now, who did what, buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select

from api.operation import OPERATIONS, Risk
from desk import tables
from desk.alerts.group import Extras
from desk.alerts.outlook import Outlook
from desk.alerts.sight import sights
from desk.alerts.wanted import wanted
from desk.ledger import AT_A_PERSON
from desk.notice import Choice, Outcome
from desk.person import Person
from desk.steps.buttons import choice_of, offer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.alerts.alert import Alert
    from desk.alerts.group import Group
    from desk.alerts.wanted import Button
    from desk.desk import Desk

_LIVES = 7 * 86_400.0  # seconds that a button of a card can be pressed
_DEEDS = 5
_RISKY = {Risk.DISRUPT, Risk.DESTROY}

_offers, _commands = tables.offer, tables.command


@dataclass(frozen=True)
class Pressed:
    """A button that a card has had, and the command of whoever pressed it first."""

    offer: str
    label: str
    payload: dict[str, Any]
    is_alive: bool
    person: Person | None = None
    outcome: Outcome | None = None
    waits: bool = False

    def is_for(self, button: Button) -> bool:
        """Whether it does what `button` shall do."""
        return all(self.payload.get(name) == it for name, it in button.payload.items())

    @property
    def is_under_way(self) -> bool:
        """Whether it was pressed, and what it does has not ended nor waits for somebody."""
        return self.outcome is not None and not self.outcome.is_final and not self.waits


class CardExtras:
    """Adds to each card; ZStack is looked at under the service key, where there is one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._outlook = Outlook(desk)

    async def __call__(self, group: Group, alerts: Sequence[Alert]) -> Extras:
        """Add to the card of `group`."""
        rules = self._desk.policy().alerts
        abouts = await self._outlook.look(alerts, group.channel)
        pressed, now = await self._pressed(group)
        silences = self._desk.silencer is not None
        choices: list[Choice] = []
        offers: list[dict[str, Any]] = []
        for button in wanted(abouts, rules.actions, silences=silences):
            choice, offer = _offered(group, button, pressed)
            choices += [choice] if choice else []
            offers += [offer] if offer else []
        seen = sights(abouts, now=now, looks=self._outlook.looks)
        deeds = await self._deeds(pressed)
        return Extras((*seen, *deeds), tuple(choices), tuple(offers))

    async def _pressed(self, group: Group) -> tuple[list[Pressed], float]:
        """The buttons that the card has had, the oldest first, and what time it is."""
        now = self._desk.store.now()
        query = (
            select(_offers, *(_commands.c[it] for it in ("person", "outcome", "step")))
            .outerjoin(_commands, _commands.c.key == literal("offer:") + _offers.c.id)
            .where(_offers.c.command_id == group.id, _offers.c.kind == "start")
            .order_by(_commands.c.accepted_at, _offers.c.id)
        )
        async with self._desk.store.read() as connection:
            moment = float((await connection.execute(select(now))).scalar_one())
            rows = (await connection.execute(query)).mappings().all()
        return [_read(row, moment) for row in rows], moment

    async def _deeds(self, pressed: Sequence[Pressed]) -> tuple[str, ...]:
        """Who did what, and what came of it."""
        done = [it for it in pressed if it.person][-_DEEDS:]
        return tuple([await self._deed(it) for it in done])

    async def _deed(self, done: Pressed) -> str:
        name, _ = await self._desk.directory.names(done.person or _NOBODY)
        how = "under way" if done.is_under_way else str(done.outcome)
        how = f"waits for {name}" if done.waits else how
        return f"{name}: {done.payload['words']} – {how}"


_NOBODY = Person(enterprise="", team="", user="")


def _read(row: Any, now: float) -> Pressed:
    return Pressed(
        offer=row["id"],
        label=row["label"],
        payload=row["payload"],
        is_alive=row["expires"] > now,
        person=row["person"] and Person.model_validate(row["person"]),
        outcome=row["outcome"] and Outcome(row["outcome"]),
        waits=row["step"] in AT_A_PERSON,
    )


def _offered(
    group: Group, button: Button, pressed: Sequence[Pressed]
) -> tuple[Choice | None, dict[str, Any] | None]:
    """The choice for a button, and the offer behind it if it is not kept yet.

    What is under way is not offered, nor is what succeeded, unless it can be seen that
    there is something to do again.
    """
    same = [it for it in pressed if it.is_for(button)]
    done = not button.is_by_sight and any(
        it.outcome is Outcome.SUCCEEDED for it in same
    )
    if done or any(it.is_under_way for it in same):
        return None, None
    payload = _payload(group, button)
    kept = [it for it in same if it.is_alive and (it.waits or not it.outcome)]
    if kept and kept[-1].payload == payload and kept[-1].label == button.label:
        choice = Choice(
            label=button.label, offer=kept[-1].offer, style=payload["style"]
        )
        return choice, None
    offer = offer_of(group, "start", button.label, payload, expires=_LIVES)
    return choice_of(offer), offer


def _payload(group: Group, button: Button) -> dict[str, Any]:
    operation = OPERATIONS.get(button.operation)
    is_risky = operation is not None and operation.rest.risk in _RISKY
    return button.payload | {
        "words": button.words,
        "alert": group.id,
        "doubt": button.doubt,
        "style": "danger" if is_risky else "",
        "seen": button.seen.model_dump(mode="json") if button.seen else None,
    }
