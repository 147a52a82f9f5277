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
