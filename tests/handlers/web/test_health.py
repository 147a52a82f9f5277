import pytest


@pytest.fixture
def ask(idle):
    async def ask(path, **headers):
        return await idle.browser.get(idle.url + path, headers=headers)

    return ask


async def test_a_living_process_says_so(ask):
    answer = await ask("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok")


async def test_it_is_ready_while_the_database_answers(ask):
    answer = await ask("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": True,
        "stopping": False,
        "zstack": "not asked yet",
        "slack": "not asked yet",
        "alerts": "not asked yet",
        "policy": "not asked yet",
    }


async def test_it_is_not_ready_while_it_stops(ask, idle):
    idle.health.is_stopping = True
    idle.health.seen["zstack"] = "version 5.2.1, ready"

    answer = await ask("/readyz")

    assert answer.status_code == 503
    assert answer.json()["stopping"] is True
    assert answer.json()["zstack"] == "version 5.2.1, ready"


async def test_it_is_not_ready_without_its_database(ask, idle):
    await idle.store.engine.dispose()
    for file in idle.database.parent.glob("bot.sqlite3*"):
        file.unlink()
    idle.database.mkdir()

    answer = await ask("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] is False


async def test_without_a_token_anybody_sees_the_counters(ask):
    answer = await ask("/metrics")

    assert answer.status_code == 200
    assert "python_info" in answer.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({}, 401, id="none"),
        pytest.param({"Authorization": "Bearer wrong"}, 401, id="wrong"),
        pytest.param({"Authorization": "t0ken"}, 401, id="no Bearer"),
        pytest.param({"Authorization": "Bearer ü".encode()}, 401, id="not ASCII"),
        pytest.param({"Authorization": "Bearer t0ken"}, 200, id="right"),
    ],
)
async def test_with_a_token_only_its_holder_sees_them(ask, idle, given, status):
    idle.health.metrics_token = "t0ken"

    answer = await ask("/metrics", **given)

    assert answer.status_code == status
    assert ("python_info" in answer.text) == (status == 200)
