"""`POST /zstack/jobs`: a hint that anybody may write, and that changes nothing itself."""

import pytest

from desk.rows import digest

pytestmark = pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"], indirect=True
)

JOB = "0123456789abcdef" * 2


@pytest.fixture
def say(idle):
    async def say(job=JOB, body=b"{}"):
        headers = {} if job is None else {"X-Job-UUID": job}
        return await idle.browser.post(
            f"{idle.url}/zstack/jobs", content=body, headers=headers
        )

    return say


@pytest.fixture
async def row(idle):
    """A recorded row whose job is JOB; `at` puts it at a step, due in a while."""
    await idle.command("/detach-iso web-01")

    class Row:
        async def at(self, step):
            await idle.sql(
                f"UPDATE command SET step = '{step}', due = 9e9, "
                f"job_digest = '{digest(JOB)}'"
            )

        async def now(self):
            (found,) = await idle.rows()
            return found

    return Row()


@pytest.mark.parametrize("step", ["sent.1", "follow.1"])
async def test_a_row_that_waits_for_its_job_looks_at_once(say, row, step, logged):
    await row.at(step)

    answer = await say()

    found = await row.now()
    assert (answer.status_code, answer.text) == (204, "")
    assert (found.step, found.due < 9e9) == (step, True)
    assert not logged.named("callback_ignored")


@pytest.mark.parametrize("step", ["send.1", "verify.1", "done.1", "login.1"])
async def test_too_early_or_too_late_changes_nothing(say, row, step, logged):
    await row.at(step)

    answer = await say()

    found = await row.now()
    assert (answer.status_code, found.step, found.due) == (204, step, 9e9)
    assert [it["known"] for it in logged.named("callback_ignored")] == [True]


async def test_an_unknown_job_gets_the_same_answer(say, logged):
    answer = await say()

    assert (answer.status_code, answer.text) == (204, "")
    assert [it["known"] for it in logged.named("callback_ignored")] == [False]
    assert JOB not in logged


NO_JOBS = (None, "", "x" * 32, JOB.upper(), JOB + "0", "' OR 1=1 --", "ü".encode())


async def test_what_is_no_job_is_a_bad_request(say):
    for job in NO_JOBS:
        answer = await say(job)

        assert answer.status_code == 400
        assert answer.text == "X-Job-UUID must be 32 hexadecimal digits."


async def test_what_is_in_it_decides_nothing(say, row):
    for body in (b"", b"\xff", b"[", b'{"error": {"code": "X"}}'):
        await row.at("follow.1")
        answer = await say(body=body)

        found = await row.now()
        assert answer.status_code == 204
        assert (found.outcome, found.error) == ("accepted", None)


async def test_a_large_one_is_refused(say, row):
    await row.at("follow.1")

    assert (await say(body=b"x" * 1_100_000)).status_code == 413
    assert (await row.now()).due == 9e9


@pytest.mark.parametrize("how", ["normal", "early", "twice", "never"])
async def test_however_zstack_calls_back_it_is_done_once(bot, how):
    bot.node.settings.change(web_hook=how)
    await bot.log_in()

    await bot.command("/detach-iso web-01")

    await bot.ended("succeeded")
    assert len(bot.node.log.actions()) == 1
