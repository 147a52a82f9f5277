import asyncio
import io
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from sandbox.console import build_page
from sandbox.console.draw import Drawing
from sandbox.demo import main
from sandbox.server import serve
from sandbox.slack import Edit, Slack

ROOT = Path(__file__).parents[2]
STAGE = str(Path(__file__).with_name("demo_stage.py"))


def plain(text):
    return {"type": "plain_text", "text": text}


def marked(text):
    return {"type": "mrkdwn", "text": text}


def said(*elements):
    line = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [line]}


def drawn(*blocks, number=None, text=""):
    console = Console(file=io.StringIO(), width=60)
    names = {"U0ALICE": "alice", "C0OPS": "ops"}
    drawing = Drawing(names, number) if number else Drawing(names)
    console.print(drawing.panel(Edit(text, blocks), "#ops"))
    lines = console.file.getvalue().splitlines()[1:-1]
    return "\n".join(line.strip("│ ") for line in lines)


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        pytest.param({"type": "header", "text": plain("Detached")}, "Detached", id="header"),
        pytest.param({"type": "section", "text": marked("*a* _b_ ~c~ `d`")}, "a b c d", id="marks"),
        pytest.param({"type": "section", "text": marked("&lt;b&gt; &amp;amp;")}, "<b> &amp;", id="escapes"),
        pytest.param({"type": "section", "text": marked("<https://a.b|here>")}, "here (https://a.b)", id="link"),
        pytest.param({"type": "section", "text": marked("<@U0ALICE> in <#C0OPS>")}, "@alice in #ops", id="mention"),
        pytest.param({"type": "section", "text": plain("*a* [red]b[/red]")}, "*a* [red]b[/red]", id="plain text"),
        pytest.param({"type": "section", "text": plain("a\x1b[31mb\x07")}, "a[31mb", id="no terminal codes"),
        pytest.param({"type": "section", "fields": [plain("a"), plain("b"), plain("c")]}, "a   b\nc", id="fields"),
        pytest.param({"type": "context", "elements": [marked("a"), {"type": "image", "alt_text": "b"}]}, "a\n[b]", id="context"),
        pytest.param({"type": "divider"}, "─" * 56, id="divider"),
        pytest.param({"type": "image", "alt_text": "a plot"}, "[image: a plot]", id="image"),
        pytest.param({"type": "markdown", "text": "# a"}, "# a", id="markdown"),
        pytest.param({"type": "hologram"}, "[hologram]", id="unknown"),
        pytest.param(said({"type": "text", "text": "web-01", "style": {"bold": True}}), "web-01", id="rich text"),
        pytest.param(said({"type": "user", "user_id": "U0ALICE"}, {"type": "emoji", "name": "tada"}), "@alice🎉", id="rich people"),
        pytest.param(said({"type": "channel", "channel_id": "C0OPS"}, {"type": "broadcast", "range": "here"}), "#ops@here", id="rich channel"),
        pytest.param(said({"type": "link", "url": "https://a.b"}, {"type": "date", "timestamp": 0, "fallback": " now"}), "https://a.b now", id="rich link"),
    ],
)  # fmt: skip
def test_a_block_is_drawn_as_it_reads(block, shown):
    assert drawn(block) == shown


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        pytest.param({"type": "rich_text_quote", "elements": [{"type": "text", "text": "a"}]}, "a", id="quote"),
        pytest.param({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}]}, "a", id="preformatted"),
        pytest.param({"type": "rich_text_list", "style": "ordered", "elements": said({"type": "text", "text": "a"})["elements"]}, "1. a", id="list"),
    ],
)  # fmt: skip
def test_a_part_of_rich_text_is_drawn_as_it_reads(part, shown):
    assert drawn({"type": "rich_text", "elements": [part]}) == shown


def test_a_table_has_a_head_and_rows():
    cells = [
        [{"type": "raw_text", "text": "Name"}],
        [said({"type": "text", "text": "web-01"})],
    ]

    shown = drawn({"type": "table", "rows": cells})

    assert shown.index("Name") < shown.index("web-01")


def test_text_is_drawn_when_there_are_no_blocks():
    assert drawn(text="just *words*") == "just words"


def test_buttons_and_lines_carry_their_numbers():
    undo = {
        "type": "button",
        "action_id": "a",
        "text": plain("Undo"),
        "style": "danger",
    }
    menu = {
        "type": "static_select",
        "placeholder": plain("Which?"),
        "options": [{"text": plain("web-01"), "value": "1"}],
    }

    shown = drawn(
        {"type": "actions", "elements": [undo, menu]},
        number=lambda control, option: "7 ",
    )

    assert "7  Undo" in shown
    assert "Which?\n7 ○ web-01" in shown


async def test_the_page_shows_everything_and_runs_nothing():
    slack = Slack()
    evil = Edit(
        "<script>alert(1)</script>", ({"type": "section", "text": plain("<b>x</b>")},)
    )
    slack.transcript.post("C0OPS", evil, author="U0ZSTACKBOT", seen_by="U0ALICE")
    slack.transcript.edit(slack.transcript.all[0], Edit("&lt;i&gt;later"))
    async with (
        serve(build_page(slack)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        page = await client.get("/")
        script = await client.get("/static/page.js")

    assert "&lt;b&gt;x&lt;/b&gt;" in page.text
    assert "&lt;i&gt;later" in page.text
    assert "only visible to Alice Chen" in page.text
    assert "<b>x" not in page.text
    assert page.headers["content-security-policy"] == "default-src 'self'"
    assert script.status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_demo_leaves_no_bot_behind(number):
    demo = await asyncio.create_subprocess_exec(
        sys.executable, STAGE, "hangs", cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    while not (line := await demo.stdout.readline()).startswith(b"Bot:"):
        assert line, "it ended before it began"

    demo.send_signal(number)
    async with asyncio.timeout(10):
        rest, _ = await demo.communicate()

    assert demo.returncode == 130
    assert b"Traceback" not in rest
    bot = line.decode().removeprefix("Bot:").strip()
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(bot)


def test_a_wrong_port_gets_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "three")

    assert main() == 2
    assert capsys.readouterr().err == "PORT: 'three' is not a port, for example 3000\n"
