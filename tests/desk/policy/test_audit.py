"""Where copies of the audit go: an address that nobody can reach is a slip."""

import pytest

from desk.policy import Policy
from desk.policy.audit import Server
from desk.policy.file import PolicyFault, read_policy


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("udp://logs.example.com:514", Server("logs.example.com", 514)),
        ("tcp://10.0.0.1:601", Server("10.0.0.1", 601, is_stream=True)),
        ("tcp://[2001:db8::1]:601", Server("2001:db8::1", 601, is_stream=True)),
        ("/dev/log", Server("/dev/log")),
    ],
)
def test_a_server_is_read(text, server):
    assert read_policy(f"audit: {{syslog: '{text}'}}").audit.server == server


def test_a_channel_is_read():
    assert read_policy("audit: {channel: C0AUDIT}").audit.channel == "C0AUDIT"


def test_without_a_section_there_is_no_copy():
    assert Policy().audit.server is None
    assert Policy().audit.channel is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "audit:\n  syslog: logs:514",
            "line 2, column 3: “logs:514” is not a syslog server: write udp://host:514",
            id="neither udp nor tcp",
        ),
        pytest.param(
            "audit:\n  syslog: tcp://logs:70000",
            "line 2, column 3: “tcp://logs:70000” is not a syslog server",
            id="no port",
        ),
        pytest.param(
            "audit:\n  syslog: udp://logs",
            "line 2, column 3: “udp://logs” is not a syslog server",
            id="without a port",
        ),
        pytest.param(
            "audit:\n  channel: '#audit'",
            "line 2, column 3: “#audit” is not the id of a channel, as C012ABC",
            id="the name of a channel",
        ),
        pytest.param(
            "audit:\n  sylog: /dev/log",
            "line 2, column 3: “sylog” is not known here; there is channel, syslog",
            id="a slip",
        ),
    ],
)
def test_a_wrong_section_is_refused_with_its_line_and_column(text, said):
    with pytest.raises(PolicyFault) as caught:
        read_policy(text)

    assert str(caught.value).startswith(said)
