"""The running bot copies its audit, and goes on after it was killed."""

import contextlib
import signal

import pytest

from tests.syslog import tcp


@pytest.fixture
def policed(cloud):
    """Write the policy file of the bot that is started next."""

    def write(text):
        path = cloud.directory / "audit.yaml"
        path.write_text(text)
        cloud.settings["POLICY_FILE"] = str(path)

    return write


@contextlib.asynccontextmanager
async def killed_at_the_end(cloud, ready):
    process = await cloud.start("serve")
    try:
        await ready(cloud.url)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        await process.communicate()


async def test_a_killed_bot_goes_on_where_the_copy_was(cloud, policed, ready):
    async with tcp() as server:
        policed(f"audit: {{syslog: '{server.address}'}}")
        async with killed_at_the_end(cloud, ready):
            await cloud.log_in()
            await cloud.shell("run", "detach-iso web-01")
            await server.until(3)
        await cloud.shell("run", "whoami")
        async with killed_at_the_end(cloud, ready):
            await server.until(4)

    told = {row["number"]: row["event"] for row in server.rows}
    assert [*told] == [1, 2, 3, 4]
    assert [*told.values()] == ["connected", "sent", "ended", "ended"]
