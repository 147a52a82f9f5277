"""`alerts test`: what an alert would become is seen before a source is connected."""

import json
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "handlers" / "alerts" / "samples"


@pytest.fixture
def try_file(cloud):
    """Run `alerts test` on a sample, or on another file."""

    async def try_file(name, *more):
        path = SAMPLES / f"{name}.json" if isinstance(name, str) else name
        cloud.settings["ALERT_CHANNEL"] = "C0OPS"
        return await cloud.run("alerts", "test", str(path), *more)

    return try_file


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("alertmanager", "🔥 1 firing, 1 resolved: VmCpuHigh"),
        ("grafana", "🔥 2 firing: DiskAlmostFull"),
        ("zwatch-alarm", "🔥 CPU of 虚拟机"),
        ("zwatch-sections", "🔔 VmStateChanged"),
        ("pagerduty", "🔥 web-01 does not answer"),
        ("generic", "🔥 Backup of db-01 failed"),
        ("cloudevent", "🔥 Backup of db-01 failed"),
    ],
)
async def test_every_source_is_known_by_what_it_sends(try_file, name, title):
    done = await try_file(name)

    assert done.exit_code == 0
    assert f"\n{title}\n" in done.stdout
    assert "Channel: C0OPS\nButtons: [I have it]" in done.stdout


async def test_it_prints_block_kit_and_links_and_posts_nothing(cloud, try_file):
    done = await try_file("alertmanager", "--source", "alertmanager")

    blocks = json.loads(done.stdout[done.stdout.index("{\n") :])["blocks"]
    assert blocks[0]["text"]["text"] == "🔥 1 firing, 1 resolved: VmCpuHigh"
    assert "Link: Runbook https://runbooks.example/vm-cpu\n" in done.stdout
    assert cloud.slack.messages() == []


async def test_what_has_ended_has_no_button(try_file):
    done = await try_file("zwatch-recovered")

    assert "Buttons: none" in done.stdout


async def test_the_policy_says_where(cloud, try_file, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "alerts:\n  routes:\n    - labels: {team: web}\n      channel: C0WEB\n"
    )
    cloud.settings["POLICY_FILE"] = str(policy)

    assert "Channel: C0WEB" in (await try_file("alertmanager")).stdout


async def test_nowhere_is_said_too(cloud):
    path = SAMPLES / "generic.json"

    done = await cloud.run("alerts", "test", str(path))

    assert "Channel: nowhere: no route fits, and ALERT_CHANNEL is empty" in done.stdout


async def test_a_connection_test_is_said_to_be_one(try_file):
    assert "shown nowhere" in (await try_file("pagerduty-ping")).stdout


async def test_what_no_source_sends_is_told_for_each(try_file, tmp_path):
    odd = tmp_path / "odd.json"
    odd.write_text("[]")

    done = await try_file(odd)

    assert done.exit_code == 2
    assert "alertmanager: This is not Alertmanager's own payload" in done.stderr
    assert "generic: This is not what a program sends" in done.stderr


async def test_an_unknown_source_is_named(try_file):
    done = await try_file("generic", "--source", "nagios")

    assert done.exit_code == 2
    assert "“nagios” is no source. There are alertmanager, grafana" in done.stderr


async def test_a_file_that_is_not_there_is_named(try_file, tmp_path):
    done = await try_file(tmp_path / "none.json")

    assert done.exit_code == 2
    assert "none.json cannot be read: No such file or directory." in done.stderr
