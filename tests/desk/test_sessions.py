"""Who is connected to ZStack, for how long, and who no longer."""

import asyncio

import pytest
from cryptography.fernet import Fernet

from api.errors import Unreachable
from api.models import Session
from api.operations import QueryVmInstance, ValidateSession
from desk.credentials import Credentials, sign_on
from desk.held import LIFETIME, Held
from desk.sessions import SHIFT, LoginNeeded, Sessions
from desk.vault import Vault
from tests.desk.conftest import ALICE, BOB, KEY

LOOK = QueryVmInstance(limit=1)


@pytest.fixture
def sessions(bench):
    return bench.desk.sessions


def restarted(bench, *keys):
    """The sessions of a new process on the same database."""
    return Sessions(bench.desk.store, Vault([*keys] or [KEY]), bench.desk.cloud)


async def connect(bench, sessions, *, keep=False):
    shown = Credentials(
        method="account", account="ops", password="sandbox-password", keep=keep
    )
    return await sessions.keep(await sign_on(bench.desk.cloud, ALICE, shown))


async def lives(bench, held):
    return await bench.desk.cloud.call(ValidateSession(session_uuid=held.session_uuid))


def renewals(bench):
    return sum(one.api == "QueryVmInstance" for one in bench.node.log.received)


async def test_a_person_asks_with_their_own_session(bench, sessions):
    assert await sessions.call(ALICE, LOOK)
    assert bench.node.log.received[-1].account == "ops"


async def test_somebody_who_never_logged_in_has_to(sessions):
    assert await sessions.get(BOB) is None
    with pytest.raises(LoginNeeded):
        await sessions.call(BOB, LOOK)


async def test_a_session_survives_a_restart(bench, sessions):
    held = await sessions.get(ALICE)

    assert await restarted(bench).get(ALICE) == held


async def test_a_logout_is_known_on_another_replica_within_a_second(bench, sessions):
    other = restarted(bench)
    await other.get(ALICE)

    await sessions.log_out(ALICE)

    async with asyncio.timeout(1):
        while await other.get(ALICE):  # noqa: ASYNC110  # a cache has no event
            await asyncio.sleep(0.05)


async def test_many_log_ins_at_once_leave_one_session_that_lives(bench):
    replicas = [restarted(bench) for _ in range(8)]

    await asyncio.gather(*(connect(bench, replica) for replica in replicas))

    held = await restarted(bench).get(ALICE)
    assert await lives(bench, held)


async def test_a_new_session_is_not_dropped_with_the_one_before(bench, sessions):
    for _ in range(5):
        old = await restarted(bench).get(ALICE)
        dropping = [restarted(bench).drop(ALICE.key, only=old) for _ in range(3)]

        *_, new = await asyncio.gather(*dropping, connect(bench, sessions))

        assert await restarted(bench).get(ALICE) == new


async def test_a_rotated_key_still_opens_the_session(bench):
    new = Fernet.generate_key().decode()

    assert await restarted(bench, new, KEY).get(ALICE)


async def test_another_key_means_logged_out(bench):
    other = restarted(bench, Fernet.generate_key().decode())

    with pytest.raises(LoginNeeded):
        await other.call(ALICE, LOOK)


async def test_a_session_that_nobody_uses_runs_out(bench):
    bench.clock.now += LIFETIME + 1

    assert await restarted(bench).get(ALICE) is None


async def test_every_call_starts_its_life_anew(bench):
    for _ in range(3):
        bench.clock.now += LIFETIME - 1
        await restarted(bench).call(ALICE, LOOK)

    assert await restarted(bench).get(ALICE)


async def test_what_was_touched_a_moment_ago_is_not_written_again(bench, sessions):
    held = await sessions.get(ALICE)
    await sessions.touch(held)
    bench.clock.now += LIFETIME - 1

    await sessions.touch(held)

    bench.clock.now += 2
    assert await restarted(bench).get(ALICE) is None


@pytest.mark.parametrize("seconds", [600, None], ids=["as ZStack says", "the default"])
def test_its_life_is_zstacks(seconds):
    moments = {"create_date": 0, "expired_date": seconds * 1000} if seconds else {}
    session = Session(uuid="a" * 32, account_uuid="b" * 32, **moments)

    held = Held.of_session(BOB.key, session, account_name="ops", keep=False)

    assert held.lifetime == (seconds or LIFETIME)


async def test_a_session_that_zstack_ended_asks_for_a_new_log_in(bench, sessions):
    bench.node.sessions.expire_all()

    with pytest.raises(LoginNeeded):
        await sessions.call(ALICE, LOOK)
    assert await restarted(bench).get(ALICE) is None


async def test_a_new_log_in_ends_the_session_before(bench, sessions):
    before = await sessions.get(ALICE)

    held = await connect(bench, sessions)

    assert await sessions.get(ALICE) == held
    assert [await lives(bench, one) for one in (before, held)] == [False, True]


async def test_the_same_session_put_twice_is_not_ended(bench, sessions):
    held = await sessions.get(ALICE)
    same = Session(uuid=held.session_uuid, account_uuid=held.account_uuid)

    await sessions.keep(Held.of_session(ALICE.key, same, account_name="ops", keep=True))

    assert await lives(bench, held)


async def test_a_process_that_holds_the_old_session_goes_on_with_the_new(
    bench, sessions
):
    await sessions.get(ALICE)
    held = await connect(bench, restarted(bench))

    assert await sessions.call(ALICE, LOOK)
    assert await sessions.get(ALICE) == held


async def test_logging_out_ends_the_session_at_zstack(bench, sessions):
    held = await sessions.log_out(ALICE)

    assert not await lives(bench, held)
    assert await restarted(bench).get(ALICE) is None


async def test_logging_out_works_while_zstack_is_away(bench, sessions):
    bench.node.faults.add("drop", "LogOut", count=9)

    assert await sessions.log_out(ALICE)
    assert await restarted(bench).get(ALICE) is None


async def test_who_is_not_connected_logs_out_of_nothing(sessions):
    assert await sessions.log_out(BOB) is None


async def test_a_kept_session_lives_through_the_shift(bench, sessions):
    await connect(bench, sessions, keep=True)

    for _ in range(11):
        bench.clock.now += 3600
        await sessions.renew_due()

    assert await restarted(bench).get(ALICE)
    assert renewals(bench) == 11


async def test_a_kept_session_is_let_go_after_the_shift(bench, sessions):
    await connect(bench, sessions, keep=True)
    bench.clock.now += SHIFT + 1

    await sessions.renew_due()

    assert renewals(bench) == 0
    assert await restarted(bench).get(ALICE) is None


async def test_a_session_that_is_not_kept_is_not_renewed(bench, sessions):
    bench.clock.now += LIFETIME / 2

    await sessions.renew_due()

    assert renewals(bench) == 0


async def test_a_session_that_was_used_lately_is_not_renewed(bench, sessions):
    await connect(bench, sessions, keep=True)
    bench.clock.now += LIFETIME / 4

    await sessions.renew_due()

    assert renewals(bench) == 0


async def test_a_kept_session_of_a_lost_key_is_left_alone(bench, sessions):
    await connect(bench, sessions, keep=True)
    bench.clock.now += LIFETIME / 2

    await restarted(bench, Fernet.generate_key().decode()).renew_due()

    assert renewals(bench) == 0


async def test_a_kept_session_that_zstack_ended_is_forgotten(bench, sessions):
    await connect(bench, sessions, keep=True)
    bench.node.sessions.expire_all()
    bench.clock.now += LIFETIME / 2

    await sessions.renew_due()

    assert await sessions.get(ALICE) is None


async def test_a_renewal_that_fails_is_tried_at_the_next_round(bench, sessions):
    await connect(bench, sessions, keep=True)
    bench.clock.now += LIFETIME / 2
    bench.node.faults.add("error", "QueryVmInstance")
    bench.node.faults.add("error", "GET /vm-instances", count=2)

    await sessions.renew_due()
    bench.node.faults.clear()
    await sessions.renew_due()

    bench.clock.now += LIFETIME - 1
    assert await restarted(bench).get(ALICE)


async def test_a_session_is_not_shown_nor_stored_in_clear(bench, sessions):
    held = await sessions.get(ALICE)

    assert repr(held) == "Held(ops)"
    assert held.session_uuid.encode() not in await bench.written()


async def test_zstack_that_cannot_be_reached_leaves_the_session(bench, sessions):
    bench.node.faults.add("drop", "GET /vm-instances", count=9)

    with pytest.raises(Unreachable):
        await sessions.call(ALICE, LOOK)
    assert await sessions.get(ALICE)
