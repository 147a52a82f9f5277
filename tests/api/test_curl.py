import asyncio
import json
import shlex
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.operation import OPERATIONS
from api.operations import (
    AttachIsoToVmInstance,
    DetachIsoFromVmInstance,
    LogInByAccount,
    QueryVmInstance,
)
from api.query import where
from api.wire import as_curl, to_request

needs_curl = pytest.mark.skipif(
    not shutil.which("curl"), reason="no curl here; its words are checked above"
)
AWKWARD = 'it\'s "$HOME" `id` \\ {1,2} [a-z] & 虚拟机; #!'


def test_detach_is_the_command_line_of_the_documentation():
    detach = DetachIsoFromVmInstance(vm_instance_uuid="42", iso_uuid="7")

    assert as_curl(detach) == (
        "curl -X DELETE -H 'Authorization: OAuth <session-uuid>'"
        " 'http://localhost:8080/zstack/v1/vm-instances/42/iso?isoUuid=7'"
    )


def test_what_needs_no_session_asks_for_none():
    line = as_curl(LogInByAccount(account_name="admin", password="secret"))

    assert "Authorization" not in line


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_shell_reads_every_value_as_it_was_meant(text):
    attach = AttachIsoToVmInstance(
        vm_instance_uuid="42", iso_uuid="7", system_tags=(text,)
    )

    words = shlex.split(as_curl(attach))

    assert json.loads(words[words.index("-d") + 1]) == {"systemTags": [text]}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_shell_reads_every_question_as_it_was_meant(text):
    query = QueryVmInstance(conditions=(where("name", text),))

    words = shlex.split(as_curl(query, "http://mn/zstack/"))

    assert words[-1] == f"http://mn/zstack{to_request(query).target}"


@needs_curl
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(
            DetachIsoFromVmInstance(vm_instance_uuid="42", system_tags=(AWKWARD,)),
            id="delete",
        ),
        pytest.param(
            AttachIsoToVmInstance(
                vm_instance_uuid="42", iso_uuid="7", user_tags=(AWKWARD,)
            ),
            id="post",
        ),
        pytest.param(
            QueryVmInstance(conditions=(where("name", AWKWARD),), sort="name"), id="get"
        ),
        pytest.param(OPERATIONS["GetVersion"](), id="put"),
    ],
)
async def test_curl_asks_what_we_ask(node, operation):
    line = f"{as_curl(operation, node.url)} --silent --noproxy '*'"
    process = await asyncio.create_subprocess_shell(
        line, stdout=asyncio.subprocess.PIPE
    )
    await process.communicate()

    method, target, headers, body = node.requests[0]
    request = to_request(operation)
    assert (method, target) == (request.method, f"/zstack{request.target}")
    assert json.loads(body or "null") == request.body
    session = "oauth <session-uuid>" if operation.rest.needs_session else None
    assert headers.get("authorization") == session
