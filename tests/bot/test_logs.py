"""Logs: nothing in them opens anything, whoever wrote them."""

import contextlib
import json
import logging

import pytest
import structlog

from bot import logs

UUID = "0123456789abcdef0123456789abcdef"

SECRETS = [
    pytest.param("xoxb-12-ab", id="bot token"),
    pytest.param("xoxe.xoxp-1-ab", id="rotated token"),
    pytest.param("xapp-1-A-2-b", id="app token"),
    pytest.param("https://hooks.slack.com/commands/T1/2/abc", id="response url"),
    pytest.param("https://hooks.slack-gov.com/actions/T1/2/abc", id="of government"),
    pytest.param("/login/abc-DEF_1", id="login link"),
    pytest.param(UUID, id="uuid"),
    pytest.param(UUID.upper(), id="uuid in capitals"),
    pytest.param(f"job_{UUID}_x", id="uuid within a word"),
]


@pytest.fixture
def configure(settings, written):
    def how(**changes):
        logs.configure(settings(**({"LOG_FORMAT": "json"} | changes)))
        return structlog.get_logger()

    return how


@contextlib.contextmanager
def nobody_listening():
    """Without the handlers of pytest, as in a process of its own."""
    kept, logging.root.handlers = logging.root.handlers, []
    yield
    logging.root.handlers = kept


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_gets_out_of_any_field(configure, written, secret, form):
    log = configure(LOG_FORMAT=form)

    log.info("saw %s", secret, url=f"see {secret}?", deep={"list": [secret]}, number=1)

    line = written()
    assert "saw" in line
    assert secret.strip("job_x") not in line


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_gets_out_of_an_exception(configure, written, secret):
    log = configure()
    try:
        int(secret)
    except ValueError as error:
        log.exception("failed", reason=error)

    line = written()
    assert json.loads(line)["event"] == "failed"
    assert "Traceback" in line
    assert secret.strip("job_x") not in line


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_gets_out_of_what_libraries_log(configure, written, secret, form):
    with nobody_listening():
        configure(LOG_FORMAT=form)
        try:
            int(secret)
        except ValueError:
            logging.getLogger("aiohttp").exception("at %s", secret)

    line = written()
    assert "ValueError" in line
    assert secret.strip("job_x") not in line


def test_numbers_stay_numbers_and_one_event_is_one_line(configure, written):
    configure().info("serving", port=3000, ready=True, nothing=None)

    [line] = written().splitlines()
    said = json.loads(line)
    assert (said["port"], said["ready"], said["nothing"]) == (3000, True, None)


def test_what_is_below_the_level_is_not_written(configure, written):
    log = configure(LOG_LEVEL="warning")

    log.info("quiet")
    log.warning("loud")

    assert "quiet" not in (lines := written())
    assert "loud" in lines


def test_without_a_terminal_the_form_is_json(configure, written):
    configure(LOG_FORMAT=None).info("hello")

    assert json.loads(written())["event"] == "hello"
