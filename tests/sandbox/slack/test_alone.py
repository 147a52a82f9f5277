import asyncio
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]


async def test_the_stand_in_runs_by_itself():
    alone = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.slack",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    line = (await alone.stdout.readline()).decode().strip()
    headers = {"Authorization": "Bearer xoxb-sandbox"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        answer = await client.post(line.removeprefix("SLACK_API_URL=") + "auth.test")

    assert answer.json()["team_id"] == "T0SANDBOX"
    alone.terminate()
    await alone.communicate()
