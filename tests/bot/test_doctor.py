"""The doctor: tells what works, what does not and what to do, and changes nothing."""

import sqlite3

import pytest
from cryptography.fernet import Fernet


async def test_all_is_well(cloud):
    await cloud.run("migrate")

    done = await cloud.run("doctor")

    assert done.exit_code == 0
    assert [line[:4] for line in done.stdout.splitlines()] == ["ok  "] * 9
    assert "ok   zstack: version 5.2.1, ready." in done.stdout
    assert "installed in" in done.stdout


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        pytest.param({}, "ok   alerts: no source may call", id="off"),
        pytest.param(
            {"ALERT_TOKEN": "t", "ALERT_CHANNEL": "C0OPS"},
            "ok   alerts: generic may call; told in C0OPS.",
            id="on",
        ),
        pytest.param(
            {"ALERT_TOKEN": "t"},
            "FAIL alerts: what no route of the policy fits is recorded and told "
            "nowhere. Set ALERT_CHANNEL.",
            id="no channel",
        ),
        pytest.param(
            {"ALERT_TOKEN": "t", "ALERT_CHANNEL": "C0NONE"},
            "FAIL alerts: told nowhere, because the bot sees no such channel: C0NONE. "
            "Invite it there.",
            id="unknown channel",
        ),
    ],
)
async def test_where_alerts_are_told_is_looked_at(cloud, settings, line):
    cloud.settings |= settings

    done = await cloud.run("doctor")

    assert line in done.stdout


async def test_an_archived_channel_takes_no_alerts(cloud):
    cloud.settings |= {"ALERT_TOKEN": "t", "ALERT_CHANNEL": "C0OPS"}
    cloud.slack.workspace.channel("ops").archived = True

    done = await cloud.run("doctor")

    assert "no such channel: C0OPS" in done.stdout


async def test_a_slack_that_does_not_answer_says_nothing_about_channels(cloud):
    cloud.settings |= {"ALERT_TOKEN": "t", "ALERT_CHANNEL": "C0OPS"}
    cloud.settings["SLACK_API_URL"] = "http://127.0.0.1:9/api"

    done = await cloud.run("doctor")

    assert "ok   alerts: generic may call" in done.stdout


@pytest.mark.parametrize(
    ("channel", "line"),
    [
        pytest.param(
            "C0OPS", "ok   audit channel: every row is told in C0OPS", id="open"
        ),
        pytest.param(
            "C0NONE",
            "FAIL audit channel: rows wait, because the bot sees no such channel: C0NONE. "
            "Invite it there, or mend audit: in the policy.",
            id="closed",
        ),
    ],
)
async def test_where_the_audit_is_told_is_looked_at(cloud, channel, line):
    path = cloud.directory / "audit.yaml"
    path.write_text(f"audit: {{channel: {channel}}}")
    cloud.settings["POLICY_FILE"] = str(path)

    done = await cloud.run("doctor")

    assert line in done.stdout


async def test_what_another_key_sealed_is_told(cloud):
    await cloud.log_in()
    cloud.settings["SECRET_KEYS"] = Fernet.generate_key().decode()

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert "FAIL secret keys: 0 of 1 sealed values can be opened. Put the key" in (
        done.stdout
    )


async def test_what_an_older_key_sealed_is_told_to_be_rotated(cloud):
    cloud.settings["SECRET_KEYS"] = old = Fernet.generate_key().decode()
    await cloud.log_in()
    cloud.settings["SECRET_KEYS"] = f"{Fernet.generate_key().decode()},{old}"

    done = await cloud.run("doctor")

    assert done.exit_code == 0
    assert "1 by an older key: python -m bot rotate-keys" in done.stdout


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param(
            "ops-key:ops-key-secret", "ok   service key: ZStack takes", id="good"
        ),
        pytest.param(
            "ops-key:x",
            "FAIL service key: ZStack does not know it. Set ZSTACK_SERVICE_KEY anew.",
            id="wrong",
        ),
    ],
)
async def test_the_bots_own_key_is_tried(cloud, key, said):
    cloud.settings["ZSTACK_SERVICE_KEY"] = key

    done = await cloud.run("doctor")

    assert said in done.stdout
    assert "ops-key-secret" not in done.stdout


async def test_a_service_key_is_told_when_the_clocks_differ(cloud):
    cloud.settings["ZSTACK_SERVICE_KEY"] = "ops-key:ops-key-secret"
    cloud.node.settings.change(clock_ahead_seconds=3600)

    done = await cloud.run("doctor")

    assert "FAIL service key: ZStack refused the request (403)" in done.stdout
    assert "Set the clocks of both machines by NTP. Mend that first." in done.stdout


async def test_a_new_database_is_well_and_stays_empty(cloud):
    done = await cloud.run("doctor")

    assert done.exit_code == 0
    assert "is empty: the start makes the tables" in done.stdout
    assert tables(cloud) == []


async def test_postgresql_is_named_and_that_replicas_wake_each_other(
    cloud, postgres_url
):
    cloud.move(postgres_url)

    done = await cloud.run("doctor")

    assert done.exit_code == 0
    assert "ok   database: PostgreSQL answers." in done.stdout
    assert "ok   replicas: replicas wake each other by LISTEN and" in done.stdout


async def test_a_pooler_in_transaction_mode_is_named(cloud, pooled_url):
    cloud.move(pooled_url)

    done = await cloud.run("doctor")

    assert done.exit_code == 0
    assert "ok   replicas: a pooler in transaction mode stands before" in done.stdout


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(
            "postgresql://127.0.0.1:9/bot", "Connection refused", id="no server"
        ),
        pytest.param("postgresql:///bot?host=/none", "No such file", id="no socket"),
    ],
)
async def test_a_postgresql_that_does_not_answer_is_not_well(cloud, given, told):
    cloud.move(given)

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert "FAIL database: it does not answer: " in done.stdout
    assert told in done.stdout


async def test_a_postgresql_without_that_database_is_not_well(cloud, postgres):
    cloud.move(postgres.url("nowhere"))

    done = await cloud.run("doctor")

    assert 'FAIL database: it does not answer: database "nowhere" does' in done.stdout


async def test_a_postgresql_that_is_silent_is_not_well(cloud, proxy):
    proxy.cut()
    cloud.move(proxy.url)

    done = await cloud.run("doctor")

    proxy.mend()
    assert "FAIL database: it does not answer: TimeoutError." in done.stdout


async def test_a_database_of_another_version_is_not(cloud):
    await cloud.run("migrate")
    change(cloud, "UPDATE alembic_version SET version_num = 'other'")

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert "FAIL database: SQLite answers, and has the tables of an" in done.stdout
    assert "Run: python -m bot migrate" in done.stdout


async def test_what_is_no_database_is_not_well(cloud):
    (cloud.directory / "bot.sqlite3").write_text("this is no database" * 99)

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert "FAIL database: it does not answer: file is not a database" in done.stdout
    assert "ok   zstack" in done.stdout


async def test_a_row_at_a_step_of_another_version_is_told(cloud):
    await cloud.run("run", "whoami")
    change(cloud, "UPDATE command SET step = 'other.9', due = NULL, finished_at = NULL")

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert (
        "FAIL ledger: 1 commands are on their way, 0 wait for a person; not understood: "
        in done.stdout
    )
    assert "at other.9. Start the version that wrote them." in done.stdout


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        pytest.param(
            "ZSTACK_URL",
            "http://127.0.0.1:9/zstack",
            "FAIL zstack: ZStack did not answer: there is no connection to it (Conn",
            id="no ZStack",
        ),
        pytest.param(
            "SLACK_API_URL",
            "http://127.0.0.1:9/api/",
            "FAIL slack: Slack does not answer: there is no connection to it (Client",
            id="no Slack",
        ),
        pytest.param(
            "SLACK_BOT_TOKEN",
            "xoxb-wrong",
            "FAIL slack: Slack says invalid_auth. Check SLACK_BOT_TOKEN",
            id="wrong token",
        ),
    ],
)
async def test_who_does_not_answer_is_told_with_what_to_do(cloud, setting, value, told):
    cloud.settings[setting] = value

    done = await cloud.run("doctor")

    assert done.exit_code == 1
    assert done.stdout.count("FAIL") == 1
    assert told in done.stdout


@pytest.mark.parametrize(
    ("token", "told"),
    [
        pytest.param(
            "xapp-sandbox",
            "ok   socket mode: Slack lets the bot connect, 2 times at once, and nothing",
            id="right",
        ),
        pytest.param(
            "xapp-wrong",
            "FAIL socket mode: Slack says invalid_auth. Check SLACK_APP_TOKEN. See docs",
            id="wrong",
        ),
    ],
)
async def test_with_socket_mode_it_asks_whether_slack_lets_it_connect(
    cloud, token, told
):
    cloud.settings |= {"SLACK_APP_TOKEN": token, "SLACK_SIGNING_SECRET": ""}

    done = await cloud.run("doctor")

    assert told in done.stdout


async def test_a_zstack_that_is_not_asked_to_call_back_is_told(cloud):
    cloud.settings["ZSTACK_WEBHOOK"] = "off"

    done = await cloud.run("doctor")

    assert "ok   callbacks: ZStack is not asked to call back." in done.stdout


def tables(cloud):
    query = "SELECT name FROM sqlite_master"
    ledger = sqlite3.connect(cloud.directory / "bot.sqlite3")
    found = ledger.execute(query).fetchall()
    ledger.close()
    return found


def change(cloud, statement):
    ledger = sqlite3.connect(cloud.directory / "bot.sqlite3")
    with ledger:
        ledger.execute(statement)
    ledger.close()


@pytest.mark.parametrize(
    ("count", "said"),
    [
        pytest.param(1, "FAIL answers: 1 were given up within a week, of: c0.", id="1"),
        pytest.param(
            7,
            "7 were given up within a week, of: c6, c5, c4, c3, c2 and 2 more.",
            id="7",
        ),
    ],
)
async def test_answers_that_were_given_up_are_told(cloud, count, said):
    await cloud.run("migrate")
    path = cloud.settings["DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as file:
        for number in range(count):
            file.execute(
                "INSERT INTO message (id, command_id, slot, place, notice, version, told, "
                "attempts, gave_up, created_at) "
                f"VALUES ('m{number}', 'c{number}', 'answer', '', '', 1, 0, 9, 1, {9e9 + number})"
            )
    file.close()

    done = await cloud.run("doctor")

    assert said in done.stdout
    assert done.exit_code == 1
