"""The secret keys: from the settings, else from a file that is made once."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

from bot.settings import SettingsFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings


def secret_keys(settings: Settings) -> list[str]:
    """The keys from the settings, else from a file beside the SQLite file, made once."""
    path = key_file(settings)
    if not path:
        return [key.get_secret_value() for key in settings.secret_keys]
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, Fernet.generate_key())
    return _read(path)


def key_file(settings: Settings) -> Path | None:
    """The file of the keys that the bot made itself; None when they are settings."""
    if settings.secret_keys or not settings.sqlite_file:
        return None
    return settings.sqlite_file.with_suffix(".keys")


def add_key(settings: Settings) -> None:
    """Put a new key first in the file, unless a rotation was stopped half-way."""
    path, keys = key_file(settings), secret_keys(settings)
    if path and len(keys) == 1:
        _replace(path, [Fernet.generate_key().decode(), *keys])


def drop_old_keys(settings: Settings) -> None:
    """Leave only the newest key in the file."""
    path = key_file(settings)
    if path:
        _replace(path, _read(path)[:1])


def _replace(path: Path, keys: list[str]) -> None:
    with _draft(path, ",".join(keys).encode()) as draft:
        draft.replace(path)


def _read(path: Path) -> list[str]:
    """Read the file; raises SettingsFault when there is something else in it."""
    try:
        keys = [key.strip() for key in path.read_text().split(",") if key.strip()]
        usable = [key for key in keys if Fernet(key)]
    except ValueError:
        usable = []
    if not usable:
        message = (
            f"SECRET_KEYS: {path} holds something else than Fernet keys. Put the file "
            "back, or remove it: whoever is logged in then logs in again."
        )
        raise SettingsFault(message)
    return usable


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all; the first writer wins."""
    with _draft(path, content) as draft, contextlib.suppress(FileExistsError):
        os.link(draft, path)


@contextlib.contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside `path`, on the disk and readable by us alone."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
