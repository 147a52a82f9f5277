import pytest

from sandbox import stage
from sandbox.pictures import alert, answered, connect, take, told
from sandbox.slack import Edit
from sandbox.stage import photograph, svg


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        pytest.param(
            "http://127.0.0.1:4711/login/a-b_c",
            "http://127.0.0.1:8080/login/…",
            id="port and ticket",
        ),
        pytest.param(
            "Asked by you · took 12.3 s · gqamkakt3k",
            "Asked by you · took 1.6 s · command-id",
            id="duration and id",
        ),
        pytest.param("2031-02-03 04:05:06", "2026-01-05 09:30:00", id="a moment"),
        pytest.param(
            "2025-03-03 10:20:57 UTC+08:00",
            "2025-03-03 10:20:57 UTC+08:00",
            id="a moment of the made-up cloud",
        ),
        pytest.param("web-01", "web-01", id="a name"),
    ],
)
def test_what_differs_at_every_run_is_blanked(said, drawn):
    assert stage._blank([{"text": said}]) == [{"text": drawn}]


def test_a_picture_fetches_nothing():
    assert "url(http" not in svg("one", "words").replace('"', "")


@pytest.mark.parametrize("is_answer", [True, False])
def test_an_answer_is_private_or_has_an_outcome_that_stays(is_answer):
    payload = {"event_payload": {"outcome": "succeeded" if is_answer else "running"}}

    assert answered(Edit("", metadata=payload)) is is_answer


async def test_the_real_bot_is_pictured(tmp_path):
    story = told("bad", '/detach-iso "my vm', answered)

    shown = await take(tmp_path, [story])

    assert "A&#160;quotation&#160;mark&#160;is&#160;left&#160;open." in shown["bad"]


async def test_an_alert_is_pictured_from_its_button_to_its_end(tmp_path):
    shown = await take(tmp_path, [connect, alert])

    assert "Detach&#160;debian-12.iso" in shown["alert"]
    assert "in&#160;a&#160;thread" in shown["alert-answer"]
    assert "Resolved:&#160;VmCannotMigrate" in shown["alert-resolved"]
    assert "succeeded" in shown["alert-resolved"]


async def test_without_a_browser_the_page_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "CHROMIUM", tmp_path / "none")

    await photograph("http://127.0.0.1:1/", tmp_path / "page.png")

    assert not list(tmp_path.iterdir())
