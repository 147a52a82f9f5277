"""The environment, read once and checked whole; one line for each fault."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import addresses
from desk.rate import Rate

_EXAMPLES = {
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_BOT_TOKEN": "xoxb-…",
    "SLACK_APP_TOKEN": "xapp-…",
    "SLACK_SOCKETS": "2, and 10 at most",
    "SLACK_API_URL": "https://slack.com/api/",
    "ZSTACK_CA_FILE": "/etc/ssl/zstack-ca.pem",
    "ZSTACK_URL": "http://mn.example:8080/zstack",
    "ZSTACK_TIMEZONE": "Asia/Shanghai",
    "ZSTACK_SERVICE_KEY": "id:secret of an access key, or cloud=id:secret for each, by commas",
    "ZSTACK_WEBHOOK": "auto, on or off",
    "DATABASE_URL": "sqlite:///var/bot.sqlite3",
    "PUBLIC_URL": "https://bot.example",
    "SECRET_KEYS": "the output of Fernet.generate_key(), several separated by commas",
    "ALERTMANAGER_URL": "http://alertmanager.example:9093",
    "RATE_LIMIT": "120/min",
    "JOB_MARGIN": "30",
    "ZWATCH_BASIC": "zwatch:a-long-password",
    "ALERT_CHANNEL": "C0123456789",
    "POLICY_FILE": "policy.yaml",
    "PAGERDUTY_TOKEN": "u+example0123456789ab",
    "PAGERDUTY_URL": "https://api.eu.pagerduty.com",
    "PORT": "3000",
    "LOG_FORMAT": "console or json",
    "LOG_LEVEL": "info",
}


class SettingsFault(Exception):  # named by what happened
    """Settings are missing or wrong; the text has one line for each."""


def _split(value: object) -> object:
    return _parts(value) if isinstance(value, str) else value


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _rate(value: object) -> object:
    """Read `120/min`: a whole number within a second, a minute or an hour."""
    if not isinstance(value, str):
        return value  # the default
    found = re.fullmatch(r"([1-9]\d{0,5}) ?/ ?(s|min|h)", value.strip())
    if not found:
        message = "is not a number of commands within s, min or h"
        raise ValueError(message)
    return Rate(int(found[1]), {"s": 1, "min": 60, "h": 3600}[found[2]])


def _named(text: str) -> tuple[str, str]:
    """Read `cloud=id:secret`, or `id:secret`."""
    name, _, key = text.partition("=")
    return (name, key) if key and ":" not in name else ("", text)


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """What the environment, `.env` and `SECRETS_DIR` say (contract.md, Settings)."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    slack_app_token: SecretStr = SecretStr("")  # before what depends on it
    slack_signing_secret: Annotated[Secrets, Field(validate_default=True)] = ()
    slack_bot_token: SecretStr
    slack_sockets: Annotated[int, Field(ge=1, le=10)] = 2
    slack_api_url: str = "https://slack.com/api/"
    slack_response_hosts: Words = ("hooks.slack.com", "hooks.slack-gov.com")
    zstack_url: str
    zstack_ca_file: Path | None = None
    zstack_timezone: str | None = None
    zstack_service_key: SecretStr = SecretStr("")
    zstack_webhook: Literal["auto", "on", "off"] = "auto"
    database_url: str = "sqlite:///var/bot.sqlite3"
    public_url: str = ""
    secret_keys: Annotated[Secrets, Field(validate_default=True)] = ()
    alertmanager_url: str = ""
    policy_file: Path | None = None
    pagerduty_token: SecretStr = SecretStr("")
    pagerduty_url: str = "https://api.pagerduty.com"
    metrics_token: SecretStr = SecretStr("")
    alertmanager_token: SecretStr = SecretStr("")
    grafana_hmac_secret: SecretStr = SecretStr("")
    zwatch_basic: SecretStr = SecretStr("")
    pagerduty_secret: SecretStr = SecretStr("")
    alert_token: SecretStr = SecretStr("")
    alert_channel: str = ""
    rate_limit: Annotated[Rate, NoDecode, BeforeValidator(_rate)] = Rate(120, 60)
    job_margin: Annotated[float, Field(ge=0)] = 30
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    host: str = "127.0.0.1"
    log_format: Literal["console", "json"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("slack_signing_secret")
    @classmethod
    def _not_empty(cls, value: Any, info: ValidationInfo) -> Any:
        # By Socket Mode nothing is posted, and so nothing is signed.
        if not value and not info.data.get("slack_app_token"):
            message = "is missing"
            raise ValueError(message)
        return value

    @field_validator(
        *("zstack_url", "slack_api_url", "public_url", "alertmanager_url"),
        "pagerduty_url",
    )
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not addresses.is_web(value):
            message = "is not an http or https address"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("public_url", "pagerduty_url")
    @classmethod
    def _is_private(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme == "http" and not addresses.is_loopback(url.hostname or ""):
            message = "must be https unless it is loopback"
            raise ValueError(message)
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        if "xoxb-" not in value.get_secret_value():
            message = "is not a bot token"
            raise ValueError(message)
        return value

    @field_validator("zwatch_basic")
    @classmethod
    def _has_user(cls, value: SecretStr) -> SecretStr:
        user, _, password = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (user and password):
            message = "is not a user and a password with a colon between"
            raise ValueError(message)
        return value

    @field_validator("alert_channel")
    @classmethod
    def _is_channel(cls, value: str) -> str:
        if value and not re.fullmatch("[CGD][A-Z0-9]{2,}", value):
            message = "is not the id of a channel"
            raise ValueError(message)
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr) -> SecretStr:
        if value and not value.get_secret_value().startswith("xapp-"):
            message = "is not an app-level token"
            raise ValueError(message)
        return value

    @field_validator("zstack_service_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        named = map(_named, _parts(value.get_secret_value()))
        if not all(all(key.partition(":")) for _, key in named):
            message = "is not an id and a secret with a colon between"
            raise ValueError(message)
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("zstack_timezone")
    @classmethod
    def _is_zone(cls, value: str | None) -> str | None:
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            message = "is not the name of a time zone"
            raise ValueError(message) from None
        return value

    @field_validator("zstack_ca_file", "policy_file")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value and not value.is_file():
            message = "is not a file that can be read"
            raise ValueError(message)
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        fault = addresses.database_fault(value)
        if fault:
            raise ValueError(fault)
        return value

    @field_validator("secret_keys")
    @classmethod
    def _are_keys(cls, value: Any, info: ValidationInfo) -> Any:
        try:
            for key in value:
                Fernet(key.get_secret_value())
        except ValueError:
            message = "holds something that is not a Fernet key"
            raise ValueError(message) from None
        if not value and info.data.get("database_url", "").startswith("postgresql"):
            message = "is required with PostgreSQL"
            raise ValueError(message)
        return value

    @property
    def service_keys(self) -> dict[str, str]:
        """The bot's own access keys by the names of clouds; without one, the first's."""
        return dict(map(_named, _parts(self.zstack_service_key.get_secret_value())))

    @property
    def base_url(self) -> str:
        """Where browsers and ZStack reach the bot, without a slash at the end."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file, or None with PostgreSQL."""
        if not self.database_url.startswith("sqlite"):
            return None
        return Path(self.database_url.split(":///", 1)[1])

    @property
    def engine_url(self) -> str:
        """The database's address with its asynchronous driver."""
        return addresses.engine_url(self.database_url)

    @property
    def alert_secrets(self) -> dict[str, str]:
        """The secrets of the alert sources that may call, by the names of their routes."""
        secrets = {
            "alertmanager": self.alertmanager_token,
            "grafana": self.grafana_hmac_secret,
            "zwatch": self.zwatch_basic,
            "pagerduty": self.pagerduty_secret,
            "generic": self.alert_token,
        }
        known = {name: it.get_secret_value() for name, it in secrets.items()}
        return {name: secret for name, secret in known.items() if secret}

    @property
    def callback(self) -> str | None:
        """Where ZStack shall call when a job ends; None when it shall not."""
        ours = addresses.is_loopback(urlsplit(self.base_url).hostname or "")
        theirs = addresses.is_loopback(urlsplit(self.zstack_url).hostname or "")
        reachable = theirs or not ours
        wanted = self.zstack_webhook == "on" or (
            self.zstack_webhook == "auto" and reachable
        )
        return f"{self.base_url}/zstack/jobs" if wanted else None


def load() -> Settings:
    """Read the settings; raises SettingsFault with one line for each fault."""
    secrets_dir = os.environ.get("SECRETS_DIR") or None
    if secrets_dir and not Path(secrets_dir).is_dir():
        message = "SECRETS_DIR: is not a directory (for example: /run/secrets)"
        raise SettingsFault(message)
    try:
        return Settings(_secrets_dir=secrets_dir)
    except ValidationError as error:
        raise SettingsFault("\n".join(map(_line, error.errors()))) from None
    except UnicodeDecodeError:
        message = ".env: is not UTF-8 text"
        raise SettingsFault(message) from None


def _line(fault: Any) -> str:
    name = str(fault["loc"][0]).upper()
    reason = str(fault["msg"]).removeprefix("Value error, ")
    reason = "is missing" if fault["type"] == "missing" else _uncapitalised(reason)
    return f"{name}: {reason} (for example: {_EXAMPLES[name]})"


def _uncapitalised(text: str) -> str:
    return text[0].lower() + text[1:]
