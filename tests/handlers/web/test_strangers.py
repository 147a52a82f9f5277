"""What is not genuine costs little, however much of it comes, and loses nothing else."""

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from handlers.web.strangers import FREE, Strangers

JOB = "f" * 32


class Time:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def strangers(time):
    return Strangers("test", timer=time)


def asking(host="192.0.2.1"):
    return Request({"type": "http", "client": (host, 1234) if host else None})


def test_an_address_is_turned_away_after_so_many_and_one_line_says_so(strangers):
    with capture_logs() as lines:
        told = [strangers.count(asking()) for _ in range(FREE + 5)]

    assert told == [True] * (FREE - 1) + [False] * 6
    assert strangers.is_turned_away(asking())
    assert [line["event"] for line in lines] == ["turned_away"]
    assert lines[0]["address"] == "192.0.2.1/32"


def test_a_minute_later_it_is_heard_again(strangers, time):
    for _ in range(FREE):
        strangers.count(asking())
    time.now += 61

    assert not strangers.is_turned_away(asking())


def test_others_are_heard_all_the_time(strangers):
    for _ in range(FREE):
        strangers.count(asking())

    assert not strangers.is_turned_away(asking("192.0.2.2"))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param("2001:db8::1", "2001:db8::ffff:2", True, id="one network of v6"),
        pytest.param("2001:db8::1", "2001:db8:0:1::1", False, id="two networks of v6"),
        pytest.param("", "", True, id="a socket without address"),
        pytest.param("testclient", "testclient", True, id="a name"),
    ],
)
def test_who_counts_as_one(strangers, one, other, is_same):
    for _ in range(FREE):
        strangers.count(asking(one))

    assert strangers.is_turned_away(asking(other)) is is_same


async def test_forged_callbacks_are_turned_away_with_a_sentence(idle):
    url, headers = f"{idle.url}/zstack/jobs", {"X-Job-UUID": JOB}

    answers = [await idle.browser.post(url, headers=headers) for _ in range(FREE + 1)]

    assert {it.status_code for it in answers[:FREE]} == {204}
    assert answers[FREE].status_code == 429
    assert "taken again in a minute" in answers[FREE].text


async def test_guessed_login_links_are_turned_away_with_a_sentence(idle):
    url = f"{idle.url}/login/"

    answers = [await idle.browser.get(f"{url}{number}") for number in range(FREE + 1)]

    assert {it.status_code for it in answers[:FREE]} == {404}
    assert answers[FREE].status_code == 429
    assert "a link that is known can be used all the time" in answers[FREE].text


async def test_a_login_link_works_whatever_strangers_guess(bot):
    for number in range(FREE + 5):
        await bot.browser.get(f"{bot.url}/login/{number}")

    said = await bot.log_in()

    assert "is now connected as ops" in said


async def test_what_slack_signed_comes_through_whatever_strangers_send(idle, logged):
    url = f"{idle.url}/slack/events"
    for _ in range(FREE + 5):
        assert (await idle.browser.post(url)).status_code == 401

    await idle.command("/detach-iso web-01")

    assert len(await idle.rows()) == 1
    assert len(logged.named("delivery_refused")) == FREE - 1


async def test_an_alert_source_comes_through_whatever_strangers_send(idle, logged):
    url = f"{idle.url}/alerts/generic"
    for _ in range(FREE + 5):
        assert (await idle.browser.post(url)).status_code == 401

    headers = {"Authorization": "Bearer generic-alert-token"}
    answer = await idle.browser.post(url, json={"title": "hot"}, headers=headers)

    assert answer.status_code == 202
    assert len(logged.named("alert_refused")) == FREE - 1
