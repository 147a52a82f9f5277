import pytest

from handlers.complaints import plainly


@pytest.mark.parametrize(
    ("argparse", "ours"),
    [
        pytest.param(
            "the following arguments are required: vm", "the vm is missing", id="one"
        ),
        pytest.param(
            "the following arguments are required: vm, iso",
            "the vm and the iso are missing",
            id="two",
        ),
        pytest.param(
            "argument --type: invalid choice: 'hot' (choose from 'grace', 'cold')",
            "--type is grace or cold, and not “hot”",
            id="choice",
        ),
        pytest.param(
            "argument --type: invalid choice: 'hot' (choose from grace, cold)",
            "--type is grace or cold, and not “hot”",
            id="choice of newer versions",
        ),
        pytest.param(
            "argument --since: expected one argument",
            "nothing stands behind --since",
            id="nothing behind",
        ),
        pytest.param(
            "unrecognized arguments: b c",
            "“b c” is too much; a name with spaces goes in quotes",
            id="too many",
        ),
        pytest.param("a name is empty", "a name is empty", id="ours already"),
    ],
)
def test_what_argparse_complains_of_is_said_for_people(argparse, ours):
    assert plainly(argparse) == ours
