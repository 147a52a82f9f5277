import pytest

from handlers.slack.signature import WINDOW, fault
from sandbox.slack.sender import sign

BODY = b"command=%2Fdetach-iso&text=web-01"
NOW = 1_800_000_000


@pytest.fixture
def judged():
    """What is said of a request signed with `secret` at `at`, with headers spoilt."""

    def judge(secret="right", at=NOW, secrets=("right",), body=BODY, **headers):
        signed = sign(BODY, "text/plain", secret=secret, at=at).headers
        given = {
            "timestamp": signed["X-Slack-Request-Timestamp"],
            "signature": signed["X-Slack-Signature"],
        }
        return fault(secrets, body=body, now=NOW, **(given | headers))

    return judge


def test_what_slack_signed_is_good(judged):
    assert judged() is None


@pytest.mark.parametrize("secret", ["new", "old"])
def test_each_secret_is_good_while_one_replaces_the_other(judged, secret):
    assert judged(secret=secret, secrets=("new", "old")) is None


def test_a_secret_that_is_gone_is_not_good(judged):
    assert judged(secret="old", secrets=("new",)) == "wrong signature"


def test_no_secret_makes_nothing_good(judged):
    assert judged(secrets=()) == "wrong signature"


@pytest.mark.parametrize("at", [NOW - WINDOW, NOW + WINDOW])
def test_five_minutes_to_either_side_are_good(judged, at):
    assert judged(at=at) is None


@pytest.mark.parametrize("at", [NOW - WINDOW - 1, NOW + WINDOW + 1, 0])
def test_older_and_newer_is_not(judged, at):
    assert judged(at=at) == "stale timestamp"


@pytest.mark.parametrize(
    "timestamp",
    [
        pytest.param("", id="missing"),
        pytest.param("abc", id="letters"),
        pytest.param("-5", id="negative"),
        pytest.param("1.5", id="fraction"),
        pytest.param("1e9", id="exponent"),
        pytest.param("٣٣٣", id="digits of another script"),
        pytest.param("²", id="superscript"),
        pytest.param("9" * 5000, id="huge"),
        pytest.param(f" {NOW}", id="space"),
    ],
)
def test_a_timestamp_that_is_no_number_is_malformed(judged, timestamp):
    assert judged(timestamp=timestamp) == "malformed timestamp"


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        pytest.param("", "wrong signature", id="missing"),
        pytest.param("v0=", "wrong signature", id="empty"),
        pytest.param("v1=" + "0" * 64, "wrong signature", id="another version"),
        pytest.param("v0=ü", "malformed signature", id="not ASCII"),
    ],
)
def test_a_signature_of_another_form_is_not_good(judged, signature, said):
    assert judged(signature=signature) == said


def test_another_body_is_not_good(judged):
    assert judged(body=BODY + b"&x") == "wrong signature"
