import pytest

from api.operations import DetachIsoFromVmInstance
from desk.command import Command
from desk.notice import Outcome
from tests.desk.conftest import ALICE, PLACE

ROW = Command(
    id="c1",
    key="k1",
    person=ALICE,
    place=PLACE,
    words="detach-iso web-01",
    operation="DetachIsoFromVmInstance",
    arguments={"vm_instance_uuid": "a" * 32},
    step="send.1",
    outcome=Outcome.RUNNING,
    job_uuid="f" * 32,
)


def test_neither_the_job_nor_the_place_is_in_its_repr():
    shown = repr(ROW) + str(ROW)

    assert "c1" in shown
    assert "f" * 32 not in shown
    assert "secret-url" not in shown


@pytest.mark.parametrize(
    ("known", "label"),
    [
        pytest.param({"resource_name": "web-01"}, "web-01", id="by name"),
        pytest.param({"resource_uuid": "a" * 32}, "a" * 32, id="by uuid"),
        pytest.param({}, "the VM", id="nothing known"),
    ],
)
def test_a_vm_is_called_by_the_best_that_is_known(known, label):
    assert ROW.model_copy(update=known).label == label


def test_it_builds_the_operation_that_was_asked_for():
    assert ROW.asks is DetachIsoFromVmInstance
    assert ROW.to_operation() == DetachIsoFromVmInstance(vm_instance_uuid="a" * 32)


def test_an_errand_asks_zstack_for_nothing():
    with pytest.raises(KeyError):
        _ = ROW.model_copy(update={"operation": "login"}).asks


def test_remembering_leaves_the_row_as_it_was():
    memo = ROW.remember(confirmed=True)

    assert [memo.confirmed, ROW.memo.confirmed] == [True, False]
