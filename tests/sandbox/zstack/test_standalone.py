import asyncio
import contextlib
import re
import signal
import sys

import httpx
import pytest

from sandbox.zstack.__main__ import run


async def test_the_node_runs_by_itself():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox.zstack", "--port", "0", "--job-seconds", "0.1"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(trust_env=False) as http:
            reply = await http.get(f"{url}/v1/management-nodes/ready")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.communicate()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/zstack", url)
    assert reply.status_code == 200
    assert process.returncode == 0


async def test_it_serves_until_it_is_stopped():
    announced = asyncio.get_running_loop().create_future()
    words = ["--port", "0", "--job-seconds", "0"]
    task = asyncio.create_task(run(announced.set_result, words))

    async with httpx.AsyncClient(trust_env=False) as http:
        url = await announced
        reply = await http.get(f"{url}/v1/management-nodes/ready")
    task.cancel()

    assert reply.status_code == 200
    with pytest.raises(asyncio.CancelledError):
        await task
