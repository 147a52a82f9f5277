"""A bot just good enough for the demo; `python demo_bot.py [OUTCOME | dies | late | hangs | deaf | mute]`."""

import asyncio
import os
import sys
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

OUTCOME = sys.argv[1] if len(sys.argv) > 1 else "succeeded"
PAGE = """<form action="" method="post"><input type="hidden" name="csrf" value="c1">
<input name="account"><input type="password" name="password"></form>"""
BACKGROUND = set()


async def slack(method, **arguments):
    headers = {"Authorization": f"Bearer {os.environ['SLACK_BOT_TOKEN']}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        url = os.environ["SLACK_API_URL"] + method
        answer = (await client.post(url, json=arguments)).json()
    assert answer["ok"], answer
    return answer


def button(text, **more):
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": "offer:1", "text": label, **more}


def answer(outcome, *buttons):
    said = {"type": "mrkdwn", "text": f"*web-01* is `{outcome}`"}
    blocks = [{"type": "section", "text": said}]
    if buttons:
        blocks.append({"type": "actions", "elements": list(buttons)})
    metadata = {"event_type": "zstack_operation", "event_payload": {"outcome": outcome}}
    return {"text": outcome, "blocks": blocks, "metadata": metadata}


async def detach(channel):
    posted = await slack("chat.postMessage", channel=channel, **answer("running"))
    ends = "succeeded" if OUTCOME in {"deaf", "mute"} else OUTCOME
    done = answer(ends, button("Undo", value="u1"))
    await slack("chat.update", channel=channel, ts=posted["ts"], **done)


async def invite(command):
    link = f"{os.environ['PUBLIC_URL']}/login/t1"
    elements = [button("Log in", url=link)]
    message = {"text": "Log in", "blocks": [{"type": "actions", "elements": elements}]}
    channel, user = command["channel_id"], command["user_id"]
    await slack("chat.postEphemeral", channel=channel, user=user, **message)


async def events(request):
    if OUTCOME == "hangs":
        return Response()
    form = dict(parse_qsl((await request.body()).decode()))
    if form.get("command") == "/detach-iso":
        work = detach(form["channel_id"])
    elif form.get("command") == "/zstack":
        work = invite(form)
    else:
        work = slack("chat.postMessage", channel="C0OPS", text="clicked")
    task = asyncio.create_task(work)
    BACKGROUND.add(task)
    return Response()


async def alert(request):
    told = (await request.json())["alerts"][0]
    uuid, text = told["labels"]["VMUuid"], told["annotations"]["summary"]
    metadata = {"event_type": "zstack_alert", "event_payload": {"status": uuid}}
    message = {"channel": "C0OPS", "text": text, "metadata": metadata}
    if OUTCOME not in {"deaf", "mute"}:
        await slack("chat.postMessage", **message)
    return Response(status_code=404 if OUTCOME == "deaf" else 202)


async def page(request):
    if request.method == "GET":
        answer = HTMLResponse(PAGE)
        answer.set_cookie("csrf", "c1")
        return answer
    form = await request.form()
    sent = (form["csrf"], request.cookies.get("csrf"))
    if sent != ("c1", "c1") or form["password"] != "sandbox-password":
        return HTMLResponse(f"<p>Wrong.</p>{PAGE}", 403)
    return HTMLResponse(f"<p>Connected as {form['account']}.</p>")


async def ready(_):
    return PlainTextResponse(
        "late" if OUTCOME == "late" else "ok", 503 if OUTCOME == "late" else 200
    )


if OUTCOME == "dies":
    sys.exit("SLACK_BOT_TOKEN: is missing")
app = Starlette(
    routes=[
        Route("/slack/events", events, methods=["POST"]),
        Route("/alerts/alertmanager", alert, methods=["POST"]),
        Route("/login/t1", page, methods=["GET", "POST"]),
        Route("/readyz", ready),
    ]
)
uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning")
