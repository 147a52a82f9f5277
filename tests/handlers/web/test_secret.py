"""The page that takes the secret of a command."""

import pytest

from tests.handlers.web.test_login import Page
from tests.leaks import secret

SECRET = secret("typed secret", "correct-horse-battery")


@pytest.fixture
async def link(bot):
    """The page of a change of a password, asked for by somebody who is logged in."""
    await bot.command("/zstack login")
    first = await bot.link()
    page = Page((await bot.browser.get(first)).text)
    form = {"csrf": page.csrf, "method": "account", "account": "ops"}
    await bot.browser.post(first, data=form | {"password": "sandbox-password"})
    await bot.said("You are connected as ops")
    await bot.command("/zstack vm password web-01 root")
    await bot.said("Type the password on a page")
    return await bot.link()


@pytest.fixture
def submit(bot, link):
    async def submit(origin=None, **typed):
        known = {"csrf": Page((await bot.browser.get(link)).text).csrf}
        headers = {"Origin": origin or bot.url}
        data = known | {"password": SECRET} | typed
        return await bot.browser.post(link, data=data, headers=headers)

    return submit


async def test_the_page_names_the_person_the_command_and_the_vm(bot, link):
    words = " ".join(Page((await bot.browser.get(link)).text).words.split())

    assert "alice of the Slack workspace" in words
    assert "asked for /zstack vm password web-01 root on the VM web-01." in words


async def test_a_secret_is_taken_once_and_seen_nowhere(bot, link, submit, logged):
    answer = await submit()
    await bot.said("Changed a password in web-01")

    assert answer.status_code == 200
    assert (await bot.browser.get(link)).status_code == 410
    assert bot.node.world.vm("web-01").passwords == {"root": SECRET}
    files = bot.database.parent.glob(f"{bot.database.name}*")
    stored = b"".join(file.read_bytes() for file in files)
    shown = repr([(call.arguments, call.answer) for call in bot.slack.calls])
    assert SECRET.encode() not in stored
    assert SECRET not in logged
    assert SECRET not in shown + answer.text


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        pytest.param({"password": ""}, 400, id="nothing"),
        pytest.param({"password": "x" * 33}, 400, id="too long"),
        pytest.param({"csrf": "x"}, 403, id="no token"),
        pytest.param({"origin": "https://evil.example"}, 403, id="from elsewhere"),
    ],
)
async def test_what_will_not_do_leaves_the_page_good(submit, typed, status):
    answer = await submit(**typed)

    assert answer.status_code == status
    assert "xxx" not in answer.text
    assert (await submit()).status_code == 200
