import contextlib
import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.answer import Answer
from api.errors import (
    ClockSkewed,
    DuplicateJob,
    JobUnknown,
    PermissionDenied,
    Refused,
    Rejected,
    SessionExpired,
    UnexpectedReply,
    ZStackError,
)
from api.operations import (
    DetachIsoFromVmInstance,
    GetPlatformTimeZone,
    GetTaskProgress,
    GetVersion,
    IsReadyToGo,
    LogOut,
    QueryVmInstance,
    ValidateSession,
)
from api.wire import Accepted, Running, read_job, read_reply

DETACH = DetachIsoFromVmInstance(vm_instance_uuid="42")
SECRET = "4796188f38784439a721f2ef35a0d0d3"
DEEP = "[" * 100_000


def read(status, text, operation=DETACH):
    return read_reply(operation, Answer(status, text), UTC)


def look(status, text, operation=DETACH):
    return read_job(operation, Answer(status, text), UTC)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        pytest.param('{"location": "http://x", "apiTimeout": 1800000}', 1800, id="all"),
        pytest.param('{"apiTimeout": 1.8e6}', 1800, id="a double"),
        pytest.param("{}", None, id="an older release"),
        pytest.param("", None, id="nothing"),
        pytest.param("<html>", None, id="a page"),
        pytest.param("[]", None, id="a list"),
        pytest.param('{"apiTimeout": null}', None, id="null"),
        pytest.param('{"apiTimeout": "soon"}', None, id="a word"),
        pytest.param('{"apiTimeout": 0}', None, id="zero"),
        pytest.param('{"apiTimeout": -1}', None, id="negative"),
        pytest.param('{"apiTimeout": NaN}', None, id="not a number"),
        pytest.param('{"apiTimeout": 1e400}', None, id="infinite"),
        pytest.param(f'{{"apiTimeout": 1{"0" * 400}}}', None, id="beyond a double"),
    ],
)
def test_accepted_is_accepted_whatever_the_body_says(body, seconds):
    assert read(202, body) == Accepted(seconds)


def test_a_question_is_never_a_job():
    with pytest.raises(UnexpectedReply):
        read(202, "{}", GetVersion())


@pytest.mark.parametrize("body", ["{}", "", "<html>"])
def test_a_job_runs_while_it_is_202(body):
    assert look(202, body) == Running()


@pytest.mark.parametrize("reading", [read, look])
def test_a_result_is_an_inventory(reading):
    assert reading(200, '{"inventory": {"uuid": "42"}}').uuid == "42"


@pytest.mark.parametrize(
    ("operation", "body", "reply"),
    [
        pytest.param(GetVersion(), '{"version": "5.2.1"}', "5.2.1", id="text"),
        pytest.param(
            ValidateSession(session_uuid="42"), '{"valid": false}', False, id="truth"
        ),
        pytest.param(IsReadyToGo(), "{}", None, id="nothing"),
        pytest.param(LogOut(session_uuid="42"), " \n", None, id="empty body"),
        pytest.param(GetTaskProgress(api_id="42"), '{"x": 1}', (), id="no progress"),
        pytest.param(QueryVmInstance(), '{"inventories": []}', (), id="none"),
        pytest.param(QueryVmInstance(), '{"inventories": null}', (), id="null"),
    ],
)
def test_a_reply_stands_where_the_operation_says(operation, body, reply):
    assert read(200, body, operation) == reply


def test_the_whole_body_can_be_the_reply():
    said = read(200, '{"timezone": "CST", "offset": "+08:00"}', GetPlatformTimeZone())

    assert (said.timezone, said.offset) == ("CST", "+08:00")


def test_the_answer_to_zql_is_that_of_its_only_statement():
    body = '{"results": [{"inventories": [{"uuid": "1"}, {"uuid": "2"}]}]}'

    assert [vm.uuid for vm in read(200, body, QueryVmInstance())] == ["1", "2"]


def test_times_are_read_in_the_zone_of_the_server():
    zone = ZoneInfo("Asia/Shanghai")
    body = (
        '{"inventory": {"uuid": "42", "vmNics": [{"uuid": "7",'
        ' "createDate": "Nov 14, 2017 10:20:57 PM"}]}}'
    )

    vm = read_reply(DETACH, Answer(200, body), zone)

    assert vm.vm_nics[0].create_date.tzinfo is zone


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("{}", id="an empty object"),
        pytest.param("OK", id="a word"),
        pytest.param("null", id="null"),
        pytest.param('"text"', id="a text"),
        pytest.param("[1]", id="a list"),
        pytest.param('{"inventory": null}', id="null inventory"),
        pytest.param('{"inventory": []}', id="list for an inventory"),
        pytest.param('{"inventory": {"name": "x"}}', id="no uuid"),
        pytest.param('{"inventory": {"uuid": ["x"]}}', id="a list for a uuid"),
        pytest.param('{"inventory": {"uuid": "x", "cpuNum": 1.5}}', id="half a cpu"),
        pytest.param('{"inventory": {"uuid": "x", "cpuNum": NaN}}', id="not a number"),
        pytest.param('{"inventory": {"uuid": "x", "cpuNum": 1e400}}', id="infinite"),
        pytest.param('{"inventory": {"uuid": "x", "vmNics": {}}}', id="no list"),
        pytest.param('{"inventory": {"uuid": "x", "vmNics": [1]}}', id="no nic"),
        pytest.param('{"inventory": {"uuid": "x", "state": {}}}', id="no text"),
        pytest.param('{"inventory": {"uuid": "x"', id="cut off"),
        pytest.param(f'{{"inventory": {DEEP}', id="too deep"),
        pytest.param(f'{{"a": 1{"0" * 5000}}}', id="endless digits"),
    ],
)
@pytest.mark.parametrize("reading", [read, look])
def test_what_is_no_result_is_unexpected(reading, body):
    with pytest.raises(UnexpectedReply) as caught:
        reading(200, body)

    assert caught.value.status == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{}", id="an empty object"),
        pytest.param("", id="nothing"),
        pytest.param('{"results": []}', id="no statement"),
        pytest.param('{"results": {"a": 1}}', id="an object of results"),
        pytest.param('{"results": [null]}', id="a null result"),
        pytest.param('{"results": ["x"]}', id="a text as the result"),
        pytest.param('{"inventories": [null]}', id="a null inventory"),
        pytest.param('{"inventories": [{"name": "x"}]}', id="no uuid"),
    ],
)
def test_an_answer_that_cannot_be_read_is_not_an_empty_one(body):
    with pytest.raises(UnexpectedReply):
        read(200, body, QueryVmInstance())


@given(st.sampled_from([200, 202, 400, 404, 500, 503]), st.text())
def test_no_text_breaks_the_reading(status, text):
    for reading in (read, look):
        with contextlib.suppress(ZStackError):
            assert reading(status, text) is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "uuid",
                    "inventory",
                    "inventories",
                    "error",
                    "code",
                    "causes",
                    "cause",
                    "vmNics",
                ]
            ),
            inner,
        )
    ),
)


@settings(max_examples=40)
@given(st.sampled_from([200, 202, 503]), json_values)
def test_no_json_breaks_the_reading(status, value):
    for operation in (DETACH, QueryVmInstance()):
        with contextlib.suppress(ZStackError):
            assert look(status, json.dumps(value), operation) is not None


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        pytest.param(400, "Duplicate job uuid[42]", DuplicateJob, id="duplicate job"),
        pytest.param(400, "bad operator", Refused, id="bad request"),
        pytest.param(403, "requestTimeTooSkewed", ClockSkewed, id="skewed"),
        pytest.param(404, "no api mapping to /x", Refused, id="no such path"),
        pytest.param(404, "<html>not here</html>", Refused, id="a proxy's 404"),
        pytest.param(405, "", Refused, id="no such method"),
        pytest.param(500, "", UnexpectedReply, id="an empty crash"),
        pytest.param(500, "NullPointerException", UnexpectedReply, id="a crash"),
        pytest.param(503, "<html>away</html>", UnexpectedReply, id="a proxy's 503"),
        pytest.param(503, "", UnexpectedReply, id="an empty 503"),
        pytest.param(503, "{}", UnexpectedReply, id="no error"),
        pytest.param(503, '{"error": null}', UnexpectedReply, id="a null error"),
        pytest.param(503, '{"error": {}}', UnexpectedReply, id="an empty error"),
        pytest.param(503, '{"error": "x"}', UnexpectedReply, id="a text as error"),
        pytest.param(302, "", UnexpectedReply, id="a redirect"),
        pytest.param(401, "", UnexpectedReply, id="a proxy's 401"),
        pytest.param(204, "", UnexpectedReply, id="no content"),
    ],
)
def test_a_refusal_says_what_to_do_about_it(status, text, kind):
    with pytest.raises(ZStackError) as caught:
        read(status, text)

    assert type(caught.value) is kind
    assert caught.value.status == status


def test_a_job_that_is_forgotten_is_unknown():
    with pytest.raises(JobUnknown):
        look(404, "the job has been expired")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        pytest.param(400, "Bad Request", id="400"),
        pytest.param(403, "<html>forbidden</html>", id="a firewall's 403"),
        pytest.param(404, "<html>not here</html>", id="a proxy's 404"),
        pytest.param(405, "", id="405"),
    ],
)
def test_a_refused_look_does_not_say_that_the_job_did_not_run(status, text):
    with pytest.raises(UnexpectedReply):
        look(status, text)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param({"code": "ID.1001"}, SessionExpired, id="session"),
        pytest.param(
            {"code": "X", "globalErrorCode": "ORG_ZSTACK_IDENTITY_10020"},
            SessionExpired,
            id="session by its global code",
        ),
        pytest.param({"code": "ID.1002"}, PermissionDenied, id="permission"),
        pytest.param({"code": "SYS.1006"}, Rejected, id="operation failed"),
        pytest.param({"code": "ID.1001", "causes": None}, SessionExpired, id="null"),
        pytest.param({"code": "ID.1001", "cost": 12}, SessionExpired, id="a number"),
        pytest.param({"code": "ID.1001", "opaque": []}, SessionExpired, id="a list"),
        pytest.param({"code": 7}, Rejected, id="a number for a code"),
        pytest.param({"details": "out of space"}, Rejected, id="only details"),
    ],
)
@pytest.mark.parametrize("reading", [read, look])
def test_an_error_is_what_its_code_says(reading, error, kind):
    with pytest.raises(Rejected) as caught:
        reading(503, json.dumps({"error": error}))

    assert type(caught.value) is kind


def test_an_error_beside_a_result_is_an_error():
    with pytest.raises(Rejected, match=r"SYS\.1006"):
        look(200, '{"inventory": {"uuid": "42"}, "error": {"code": "SYS.1006"}}')


def test_gson_escapes_are_read():
    body = r'{"error": {"code": "X", "details": "\u003da\u0027s \u003cb\u003e \u0026"}}'

    with pytest.raises(Rejected, match="X: =a's <b> &"):
        read(503, body)


def test_half_a_surrogate_pair_where_java_cut_a_text_is_replaced():
    vm = read(200, r'{"inventory": {"uuid": "42", "name": "a\ud83d", "x": "\ude00b"}}')

    assert (vm.name, vm.model_extra["x"]) == ("a?", "?b")


def test_a_whole_surrogate_pair_is_kept():
    vm = read(200, r'{"inventory": {"uuid": "42", "name": "\ud83d\ude00"}}')

    assert vm.name == "😀"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        pytest.param(200, f'{{"inventory": {{"uuid": "{SECRET}"', id="cut off"),
        pytest.param(202, f'{{"uuid": "{SECRET}"}}', id="no job"),
        pytest.param(400, f"Duplicate job uuid[{SECRET}]", id="duplicate"),
        pytest.param(400, f"invalid uuid {SECRET}", id="invalid"),
        pytest.param(404, f"no api mapping to /sessions/{SECRET}", id="path"),
        pytest.param(500, f"crash at /sessions/{SECRET}", id="crash"),
        pytest.param(503, f"<p>/sessions/{SECRET.upper()}</p>", id="page"),
        pytest.param(200, f'{{"valid": "{SECRET}"}}', id="no truth"),
    ],
)
def test_an_error_text_gives_no_session_or_job_away(status, text):
    with pytest.raises(ZStackError) as caught:
        read(status, text, ValidateSession(session_uuid=SECRET))

    assert SECRET not in str(caught.value).lower()


def test_a_long_page_is_cut():
    with pytest.raises(UnexpectedReply) as caught:
        read(500, "x" * 10_000)

    assert len(str(caught.value)) < 300
