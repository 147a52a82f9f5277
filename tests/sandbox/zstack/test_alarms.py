import pytest

from sandbox.zstack.records import fixed_uuid

ALARM, EVENT = fixed_uuid("alarm", "cpu"), fixed_uuid("alarm", "vm-stopped")
GIVEN = {
    "alarmUuid": ALARM,
    "alertDataUuid": "5" * 32,
    "dataType": "alarm",
    "ackPeriodSec": 600,
}


async def acknowledge(client, kind="alarm", **changed):
    params = {name: it for name, it in (GIVEN | changed).items() if it is not None}
    path = f"/zwatch/{kind}-histories/acknowledgments"
    return await client.job("POST", path, json={"params": params})


async def test_an_acknowledgement_is_a_job_that_answers_with_what_it_noted(ops):
    job = await acknowledge(ops)

    noted = job.json()["inventory"]
    assert job.status_code == 200
    assert (noted["alertDataUuid"], noted["ackPeriod"]) == ("5" * 32, 600)


async def test_an_event_has_a_path_of_its_own(ops):
    changed = {"alarmUuid": None, "eventSubscriptionUuid": EVENT, "dataType": "event"}

    job = await acknowledge(ops, "event", **changed)

    assert job.json()["inventory"]["alertType"] == "event"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"alarmUuid": "0" * 32}, "SYS.1003", id="unknown alarm"),
        pytest.param({"alertDataUuid": None}, "SYS.1007", id="nothing named"),
        pytest.param({"ackPeriodSec": None}, "SYS.1007", id="no period"),
        pytest.param({"dataType": "event"}, "SYS.1007", id="the other kind"),
    ],
)
async def test_what_it_does_not_take_is_refused(ops, changed, code):
    job = await acknowledge(ops, **changed)

    assert (job.status_code, job.json()["error"]["code"]) == (503, code)
