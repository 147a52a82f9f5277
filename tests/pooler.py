"""PgBouncer in transaction mode, where it is installed."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.demo import _free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Postgres

_SETTINGS = """
[databases]
* = host={host} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
"""


@contextlib.contextmanager
def pooling(program: str, postgres: Postgres) -> Iterator[int]:
    """Run the pooler: its port."""
    port = _free_port()
    owner = postgres.directory.owner()  # who may open the socket; never root
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "pgbouncer.ini"
        file.write_text(_SETTINGS.format(host=postgres.directory, port=port))
        Path(directory).chmod(0o755)
        as_owner = {"user": owner} if os.geteuid() == 0 else {}
        process = subprocess.Popen([program, "--quiet", str(file)], **as_owner)
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.02)
