import asyncio

import pytest

from api.errors import Unreachable
from desk.alerts import lookout as module
from desk.alerts.lookout import Lookout
from desk.alerts.resources import Kind, Reference
from desk.service import Service

WEB, DB = Reference(Kind.VM, "web-01"), Reference(Kind.VM, "db-01")


@pytest.fixture
def looking(bench):
    bench.node.log.clear()
    return Lookout(Service(bench.desk.cloud, "admin-key:admin-key-secret"))


def questions(bench):
    return [it.api for it in bench.node.log.received].count("QueryVmInstance")


async def test_whoever_waits_is_asked_for_in_one_question(bench, looking):
    first, *others = await asyncio.gather(
        *(looking.look([it]) for it in [WEB, *[DB] * 9])
    )

    assert first[WEB].vm.name == "web-01"
    assert all(found[DB].vm.name == "db-01" for found in others)
    assert questions(bench) <= 2


async def test_what_is_not_there_is_left_out(looking):
    assert await looking.look([Reference(Kind.VM, "nobody")]) == {}


async def test_nothing_to_look_for_asks_nothing(bench, looking):
    assert await looking.look([]) == {}
    assert questions(bench) == 0


async def test_a_zstack_that_fails_is_no_answer_for_all_who_wait():
    async def ask(_):
        await asyncio.sleep(0)
        reason = "away"
        raise Unreachable(reason, sent=False)

    looking = Lookout(ask)
    wanted = [WEB, DB, Reference(Kind.VM, "twin")]

    assert await asyncio.gather(*(looking.look([it]) for it in wanted)) == [None] * 3


async def test_a_zstack_that_is_slow_does_not_hold_a_card(monkeypatch):
    monkeypatch.setattr(module, "_SECONDS", 0.01)

    async def ask(_):
        await asyncio.Event().wait()

    assert await Lookout(ask).look([WEB]) is None
