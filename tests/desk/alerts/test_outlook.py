"""Several clouds: where an alert is looked up, and where its buttons run."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from desk.credentials import Credentials, sign_on
from desk.notice import Outcome
from desk.policy import Policy
from desk.service import Service
from tests.desk.alerts.conftest import told
from tests.desk.conftest import ALICE

OPS = Credentials(
    method="account", account="ops", password=SecretStr("sandbox-password")
)
DETACH = "Detach ubuntu-24.04.iso"


@pytest.fixture
async def both(bench, on_call, lab):
    """Somebody on call for prod and lab, which are looked at; web-01 is in both."""
    await lab.site.sessions.keep(await sign_on(lab.site.cloud, ALICE, OPS))
    sites = {
        name: replace(site, service=Service(site.cloud, "admin-key:admin-key-secret"))
        for name, site in bench.desk.sites.items()
    }
    bench.desk = replace(bench.desk, sites=sites)
    lab.world.vm("web-02").name = "only-in-lab"
    return on_call


def about(vm="web-01", **more):
    labels = {"vm": vm} | more.pop("labels", {})
    return told(labels=labels, **more)


def routed(**route):
    known = {"alerts": {"routes": [{"channel": "C0W"} | route]}}
    policy = Policy.model_validate(known)
    return lambda: policy


@pytest.mark.parametrize(
    ("alert", "policy"),
    [
        pytest.param({"labels": {"cloud": "lab"}}, None, id="its label"),
        pytest.param({"origin": {"cloud": "lab"}}, None, id="its address"),
        pytest.param({}, {"cloud": "lab"}, id="its route"),
        pytest.param({}, {"channel": "C0LAB"}, id="its channel"),
        pytest.param({"labels": {"cloud": "aws"}}, {"cloud": "lab"}, id="no cloud"),
    ],
)
async def test_an_alert_is_looked_up_in_the_cloud_that_is_named(both, alert, policy):
    card = await both.sees(about(**alert), policy=policy and routed(**policy))

    assert card.lines[-1].startswith("web-01 in lab is Running on east-host-1, with")


async def test_else_each_cloud_is_asked_until_one_has_it(both):
    card = await both.sees(about(), about("only-in-lab", fingerprint="b", at=1001.0))

    first, second = card.lines[-2:]
    assert first.startswith("web-01 in prod is Running")
    assert second.startswith("only-in-lab in lab is ")


async def test_a_button_runs_in_the_cloud_that_it_was_made_for(both, bench, lab):
    await both.sees(about(labels={"cloud": "lab"}))

    row = await both.press(DETACH)

    assert (row.outcome, row.cloud) == (Outcome.SUCCEEDED, "lab")
    assert (len(lab.log.actions()), len(bench.node.log.actions())) == (1, 0)


async def test_the_same_vm_of_two_clouds_has_a_button_for_each(both, bench, lab):
    await both.sees(about(), about(labels={"cloud": "lab"}, fingerprint="b"))
    assert both.labels.count(f"{DETACH}: web-01") == 0
    assert [it for it in both.labels if it.startswith(DETACH)] == [
        f"{DETACH}: web-01 in prod",
        f"{DETACH}: web-01 in lab",
    ]

    row = await both.press(f"{DETACH}: web-01 in prod")
    card = await both.redrawn()

    assert (row.outcome, row.cloud) == (Outcome.SUCCEEDED, "prod")
    assert [it.label for it in card.choices] == ["I have it", DETACH]


async def test_what_its_cloud_does_not_have_is_not_taken_from_another(both):
    card = await both.sees(about("only-in-lab", labels={"cloud": "prod"}))

    said = "“only-in-lab” is nothing that the bot sees in ZStack prod."
    assert card.lines[-1] == said
    assert both.labels == ["I have it"]


async def test_a_cloud_that_does_not_answer_is_not_passed_over(both, bench):
    bench.node.faults.add("error", "QueryVmInstance", count=9)

    card = await both.sees(about())

    assert "web-01: ZStack did not tell how it is" in card.lines[-1]
    assert both.labels == ["I have it"]


async def test_a_cloud_without_a_key_is_not_looked_at(both, bench):
    blind = replace(bench.desk.sites["lab"], service=None)
    bench.desk = replace(bench.desk, sites=bench.desk.sites | {"lab": blind})

    card = await both.sees(about(labels={"cloud": "lab"}))

    assert card.lines[-1] == "About web-01, as the alert names it."
