"""One request for each route: with the right proof most times, and a body that is wrong."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, urlencode

from sandbox.slack.sender import sign
from tests.fuzz.hostile import MARKUP, body_of, noise, spoilt, tampered, value

SAMPLES = Path(__file__).parents[1] / "handlers" / "alerts" / "samples"
SECRETS = {
    "ALERTMANAGER_TOKEN": "fuzz-alertmanager",
    "GRAFANA_HMAC_SECRET": "fuzz-grafana",
    "ZWATCH_BASIC": "fuzz:zwatch-password",
    "PAGERDUTY_SECRET": "fuzz-pagerduty",
    "ALERT_TOKEN": "fuzz-generic",
    "METRICS_TOKEN": "fuzz-metrics",
}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ALICE = {"id": "U0ALICE", "team_id": "T0SANDBOX"}
NOBODY = {"id": "U0FUZZ", "team_id": "T0SANDBOX"}
COMMAND = {
    "command": "/detach-iso",
    "text": "web-01",
    "team_id": "T0SANDBOX",
    "user_id": "U0FUZZ",
    "channel_id": "C0OPS",
    "channel_name": "ops",
    "api_app_id": "A0",
    "trigger_id": "1.2.3",
    "response_url": "https://hooks.slack.com/commands/1",
}
CLICK = {
    "type": "block_actions",
    "user": NOBODY,
    "team": {"id": "T0SANDBOX"},
    "channel": {"id": "C0OPS"},
    "container": {"type": "message", "channel_id": "C0OPS", "message_ts": "1.2"},
    "message": {"ts": "1.2", "text": "?", "blocks": []},
    "trigger_id": "1.2.3",
    "response_url": "https://hooks.slack.com/actions/1",
    "actions": [
        {"type": "button", "action_id": "offer:0", "block_id": "b", "value": "x"}
    ],
}
MENU = CLICK | {
    "actions": [
        {
            "type": "static_select",
            "action_id": "offer:0",
            "selected_option": {"value": "x", "text": {"text": "x"}},
        }
    ]
}
SUGGESTION = {
    "type": "block_suggestion",
    "user": NOBODY,
    "team": {"id": "T0SANDBOX"},
    "action_id": "vm",
    "block_id": "b",
    "value": "web",
}
VIEW = {
    "type": "view_submission",
    "user": NOBODY,
    "team": {"id": "T0SANDBOX"},
    "trigger_id": "1.2.3",
    "view": {
        "id": "V1",
        "type": "modal",
        "callback_id": "x",
        "private_metadata": "",
        "state": {"values": {"b": {"a": {"type": "plain_text_input", "value": "x"}}}},
    },
}
LEGACY = {
    "type": "interactive_message",
    "callback_id": "alertmanager",
    "user": NOBODY,
    "team": {"id": "T0SANDBOX"},
    "channel": {"id": "C0OPS"},
    "action_ts": "1.2",
    "message_ts": "1.2",
    "attachment_id": "1",
    "actions": [{"name": "iso detach", "type": "button", "value": "web-01"}],
    "original_message": {"text": "x", "attachments": []},
    "response_url": "https://hooks.slack.com/actions/1",
    "trigger_id": "1.2.3",
}
EVENT = {
    "type": "event_callback",
    "team_id": "T0SANDBOX",
    "api_app_id": "A0",
    "event_id": "Ev1",
    "event": {
        "type": "function_executed",
        "function": {"id": "Fn1", "callback_id": "iso_detach"},
        "inputs": {"vm_instance_uuid": "web-01", "person": "U0FUZZ"},
        "function_execution_id": "Fx1",
        "workflow_execution_id": "Wx1",
        "bot_access_token": "xwfp-1",
        "event_ts": "1.2",
    },
}
FIELDS = {"method": "account", "account": "ops", "password": "x", "csrf": "x"}


@dataclass
class Made:
    """One request."""

    method: str
    path: str
    body: bytes
    headers: dict


def requests(ticket, slack_secret):
    """A maker of requests for each route, by its name."""

    def slack(dice):
        if dice.random() < 0.2:
            return _forged(dice, slack_secret)
        kind, body = _slack_body(dice)
        delivery = sign(body, kind, secret=slack_secret)
        return Made("POST", "/slack/events", body, delivery.headers)

    def login(dice):
        secret = ticket if dice.random() < 0.5 else noise(dice).hex()[:60] or "x"
        fields = FIELDS
        for _ in range(dice.randrange(3)):
            fields = tampered(dice, fields)
        body = _form(fields) if isinstance(fields, dict) else noise(dice)
        body = spoilt(dice, body) if dice.random() < 0.3 else body
        method = dice.choice(("POST", "POST", "GET"))
        headers = {"Content-Type": FORM}
        if dice.random() < 0.3:
            headers["Origin"] = _header(dice)
        return Made(method, f"/login/{secret}", body, headers)

    def jobs(dice):
        job = dice.randbytes(16).hex() if dice.random() < 0.7 else _header(dice)
        headers = {"X-Job-UUID": job, "X-Job-Success": "true"}
        return Made("POST", "/zstack/jobs", body_of(dice, {"inventory": {}}), headers)

    def metrics(dice):
        return Made("GET", "/metrics", b"", {"Authorization": _header(dice)})

    def elsewhere(dice):
        method = dice.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"))
        path = dice.choice(("/healthz", "/", "//", "/login/", "/alerts/", "/%00", "/x"))
        path += quote_from_bytes(dice.randbytes(dice.randrange(8)))
        return Made(method, path, noise(dice), {"Content-Type": _header(dice)})

    routes = {
        "slack": slack,
        "login": login,
        "callbacks": jobs,
        "metrics": metrics,
        "elsewhere": elsewhere,
    }
    return routes | {name: _alert(name) for name in PROOFS}


def _slack_body(dice):
    base = dice.choice((COMMAND, CLICK, MENU, SUGGESTION, VIEW, LEGACY, EVENT))
    if base is EVENT:
        return JSON, body_of(dice, base)
    if base is COMMAND:
        fields = COMMAND | {"trigger_id": dice.randbytes(8).hex()}
        for _ in range(dice.randrange(1, 3)):
            fields = fields | {dice.choice(list(fields)): value(dice)}
        body = _form(fields)
    else:
        body = b"payload=" + quote_from_bytes(body_of(dice, base)).encode()
    body = noise(dice) if dice.random() < 0.1 else body
    return FORM, spoilt(dice, body) if dice.random() < 0.2 else body


def _forged(dice, secret):
    """What would act if it were Slack's: by somebody who is logged in."""
    fields = COMMAND | {"user_id": "U0ALICE", "trigger_id": dice.randbytes(8).hex()}
    body = _form(fields)
    wrong = {"secret": "guessed"}, {"secret": secret, "at": time.time() - 400}
    delivery = sign(body, FORM, **dice.choice(wrong))
    headers = dict(delivery.headers)
    if dice.random() < 0.3:
        headers["X-Slack-Signature"] = _header(dice)
    if dice.random() < 0.3:
        headers["X-Slack-Request-Timestamp"] = _header(dice)
    return Made("POST", "/slack/events", body, headers)


def _form(fields):
    known = {str(name): str(it) for name, it in fields.items()}
    return urlencode(known, errors="surrogatepass").encode()


def _header(dice):
    text = str(value(dice)) if dice.random() < 0.5 else dice.choice(MARKUP)
    return "".join(it for it in text[:200] if " " <= it <= "\xff").strip()


def _bearer(name):
    return lambda _: {"Authorization": f"Bearer {SECRETS[name]}"}


def _basic(_):
    token = base64.b64encode(SECRETS["ZWATCH_BASIC"].encode()).decode()
    return {"Authorization": f"Basic {token}"}


def _hmac(name, body):
    return hmac.new(SECRETS[name].encode(), body, hashlib.sha256).hexdigest()


PROOFS = {
    "alertmanager": _bearer("ALERTMANAGER_TOKEN"),
    "grafana": lambda body: {
        "X-Grafana-Alerting-Signature": _hmac("GRAFANA_HMAC_SECRET", body)
    },
    "zwatch": _basic,
    "pagerduty": lambda body: {
        "X-PagerDuty-Signature": f"v1={_hmac('PAGERDUTY_SECRET', body)}"
    },
    "generic": _bearer("ALERT_TOKEN"),
}


def _alert(name):
    files = sorted(SAMPLES.glob("*.json"))
    mine = [it for it in files if it.stem.startswith((name, "cloudevent"))]
    samples = [json.loads(it.read_bytes()) for it in mine or files]

    def make(dice):
        body = body_of(dice, dice.choice(samples))
        headers = PROOFS[name](body) if dice.random() < 0.9 else {}
        if dice.random() < 0.1:
            odd = dice.choice((*headers, "X-Grafana-Alerting-Timestamp"))
            headers = headers | {odd: dice.choice((_header(dice), "9" * 5000))}
        kind = dice.choice((JSON, JSON, FORM, "application/cloudevents+json", "x"))
        return Made("POST", f"/alerts/{name}", body, headers | {"Content-Type": kind})

    return make
