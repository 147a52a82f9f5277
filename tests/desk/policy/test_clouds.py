"""`clouds:` in the policy file."""

import pytest
from pydantic import ValidationError

from desk.policy import Policy


def test_clouds_are_named_with_what_they_need():
    policy = Policy.model_validate(
        {
            "clouds": {
                "prod": {},
                "lab": {
                    "url": "https://lab.example:8080/zstack/",
                    "timezone": "Asia/Shanghai",
                    "channels": ["C0LAB"],
                },
            }
        }
    )

    assert policy.clouds["lab"].url == "https://lab.example:8080/zstack"
    assert policy.clouds["prod"].url is None


@pytest.mark.parametrize(
    ("clouds", "fault"),
    [
        pytest.param({"a": {}, "b": {}}, "only one of them may leave", id="two ours"),
        pytest.param({"a": {"url": "lab"}}, "not an http or https", id="no address"),
        pytest.param({"a": {"timezone": "Mars"}}, "name of a time zone", id="no zone"),
        pytest.param({"Two words": {}}, "should match", id="no name"),
        pytest.param({"a": {"key": "id:secret"}}, "not permitted", id="a secret"),
        pytest.param(
            {
                "a": {"channels": ["C1"]},
                "b": {"url": "http://b", "channels": ["C1"]},
            },
            "C1 means two of them",
            id="a channel of two",
        ),
    ],
)
def test_what_is_not_clear_is_a_fault(clouds, fault):
    with pytest.raises(ValidationError, match=fault):
        Policy.model_validate({"clouds": clouds})
