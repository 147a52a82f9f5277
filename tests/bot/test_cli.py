"""The command line: what it prints and the status it ends with."""

import asyncio
import json
import os
import sqlite3

import pytest

from bot.cli import app
from desk.policy import Approval


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        pytest.param("detach-iso web-01", 0, "Detached ubuntu", id="succeeded"),
        pytest.param("detach-iso web-02", 0, "No ISO is attached", id="unchanged"),
        pytest.param("detach-iso mounted-01", 1, "failed: ", id="failed"),
        pytest.param("whoami", 0, "connected as ops", id="whoami"),
        pytest.param("help", 0, "detach-iso", id="help"),
        pytest.param("approvals", 0, "Nothing waits for your", id="approvals"),
        pytest.param("vm destroy web-01", 3, "This asks something", id="no reason"),
        pytest.param("detach-iso no-such-vm", 3, "There is no VM", id="refused"),
        pytest.param("detach-iso twin", 3, "This asks something", id="ambiguous"),
        pytest.param("iso vanish web-01", 2, "", id="unknown verb"),
        pytest.param('detach-iso "web-01', 2, "", id="open quote"),
    ],
)
async def test_run_ends_with_the_status_of_the_outcome(cloud, words, status, told):
    await cloud.log_in()

    done = await cloud.run("run", words)

    assert done.exit_code == status
    assert told in done.stdout
    assert bool(done.stderr) == (status == 2)


async def test_run_without_a_log_in_says_how_to_and_ends_with_3(cloud):
    done = await cloud.run("run", "detach-iso web-01")

    assert done.exit_code == 3
    assert "Log in with: python -m bot login" in done.stdout
    assert cloud.node.log.actions() == []


async def test_whoami_without_a_log_in_names_that_of_the_shell(cloud):
    done = await cloud.run("run", "whoami")

    assert done.exit_code == 0
    assert "Connect with python -m bot login." in done.stdout


async def test_run_without_an_answer_of_zstack_ends_with_4(cloud):
    await cloud.log_in()
    cloud.settings["JOB_MARGIN"] = "0"
    cloud.node.settings.change(api_timeout_seconds=0.3, job_seconds=0.1)
    cloud.node.faults.add("stuck", "DetachIsoFromVmInstance")

    done = await cloud.run("run", "detach-iso web-01")

    assert done.exit_code == 4
    assert "unknown: " in done.stdout


async def test_run_waits_for_an_approval_and_ends_with_3_when_it_expires(
    cloud, monkeypatch
):
    monkeypatch.setattr("desk.policy.rule.Terms.approval", Approval(expires=1))
    await cloud.log_in()

    done = await cloud.run("run", "vm destroy web-01 --reason old")

    assert done.exit_code == 3
    assert "accepted: Waits for approval: destroy web-01" in done.stdout
    assert "1 person has to approve." in done.stdout
    assert "expired: Not approved in time: destroy web-01" in done.stdout
    assert cloud.node.world.vm("web-01").state == "Running"


async def test_at_the_shell_nobody_approves_their_own(cloud):
    await cloud.log_in()
    waiting = await cloud.start("run", "vm destroy web-01 --reason old")
    first = (await waiting.stdout.readline()).decode()
    while b"Waits for approval" not in await waiting.stdout.readline():
        pass

    done = await cloud.run("run", f"approve {first.split()[0]}")

    waiting.kill()
    await waiting.wait()
    assert done.exit_code == 3
    assert "Nobody approves their own command." in done.stdout


async def test_the_reason_is_asked_for_on_a_terminal(cloud):
    await cloud.log_in()
    keyboard, terminal = os.openpty()
    waiting = await cloud.start("run", "vm destroy web-01", stdin=terminal)
    os.write(keyboard, b"replaced by web-03\n")

    said = await waiting.stdout.readuntil(b"1 person has to approve.")

    waiting.kill()
    await waiting.wait()
    os.close(keyboard)
    os.close(terminal)
    assert "Why: replaced by web-03" in said.decode()


async def test_a_long_line_is_not_broken(cloud):
    await cloud.log_in()

    done = await cloud.run("run", f"detach-iso {'no-such-vm' * 20}")

    assert "no-such-vm" * 20 in done.stdout


@pytest.mark.parametrize(
    ("words", "password", "status", "told"),
    [
        pytest.param(
            ["--account", "ops"], "sandbox-password", 0, "as ops.", id="account"
        ),
        pytest.param(
            ["--account", "ops", "--keep"], "sandbox-password", 0, "as ops.", id="kept"
        ),
        pytest.param(
            ["--key", "ops-key"], "ops-key-secret", 0, "key ops-key.", id="key"
        ),
        pytest.param(["--key", "ops-key"], "x", 1, "ID.1001", id="wrong secret"),
        pytest.param(["--account", "ops"], "wrong", 1, "ID.1000", id="wrong password"),
        pytest.param([], "sandbox-password", 2, "say --account", id="no account"),
        pytest.param(
            ["--ldap"], "sandbox-password", 2, "say --user", id="no LDAP name"
        ),
        pytest.param(
            ["--ldap", "--user", "nobody"],
            "sandbox-password",
            1,
            "",
            id="unknown in LDAP",
        ),
        pytest.param(
            ["--account", "ops", "--user", "nobody"], "x", 1, "", id="unknown user"
        ),
    ],
)
async def test_login_takes_the_password_from_the_input(
    cloud, words, password, status, told
):
    done = await cloud.run("login", *words, typed=f"{password}\r\n")

    assert done.exit_code == status
    assert told in done.output
    assert "Traceback" not in done.output


async def test_history_tells_everything_but_the_job(cloud):
    await cloud.log_in()
    await cloud.run("run", "detach-iso web-01")
    [action] = cloud.node.log.actions()

    done = await cloud.run("history", "--json")

    [row] = json.loads(done.stdout)
    assert row["words"] == "detach-iso web-01"
    assert row["outcome"] == "succeeded"
    assert row["resource_uuid"] == action.vm_uuid
    assert row["finished_at"] >= row["started_at"] >= row["accepted_at"] > 0
    assert action.job_uuid not in done.stdout


async def test_history_tells_the_error_of_a_failure_but_not_the_job(cloud):
    await cloud.log_in()
    await cloud.run("run", "detach-iso mounted-01")

    done = await cloud.run("history", "--json")

    assert json.loads(done.stdout)[0]["error"]["code"]
    assert cloud.node.log.executed[-1].job_uuid not in done.stdout


async def test_history_is_the_newest_first_and_can_be_short(cloud):
    assert (await cloud.run("history", "--json")).stdout == "[]\n"
    await cloud.run("run", "whoami")
    await cloud.run("run", "history")

    done = await cloud.run("history", "--limit", "1")

    [line] = done.stdout.splitlines()
    assert line.split()[3] == "succeeded"
    assert line.split()[5:] == ["-", "history"]


async def test_migrate_makes_the_tables_once_and_again(cloud):
    first, again = await cloud.run("migrate"), await cloud.run("migrate")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout == "The database now has the tables of this version.\n"
    assert again.stdout == "The database has, as before, the tables of this version.\n"


async def test_a_database_of_a_newer_version_is_a_sentence(cloud):
    await cloud.run("migrate")
    ledger = sqlite3.connect(cloud.directory / "bot.sqlite3")
    with ledger:
        ledger.execute("UPDATE alembic_version SET version_num = 'newer'")
    ledger.close()

    done = await cloud.run("history")

    assert done.exit_code == 1
    assert done.stderr.startswith("The database was made by a newer version")


async def test_a_database_that_does_not_confirm_is_a_sentence(cloud, proxy):
    cloud.move(proxy.url)
    proxy.cut_after(b"COMMIT;")

    done = await cloud.run("run", "whoami")

    proxy.mend()
    assert done.exit_code == 1
    assert done.stderr.startswith("The database did not confirm it. Look first: ")


async def test_what_is_no_database_is_a_sentence(cloud):
    (cloud.directory / "bot.sqlite3").write_text("this is no database" * 99)

    done = await cloud.run("migrate")

    assert done.exit_code == 1
    assert done.stderr.startswith("The database does not answer: file is not a data")


async def test_a_directory_that_cannot_be_made_is_a_sentence(cloud):
    (cloud.directory / "file").touch()
    cloud.settings["DATABASE_URL"] = f"sqlite:///{cloud.directory}/file/bot.sqlite3"

    done = await cloud.run("migrate")

    assert done.exit_code == 1
    assert done.stderr.startswith("Cannot start: [Errno 17] File exists: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param([], "Usage:", id="nothing"),
        pytest.param(["fly"], "No such command 'fly'", id="unknown verb"),
        pytest.param(["run"], "Missing argument", id="run what"),
        pytest.param(["history", "--limit", "none"], "Invalid value", id="no number"),
        pytest.param(["serve", "--fast"], "No such option", id="unknown option"),
        pytest.param(["run", "detach-iso"], "detach-iso", id="a word is missing"),
    ],
)
async def test_a_process_of_its_own_says_what_is_wrong(cloud, words, told):
    status, out, err = await cloud.shell(*words)

    assert status == 2
    assert told in out + err
    assert "Traceback" not in out + err


async def test_a_process_of_its_own_logs_in_runs_and_tells(cloud):
    login = await cloud.shell("login", "--account", "ops", typed="sandbox-password\n")
    run = await cloud.shell("run", "detach-iso web-01")

    assert login[:2] == (0, "Connected as ops.\n")
    assert run[0] == 0
    assert "succeeded: Detached ubuntu-24.04.iso from web-01" in run[1]
    assert "password" not in login[2] + run[2]


async def test_on_a_terminal_the_names_and_the_password_are_asked_for(
    cloud, environment, monkeypatch, capsys
):
    environment(**cloud.settings)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda what: {"Account": "ops"}[what])
    monkeypatch.setattr("getpass.getpass", lambda _: "sandbox-password")

    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(app, ["login"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == "Connected as ops.\n"
