"""The audit tells of every command once, in a chain that nothing takes from."""

import asyncio
import json

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from desk import audit, retention, tables
from desk.chain import FIRST, Link
from desk.offers import click
from desk.person import Standing
from desk.retention import sweep
from tests.desk.conftest import ALICE, BOB, PLACE, Clock, People, open_desk

DETACH = "DetachIsoFromVmInstance"
DECISION = {
    "effect": "allow",
    "trace": ["rule “every full member”: allow", "risk change: allow", "so: allow"],
}


async def told(desk):
    return [json.loads(link.entry) async for link in audit.links(desk.store)]


async def events(desk):
    return [(row["event"], row.get("outcome")) for row in await told(desk)]


async def test_a_command_is_told_of_when_it_is_sent_and_when_it_has_ended(bench):
    row = await bench.detach("web-01")

    sent, ended = await told(bench.desk)
    vm = bench.node.world.vm("web-01")
    assert (sent["event"], ended["event"]) == ("sent", "ended")
    assert sent["person"] == {"enterprise": "", "team": "T0", "user": "UALICE"}
    assert sent["account"] == {"uuid": row.account, "name": "ops"}
    assert sent["resource"] == {"uuid": vm.uuid, "name": "web-01"}
    assert sent["names"] == {row.arguments["iso_uuid"]: "ubuntu-24.04.iso"}
    assert ended["where"] == {"kind": "memory", "channel": "C0"}
    assert (ended["command"], ended["words"]) == (row.id, f"{DETACH} web-01")
    assert ended["outcome"] == "succeeded"
    assert ended["decision"] == sent["decision"] == DECISION
    assert ended["said"].startswith("Detached ubuntu-24.04.iso from web-01")
    assert ended["sent_at"] >= ended["accepted_at"]


async def test_a_refusal_is_told_of_with_its_reason(bench):
    bench.people.standings["UALICE"] = Standing.GUEST

    await bench.detach("web-01")

    (row,) = await told(bench.desk)
    assert (row["event"], row["outcome"]) == ("ended", "refused")
    assert "Guests of this workspace may not operate the cloud" in row["said"]
    assert row["decision"]["trace"] == ["guest of team T0: refused"]


async def test_a_failure_is_told_of_with_everything_that_zstack_said(bench):
    await bench.detach("mounted-01")

    ended = (await told(bench.desk))[-1]
    assert ended["outcome"] == "failed"
    assert "still mounted in the operating system" in ended["error"][-1]


async def test_every_part_of_a_batch_is_told_of(bench):
    row = await bench.detach("db-01")
    all_of_them = bench.press("All 2")
    await click(bench.desk, all_of_them, person=ALICE, place=PLACE, trigger="t1")
    await bench.settle(row)

    rows = await told(bench.desk)
    assert sorted(it["parent"] or "" for it in rows) == ["", *[row.id] * 4]
    assert rows[-1]["command"] == row.id


async def test_somebody_else_can_be_named_for_what_they_did(bench):
    row = await bench.accept(DETACH, vm_instance_uuid="web-01")

    facts = audit.about(row, "approved", who=BOB, reason="maintenance")

    assert facts["person"]["user"] == "UBOB"
    assert (facts["event"], facts["reason"]) == ("approved", "maintenance")


async def test_the_audit_holds_no_way_to_answer(bench):
    await bench.detach("web-01")

    assert PLACE["response_url"] not in repr(await told(bench.desk))


CHANGES = {
    "an update": update(tables.audit).values(hash="0" * 64),
    "a deletion": delete(tables.audit),
    "the same number again": insert(tables.audit).values(
        number=1, at=0, entry="{}", hash=""
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_the_database_refuses(bench, change):
    await bench.detach("web-01")

    with pytest.raises(IntegrityError):
        async with bench.desk.store.write() as connection:
            await connection.execute(CHANGES[change])

    assert not (await audit.verify(bench.desk.store)).fault


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO audit VALUES (1, 0, '{}', '')",
        "REPLACE INTO audit SELECT * FROM audit",
    ],
    ids=["by another", "by itself"],
)
async def test_sqlite_replaces_no_row(bench, statement):
    await bench.detach("web-01")
    if not bench.desk.store.is_sqlite:
        statement = "TRUNCATE audit"

    with pytest.raises(IntegrityError):
        async with bench.desk.store.write() as connection:
            await connection.execute(text(statement))


async def _tamper(bench, statement):
    """Change the table as somebody would who may drop triggers."""
    triggers = (
        ("DROP TRIGGER audit_updated", "DROP TRIGGER audit_deleted")
        if bench.desk.store.is_sqlite
        else ("SET LOCAL session_replication_role = replica",)
    )
    async with bench.desk.store.write() as connection:
        for one in (*triggers, statement):
            await connection.execute(text(one))


TAMPERED = {
    "words are changed": (
        "UPDATE audit SET entry = replace(entry, 'web-01', 'web-02') WHERE number = 3",
        3,
        "its text is not the one that was hashed",
    ),
    "a row is gone": (
        "DELETE FROM audit WHERE number = 2",
        3,
        "it stands behind 1: what was between is missing",
    ),
    "the first row is gone": (
        "DELETE FROM audit WHERE number = 1",
        2,
        "it stands behind 0: what was between is missing",
    ),
    "it is made older": (
        "UPDATE audit SET at = at - 86400 WHERE number = 2",
        2,
        "its number or its moment is not the one in its text",
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
async def test_verify_names_the_first_broken_row_when(bench, case):
    statement, number, fault = TAMPERED[case]
    await bench.detach("web-01")
    await bench.attach("web-01", "ubuntu-24.04.iso", key="k2")
    await _tamper(bench, statement)

    found = await audit.verify(bench.desk.store)

    assert (found.number, found.fault) == (number, fault)


async def test_the_end_that_was_noted_elsewhere_shows_what_was_cut_off(bench):
    await bench.detach("web-01")
    noted = (await audit.verify(bench.desk.store)).last
    await _tamper(bench, "DELETE FROM audit WHERE number = 2")

    alone = await audit.verify(bench.desk.store)
    found = await audit.verify(bench.desk.store, noted)

    assert not alone.fault
    assert (found.number, found.fault) == (2, "it is missing, with all up to the noted")


async def test_the_end_that_was_noted_elsewhere_shows_a_chain_made_anew(bench):
    await bench.detach("web-01")

    found = await audit.verify(bench.desk.store, Link(1, 0.0, "", "f" * 64))

    assert (found.number, found.last) == (1, FIRST)
    assert found.fault == "its hash is not the one that was noted"


async def test_pages_follow_one_another(bench, monkeypatch):
    monkeypatch.setattr(audit, "_PAGE", 2)
    for number in range(5):
        await bench.settle(await bench.accept("whoami", key=f"k{number}"))

    found = [link.number async for link in audit.links(bench.desk.store)]

    assert found == [1, 2, 3, 4, 5]
    assert (await audit.verify(bench.desk.store)).last.number == 5


async def test_rows_are_read_from_a_moment_on(bench):
    await bench.settle(await bench.accept("whoami", key="k1"))
    bench.clock.now += 100
    moment = bench.clock.now
    await bench.settle(await bench.accept("whoami", key="k2"))

    found = [link.number async for link in audit.links(bench.desk.store, since=moment)]

    assert found == [2]


async def test_the_audit_is_kept_when_its_commands_are_swept_away(bench):
    await bench.detach("web-01")
    bench.clock.now += retention.ROWS + retention.DAY

    await sweep(bench.desk.store)

    assert await bench.desk.ledger.history() == []
    assert await events(bench.desk) == [("sent", None), ("ended", "succeeded")]
    assert not (await audit.verify(bench.desk.store)).fault


async def test_replicas_that_write_side_by_side_make_one_chain(postgres_url, url):
    clock, people = Clock(), People()
    async with (
        open_desk(postgres_url, url, clock, people) as first,
        open_desk(postgres_url, url, clock, people) as second,
    ):

        async def add(desk, number):
            async with desk.store.write() as connection:
                await audit.record(connection, desk.store, {"n": number})

        desks = [(desk, number) for number in range(20) for desk in (first, second)]
        await asyncio.gather(*(add(desk, number) for desk, number in desks))

        found = await audit.verify(first.store)
        assert (found.last.number, found.fault) == (40, "")
