"""Every cause is one row; a row moves on for whoever holds its claim."""

import asyncio
import contextlib
import sqlite3

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from api.models import ErrorCode, VmInstance
from desk import patience, tables
from desk.claims import IN_A_ROW, LEASE
from desk.command import NOW, In, Next
from desk.errors import NotConfirmed, StoreUnavailable, UserError
from desk.ledger import Ledger
from desk.notice import Notice, Outcome, Slot
from desk.rows import digest
from tests.desk.conftest import ALICE, BOB, PLACE

JOB = "f" * 32
ANSWER = Notice(slot=Slot.ANSWER, command_id="c1", title="Running")


@pytest.fixture
def ledger(bench):
    return bench.desk.ledger


@pytest.fixture
async def row(bench, ledger):
    """A row that is claimed."""
    await bench.accept("whoami")
    return (await ledger.claim(1))[0]


async def stored(ledger, row):
    query = select(tables.command).where(tables.command.c.id == row.id)
    async with ledger.store.read() as connection:
        return (await connection.execute(query)).mappings().one()


async def resume(ledger, row, step="decide.1", **place):
    async with ledger.store.write() as connection:
        return await ledger.resume(connection, row, Next(step), place=place)


async def follow(ledger, row, job=JOB, due_in=60):
    """Let the row wait for its job."""
    step = Next("follow.1", due_in=due_in, changes={"job_uuid": job})
    await ledger.commit(row, step)


async def parked(ledger, row, question="q1"):
    """Let the row wait for an answer."""
    step = Next("ask.1", due_in=900, changes={"question": question})
    await ledger.commit(row, step)
    return await ledger.by_id(row.id)


async def test_one_key_twenty_times_at_once_is_one_row(bench, ledger):
    rows = await asyncio.gather(*(bench.accept("whoami") for _ in range(20)))

    assert len({row.id for row in rows}) == 1
    assert len(await ledger.history()) == 1


async def test_a_key_that_is_known_finds_the_first_row(bench):
    first = await bench.accept("whoami")

    again = await bench.accept("logout")

    assert (again.id, again.operation) == (first.id, "whoami")


async def test_a_row_is_what_was_asked_for(bench):
    row = await bench.accept("whoami", part="x", person=BOB)

    assert (row.person, row.place, row.arguments) == (BOB, PLACE, {"part": "x"})
    assert (row.step, row.outcome) == ("decide.1", Outcome.ACCEPTED)
    assert (row.due, row.accepted_at) == (bench.clock.now, bench.clock.now)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_accepted_when_the_database_is_away(bench, tmp_path):
    for file in tmp_path.glob("bot.sqlite3*"):
        file.unlink()
    await bench.desk.store.engine.dispose()

    with pytest.raises(StoreUnavailable):
        await bench.accept("whoami")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_accepted_when_the_disk_is_full(bench):
    @event.listens_for(bench.desk.store.engine.sync_engine, "begin")
    def _fill(connection):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no more than now

    with pytest.raises(StoreUnavailable) as caught:
        await bench.accept("whoami", part="x" * 100_000)

    assert not isinstance(caught.value, NotConfirmed)
    assert await bench.desk.ledger.history() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_accepted_while_another_writes_for_long(
    bench, tmp_path, monkeypatch
):
    monkeypatch.setattr(patience, "PATIENCE", 0.2)
    with contextlib.closing(sqlite3.connect(tmp_path / "bot.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="no answer in time"):
            await bench.accept("whoami", key="k1")
    await asyncio.wait(patience._left)

    row = await bench.accept("whoami", key="k2")

    assert await bench.desk.ledger.history() == [row]


async def test_the_place_is_sealed(bench, ledger):
    row = await bench.accept("whoami")

    assert "secret-url" not in (await stored(ledger, row))["place"]


async def test_an_unknown_id_is_told_to_the_person(ledger):
    with pytest.raises(UserError, match="There is no command nothing"):
        await ledger.by_id("nothing")


async def test_claims_hand_out_the_longest_waiting_first(bench, ledger):
    for key in ("first", "second", "third"):
        bench.clock.now += 1
        await bench.accept("whoami", key=key)

    claims = [*await ledger.claim(2), *await ledger.claim(2)]

    assert [row.key for row in claims] == ["first", "second", "third"]


async def test_a_row_that_became_due_earlier_comes_before_an_older_one(bench, ledger):
    await bench.accept("whoami", key="older")
    bench.clock.now += 1
    await bench.accept("whoami", key="newer")
    bench.clock.now += 5
    (held, _) = await ledger.claim(9)
    await ledger.commit(held, Next("follow.1", due_in=60))
    bench.clock.now += 60

    assert [row.key for row in await ledger.claim(9)] == ["newer", "older"]


async def test_nobody_claims_what_is_held_or_not_due(bench, ledger, row):
    await bench.accept("whoami", key="k2")
    later = (await ledger.claim(1))[0]
    await ledger.postpone(later, 60)

    assert await ledger.claim(9) == []


async def test_a_claim_is_free_again_after_its_lease(bench, ledger, row):
    bench.clock.now += LEASE + 1

    again = (await ledger.claim(1))[0]

    assert again.id == row.id
    assert again.claim != row.claim
    assert again.claimed_at == bench.clock.now


async def test_a_heartbeat_holds_a_claim_for_another_lease(bench, ledger, row):
    bench.clock.now += LEASE - 1
    assert await ledger.heartbeat(row)
    bench.clock.now += LEASE - 1

    assert await ledger.claim(1) == []


async def test_a_heartbeat_tells_that_the_claim_is_lost(bench, ledger, row):
    bench.clock.now += LEASE + 1
    await ledger.claim(1)

    assert not await ledger.heartbeat(row)


async def test_a_step_is_written_with_its_messages_and_offers(bench, ledger, row):
    offer = {"id": "o1", "command_id": row.id, "kind": "show", "label": "More"}
    offer |= {"payload": {}, "expires": 60.0}
    told = ANSWER.model_copy(update={"command_id": row.id})

    assert await ledger.commit(
        row, Next("ask.1", 30.0, notices=((PLACE, told),), offers=(offer,))
    )

    after = await ledger.by_id(row.id)
    assert (after.step, after.due, after.claim) == ("ask.1", bench.clock.now + 30, None)
    assert await bench.desk.outbox.notices(row.id) == [(told, False)]


async def test_a_commit_with_a_lost_claim_changes_nothing(bench, ledger, row):
    bench.clock.now += LEASE + 1
    holder = (await ledger.claim(1))[0]
    told = ANSWER.model_copy(update={"command_id": row.id})

    assert not await ledger.commit(row, Next("done.1", notices=((PLACE, told),)))

    seen_then = {"claimed_at": 0, "waiting": 0}
    assert await ledger.by_id(row.id) == holder.model_copy(update=seen_then)
    assert await bench.desk.outbox.notices(row.id) == []


async def test_a_step_whose_offer_cannot_be_written_is_not_written(bench, ledger, row):
    wrong = {"id": "o1", "expires": 60.0}

    with pytest.raises(IntegrityError, match=r"(?i)not.null"):
        await ledger.commit(row, Next("ask.1", offers=(wrong,)))

    assert (await ledger.by_id(row.id)).step == "decide.1"


async def test_a_kept_claim_lets_the_same_worker_go_on(ledger, row):
    await ledger.commit(row, Next("sent.1"), keep=True)

    assert await ledger.claim(1) == []
    assert await ledger.commit(row, Next("follow.1"))


async def test_the_last_step_waits_for_nothing_and_tells_when(bench, ledger, row):
    await ledger.commit(row, Next("done.1", due_in=None))

    after = await ledger.by_id(row.id)
    assert (after.due, after.finished_at) == (None, bench.clock.now)


async def test_a_postponed_row_counts_the_tries_until_a_step_succeeds(
    bench, ledger, row
):
    await ledger.postpone(row, 5)
    bench.clock.now += 5
    again = (await ledger.claim(1))[0]
    assert again.attempts == 1

    await ledger.commit(again, Next("ask.1"))

    assert (await ledger.by_id(row.id)).attempts == 0


async def test_a_call_that_came_too_late_tells_that_zstack_calls_back(
    bench, ledger, row
):
    await ledger.commit(row, Next("done.1", None, changes={"job_uuid": JOB}))
    bench.clock.now += 1

    await ledger.called(JOB)

    await bench.accept("whoami", key="next")
    (claimed,) = await ledger.claim(1)
    assert claimed.any_call_at == bench.clock.now


async def test_a_row_held_by_another_is_not_postponed(bench, ledger, row):
    bench.clock.now += LEASE + 1
    await ledger.claim(1)

    await ledger.postpone(row, 60)

    assert (await ledger.by_id(row.id)).attempts == 0


async def test_a_callback_makes_a_waiting_row_due_now(ledger, row):
    await follow(ledger, row)

    assert await ledger.called(JOB)

    assert await ledger.next_due() == 0
    assert (await ledger.by_id(row.id)).due == row.due


async def test_a_callback_for_a_row_that_has_ended_wakes_nothing(ledger, row):
    await ledger.commit(row, Next("done.1", None, changes={"job_uuid": JOB}))

    assert not await ledger.called(JOB)

    assert await ledger.next_due() is None


async def test_a_callback_during_a_look_makes_the_row_due_again_at_once(
    bench, ledger, row
):
    await follow(ledger, row, due_in=0)
    (looking,) = await ledger.claim(1)
    bench.clock.now += 0.1
    assert await ledger.called(JOB)

    await ledger.commit(looking, Next("follow.1", due_in=30))

    assert await ledger.next_due() == 0


async def test_a_callback_before_a_look_does_not_count_for_the_next(bench, ledger, row):
    await follow(ledger, row)
    assert await ledger.called(JOB)
    bench.clock.now += 0.1
    (looking,) = await ledger.claim(1)

    await ledger.commit(looking, Next("follow.1", due_in=30))

    assert await ledger.next_due() == 30


async def test_a_row_goes_on_when_its_question_is_open(bench, ledger, row):
    waiting = await parked(ledger, row)

    assert await resume(ledger, waiting, at=5)

    after = await ledger.by_id(row.id)
    assert (after.step, after.question, after.due) == (
        "decide.1",
        None,
        bench.clock.now,
    )
    assert after.place == PLACE | {"at": 5}


@pytest.mark.parametrize(
    "changed",
    [{"question": "q2"}, {"step": "login.1"}],
    ids=["another question", "another step"],
)
async def test_a_row_stays_when_its_question_is_not_open(ledger, row, changed):
    waiting = await parked(ledger, row)

    assert not await resume(ledger, waiting.model_copy(update=changed))

    assert await ledger.by_id(row.id) == waiting


async def test_only_the_first_of_two_answers_counts(ledger, row):
    waiting = await parked(ledger, row)

    went_on = [await resume(ledger, waiting, step) for step in ("yes.1", "no.1")]

    assert went_on == [True, False]
    assert (await ledger.by_id(row.id)).step == "yes.1"


async def test_an_answer_in_the_last_moment_wins_over_its_expiry(bench, ledger, row):
    await parked(ledger, row)
    bench.clock.now += 901
    expiring = (await ledger.claim(1))[0]

    assert await resume(ledger, expiring)

    assert not await ledger.commit(expiring, Next("done.1", due_in=None))
    assert (await ledger.by_id(row.id)).step == "decide.1"


async def test_a_job_is_sealed_and_found_by_its_digest(ledger, row):
    await ledger.commit(row, Next("send.1", changes={"job_uuid": JOB}))

    values = await stored(ledger, row)
    assert await ledger.knows(JOB)
    assert (await ledger.by_id(row.id)).job_uuid == JOB
    assert values["job_digest"] == digest(JOB)
    assert JOB not in str(dict(values))


async def test_a_job_can_be_forgotten(ledger, row):
    await ledger.commit(row, Next("send.1", changes={"job_uuid": JOB}), keep=True)

    await ledger.commit(row, Next("decide.1", changes={"job_uuid": None}))

    assert not await ledger.knows(JOB)
    assert (await ledger.by_id(row.id)).job_uuid is None


async def test_objects_and_moments_come_back_as_they_were(bench, ledger, row):
    vm, error = VmInstance(uuid="a" * 32, name="web"), ErrorCode(code="SYS.1006")
    changes = {"before": vm, "after": None, "error": error}
    changes |= {"memo": row.remember(looks=3), "sent_at": NOW, "deadline": In(60)}

    await ledger.commit(row, Next("send.1", changes=changes))

    after = await ledger.by_id(row.id)
    assert (after.before, after.after, after.error) == (vm, None, error)
    assert after.memo.looks == 3
    assert after.deadline == after.sent_at + 60 == bench.clock.now + 60


async def test_a_row_that_cannot_be_read_does_not_stop_the_others(bench, ledger):
    row = await bench.accept("login")
    other = await bench.accept("login", key="k2")
    table = tables.command
    async with ledger.store.write() as connection:
        newer = table.update().where(table.c.id == row.id).values(outcome="cancelled")
        await connection.execute(newer)

    with capture_logs() as logs:
        claimed = await ledger.claim(9)

    assert [one.id for one in claimed] == [other.id]
    assert [one["event"] for one in logs] == ["row_unreadable"]


async def test_a_row_of_a_lost_key_is_read_without_its_secrets(ledger, row):
    await ledger.commit(row, Next("send.1", changes={"job_uuid": JOB}))
    table = tables.command
    lost = {"place": "lost", "job_sealed": "lost"}
    async with ledger.store.write() as connection:
        await connection.execute(table.update().values(**lost))

    after = await ledger.by_id(row.id)
    assert (after.place, after.job_uuid) == ({}, None)


async def test_the_history_has_the_newest_first(bench, ledger):
    for person, key in ((ALICE, "one"), (BOB, "two"), (ALICE, "three")):
        bench.clock.now += 1
        await bench.accept("whoami", key=key, person=person)

    everything, mine = await ledger.history(), await ledger.history(person=ALICE)
    assert [row.key for row in everything] == ["three", "two", "one"]
    assert [row.key for row in mine] == ["three", "one"]
    assert [row.key for row in await ledger.history(limit=1)] == ["three"]


async def test_a_question_asked_after_a_callback_stays_open(bench, ledger, row):
    await follow(ledger, row, due_in=0)
    (looking,) = await ledger.claim(1)
    bench.clock.now += 0.1
    assert await ledger.called(JOB)

    await ledger.commit(looking, Next("login.1", due_in=900))

    assert await ledger.next_due() == 900


@pytest.fixture
def another(bench):
    """The ledger of another process on the same database."""
    return Ledger(bench.desk.store, bench.desk.vault, bench.desk.outbox)


async def test_a_callback_hands_its_row_out_before_all_that_wait_longer(
    bench, ledger, row
):
    await bench.accept("whoami", key="longer")
    bench.clock.now += 1
    await follow(ledger, row)
    assert await ledger.called(JOB)

    (handed,) = await ledger.claim(9)

    assert (handed.id, handed.step, handed.job_uuid) == (row.id, "follow.1", JOB)
    assert (handed.called_at, handed.claimed_at) == (bench.clock.now,) * 2
    assert [it.key for it in await ledger.claim(9)] == ["longer"]
    assert await ledger.commit(handed, Next("done.1", due_in=None))


async def test_a_row_that_is_handed_out_goes_to_no_other_ledger(ledger, another, row):
    await follow(ledger, row)
    assert await ledger.called(JOB)

    assert await another.next_due() is None
    assert await another.claim(9) == []
    assert [it.id for it in await ledger.claim(9)] == [row.id]


async def test_a_row_that_nobody_fetched_is_free_again_after_its_lease(
    bench, ledger, another, row
):
    await follow(ledger, row)
    assert await ledger.called(JOB)
    bench.clock.now += LEASE + 1

    (holder,) = await another.claim(9)

    assert holder.id == row.id
    (late,) = await ledger.claim(9)
    assert not await ledger.commit(late, Next("done.1", due_in=None))
    assert await another.commit(holder, Next("done.1", due_in=None))


async def test_a_row_that_nobody_fetched_is_there_when_the_process_is_not(
    bench, ledger, another, row
):
    await follow(ledger, row)
    assert await ledger.called(JOB)
    bench.clock.now += LEASE + 1

    assert await another.next_due() == -(LEASE + 1)


async def test_what_was_handed_out_to_a_process_that_stops_is_free_for_others(
    ledger, another, row
):
    await follow(ledger, row)
    assert await ledger.called(JOB)

    await ledger.give_back()

    assert await ledger.next_due() == 0
    assert [it.id for it in await another.claim(9)] == [row.id]
    assert await ledger.claim(9) == []


async def test_what_others_have_by_now_is_not_given_back(bench, ledger, another, row):
    await follow(ledger, row)
    assert await ledger.called(JOB)
    bench.clock.now += LEASE + 1
    (holder,) = await another.claim(9)

    await ledger.give_back()

    assert await another.commit(holder, Next("done.1", due_in=None))


async def test_a_callback_for_a_row_that_somebody_holds_hands_it_to_nobody(
    ledger, another, row
):
    await follow(ledger, row, due_in=0)
    (held,) = await another.claim(1)

    assert await ledger.called(JOB)

    assert [await it.claim(9) for it in (ledger, another)] == [[], []]
    assert await another.commit(held, Next("follow.1", due_in=30))


async def test_a_callback_for_a_row_whose_holder_is_lost_hands_it_out(
    bench, ledger, another, row
):
    await follow(ledger, row, due_in=0)
    (lost,) = await another.claim(1)
    bench.clock.now += LEASE + 1

    assert await ledger.called(JOB)

    (handed,) = await ledger.claim(9)
    assert not await another.commit(lost, Next("follow.1", due_in=30))
    assert await ledger.commit(handed, Next("done.1", due_in=None))


async def test_a_callback_that_comes_twice_hands_its_row_out_once(ledger, row):
    await follow(ledger, row)

    assert [await ledger.called(JOB) for _ in range(2)] == [True, True]

    assert [it.id for it in await ledger.claim(9)] == [row.id]
    assert await ledger.claim(9) == []


async def test_no_more_are_handed_out_than_there_are_hands(bench, ledger):
    jobs = {key: key * 32 for key in "abc"}
    for key, job in jobs.items():
        await bench.accept("whoami", key=key)
        (held,) = await ledger.claim(1)
        await follow(ledger, held, job)
    for job in jobs.values():
        await ledger.called(job)

    assert [it.key for it in await ledger.claim(2)] == ["a", "b"]

    assert await ledger.next_due() == 0
    assert [it.key for it in await ledger.claim(2)] == ["c"]
    assert await ledger.next_due() is None


async def test_calls_in_close_succession_do_not_keep_the_others_waiting(
    bench, ledger, row
):
    await bench.accept("whoami", key="other")
    await follow(ledger, row)
    claimed = []

    for _ in range(IN_A_ROW + 1):
        assert await ledger.called(JOB)
        claimed.append(await ledger.claim(1))
        await ledger.commit(claimed[-1][0], Next("follow.1", due_in=60))

    keys = [it.key for (it,) in claimed]
    assert keys == [*["k1"] * IN_A_ROW, "other"]
    assert [it.key for it in await ledger.claim(9)] == ["k1"]


async def test_a_callback_about_an_unknown_job_changes_nothing(ledger, row):
    await follow(ledger, row)
    before = await stored(ledger, row)

    assert not await ledger.called("0" * 32)

    assert await stored(ledger, row) == before
    assert await ledger.next_due() == 60
    assert await ledger.claim(9) == []
