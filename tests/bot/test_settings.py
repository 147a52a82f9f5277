"""Settings: what is missing or wrong is one line each, and no secret is ever printed."""

import sys

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import SettingsFault
from desk.rate import Rate

KEY = Fernet.generate_key().decode()
POSTGRES = "postgresql://bot:hidden@db/bot"


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        pytest.param("SLACK_SIGNING_SECRET", None, "is missing", id="no secret"),
        pytest.param("SLACK_SIGNING_SECRET", " , ", "is missing", id="only commas"),
        pytest.param("SLACK_BOT_TOKEN", None, "is missing", id="no token"),
        pytest.param("SLACK_BOT_TOKEN", "", "is missing", id="an empty token"),
        pytest.param("SLACK_BOT_TOKEN", "xapp-1", "is not a bot token", id="app token"),
        pytest.param("SLACK_APP_TOKEN", "xoxb-1", "is not an app", id="bot token"),
        pytest.param("SLACK_SOCKETS", "0", "should be greater", id="no sockets"),
        pytest.param("SLACK_SOCKETS", "11", "should be less", id="too many sockets"),
        pytest.param("SLACK_API_URL", "slack.com", "is not an http", id="no scheme"),
        pytest.param("ZSTACK_URL", None, "is missing", id="no ZStack"),
        pytest.param("ZSTACK_URL", "ftp://mn/", "is not an http", id="ftp"),
        pytest.param(
            "ZSTACK_URL", "http://mn:port", "is not an http", id="word as port"
        ),
        pytest.param("ZSTACK_URL", "http://[::1", "is not an http", id="open bracket"),
        pytest.param("ZSTACK_CA_FILE", "no.pem", "is not a file", id="no such file"),
        pytest.param("ZSTACK_TIMEZONE", "Mars/X", "is not the name", id="no such zone"),
        pytest.param("ZSTACK_TIMEZONE", "../etc", "is not the name", id="path as zone"),
        pytest.param("ZSTACK_SERVICE_KEY", "only-id", "a colon between", id="key"),
        pytest.param("ZSTACK_SERVICE_KEY", ":secret", "a colon between", id="no id"),
        pytest.param("ZSTACK_WEBHOOK", "maybe", "should be 'auto'", id="webhook"),
        pytest.param("DATABASE_URL", "mysql://h/d", "is neither", id="other database"),
        pytest.param("DATABASE_URL", "sqlite:x", "is neither", id="no slashes"),
        pytest.param("DATABASE_URL", "sqlite://", "does not name", id="no file"),
        pytest.param("DATABASE_URL", "sqlite:///", "does not name", id="empty file"),
        pytest.param(
            "DATABASE_URL", "sqlite:///:memory:", "does not name", id="memory"
        ),
        pytest.param("DATABASE_URL", "postgresql://h:x/d", "is not the", id="its port"),
        pytest.param("DATABASE_URL", "postgresql+!://h", "is not the", id="no driver"),
        pytest.param("PUBLIC_URL", "http://bot.example", "must be https", id="plain"),
        pytest.param("PUBLIC_URL", "bot.example", "is not an http", id="bare host"),
        pytest.param("SECRET_KEYS", f"{KEY},short", "holds something", id="not a key"),
        pytest.param("RATE_LIMIT", "many", "is not a number of", id="no rate"),
        pytest.param("RATE_LIMIT", "0/min", "is not a number of", id="rate of nothing"),
        pytest.param("ZWATCH_BASIC", "zwatch", "is not a user and", id="no password"),
        pytest.param("ALERT_CHANNEL", "#ops", "is not the id of", id="channel's name"),
        pytest.param("JOB_MARGIN", "-1", "should be greater", id="negative margin"),
        pytest.param("PORT", "http", "should be a valid integer", id="word as port no"),
        pytest.param("PORT", "70000", "should be less", id="port out of range"),
        pytest.param("LOG_FORMAT", "xml", "should be 'console'", id="log format"),
        pytest.param("LOG_LEVEL", "loud", "should be 'debug'", id="log level"),
    ],
)
def test_each_fault_is_one_line_with_an_example_and_status_2(
    environment, name, value, wrong
):
    environment(**{name: value})

    done = CliRunner().invoke(app, ["serve"])

    assert done.exit_code == 2
    [line] = done.stderr.splitlines()
    assert line.startswith(f"{name}: ")
    assert wrong in line
    assert "(for example: " in line


def test_several_faults_are_several_lines(settings):
    with pytest.raises(SettingsFault) as caught:
        settings(
            SLACK_BOT_TOKEN=None,
            PORT="x",
            PUBLIC_URL="http://a.example",
            DATABASE_URL=POSTGRES,
        )

    names = [line.split(":")[0] for line in str(caught.value).splitlines()]
    assert sorted(names) == ["PORT", "PUBLIC_URL", "SECRET_KEYS", "SLACK_BOT_TOKEN"]


def test_no_secret_is_printed_with_a_fault_or_with_the_settings(settings):
    secrets = {
        "SLACK_BOT_TOKEN": "hidden-token",
        "SECRET_KEYS": "hidden-key",
        "DATABASE_URL": "mysql://bot:hidden@db/bot",
        "METRICS_TOKEN": "hidden-metrics",
    }

    with pytest.raises(SettingsFault) as caught:
        settings(**secrets)

    assert "hidden" not in str(caught.value)
    fine = settings(SLACK_BOT_TOKEN="xoxb-hidden", SECRET_KEYS=KEY, DATABASE_URL=None)
    assert "hidden" not in repr(fine)
    assert KEY not in repr(fine)


@pytest.mark.parametrize(
    ("text", "rate"),
    [(None, Rate(120, 60)), ("5/s", Rate(5, 1)), ("900 / h", Rate(900, 3600))],
)
def test_a_rate_is_a_number_in_a_span_of_time(settings, text, rate):
    assert settings(RATE_LIMIT=text).rate_limit == rate


def test_the_file_env_is_read_and_the_environment_counts_more(settings, tmp_path):
    (tmp_path / ".env").write_text("PORT=4000\nHOST=0.0.0.0\nUNKNOWN=1\n")

    found = settings(PORT="5000")

    assert (found.port, found.host) == (5000, "0.0.0.0")


def test_an_env_file_that_is_no_text_is_one_line(settings, tmp_path):
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")

    with pytest.raises(SettingsFault, match=r"^\.env: is not UTF-8 text$"):
        settings()


def test_secrets_can_be_files(settings, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "SLACK_BOT_TOKEN").write_text("xoxb-from-file\n")

    found = settings(SLACK_BOT_TOKEN=None, SECRETS_DIR=str(secrets))

    assert found.slack_bot_token.get_secret_value() == "xoxb-from-file"


def test_a_secrets_directory_that_is_none_is_one_line(settings):
    with pytest.raises(SettingsFault, match=r"^SECRETS_DIR: is not a directory"):
        settings(SECRETS_DIR="nowhere")


def test_several_signing_secrets_are_taken_while_rotating(settings):
    found = settings(SLACK_SIGNING_SECRET="new , old,").slack_signing_secret

    assert [one.get_secret_value() for one in found] == ["new", "old"]


def test_by_socket_mode_nothing_needs_to_be_signed(settings):
    found = settings(SLACK_SIGNING_SECRET=None, SLACK_APP_TOKEN="xapp-hidden")

    assert found.slack_signing_secret == ()
    assert found.slack_sockets == 2
    assert "hidden" not in repr(found)


def test_postgresql_needs_secret_keys(settings):
    with pytest.raises(SettingsFault, match=r"^SECRET_KEYS: is required with Postgre"):
        settings(DATABASE_URL=POSTGRES)

    assert settings(DATABASE_URL=POSTGRES, SECRET_KEYS=KEY).sqlite_file is None


def test_postgresql_needs_its_driver(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(SettingsFault, match="needs the package asyncpg"):
        settings(DATABASE_URL=POSTGRES, SECRET_KEYS=KEY)


@pytest.mark.parametrize(
    ("given", "engine", "file"),
    [
        pytest.param(
            "sqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db", "a/b.db", id="relative"
        ),
        pytest.param(
            "sqlite:////abs/b.db",
            "sqlite+aiosqlite:////abs/b.db",
            "/abs/b.db",
            id="absolute",
        ),
        pytest.param(
            "sqlite+pysqlite:///b.db", "sqlite+aiosqlite:///b.db", "b.db", id="driver"
        ),
        pytest.param(
            "postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d", None, id="postgres"
        ),
        pytest.param(
            "postgresql+asyncpg://h/d?a=1&ssl=require",
            "postgresql+asyncpg://h/d?a=1&sslmode=require",
            None,
            id="postgres of SQLAlchemy",
        ),
    ],
)
def test_the_asynchronous_driver_is_our_affair(settings, given, engine, file):
    found = settings(DATABASE_URL=given, SECRET_KEYS=KEY)

    assert found.engine_url == engine
    assert (found.sqlite_file and str(found.sqlite_file)) == file


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://localhost:3000/", id="localhost"),
        pytest.param("http://127.0.0.9", id="loopback"),
        pytest.param("http://[::1]:3000", id="loopback of version 6"),
        pytest.param("https://bot.example/", id="https"),
    ],
)
def test_a_public_url_is_https_or_loopback(settings, url):
    assert settings(PUBLIC_URL=url).base_url == url.rstrip("/")


NEAR, FAR = "http://127.0.0.1:8080/zstack", "http://mn.example:8080/zstack"
PRIVATE, PUBLIC = None, "https://bot.example"


@pytest.mark.parametrize(
    ("webhook", "zstack", "public", "is_called"),
    [
        pytest.param("auto", FAR, PUBLIC, True, id="auto, both reachable"),
        pytest.param("auto", NEAR, PRIVATE, True, id="auto, both on this machine"),
        pytest.param("auto", NEAR, PUBLIC, True, id="auto, only the bot public"),
        pytest.param("auto", FAR, PRIVATE, False, id="auto, the bot out of reach"),
        pytest.param("on", FAR, PRIVATE, True, id="on, although out of reach"),
        pytest.param("off", FAR, PUBLIC, False, id="off, although reachable"),
    ],
)
def test_zstack_is_asked_to_call_where_it_can(
    settings, webhook, zstack, public, is_called
):
    found = settings(ZSTACK_WEBHOOK=webhook, ZSTACK_URL=zstack, PUBLIC_URL=public)

    wanted = f"{public or 'http://127.0.0.1:3000'}/zstack/jobs"
    assert found.callback == (wanted if is_called else None)


def test_words_are_taken_in_any_case_and_files_that_are_there(settings, tmp_path):
    ca_file = tmp_path / "ca.pem"
    ca_file.touch()

    found = settings(LOG_LEVEL="WARNING", ZSTACK_CA_FILE=str(ca_file))

    assert (found.log_level, found.zstack_ca_file) == ("warning", ca_file)


def test_each_cloud_may_have_a_service_key_of_its_own(settings):
    found = settings(ZSTACK_SERVICE_KEY="a:b=c, lab=d:e=f")

    assert found.service_keys == {"": "a:b=c", "lab": "d:e=f"}
