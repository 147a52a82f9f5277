"""Run the simulated node by itself: `python -m sandbox.zstack --port 8080`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from sandbox.server import serve
from sandbox.zstack import Node


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.zstack", description=__doc__
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    parser.add_argument("--job-seconds", type=float, default=1.5)
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    node = Node(job_seconds=arguments.job_seconds)
    async with serve(node.app, host=arguments.host, port=arguments.port) as url:
        print(f"{url}/zstack", flush=True)  # noqa: T201 - whoever starts it reads this
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))
