"""Serving: one process a SQLite file, whatever the network does, until SIGTERM."""

import asyncio
import io
import os

import httpx
import pytest
from cryptography.fernet import Fernet

from bot import shell
from bot.app import assemble, only_runner, take_over
from bot.serving import serve
from bot.settings import SettingsFault, load
from sandbox.login import login


async def test_a_command_is_taken_carried_out_and_the_end_is_in_order(cloud, serving):
    await cloud.log_in()
    done = await cloud.run("run", "detach-iso web-01")

    await serving()

    assert done.exit_code == 0
    assert "succeeded: Detached" in done.stdout
    assert len(cloud.node.log.actions()) == 1
    async with httpx.AsyncClient(trust_env=False) as platform:
        with pytest.raises(httpx.ConnectError):
            await platform.get(f"{cloud.url}/readyz")


@pytest.fixture
def connecting(cloud):
    """Nothing is posted: the bot connects to Slack."""
    cloud.slack.socket_mode = True
    cloud.settings["SLACK_APP_TOKEN"] = cloud.slack.state.app_token
    del cloud.settings["SLACK_SIGNING_SECRET"]


async def test_by_socket_mode_it_is_the_same_without_a_signing_secret(
    cloud, connecting, serving
):
    await cloud.slack.sockets.until(lambda it: bool(it.open))
    await login(cloud.slack, user="alice", account="ops", password="sandbox-password")
    await cloud.slack.command("/detach-iso", "web-01")
    await cloud.slack.wait(lambda it: it.outcome == "succeeded")
    async with httpx.AsyncClient(trust_env=False, base_url=cloud.url) as platform:
        posted = await platform.post("/slack/events")
        ready = (await platform.get("/readyz")).json()
        metrics = (await platform.get("/metrics")).text

    await serving()

    assert posted.status_code == 404
    assert ready["sockets"] in {"1 of 2 connected", "2 of 2 connected"}
    assert "slack_sockets_connected" in metrics
    assert 'slack_envelopes_total{end="acknowledged",type="slash_commands"}' in metrics
    assert cloud.slack.sockets.open == []
    assert len(cloud.node.log.actions()) == 1


async def test_a_slack_that_lets_nobody_connect_is_reported_and_decides_nothing(
    cloud, connecting, environment, ready
):
    cloud.settings["SLACK_API_URL"] = "http://127.0.0.1:9/api/"
    environment(**{"SLACK_SIGNING_SECRET": None} | cloud.settings)
    task = asyncio.create_task(serve(load()))
    await ready(cloud.url)
    async with httpx.AsyncClient(trust_env=False, base_url=cloud.url) as platform:
        answer = await platform.get("/readyz")

    os.kill(os.getpid(), 15)
    await asyncio.wait_for(task, 20)
    assert answer.status_code == 200
    assert answer.json()["sockets"].startswith("0 of 2 connected")


@pytest.fixture(params=["postgres_url", "pooled_url"], ids=["postgres", "pooler"])
def moved(request, cloud):
    """Keep everything in PostgreSQL."""
    cloud.move(request.getfixturevalue(request.param))


async def test_on_postgresql_it_is_the_same(cloud, moved, serving):
    await login(cloud.slack, user="alice", account="ops", password="sandbox-password")
    await cloud.slack.command("/detach-iso", "web-01")

    answer = await cloud.slack.wait(lambda it: it.outcome == "succeeded")

    await serving()
    assert "Detached" in answer.text
    assert len(cloud.node.log.actions()) == 1


async def test_on_postgresql_a_shell_runs_a_command_beside_the_bot(
    cloud, moved, serving
):
    await cloud.log_in()

    done = await cloud.run("run", "detach-iso web-01")

    assert done.exit_code == 0
    assert "succeeded: Detached" in done.stdout
    assert len(cloud.node.log.actions()) == 1


async def test_a_second_bot_on_the_same_file_is_refused(cloud, serving):
    done = await cloud.run("serve")

    assert done.exit_code == 2
    assert done.stderr.startswith("Another bot is running on ")
    assert "bot.sqlite3. Stop it first, or use PostgreSQL" in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_port_in_use_is_one_line(cloud, host):
    class Nothing(asyncio.Protocol):
        pass

    loop = asyncio.get_running_loop()
    async with await loop.create_server(Nothing, host, 0) as taken:
        port = taken.sockets[0].getsockname()[1]
        cloud.settings |= {"PORT": str(port), "HOST": host}

        done = await cloud.run("serve")

    assert done.exit_code == 2
    assert done.stderr == (
        f"PORT: cannot listen at {host} port {port}: Address already in use "
        "(for example: 3000)\n"
    )


async def test_without_slack_commands_are_still_acknowledged(cloud, environment, ready):
    cloud.settings["SLACK_API_URL"] = "http://127.0.0.1:9/api/"
    environment(**cloud.settings)
    task = asyncio.create_task(serve(load()))
    await ready(cloud.url)

    ack = await cloud.slack.command("/detach-iso", "web-01")
    done = await cloud.run("history")

    os.kill(os.getpid(), 15)
    await asyncio.wait_for(task, 20)
    assert ack.is_ok
    assert "detach-iso web-01" in done.stdout


async def test_a_name_that_is_no_address_of_this_machine_is_one_line(settings):
    with pytest.raises(SettingsFault, match=r"^PORT: cannot listen at 192"):
        await serve(settings(HOST="192.0.2.1", DATABASE_URL="sqlite:///x.sqlite3"))


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        pytest.param("1\n", 0, "succeeded: Detached", id="the first"),
        pytest.param("9\n²\n2\n", 0, "A number from 1 to 2", id="after a mistake"),
        pytest.param("", 3, "Which VM “twin” do you mean?", id="end of the input"),
    ],
)
async def test_on_a_terminal_a_choice_is_asked_for(
    cloud, environment, monkeypatch, capsys, typed, status, told
):
    await cloud.log_in()
    environment(**cloud.settings)
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    async with shell_bot() as bot:
        assert await shell.run(bot, "detach-iso twin") == status

    assert told in capsys.readouterr().out


def shell_bot():
    return assemble(load())


def test_a_person_without_a_name_is_known_by_number(monkeypatch):
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_001)

    assert shell.me().user == "uid 4000000001"


def test_nobody_gets_another_name_by_the_environment(monkeypatch):
    known = shell.me()

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")

    assert shell.me() == known


async def test_postgresql_needs_no_lock_and_frees_nothing_of_others(settings):
    key = Fernet.generate_key().decode()
    found = settings(DATABASE_URL="postgresql://h/d", SECRET_KEYS=key)

    with only_runner(found), only_runner(found):
        async with assemble(found, migrates=False) as bot:
            await take_over(bot)
