"""Several clouds by name: whose session, which VM, and what a channel means."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from desk import login
from desk.credentials import Credentials, sign_on
from desk.notice import Outcome, Slot
from desk.policy import Policy
from tests.desk.conftest import ALICE, BOB, PLACE

OPS = Credentials(
    method="account", account="ops", password=SecretStr("sandbox-password")
)


async def connect(lab, person=ALICE):
    """Log in at the lab."""
    await lab.site.sessions.keep(await sign_on(lab.site.cloud, person, OPS))


def detach(bench, *, cloud="", channel="C0", key="k1", person=ALICE):
    return bench.accept(
        "DetachIsoFromVmInstance",
        key=key,
        person=person,
        cloud=cloud,
        place=PLACE | {"channel": channel},
        vm_instance_uuid="web-01",
    )


def acted(node):
    return len(node.log.actions())


async def test_a_cloud_is_named(bench, lab):
    await connect(lab)

    row = await bench.settle(await detach(bench, cloud="lab"))

    assert (row.outcome, row.cloud) == (Outcome.SUCCEEDED, "lab")
    assert (acted(lab), acted(bench.node)) == (1, 0)


async def test_a_channel_means_a_cloud(bench, lab):
    await connect(lab)

    row = await bench.settle(await detach(bench, channel="C0LAB"))

    assert (row.outcome, row.cloud) == (Outcome.SUCCEEDED, "lab")
    assert (acted(lab), acted(bench.node)) == (1, 0)


async def test_a_name_counts_more_than_the_channel(bench, lab):
    row = await bench.settle(await detach(bench, cloud="prod", channel="C0LAB"))

    assert (row.outcome, row.cloud) == (Outcome.SUCCEEDED, "prod")
    assert (acted(lab), acted(bench.node)) == (0, 1)


async def test_elsewhere_the_first_cloud_is_meant_and_its_sessions_stay_good(
    bench, lab
):
    row = await bench.settle(await detach(bench))

    assert (row.outcome, row.cloud) == (Outcome.SUCCEEDED, "prod")


async def test_a_cloud_that_is_none_is_refused_with_those_there_are(bench, lab):
    row = await bench.settle(await detach(bench, cloud="moon"))

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.title == "There is no cloud “moon”. There are: prod, lab."


async def test_a_name_that_none_can_have_is_refused_like_any_other(bench, lab):
    row = await bench.settle(await detach(bench, cloud="x\x00\ud800" * 99))

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.title.startswith("There is no cloud “x��x��")


async def test_with_one_cloud_a_name_is_refused(bench):
    row = await bench.settle(await detach(bench, cloud="moon"))

    assert row.outcome is Outcome.REFUSED
    assert "There is one only: leave it out." in bench.told.last.title


async def test_a_cloud_that_is_gone_leaves_what_was_sent_unknown(bench, lab):
    await connect(lab)
    row = await bench.settle(await detach(bench, cloud="lab"), until="follow.1")
    bench.desk = replace(bench.desk, sites={})

    assert (await bench.settle(row)).outcome is Outcome.UNKNOWN


async def test_a_log_in_is_for_one_cloud_and_lets_only_its_commands_go_on(
    bench, story, lab
):
    await story.log_out()
    here = await bench.settle(await detach(bench, key="here"))
    there = await bench.settle(await detach(bench, cloud="lab", key="there"))
    assert (here.step, there.step) == ("login.1", "login.1")
    asked = [one for one in bench.told.notices(Slot.PRIVATE) if one.link]
    assert asked[-1].title == "Connect your account of lab"

    ticket = await login.find(bench.desk, asked[-1].link[1].rpartition("/")[2])
    assert ticket.cloud == "lab"
    await login.log_in(bench.desk, ticket, OPS)

    assert (await bench.settle(there)).outcome is Outcome.SUCCEEDED
    assert (await bench.settle(here)).step == "login.1"
    assert (acted(lab), acted(bench.node)) == (1, 0)
    told = bench.told.notices(Slot.DIRECT)[-1].title
    assert told == "Your Slack account now acts in ZStack lab as ops"


async def test_an_undo_goes_to_the_same_cloud(bench, story, lab):
    await connect(lab)
    await bench.settle(await detach(bench, cloud="lab"))

    await story.press("Undo")
    await bench.settle(await bench.desk.ledger.by_id(story.bench.told.last.command_id))

    assert (acted(lab), acted(bench.node)) == (2, 0)


async def test_the_parts_of_a_batch_stay_in_its_cloud(bench, story, lab):
    await connect(lab)
    row = await bench.accept(
        "DetachIsoFromVmInstance", cloud="lab", vm_instance_uuid="db-01"
    )
    row = await bench.settle(row)

    row = await story.answered(row, "All 2")

    assert row.outcome is Outcome.SUCCEEDED
    assert (acted(lab), acted(bench.node)) == (2, 0)


async def test_whoami_lists_every_cloud(bench, lab):
    await bench.settle(await bench.accept("whoami"))

    assert bench.told.last.title == "You are Ualice of Acme"
    first, second = bench.told.last.lines
    assert first.startswith("prod: connected as ops. The session ends")
    assert second == "lab: not connected. Connect with /zstack login --cloud lab."


@pytest.mark.parametrize(
    ("cloud", "left", "said"),
    [
        pytest.param("", (False, False), "from ops at prod; its", id="all"),
        pytest.param("lab", (True, False), "from ops at lab; its", id="one"),
    ],
)
async def test_a_logout_ends_all_or_one(bench, lab, cloud, left, said):
    await connect(lab)

    await bench.settle(await bench.accept("logout", cloud=cloud))

    sites = bench.desk.everywhere
    assert tuple([bool(await it.sessions.get(ALICE)) for it in sites]) == left
    assert said in bench.told.last.title


async def test_a_kept_session_is_renewed_at_its_own_cloud(bench, lab):
    kept = OPS.model_copy(update={"keep": True})
    await lab.site.sessions.keep(await sign_on(lab.site.cloud, BOB, kept))
    bench.clock.now += 3600

    for site in bench.desk.everywhere:
        await site.sessions.renew_due()

    def asked(node):
        return [one.api for one in node.log.received].count("QueryVmInstance")

    assert (asked(lab), asked(bench.node)) == (1, 0)


@pytest.fixture
def ops_approve(bench):
    """A policy that wants whoever is in the account ops to approve, with a proof."""

    def wanted(**more):
        terms = {"from": {"accounts": ["ops"]}, "reason": False} | more
        risks = {"change": {"effect": "approve", "approval": terms}}
        policy = Policy.model_validate({"risks": risks})
        bench.desk = replace(bench.desk, policy=lambda: policy)

    return wanted


async def test_a_deny_about_a_cloud_holds_for_what_is_about_no_vm_too(bench, lab):
    rules = {
        "rules": [
            {"name": "all", "effect": "allow"},
            {"name": "keep out", "effect": "deny", "where": {"clouds": ["lab"]}},
        ]
    }
    policy = Policy.model_validate(rules)
    bench.desk = replace(bench.desk, policy=lambda: policy)
    await connect(lab)

    row = await bench.settle(await bench.accept("QueryVmInstance", cloud="lab"))

    assert row.outcome is Outcome.REFUSED
    assert "“keep out”" in bench.told.last.lines[0]
    here = await bench.settle(await bench.accept("QueryVmInstance", key="k2"))
    assert here.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("cloud", ["", "prod"])
async def test_an_account_of_another_cloud_approves_nothing(
    bench, lab, ops_approve, cloud
):
    ops_approve()
    await connect(lab)
    await bench.log_in(BOB, "ops")
    row = await bench.settle(await detach(bench, cloud="lab"))

    word = await bench.accept(
        "approve", key="k2", person=BOB, cloud=cloud, command_id=row.id
    )

    assert (await bench.settle(word)).outcome is Outcome.REFUSED
    assert (await bench.desk.ledger.by_id(row.id)).step == "approve.1"
    assert acted(lab) == 0


async def test_a_proof_is_given_in_the_cloud_of_the_request(bench, lab, ops_approve):
    ops_approve(proof="page", proven_by=["approver"])
    await connect(lab)
    await connect(lab, BOB)
    row = await bench.settle(await detach(bench, cloud="lab"))
    word = await bench.accept("approve", key="k2", person=BOB, command_id=row.id)
    await bench.settle(word)

    link = bench.told.last.link[1].rpartition("/")[2]

    assert (await login.find(bench.desk, link)).cloud == "lab"


async def test_the_list_shows_what_one_may_approve_in_each_cloud(
    bench, lab, ops_approve
):
    ops_approve()
    await connect(lab)
    await connect(lab, BOB)
    await bench.settle(await detach(bench, cloud="lab"))

    await bench.settle(await bench.accept("approvals", key="k2", person=BOB))
    assert bench.told.last.title.startswith("1 for you to approve")

    bench.desk = replace(bench.desk, sites={})
    await bench.settle(await bench.accept("approvals", key="k3", person=BOB))
    assert bench.told.last.title.startswith("Nothing waits")
