"""Commands about the bot itself."""

import pytest

from desk.errors import UserError
from desk.notice import Outcome, Slot
from desk.sessions import LoginNeeded
from desk.steps.errands import _span, login, show
from tests.desk.conftest import BOB


async def run(bench, errand, **known):
    """Run an errand to its end; what was told last."""
    row = await bench.accept(errand, key=f"errand {len(bench.told.said)}", **known)
    ended = await bench.settle(row)
    assert bench.told.last.slot is Slot.PRIVATE
    assert bench.told.last.outcome is ended.outcome
    return bench.told.last


async def test_logging_in_sends_a_link_also_to_who_is_connected(bench):
    row = await bench.accept("login")

    with pytest.raises(LoginNeeded):
        await login(bench.desk, row)


async def test_logging_out_ends_the_session(bench):
    told = await run(bench, "logout")

    assert told.title == "You are disconnected from ops; its session is ended"
    assert not bench.node.sessions._by_uuid


async def test_logging_out_twice_changes_nothing(bench):
    told = await run(bench, "logout", person=BOB)

    assert told.outcome is Outcome.UNCHANGED
    assert told.title == "You were not connected to ZStack"


async def test_whoami_names_the_account_and_its_life(bench):
    told = await run(bench, "whoami")

    assert told.title == "You are Ualice of Acme, connected as ops"
    assert told.lines == ("The session ends 2 hours after its last use.",)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (7200, "2 hours"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (60, "1 minute"),
        (30, "0 minutes"),
    ],
)
def test_a_life_of_whole_hours_is_said_in_hours(seconds, said):
    assert _span(seconds) == said


async def test_whoami_tells_how_to_connect(bench):
    told = await run(bench, "whoami", person=BOB)

    assert told.title == "You are Ubob of Acme, not connected to ZStack"
    assert told.next_step == "Connect with /zstack login."


async def test_a_history_without_commands_says_so(bench):
    assert (await run(bench, "history")).title == "You have not run a command yet"


async def test_the_history_lists_ones_own_commands_newest_first(bench):
    first = await bench.detach("web-01")
    bench.clock.now += 60
    second = await bench.detach("nothing", key="k2")

    table = (await run(bench, "history")).table

    assert [line[2:] for line in table] == [
        ("VM", "Outcome", "Id"),
        ("nothing", "refused", second.id),
        ("web-01", "succeeded", first.id),
    ]


async def test_the_history_of_one_command_is_said_in_the_singular(bench):
    await bench.detach("web-02")

    assert (await run(bench, "history")).title == "Your last command"


async def test_nobody_sees_the_commands_of_others(bench):
    await bench.detach("web-02")

    told = await run(bench, "history", person=BOB)

    assert told.title == "You have not run a command yet"


async def test_the_history_says_what_a_command_waits_for(bench):
    await bench.detach("db-01", key="k1")

    table = (await run(bench, "history")).table

    assert table[1][3] == "accepted, waits for an answer"


@pytest.fixture
async def of_two(bench):
    """Commands of two people on two VMs, one of which failed, an hour apart."""
    await bench.log_in(BOB)
    await bench.detach("web-01", key="k1")
    bench.clock.now += 3600
    await bench.detach("mounted-01", key="k2", person=BOB)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param({}, ["web-01"], id="ones own"),
        pytest.param({"by": "me", "vm": "web-01"}, ["web-01"], id="ones own on a VM"),
        pytest.param({"by": "all"}, ["mounted-01", "web-01"], id="everybody's"),
        pytest.param({"by": "@ubob"}, ["mounted-01"], id="by name"),
        pytest.param({"by": "UBOB"}, ["mounted-01"], id="by user id"),
        pytest.param({"vm": "mounted-01"}, ["mounted-01"], id="on a VM"),
        pytest.param({"by": "all", "outcome": "failed"}, ["mounted-01"], id="failed"),
        pytest.param({"by": "all", "since": "30m"}, ["mounted-01"], id="lately"),
    ],
)
async def test_the_history_finds_by_person_vm_outcome_and_time(
    bench, of_two, words, found
):
    table = (await run(bench, "history", **words)).table

    assert [line[table[0].index("VM")] for line in table[1:]] == found


async def test_the_history_of_others_says_who(bench, of_two):
    table = (await run(bench, "history", by="all")).table

    assert [line[1] for line in table] == ["Who", "Ubob", "Ualice"]


async def test_a_history_that_finds_nothing_says_so(bench, of_two):
    told = await run(bench, "history", vm="web-02")

    assert told.title == "No command fits"
    assert told.next_step.startswith("Look wider: --by all")


async def test_the_history_of_a_name_that_nobody_has_says_how_to_see_all(bench, of_two):
    told = await run(bench, "history", by="carol")

    assert told.outcome is Outcome.REFUSED
    assert "--by all" in told.title


async def test_the_history_shows_no_more_than_twenty(bench):
    for number in range(22):
        arguments = {"vm_instance_uuid": "web-01"}
        await bench.accept("DetachIsoFromVmInstance", key=f"{number}", **arguments)

    row = await bench.accept("history")
    await bench.settle(row)

    told = bench.told.notices(Slot.PRIVATE)[-1]
    assert (told.title, len(told.table)) == ("Your last 20 commands", 21)
    assert told.next_step.startswith("Narrow it: /zstack history <vm>")


async def test_details_show_the_whole_vm(bench):
    row = await bench.detach("web-01")

    told = await run(bench, "show", command_id=row.id, part="details")

    assert told.full
    assert told.title.startswith("web-01 after “")
    assert [drive.after for drive in told.card.drives] == [None]


async def test_details_of_what_was_never_found_are_not_known(bench):
    row = await bench.detach("nothing")
    asked = row.model_copy(
        update={"arguments": {"command_id": row.id, "part": "details"}}
    )

    with pytest.raises(UserError, match="Nothing more is known"):
        await show(bench.desk, asked)


async def test_the_command_line_holds_no_session(bench):
    row = await bench.detach("web-01")
    held = await bench.desk.sessions.get(row.person)

    told = await run(bench, "show", command_id=row.id, part="curl")

    assert told.title.startswith("The command line of “")
    assert told.code.startswith("curl ")
    assert held.session_uuid not in told.code
    assert row.job_uuid not in told.code
