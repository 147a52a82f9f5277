import httpx
import pytest

from api.silence import why

UNTRUSTED = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            httpx.ConnectError("http://hidden"),
            "there is no connection to it (ConnectError)",
            id="nobody there",
        ),
        pytest.param(
            httpx.ReadTimeout(""), "nothing came in time (ReadTimeout)", id="late"
        ),
        pytest.param(
            httpx.ReadError(""), "the connection broke off (ReadError)", id="broken"
        ),
        pytest.param(
            httpx.ConnectError(UNTRUSTED),
            "its certificate is not trusted (ConnectError)",
            id="certificate",
        ),
        pytest.param(httpx.InvalidURL("hidden"), "InvalidURL", id="no words for it"),
    ],
)
def test_why_no_answer_came_is_said_without_the_address(error, words):
    assert why(error) == words
