"""The file of secret keys: made once, whole, for its owner alone."""

import threading

import pytest
from cryptography.fernet import Fernet

from bot.keys import _write_once, secret_keys
from bot.settings import SettingsFault


def test_the_file_is_made_beside_the_database_for_its_owner_alone(settings, tmp_path):
    found = settings(DATABASE_URL=f"sqlite:///{tmp_path}/new/bot.sqlite3")

    keys = secret_keys(found)

    file = tmp_path / "new" / "bot.keys"
    assert [file.read_text()] == keys == secret_keys(found)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Fernet(keys[0])


def test_keys_of_the_settings_count_and_no_file_is_made(settings, tmp_path):
    given = [Fernet.generate_key().decode() for _ in range(2)]
    url = f"sqlite:///{tmp_path}/bot.sqlite3"

    found = settings(DATABASE_URL=url, SECRET_KEYS=",".join(given))

    assert secret_keys(found) == given
    assert list(tmp_path.iterdir()) == []


def test_many_makers_at_once_agree_on_one_key(settings, tmp_path):
    found = settings(DATABASE_URL=f"sqlite:///{tmp_path}/bot.sqlite3")
    start, made = threading.Barrier(8), []

    def make():
        start.wait()
        made.append(tuple(secret_keys(found)))

    makers = [threading.Thread(target=make) for _ in range(8)]
    [maker.start() for maker in makers]
    [maker.join() for maker in makers]

    assert len(made) == 8
    assert len(set(made)) == 1
    assert [it.name for it in tmp_path.iterdir()] == ["bot.keys"]


def test_the_first_writer_wins_and_no_draft_is_left(tmp_path):
    file = tmp_path / "bot.keys"

    _write_once(file, b"first")
    _write_once(file, b"second")

    assert file.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", ["", "nonsense", ",\n,"])
def test_a_file_with_something_else_in_it_is_one_line(settings, tmp_path, content):
    (tmp_path / "bot.keys").write_text(content)

    with pytest.raises(SettingsFault, match=r"^SECRET_KEYS: .*bot\.keys holds"):
        secret_keys(settings(DATABASE_URL=f"sqlite:///{tmp_path}/bot.sqlite3"))


def test_several_keys_in_the_file_are_read_with_their_newlines(settings, tmp_path):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    (tmp_path / "bot.keys").write_text(",\n".join(keys) + "\n")

    found = settings(DATABASE_URL=f"sqlite:///{tmp_path}/bot.sqlite3")

    assert secret_keys(found) == keys


async def test_a_bot_without_settings_of_its_own_rotates_its_file(cloud):
    await cloud.log_in()
    file = cloud.directory / "bot.keys"
    (before,) = file.read_text().split(",")

    done = await cloud.run("rotate-keys")

    (after,) = file.read_text().split(",")
    assert (done.exit_code, after == before) == (0, False)
    assert "Sealed anew: 1." in done.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert "connected as ops" in (await cloud.run("run", "whoami")).output


async def test_a_rotation_of_the_file_that_was_stopped_goes_on_with_its_key(cloud):
    await cloud.log_in()
    file, new = cloud.directory / "bot.keys", Fernet.generate_key().decode()
    file.write_text(f"{new},{file.read_text()}")

    done = await cloud.run("rotate-keys")

    assert (done.exit_code, file.read_text()) == (0, new)


async def test_beside_a_bot_that_runs_its_file_is_left_alone(cloud, serving):
    done = await cloud.run("rotate-keys")

    assert done.exit_code == 2
    assert "Another bot is running" in done.output


async def test_keys_of_the_settings_are_rotated_on_both_databases(cloud, database_url):
    cloud.move(database_url)
    old, new = cloud.settings["SECRET_KEYS"], Fernet.generate_key().decode()
    await cloud.log_in()
    cloud.settings["SECRET_KEYS"] = f"{new},{old}"

    first = await cloud.run("rotate-keys")
    cloud.settings["SECRET_KEYS"] = new
    again = await cloud.run("rotate-keys")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "Sealed anew: 1. By the newest key already: 0." in first.output
    assert "Sealed anew: 0. By the newest key already: 1." in again.output
    assert "the old keys may go" in again.output


async def test_a_lost_key_is_said_plainly(cloud):
    await cloud.log_in()
    cloud.settings["SECRET_KEYS"] = Fernet.generate_key().decode()

    done = await cloud.run("rotate-keys")

    assert done.exit_code == 1
    assert "1 values can be opened by no key: whoever they belong to logs in" in (
        done.output
    )
    assert "not connected to ZStack" in (await cloud.run("run", "whoami")).output
