"""People and groups are told by the names that people know."""

import pytest

from desk.called import by_name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("Ask UBOB: they may.", "Ask @Ubob: they may.", id="a person"),
        pytest.param("Only S0OPS may.", "Only @ops may.", id="a group"),
        pytest.param("S0OPS, S0OPSX", "@ops, @opsx", id="one that begins another"),
        pytest.param("UBOBBY", "UBOBBY", id="a word that begins so"),
        pytest.param("T2/UBOB", "T2/UBOB", id="one of another workspace"),
        pytest.param("shell/root", "shell/root", id="one at the shell"),
        pytest.param("UCAROL", "UCAROL", id="one that the policy does not name"),
    ],
)
async def test_ids_of_the_policy_become_names(bench, text, told):
    ids = {"UBOB", "S0OPS", "S0OPSX", "T2/UBOB", "shell/root"}

    assert await by_name(bench.desk, text, ids) == told


async def test_an_id_stays_when_slack_cannot_say(bench):
    assert await by_name(bench.desk, "Ask S1.", {"S1"}) == "Ask S1."
