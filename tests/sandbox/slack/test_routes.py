import httpx
import pytest


@pytest.fixture
async def outside(slack):
    async with httpx.AsyncClient(base_url=f"{slack.state.url}/sandbox") as client:
        yield client


async def test_another_process_can_type_press_and_look(slack, bot, outside, blocks):
    bot.answer = {
        "text": "Sure?",
        "blocks": [blocks.actions(blocks.button("Yes"), blocks.menu(("a", "1")))],
    }
    typed = await outside.post(
        "/deliver", json={"command": "/vm-stop", "text": "web-01", "user": "bob"}
    )
    (message,) = (await outside.get("/transcript")).json()["messages"]
    place = {"channel": message["channel"], "ts": message["ts"], "user": "bob"}

    pressed = await outside.post("/deliver", json=place | {"press": "Yes"})
    chosen = await outside.post("/deliver", json=place | {"choose": "a"})

    assert (
        typed.json()["status"]
        == pressed.json()["status"]
        == chosen.json()["status"]
        == 200
    )
    assert message["controls"][0]["label"] == "Yes"
    sent = (await outside.get("/transcript")).json()["sent"]
    assert [it["words"] for it in sent] == ["/vm-stop web-01", "[Yes]", "[a]"]


async def test_another_process_can_tell_an_event(outside, bot):
    await outside.post(
        "/deliver", json={"event": {"type": "app_home_opened", "user": "U0BOB"}}
    )

    assert b"app_home_opened" in bot.came[0][1]


async def test_another_process_can_plan_faults(slack, outside, api):
    planned = await outside.post(
        "/faults",
        json=[{"where": "auth.test", "kind": "refuse", "error": "fatal_error"}],
    )
    assert planned.json() == {"ok": True}
    assert (await api("auth.test"))["error"] == "fatal_error"

    await outside.post("/faults", json={"where": "auth.test", "kind": "refuse"})
    await outside.delete("/faults")
    assert (await api("auth.test"))["ok"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/deliver", {"command": "/x", "user": "nobody"}, id="nobody"),
        pytest.param("/deliver", {"command": "/x", "channel": "nowhere"}, id="nowhere"),
        pytest.param(
            "/deliver",
            {"channel": "C0OPS", "ts": "1.0", "press": "Yes"},
            id="no message",
        ),
        pytest.param("/deliver", {"view": "V1", "press": "Yes"}, id="no view"),
        pytest.param("/deliver", [], id="no object"),
        pytest.param("/faults", {"kind": "slow"}, id="no place"),
    ],
)
async def test_a_wrong_request_gets_a_sentence(outside, path, body):
    answer = await outside.post(path, json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_the_workspace_can_be_looked_at(outside):
    workspace = (await outside.get("/workspace")).json()

    assert {it["name"] for it in workspace["channels"]} >= {
        "ops",
        "random",
        "secret",
        "old",
    }
    assert {it["id"] for it in workspace["people"]} >= {
        "U0ALICE",
        "U0GUEST",
        "U0STRANGER",
    }
