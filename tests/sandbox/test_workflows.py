"""The three workflows of docs/workflows.md, with the policy that it shows, on the real bot."""

import re
from pathlib import Path

import pytest

from bot.manifest import manifest
from sandbox.login import login
from sandbox.stage import staged

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")


@pytest.fixture
async def stage(tmp_path):
    """The real bot with the policy of the guide and a key of its own; Alice is logged in."""
    policy = tmp_path / "policy.yaml"
    (shown,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    rules = "rules:\n  - {name: every full member, effect: allow}\n"
    policy.write_text(rules + shown, encoding="utf-8")
    key = {"ZSTACK_SERVICE_KEY": "ops-key:ops-key-secret", "POLICY_FILE": str(policy)}
    async with staged(tmp_path, **key) as made:
        made.slack.install(manifest("https://bot.example", steps=True))
        await login(
            made.slack, user="alice", account="ops", password="sandbox-password"
        )
        yield made


async def run(stage, callback_id, inputs):
    """Let a workflow run a step whose person presses Run."""
    await stage.slack.step(callback_id, inputs)
    question = await stage.slack.wait(lambda it: "A workflow asks you" in it.text)
    await stage.slack.press(question, "Run")


async def test_before_maintenance_the_isos_are_taken_out(stage):
    await run(stage, "iso_detach", {"vm_instance_uuid": "db-01", "person": "U0ALICE"})
    which = await stage.slack.wait(lambda it: "Which ISO shall leave db-01?" in it.text)

    await stage.slack.click(which, which.controls[-1])

    ended = await stage.slack.completion(15)
    assert ended.outputs["outcome"] == "succeeded"
    assert ended.outputs["summary"].splitlines()[0].endswith("2 of 2 succeeded")
    assert len(stage.node.log.executed) == 2


async def test_on_an_alert_who_is_on_call_lets_the_vm_reboot(stage):
    await run(stage, "vm_reboot", {"uuid": "web-01", "person": "U0ALICE"})
    sure = await stage.slack.wait(lambda it: "Reboot web-01?" in it.text)

    await stage.slack.press(sure, "Reboot it")

    ended = await stage.slack.completion(15)
    assert ended.outputs["outcome"] == "succeeded"
    assert len(stage.node.log.executed) == 1


async def test_on_an_alert_who_is_on_call_can_leave_the_vm_alone(stage):
    await stage.slack.step("vm_reboot", {"uuid": "web-01", "person": "U0ALICE"})
    question = await stage.slack.wait(lambda it: "A workflow asks you" in it.text)

    await stage.slack.press(question, "Not now")

    ended = await stage.slack.completion(15)
    assert ended.error.endswith("so nothing was done.")
    assert stage.node.log.executed == []


async def test_every_monday_forgotten_isos_are_listed_with_nobody_there(stage):
    await stage.slack.step("vm_list", {"with_iso": True})

    ended = await stage.slack.completion(15)
    listed = ended.outputs["summary"].splitlines()
    assert any(it.startswith("web-01 · Running") for it in listed)
    assert not any(it.startswith("web-02") for it in listed)
    assert not [it for it in stage.slack.messages() if "workflow" in it.text]


async def test_the_policy_of_the_guide_lets_test_machines_alone_reboot(stage):
    await stage.slack.step("vm_reboot", {"uuid": "web-01"})

    ended = await stage.slack.completion(15)
    assert "Fill in its “person”" in ended.error
    assert stage.node.log.executed == []


def test_the_guide_names_only_steps_that_there_are():
    known = manifest("https://bot.example", steps=True)["functions"]

    named = set(re.findall(r"`((?:iso|vm)_[a-z]+)`", GUIDE))
    assert named
    assert named - {"vm_instance_uuid"} <= set(known)
