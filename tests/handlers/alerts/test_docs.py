"""What docs/alerts.md shows can be used as it stands."""

import json
import re
from pathlib import Path

import yaml

from bot.settings import Settings
from desk.policy.file import read_policy
from handlers.alerts import generic, grafana
from handlers.alerts.routes import SOURCES

PAGE = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
BODIES = re.findall(r"-d '(.*?)'", PAGE, re.DOTALL)


def test_the_page_names_every_source_and_secret():
    for source in SOURCES:
        assert f"/alerts/{source}`" in PAGE
    names = [name for name in Settings.model_fields if f"`{name.upper()}`" in PAGE]
    assert {"alertmanager_token", "grafana_hmac_secret", "zwatch_basic"} <= set(names)
    assert {"pagerduty_secret", "alert_token", "alert_channel"} <= set(names)


def test_alertmanager_is_told_where_to_call_and_how():
    (webhook,) = yaml.safe_load(YAML[0])["receivers"][0]["webhook_configs"]

    assert webhook["url"].endswith("/alerts/alertmanager")
    assert webhook["http_config"]["authorization"]["type"] == "Bearer"
    assert "payload" not in webhook


def test_grafana_is_told_the_headers_that_are_looked_at():
    (receiver,) = yaml.safe_load(YAML[1])["contactPoints"][0]["receivers"]
    signed = receiver["settings"]["hmacConfig"]

    assert receiver["settings"]["url"].endswith("/alerts/grafana")
    assert signed["header"].lower() == grafana.SIGNATURE
    assert signed["timestampHeader"].lower() == grafana.TIMESTAMP


def test_the_endpoint_of_zstack_has_a_user_and_a_password():
    endpoint = json.loads(BODIES[0])["params"]

    assert endpoint["url"].endswith("/alerts/zwatch")
    assert endpoint["username"]
    assert endpoint["password"]


def test_the_example_of_a_program_is_an_alert():
    (told,) = generic.parse({}, BODIES[1].encode())

    assert (told.title, told.severity) == ("Backup of db-01 failed", "warning")
    assert told.annotations["zstack_resource"] == "db-01"


def test_the_routes_send_alerts_where_the_page_says():
    alerts = read_policy(YAML[2]).alerts

    assert (
        alerts.channel("grafana", {"team": "web", "severity": "page"}, "C0") == "C0WEB"
    )
    assert alerts.channel("zwatch", {}, "C0") == "C0CLOUD"
    assert alerts.channel("grafana", {"team": "web"}, "C0") == "C0"
