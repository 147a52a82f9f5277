"""Run the simulated node by itself: `python -m sandbox.zstack --port 8080`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from typing import TYPE_CHECKING

from sandbox.server import serve
from sandbox.zstack import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.zstack", description=__doc__
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    parser.add_argument("--job-seconds", type=float, default=1.5)
    return parser.parse_args(words)


async def run(
    announce: Callable[[str], None], words: Sequence[str] | None = None
) -> None:
    """Serve until cancelled; announces the URL to give to clients."""
    arguments = _arguments(words)
    node = Node(job_seconds=arguments.job_seconds)
    async with serve(node.app, host=arguments.host, port=arguments.port) as url:
        announce(f"{url}/zstack")
        await asyncio.Event().wait()


def _print(url: str) -> None:
    print(url, flush=True)  # noqa: T201 - whoever starts it reads this


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(_print))
