"""What ZStack answers to one person alone."""

from sqlalchemy import select

from desk import tables
from desk.command import Next
from desk.notice import Outcome, Slot
from desk.policy import Effect, Policy
from desk.policy.model import Rule

ADDRESS = "vnc://172.20.1.11:"


async def ask(bench, vm="web-01", **known):
    return await bench.settle(
        await bench.accept("GetVmConsoleAddress", uuid=vm, **known)
    )


async def test_a_console_is_told_to_the_asker_alone(bench):
    row = await ask(bench)

    (told,) = [one for one in bench.told.notices() if one.lines]
    assert row.outcome is Outcome.SUCCEEDED
    assert (told.slot, told.title) == (Slot.PRIVATE, "The console of web-01")
    assert told.lines[0].startswith(ADDRESS)


async def test_its_address_is_written_nowhere_in_clear(bench):
    await ask(bench)

    assert ADDRESS.encode() not in await bench.written()
    async with bench.desk.store.read() as connection:
        entries = (await connection.execute(select(tables.audit.c.entry))).scalars()
        assert "The console of web-01" in "".join(entries)


async def test_a_vm_that_does_not_run_says_why(bench):
    row = await ask(bench, "db-02")

    assert row.outcome is Outcome.FAILED
    assert bench.told.last.error.root.code == "VM.1010"
    assert bench.told.last.next_step.startswith(
        "ZStack does this while a VM is Running."
    )
    assert bench.told.last.next_step.endswith("then send it again.")  # no Retry here


async def test_a_name_that_fits_several_is_asked_about(bench, story):
    row = await ask(bench, "twin")
    assert row.step == "ask.1"

    row = await story.answered(row, "twin")

    assert row.outcome is Outcome.SUCCEEDED


async def test_a_workflow_goes_on_without_the_address(bench):
    row = await bench.accept("GetVmConsoleAddress", uuid="web-01")
    memo = row.remember(workflow="Fx1", is_agreed=True, is_told=True)
    await bench.desk.ledger.commit(
        (await bench.desk.ledger.claim(1))[0],
        Next("decide.1", changes={"memo": memo}),
    )

    await bench.settle(row)

    steps = bench.told.notices(Slot.STEP)
    assert [one.lines for one in steps] == [()]


async def test_a_vm_that_the_policy_keeps_from_somebody_shows_no_console(bench):
    only = Rule(name="web", effect=Effect.ALLOW, where={"names": ("web-*",)})
    bench.people.policy = Policy(rules=(only,))

    shown = await ask(bench)
    kept = await ask(bench, "db-01", key="k2")

    assert (shown.outcome, kept.outcome) == (Outcome.SUCCEEDED, Outcome.REFUSED)
    assert bench.told.last.title.startswith("Not allowed")
