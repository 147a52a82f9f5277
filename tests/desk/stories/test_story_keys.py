"""Access keys: somebody's own, and the bot's."""

import pytest
from pydantic import SecretStr

from api.errors import SessionExpired
from api.operations import DetachIsoFromVmInstance, QueryVmInstance
from desk import login
from desk.credentials import Credentials, sign_on
from desk.notice import Outcome
from desk.person import SERVICE, Standing
from desk.service import OnlyLooks
from tests.desk.conftest import ALICE, open_desk

SECRET = "ops-key-secret"
OPS = Credentials(method="access-key", key_id="ops-key", key_secret=SecretStr(SECRET))


@pytest.fixture
async def keyed(story, bench):
    """ALICE acts by an access key instead of a session."""
    await story.log_out()
    await bench.desk.sessions.keep(await sign_on(bench.desk.cloud, ALICE, OPS))


@pytest.fixture
async def served(bench, story):
    """The bot has an access key of its own, and the policy lets it act."""

    async def restart(key):
        url = bench.desk.cloud.url.removesuffix("/zstack")
        fresh = open_desk(
            bench.database_url, url, bench.clock, bench.people, service_key=key
        )
        bench.desk = await story.stack.enter_async_context(fresh)

    await restart("ops-key:ops-key-secret")
    bench.people.standings[SERVICE.user] = Standing.MEMBER
    return restart


async def test_a_command_runs_by_an_access_key(story, bench, keyed, proven):
    row = await bench.detach("web-01")

    proven(row)
    assert row.account == "access key ops-key"
    assert [one.account for one in bench.actions("web-01")] == ["ops"]


async def test_a_wrong_secret_is_not_kept(story, bench):
    wrong = OPS.model_copy(update={"key_secret": SecretStr("guessed")})

    with pytest.raises(SessionExpired):
        await sign_on(bench.desk.cloud, ALICE, wrong)


async def test_a_key_signs_on_by_itself_after_its_session_expired(
    story, bench, keyed, proven
):
    row = await story.to("send.1")
    first = row.job_uuid
    bench.node.faults.add("fail", "DetachIsoFromVmInstance", code="ID.1001")

    row = await bench.settle(row)

    proven(row)
    assert row.job_uuid not in {None, first}
    assert not [one for one in bench.told.notices() if one.link]


async def test_a_key_that_never_gets_through_asks_for_another(story, bench, keyed):
    row = await story.to("send.1")
    bench.node.faults.add("fail", "DetachIsoFromVmInstance", code="ID.1001", count=9)

    row = await bench.settle(row)

    assert row.step == "login.1"
    assert bench.actions("web-01") == []


async def test_a_key_that_was_deleted_meanwhile_asks_for_another(story, bench, keyed):
    row = await story.to("send.1")
    bench.node.world.account("ops").key_secret = "another"

    row = await bench.settle(row)

    assert row.step == "login.1"
    assert await bench.desk.sessions.get(ALICE) is None


async def test_a_deleted_key_is_noticed_at_a_read_too(story, bench, keyed):
    bench.node.world.account("ops").key_secret = "another"

    assert (await bench.detach("web-01")).step == "login.1"


async def test_a_node_that_is_away_says_nothing_about_the_key(bench, keyed):
    held = await bench.desk.sessions.get(ALICE)
    bench.node.faults.add("drop", "QueryVmInstance", count=9)
    bench.node.faults.add("drop", "GET /vm-instances", count=9)

    assert await bench.desk.sessions.signs_on(held)


async def test_a_command_of_a_session_is_not_run_by_a_key(story, bench):
    row = await story.to("send.1")
    await bench.desk.sessions.keep(await sign_on(bench.desk.cloud, ALICE, OPS))

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert "access key ops-key" in story.answer.title
    assert bench.actions("web-01") == []


async def test_a_key_is_kept_for_weeks_and_forgotten_by_a_logout(bench, keyed):
    bench.clock.now += 30 * 86_400
    assert (await bench.detach("web-01")).outcome is Outcome.SUCCEEDED

    await bench.desk.sessions.log_out(ALICE)

    assert await bench.desk.sessions.get(ALICE) is None


async def test_clocks_apart_end_a_command_with_the_seconds(story, bench, keyed):
    bench.node.settings.change(clock_ahead_seconds=3600)

    row = await bench.detach("web-01")

    assert row.outcome is Outcome.FAILED
    assert "behind ZStack's" in "".join(story.answer.lines)


async def test_a_name_that_is_longer_than_a_column_still_tells_keys_apart(bench):
    account = bench.node.world.account("ops")
    names = []
    for end in "ab":
        account.key_id = "k" * 200 + end
        shown = OPS.model_copy(update={"key_id": account.key_id})
        held = await sign_on(bench.desk.cloud, ALICE, shown)
        names.append(held.account_uuid)

    assert len({*names}) == 2
    assert max(map(len, names)) <= 64


async def test_whoami_and_logout_speak_of_a_key(bench, keyed):
    row = await bench.settle(await bench.accept("whoami", key="w"))
    told = bench.told.last
    await bench.settle(await bench.accept("logout", key="l"))

    assert row.outcome is Outcome.SUCCEEDED
    assert told.title.endswith("connected as access key ops-key")
    assert told.lines[0].startswith("It signs every request anew, until")
    assert bench.told.last.title.endswith("access key ops-key; it is forgotten")


async def test_the_secret_is_shown_and_stored_nowhere(bench, keyed):
    held = await bench.desk.sessions.get(ALICE)
    await bench.detach("web-01")

    assert SECRET not in repr((held, held.auth, OPS))
    assert SECRET.encode() not in await bench.written()


async def test_the_page_takes_an_access_key(story, bench, proven):
    await story.log_out()
    row = await bench.detach("web-01")
    links = [one.link[1] for one in bench.told.notices() if one.link]
    ticket = await login.find(bench.desk, links[-1].rpartition("/")[2])

    assert await login.log_in(bench.desk, ticket, OPS) == "access key ops-key"

    proven(await bench.settle(row))


async def test_the_bots_own_key_looks(bench, served):
    assert await bench.desk.service(QueryVmInstance(limit=1))


async def test_the_bots_own_key_only_looks(bench, served):
    detach = DetachIsoFromVmInstance(vm_instance_uuid="0" * 32)

    with pytest.raises(OnlyLooks):
        await bench.desk.service(detach)


async def test_the_bots_own_key_runs_what_is_allowed_to_it(bench, served, proven):
    proven(await bench.detach("web-01", person=SERVICE))


async def test_by_default_nothing_is_allowed_to_it(bench, served):
    bench.people.standings[SERVICE.user] = Standing.SERVICE

    row = await bench.detach("web-01", person=SERVICE)

    assert row.outcome is Outcome.REFUSED
    assert "no policy here lets it" in bench.told.last.lines[0]


async def test_without_a_key_of_its_own_it_says_which_setting_it_needs(bench):
    row = await bench.detach("web-01", person=SERVICE)

    assert row.outcome is Outcome.REFUSED
    assert "Set ZSTACK_SERVICE_KEY" in bench.told.last.title


async def test_a_service_key_that_zstack_does_not_know_is_said(bench, served):
    await served("ops-key:another")

    row = await bench.detach("web-01", person=SERVICE)

    assert row.outcome is Outcome.REFUSED
    assert "has to set ZSTACK_SERVICE_KEY anew" in bench.told.last.title


async def test_a_service_key_that_ends_after_the_send_asks_nobody(bench, served, story):
    row = await bench.accept(
        "DetachIsoFromVmInstance", person=SERVICE, vm_instance_uuid="web-01"
    )
    row = await bench.settle(row, until="send.1")
    bench.node.world.account("ops").key_secret = "another"

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert not [one for one in bench.told.notices() if one.link]
