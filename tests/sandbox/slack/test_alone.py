import asyncio
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
SETTINGS = {
    "SLACK_API_URL",
    "SLACK_RESPONSE_HOSTS",
    "SLACK_SIGNING_SECRET",
    "SLACK_BOT_TOKEN",
}


async def test_the_stand_in_runs_by_itself_and_prints_what_the_bot_needs():
    alone = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.slack",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    lines = [(await alone.stdout.readline()).decode().strip() for _ in range(4)]
    settings = dict(line.split("=", 1) for line in lines)
    headers = {"Authorization": f"Bearer {settings['SLACK_BOT_TOKEN']}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        answer = await client.post(settings["SLACK_API_URL"] + "auth.test")

    assert answer.json()["team_id"] == "T0SANDBOX"
    assert settings.keys() == SETTINGS
    alone.terminate()
    await alone.communicate()
