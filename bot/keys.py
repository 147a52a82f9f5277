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
    from bot.settings import Settings


def secret_keys(settings: Settings) -> list[str]:
    """The keys from the settings, else from a file beside the SQLite file, made once."""
    if settings.secret_keys or not settings.sqlite_file:
        return [key.get_secret_value() for key in settings.secret_keys]
    path = settings.sqlite_file.with_suffix(".keys")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, Fernet.generate_key())
    return _read(path)


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
    handle, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
