"""A desk on a real database, with the simulated node on a real socket."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import stamina
from cryptography.fernet import Fernet
from sqlalchemy import select

from api.client import ZStack
from bot.addresses import engine_url
from desk.clouds import Site
from desk.credentials import Credentials, sign_on
from desk.deliver import NOTHING
from desk.desk import Desk
from desk.engine import open_engine
from desk.ledger import Ledger
from desk.migrate import migrate
from desk.outbox import Outbox
from desk.person import Person, Standing
from desk.policy import Channel, Kind, Policy
from desk.postman import Postman
from desk.request import Request
from desk.runner import Runner
from desk.service import Service
from desk.sessions import Sessions
from desk.store import Store, fixed
from desk.tables import metadata
from desk.vault import Vault
from sandbox.server import serve
from sandbox.zstack import Node
from tests.leaks import secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from desk.command import Command
    from desk.deliver import Known
    from desk.notice import Notice, Slot

ALICE = Person(enterprise="", team="T0", user="UALICE")
BOB = Person(enterprise="", team="T0", user="UBOB")
PLACE = {"kind": "memory", "channel": "C0", "response_url": "https://hooks/secret-url"}
KEY = secret("encryption key", Fernet.generate_key().decode())
TICK = 1e-5  # seconds; no real clock stands still while something is done
AT_REST = 60.0  # a row that waits longer than this waits for a person


@dataclass
class Clock:
    """The time, moved by hand."""

    now: float = 1_700_000_000.0


@dataclass
class People:
    """A directory; everybody is a member unless said otherwise."""

    standings: dict[str, Standing] = field(default_factory=dict)
    homes: dict[str, dict[str, str]] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    lists: dict[str, set[str] | Exception] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)

    async def standing(self, person: Person) -> Standing:
        return self.standings.get(person.user, Standing.MEMBER)

    async def at_home(self, person: Person) -> Person:
        return person.model_copy(update=self.homes.get(person.user, {}))

    async def names(self, person: Person) -> tuple[str, str]:
        return person.user.title(), "Acme"

    async def group(self, group_id: str) -> str:
        known = group_id.startswith("S0")
        return group_id.removeprefix("S0").lower() if known else group_id

    async def has(self, name: str, person: Person) -> bool:
        found = self.lists.get(name, set())
        if isinstance(found, Exception):
            raise found
        return person.user in found

    async def people(self, name: str, known: Any) -> frozenset[Person]:
        return frozenset(
            [it for it in (ALICE, BOB, *known) if await self.has(name, it)]
        )

    async def channel(self, place: Any, *, asks: bool) -> Channel:
        if place.get("step"):
            return Channel("", Kind.WORKFLOW)
        kind = self.kinds.get(place["channel"], Kind.PUBLIC) if asks else Kind.UNKNOWN
        return Channel(place["channel"], kind)


@dataclass
class Told:
    """Delivers into a list; `faults` are raised first, one a delivery.

    `knew` is what was known before each try.
    """

    said: list[tuple[Any, Notice, Any]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    knew: list[Known] = field(default_factory=list)

    async def deliver(
        self, place: Any, notice: Notice, known: Known = NOTHING
    ) -> dict[str, Any]:
        self.knew.append(known)
        if self.faults:
            raise self.faults.pop(0)
        self.said.append((place, notice, known.receipt))
        return known.receipt or {"ts": str(len(self.said))}

    def notices(self, slot: Slot | None = None) -> list[Notice]:
        found = [notice for _, notice, _ in self.said]
        return [one for one in found if slot in {None, one.slot}]

    @property
    def last(self) -> Notice:
        return self.said[-1][1]


@dataclass
class Bench:
    """One process of the bot, as far as the desk goes."""

    desk: Desk
    node: Node
    clock: Clock
    people: People
    told: Told
    database_url: str

    @property
    def runner(self) -> Runner:
        return Runner(self.desk)

    async def log_in(self, person: Person = ALICE, account: str = "ops") -> None:
        """Give `person` a session as if the login page had been filled in."""
        shown = Credentials(
            method="account", account=account, password="sandbox-password"
        )
        await self.desk.sessions.keep(await sign_on(self.desk.cloud, person, shown))

    def request(
        self,
        operation: str,
        *,
        key: str = "k1",
        person: Person = ALICE,
        reason: str | None = None,
        breaks_glass: bool = False,
        cloud: str = "",
        doubt: str = "",
        place: dict[str, Any] = PLACE,
        **arguments: Any,
    ) -> Request:
        """What an edge would hand over."""
        return Request(
            key=key,
            operation=operation,
            arguments=arguments,
            words=" ".join((operation, *map(str, arguments.values()))),
            person=person,
            place=place,
            reason=reason,
            breaks_glass=breaks_glass,
            cloud=cloud,
            doubt=doubt,
        )

    async def accept(self, operation: str, **known: Any) -> Command:
        """Record a request; a story goes on with `settle`."""
        row, _ = await self.desk.ledger.accept(self.request(operation, **known))
        return row

    async def detach(self, vm: str, iso: str | None = None, **known: Any) -> Command:
        """Record and carry out a detach; the row where it came to rest."""
        arguments = {"vm_instance_uuid": vm} | ({"iso_uuid": iso} if iso else {})
        row = await self.accept("DetachIsoFromVmInstance", **arguments, **known)
        return await self.settle(row)

    async def attach(self, vm: str, iso: str, **known: Any) -> Command:
        """Record and carry out an attach; the row where it came to rest."""
        row = await self.accept(
            "AttachIsoToVmInstance", vm_instance_uuid=vm, iso_uuid=iso, **known
        )
        return await self.settle(row)

    async def settle(self, row: Command, *, until: str | None = None) -> Command:
        """Advance everything, moving the clock, until rows wait for people or end.

        With `until`, stop as soon as `row` stands at that step.
        """
        for _ in range(5000):
            if until and (await self.desk.ledger.by_id(row.id)).step == until:
                break
            for claimed in await self.desk.ledger.claim(10):
                await self.runner.advance(claimed)
                self.clock.now += TICK
            await self.carry()
            due = await self.desk.ledger.next_due()
            if due is None or due > AT_REST:
                break
            if due > 0:
                await self.node.idle()
                self.clock.now += due
        return await self.desk.ledger.by_id(row.id)

    async def carry(self) -> None:
        """Deliver what is due now."""
        postman = Postman(self.desk.outbox, self.told)
        while messages := await self.desk.outbox.claim(10):
            for message in messages:
                await postman.carry(message)

    async def written(self) -> bytes:
        """Everything that the database holds, as far as somebody who stole it could see."""
        if self.database_url.startswith("sqlite"):
            path = Path(self.database_url.removeprefix("sqlite:///"))
            files = [path.with_name(path.name + end) for end in ("", "-wal")]
            return b"".join(it.read_bytes() for it in files)
        async with self.desk.store.read() as connection:
            found = [
                await connection.execute(select(it)) for it in metadata.sorted_tables
            ]
        return repr([rows.all() for rows in found]).encode()

    def press(self, label: str) -> str:
        """The offer behind the newest button of that name."""
        for notice in reversed(self.told.notices()):
            for choice in notice.choices:
                if choice.label == label:
                    return choice.offer
        raise KeyError(label)

    def actions(self, vm: str) -> list[Any]:
        """What ZStack really did to a VM."""
        return self.node.log.actions(vm=self.node.world.vm(vm).uuid)


@pytest.fixture(autouse=True)
def _no_waiting():
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@contextlib.asynccontextmanager
async def open_desk(
    database_url: str,
    url: str,
    clock: Clock,
    people: People,
    *,
    service_key: str = "",
    keys: Sequence[str] = (KEY,),
) -> AsyncIterator[Desk]:
    """Build a desk over a database, as a start of the bot does; again, after a crash."""
    engine = open_engine(engine_url(database_url))
    store = Store(engine, clock=fixed(lambda: clock.now))
    await migrate(store)
    vault = Vault([*keys])
    outbox = Outbox(store, vault)
    # Loading certificates, which nobody here shows, takes longer than most stories.
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        cloud = ZStack(f"{url}/zstack", http=http)
        service = Service(cloud, service_key) if service_key else None
        yield Desk(
            store=store,
            vault=vault,
            ledger=Ledger(store, vault, outbox),
            outbox=outbox,
            cloud=cloud,
            sessions=Sessions(store, vault, cloud, service.held if service else None),
            directory=people,
            public_url="http://127.0.0.1:3000",
            service=service,
            policy=lambda: people.policy,
            rolls={"slack": people},
            room=lambda channel: {"kind": "memory", "channel": channel},
            door=lambda person: PLACE | {"user": person.user},
            brisk=0.0,  # the clock stands still while a worker waits
        )
    await store.engine.dispose()


@pytest.fixture
async def node():
    return Node(job_seconds=0.01)


@pytest.fixture
async def url(node):
    async with serve(node.app) as base:
        yield base


@pytest.fixture
async def bench(database_url, node, url):
    """A desk at which ALICE is logged in as ops."""
    clock, people = Clock(), People()
    async with open_desk(database_url, url, clock, people) as desk:
        made = Bench(desk, node, clock, people, Told(), database_url)
        await made.log_in()
        yield made


@pytest.fixture
async def lab(bench):
    """A second cloud called lab, which C0LAB means; the first is called prod."""
    node = Node(job_seconds=0.01)
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(node.app))
        http = await stack.enter_async_context(
            httpx.AsyncClient(trust_env=False, verify=False)
        )
        desk, cloud = bench.desk, ZStack(f"{url}/zstack", http=http)
        sessions = Sessions(desk.store, desk.vault, cloud, name="lab")
        prod = Site("prod", desk.cloud, desk.sessions)
        lab = Site("lab", cloud, sessions, channels=frozenset({"C0LAB"}))
        bench.desk = replace(desk, sites={"prod": prod, "lab": lab})
        node.site = lab
        yield node
        await node.idle()
