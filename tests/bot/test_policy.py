"""`bot policy …`, and a bot that heeds its policy file."""

import asyncio
import os
import signal

import httpx
import pytest

from sandbox.pagerduty import PagerDuty
from sandbox.server import serve

RULES = """\
rotas:
  ops: {slack_group: S0OPS}
rules:
  - name: look
    effect: allow
    what: {risks: [read]}
  - name: on call
    effect: allow
    who: {on_call: [ops]}
    where: {zones: [east]}
  - name: not in public
    effect: deny
    what: {risks: [disrupt, destroy]}
    when: {kinds: [public, shared]}
"""


@pytest.fixture
def file(cloud):
    """A policy file, which the bot is told of."""
    path = cloud.directory / "rules.yaml"
    path.write_text(RULES)
    cloud.settings["POLICY_FILE"] = str(path)
    return path


async def explain(cloud, line, *words):
    done = await cloud.run("policy", "explain", *words, line)
    return done.exit_code, done.stdout


async def test_a_right_file_is_told_to_be(cloud, file):
    done = await cloud.run("policy", "check", str(file))

    assert (done.exit_code, done.stdout) == (0, f"{file} is right.\n")


async def test_a_wrong_file_is_told_line_and_column_of_every_fault(cloud, file):
    file.write_text("rules:\n  - name: r\n    efect: deny\n")

    done = await cloud.run("policy", "check", str(file))

    assert done.exit_code == 2
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [
        f"{file}:2:5",
        f"{file}:3:5",
    ]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        pytest.param("gone", None, "gone cannot be read: No such file or", id="gone"),
        pytest.param(".", None, ". cannot be read: Is a directory.", id="a directory"),
        pytest.param("f", b"", "f:1:1: is empty; take the file away", id="empty"),
        pytest.param("f", b"\xff\xfe", "f is not UTF-8 text, so it is", id="binary"),
        pytest.param("f", b"a: 1\nb\0", "f:2:2: is not YAML: the char", id="a zero"),
    ],
)
async def test_a_file_that_is_no_policy_is_told_in_one_sentence(
    cloud, name, body, said
):
    if body is not None:
        (cloud.directory / name).write_bytes(body)

    done = await cloud.run("policy", "check", name)

    assert done.exit_code == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


async def test_a_verdict_is_explained_rule_by_rule(cloud, file):
    status, told = await explain(
        cloud, "vm stop web-01", "--as", "U0ALICE", "--in", "C0OPS"
    )

    assert status == 3
    first, who, *rules, reason = told.splitlines()
    assert first == "U0ALICE is not logged in to ZStack here: only the name counts"
    assert who.startswith(
        "U0ALICE (member, on call for ops) asks in C0OPS (public) at "
    )
    assert who.endswith(" for vm stop (StopVmInstance, disrupt)")
    assert rules == [
        "  allow    “look” does not fit: what",
        "  allow    “on call” is not known to fit: where",
        "  deny     “not in public” fits",
        "rule “not in public”: deny",
    ]
    assert reason.startswith("The policy rule “not in public” does not let you do this")


async def test_the_shell_person_is_explained_with_the_vm_as_they_see_it(cloud, file):
    await cloud.run("login", "--account", "ops", typed="sandbox-password\n")

    status, told = await explain(cloud, "/zstack vm show web-01")

    assert status == 0
    assert told.startswith("web-01 is VM ")
    assert "asks in the shell (shell)" in told
    assert told.endswith("rule “look”: allow\nrisk read: allow\nso: allow\n")


async def test_a_name_that_fits_several_vms_is_only_a_name(cloud, file):
    await cloud.run("login", "--account", "ops", typed="sandbox-password\n")

    _, told = await explain(cloud, "vm stop twin")

    assert told.startswith("2 VMs fit “twin”: only the name counts")


async def test_a_stranger_is_explained_by_team_and_name(cloud, file):
    status, told = await explain(cloud, "vm list", "--as", "T0PARTNER/U0STRANGER")

    assert status == 3
    assert "U0STRANGER (stranger) asks" in told
    assert "stranger of team T0PARTNER: refused" in told


async def test_what_cannot_be_found_out_is_told(cloud, file):
    cloud.slack.workspace.usergroups.clear()

    _, told = await explain(cloud, "vm list", "--as", "U0ALICE", "--in", "C0NOWHERE")

    assert "asks in C0NOWHERE (unknown)" in told
    assert "not known: of which kind C0NOWHERE is, which Slack does" in told
    assert "not known: there is no such user group, asked who is in S0OPS" in told


async def test_the_kind_of_a_channel_may_be_said(cloud, file):
    words = ("vm reboot web-01", "--as", "U0ALICE", "--in", "C0NOWHERE")

    _, public = await explain(cloud, *words, "--kind", "public")
    _, private = await explain(cloud, *words, "--kind", "private")

    assert "assumed: it is asked in a place of the kind public\n" in public
    assert "deny     “not in public” fits\n" in public
    assert "deny     “not in public” does not fit: when\n" in private


async def test_slack_is_asked_for_the_kind_though_no_rule_asks(cloud, file):
    file.write_text("rules: [{name: all, effect: allow}]")

    _, told = await explain(cloud, "vm list", "--as", "U0ALICE", "--in", "C0OPS")

    assert "asks in C0OPS (public)" in told


async def test_without_a_channel_it_is_said_that_the_shell_is_meant(cloud, file):
    _, told = await explain(cloud, "vm list", "--as", "U0ALICE")

    assert told.startswith(
        "assumed: it is asked at the shell; name a channel with --in"
    )


async def test_who_may_is_told_by_name(cloud, file):
    file.write_text(
        "rules: [{name: r, effect: allow, who: {groups: [S0OPS], users: [U0BOB]}}]"
    )

    _, told = await explain(cloud, "vm list", "--as", "U0CAROL", "--in", "C0OPS")

    assert told.endswith("Ask @bob or the user group @ops: they may.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "noon", "vm list"), "noon is not a moment, for example"),
        (("vm stpo web-01",), "vm stpo"),
        (("--as", "alice", "vm list"), "“alice” is not a user, for example U1"),
        (("--in", "#ops", "vm list"), "“#ops” is not the id of a channel"),
        (("help",), "“help” asks for help, which everybody may."),
    ],
)
async def test_what_cannot_be_explained_is_said(cloud, words, said):
    done = await cloud.run("policy", "explain", *words)

    assert done.exit_code == 2
    assert said in done.stderr


async def test_a_moment_may_be_asked_about(cloud, file):
    file.write_text(
        "freezes: [{name: f, since: 2026-12-24T00:00Z, until: 2026-12-27T00:00Z}]\n"
        "rules:\n"
        "  - {name: all, effect: allow}\n"
        "  - {name: frozen, effect: deny, when: {frozen: true}}\n"
    )

    before, _ = await explain(cloud, "vm list", "--at", "2026-12-23T12:00+00:00")
    during, _ = await explain(cloud, "vm list", "--at", "2026-12-25T12:00+00:00")

    assert (before, during) == (0, 3)


async def test_a_bot_does_not_start_with_a_wrong_file(cloud, file):
    file.write_text("rulez: []")

    status, _, err = await cloud.shell("serve")

    assert status == 2
    assert err.startswith(
        f"POLICY_FILE: {file}: line 1, column 1: “rulez” is not known"
    )


async def test_a_file_that_is_named_has_to_be_there(cloud):
    cloud.settings["POLICY_FILE"] = "nowhere.yaml"

    done = await cloud.run("doctor")

    assert done.exit_code == 2
    assert "POLICY_FILE: is not a file that can be read" in done.stderr


async def test_the_doctor_tells_of_a_wrong_file(cloud, file):
    file.write_text("rulez: []")

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert f"FAIL policy: {file} is wrong, so no bot starts with it, and" in done.stdout
    assert f"Run: python -m bot policy check {file}" in done.stdout


async def test_the_doctor_tells_who_is_on_the_lists(cloud, file):
    told = await cloud.run("doctor")
    cloud.slack.workspace.usergroups.clear()
    lost = await cloud.run("doctor")

    assert "ok   on call and groups: ops 2.\n" in told.stdout
    assert "FAIL on call and groups: ops not known (there is no such user gr" in (
        lost.stdout
    )


async def test_the_shell_heeds_the_policy(cloud, file):
    await cloud.run("login", "--account", "ops", typed="sandbox-password\n")

    looks = await cloud.run("run", "vm show web-01")
    stops = await cloud.run("run", "vm stop web-01")

    assert (looks.exit_code, stops.exit_code) == (0, 3)
    assert "Ask whoever is on call for ops: they may." in stops.stdout


async def test_a_served_bot_takes_a_changed_file_up_and_reports_a_wrong_one(
    cloud, file, serving
):
    await _until(cloud, "holds, with 3 rules")

    file.write_text("rules: []")
    os.kill(os.getpid(), signal.SIGHUP)
    await _until(cloud, "holds, with 0 rules")

    file.write_text("rulez: [1]")
    await _until(cloud, "is wrong, so the one before holds")
    await serving()


async def _until(cloud, said):
    """Look at /readyz until it reports so of the policy."""
    async with (
        asyncio.timeout(15),
        httpx.AsyncClient(trust_env=False, verify=False) as platform,
    ):
        while True:
            answer = await platform.get(f"{cloud.url}/readyz")
            assert answer.status_code == 200
            if said in answer.json()["policy"]:
                return
            await asyncio.sleep(0.1)


async def test_pagerduty_says_who_is_on_call(cloud, file):
    cloud.slack.workspace.person("alice").email = "alice@acme.example"
    duty = PagerDuty(schedules={"P1": ["alice@acme.example"]})
    file.write_text(RULES.replace("slack_group: S0OPS", "pagerduty_schedule: P1"))

    async with serve(duty.app) as url:
        cloud.settings |= {"PAGERDUTY_TOKEN": duty.token, "PAGERDUTY_URL": url}
        _, alice = await explain(cloud, "vm list", "--as", "U0ALICE")
        _, bob = await explain(cloud, "vm list", "--as", "U0BOB")

    assert "U0ALICE (member, on call for ops) asks" in alice
    assert "not known: the bot lacks the scope users:read.email" in bob
