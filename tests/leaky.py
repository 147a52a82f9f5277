"""A suite that leaks on purpose, run by test_leaks.py alone: its own run must fail."""

import asyncio
import logging
import sqlite3
import sys
from contextlib import closing
from uuid import uuid4

import httpx
import pytest
from cryptography.fernet import Fernet

from sandbox import botprocess
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node
from tests.leaks import LEAKS, SECRET_SETTINGS, secret

SECRET = secret("typed secret", "told-in-confidence")
PRINT = (sys.executable, "-c", f"print('{SECRET}')")


def _account():
    return Node().world.account("ops")


async def _job():
    job = uuid4().hex
    async with (
        serve(Node().app) as url,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        headers = {"X-Job-UUID": job}
        await client.delete(f"{url}/zstack/v1/vm-instances/x/iso", headers=headers)
    return job


KINDS = {
    "ZStack password": lambda: _account().password,
    "access key secret": lambda: _account().key_secret,
    "session uuid": lambda: Node().sessions.open(_account()).uuid,
    "signing secret": lambda: Slack(signing_secret="8f74" * 8).drafts.signing_secret,
    "bot token": lambda: Slack(bot_token="xoxb-in-confidence").state.bot_token,
    "app token": lambda: Slack(app_token="xapp-in-confidence").state.app_token,
    "typed secret": lambda: SECRET,
}


@pytest.mark.parametrize("kind", KINDS)
def test_kind(kind):
    print(KINDS[kind]())


async def test_job():
    print(await _job())


def test_keys(tmp_path):
    key = Fernet.generate_key().decode()
    (tmp_path / "bot.keys").write_text(key)
    print(key)


@pytest.mark.parametrize("name", sorted(SECRET_SETTINGS))
def test_setting(name):
    LEAKS.keep_settings({name: f"first-of-all,id:in-confidence-{name}"})
    print(f"in-confidence-{name}")


def test_database():
    url = "postgresql://bot:database-in-confidence@db.example/bot"
    LEAKS.keep_settings({"DATABASE_URL": url})
    print(url)


@pytest.fixture
def loud():
    print(SECRET)
    yield
    print(SECRET)


def test_fixture(loud):
    pass


def test_stderr():
    sys.stderr.write(SECRET)


def test_log():
    logging.getLogger("leaky").warning("a %s", SECRET)


def test_read(capsys):
    print(SECRET)

    assert SECRET in capsys.readouterr().out


async def test_bot(tmp_path):
    bot = await botprocess.started({}, tmp_path, PRINT)

    assert await bot.died() == 0


async def test_process():
    process = await asyncio.create_subprocess_exec(
        *PRINT, stdout=asyncio.subprocess.PIPE
    )
    LEAKS.overhear(process.stdout)

    assert SECRET.encode() in (await process.communicate())[0]


def test_file(tmp_path):
    (tmp_path / "notes.txt").write_text(f"so {SECRET}!")


def test_sqlite(tmp_path):
    with closing(sqlite3.connect(tmp_path / "bot.sqlite3")) as database:
        database.execute("CREATE TABLE note (words)")
        database.execute("INSERT INTO note VALUES (?)", [SECRET])
        database.commit()


def test_postgresql(postgres):
    with postgres.database() as name:
        made = f"CREATE TABLE note AS SELECT '{SECRET}'::text AS words"
        postgres.do(made, database=name)


def test_clean(tmp_path, capsys):
    secret("too short", "tell-nobody")
    (tmp_path / "bot.keys").write_text(Fernet.generate_key().decode())
    print("tell-nobody", uuid4().hex)
