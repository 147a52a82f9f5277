import pytest

from desk.notice import Notice, Outcome, Slot

NOT_FINAL = {Outcome.ACCEPTED, Outcome.RUNNING}


@pytest.mark.parametrize("outcome", Outcome)
def test_a_row_ends_in_every_outcome_but_the_first_two(outcome):
    assert outcome.is_final == (outcome not in NOT_FINAL)


def test_the_outcomes_are_those_of_the_contract():
    words = "accepted running succeeded unchanged failed refused expired unknown"

    assert [str(outcome) for outcome in Outcome] == words.split()


@pytest.mark.parametrize("uuid", [None, "a" * 32], ids=["nothing found", "a VM"])
def test_the_payload_is_what_the_contract_promises(uuid):
    notice = Notice(
        slot=Slot.ANSWER,
        command_id="c1",
        operation="AttachIsoToVmInstance",
        outcome=Outcome.FAILED,
        resource_uuid=uuid,
        title="No",
    )

    assert notice.payload() == {
        "command_id": "c1",
        "operation": "AttachIsoToVmInstance",
        "outcome": "failed",
        "resource_uuid": uuid or "",
    }
