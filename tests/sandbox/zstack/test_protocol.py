import json
import re
import zlib

import httpx
import pytest

from sandbox.zstack.encode import gson
from sandbox.zstack.errors import ApiError, operation_failed
from sandbox.zstack.settings import Settings
from sandbox.zstack.world import World

WORLD = World()
WEB = WORLD.vm("web-01").uuid
VMS, ACTIONS = "/vm-instances", f"/vm-instances/{WEB}/actions"


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        pytest.param("GET", "/nowhere", None, 404, id="unknown path"),
        pytest.param("GET", "", None, 404, id="the base itself"),
        pytest.param("PATCH", VMS, None, 405, id="PATCH"),
        pytest.param("OPTIONS", VMS, None, 405, id="OPTIONS"),
        pytest.param("DELETE", VMS, None, 500, id="no such method on a shared path"),
        pytest.param("PUT", ACTIONS, "{", 500, id="malformed JSON"),
        pytest.param("PUT", ACTIONS, None, 500, id="empty action"),
        pytest.param("PUT", ACTIONS, "[]", 500, id="a list"),
        pytest.param("PUT", ACTIONS, '{"dance": {}}', 400, id="unknown action"),
        pytest.param("PUT", "/accounts/login", "{}", 400, id="no action"),
        pytest.param(
            "DELETE", f"{VMS}/{WEB}/iso?isoUuid=a&isoUuid=b", None, 400, id="repeated"
        ),
    ],
)
async def test_a_fault_of_transport_is_answered_in_text(
    ops, method, path, content, status
):
    reply = await ops.send(method, path, content=content)

    assert reply.status_code == status
    with pytest.raises(json.JSONDecodeError):
        reply.json()


async def test_replies_do_not_say_that_they_are_json(ops):
    reply = await ops.send("GET", "/zones")

    assert "content-type" not in reply.headers


async def test_the_body_of_a_delete_is_never_read(ops, node):
    path = f"{VMS}/{WORLD.vm('db-01').uuid}/iso"

    reply = await ops.job("DELETE", path, content='{"isoUuid": "x", ')

    assert "multiple ISOs" not in reply.text
    assert reply.json()["error"]["code"] == "SYS.1006"


async def test_the_node_tells_of_itself(anonymous, node):
    actions = "/management-nodes/actions"

    version = await anonymous.send("PUT", actions, json={"getVersion": {}})
    time = await anonymous.send("PUT", actions, json={"getCurrentTime": {}})
    ready = await anonymous.send("GET", "/management-nodes/ready")
    node.settings.change(ready=False)
    starting = await anonymous.send("GET", "/management-nodes/ready")

    assert version.json() == {"version": "5.2.1"}
    assert time.json()["currentTime"]["Seconds"] > 0
    assert (ready.status_code, ready.json()) == (200, {})
    assert starting.json()["error"]["code"] == "SYS.1010"


async def test_the_zone_needs_a_session(ops):
    reply = await ops.send("GET", "/management-nodes/platform-timezone")

    assert reply.json() == {"timezone": "Asia/Shanghai", "offset": "+08:00"}


async def vm_text(client, name="web-01"):
    reply = await client.send("GET", VMS, params={"q": f"name={name}"})
    return reply.text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param("java8", "Mar 3, 2025 10:20:57 AM", id="Java 8"),
        pytest.param("java9", "Mar 3, 2025, 10:20:57 AM", id="Java 9"),
        pytest.param("java20", "Mar 3, 2025, 10:20:57\u202fAM", id="Java 20"),
    ],
)
async def test_timestamps_are_in_the_zone_and_form_of_the_server(ops, node, form, text):
    node.settings.change(timestamps=form)

    assert f'"createDate":"{text}"' in await vm_text(ops)


async def test_midnight_and_noon_are_twelve(ops, node):
    node.settings.change(timezone="Etc/GMT-10")
    noon = await vm_text(ops)
    node.settings.change(timezone="Etc/GMT+2")
    midnight = await vm_text(ops)

    assert "12:20:57 PM" in noon
    assert "12:20:57 AM" in midnight


async def test_signs_of_markup_are_escaped(ops):
    text = await vm_text(ops, "<b>*x*</b> & <!channel>")

    assert r"\u003cb\u003e*x*\u003c/b\u003e \u0026 \u003c!channel\u003e" in text
    assert r"roll \u003d \u0027loud\u0027" in text


async def test_numbers_can_come_as_doubles(ops, node):
    node.settings.change(numbers_as_doubles=True)

    text = await vm_text(ops)

    assert '"memorySize":8.589934592E9' in text
    assert '"cpuNum":4.0' in text
    assert re.search(r'"size":1\.073741824E11', text)


@pytest.mark.parametrize("number", [10_000_000, 300_000_000])
def test_round_doubles_keep_their_digit(number):
    text = gson(number, Settings(numbers_as_doubles=True))

    assert re.fullmatch(r"\d\.0E\d", text)
    assert float(text) == number


async def test_a_field_without_value_is_left_out(ops):
    (stopped,) = (await ops.query(VMS, "name=db-02"))["inventories"]
    (empty,) = (await ops.query(VMS, "name=web-02"))["inventories"]

    assert "hostUuid" not in stopped
    assert "isoUuid" not in empty["vmCdRoms"][0]
    assert empty["vmNics"][0]["usedIps"][0]["ip"] == empty["vmNics"][0]["ip"]


async def test_details_are_localised_and_description_is_not(ops, node):
    chinese = (await ops.detach("migrating-01")).json()["error"]
    node.settings.change(language="en", global_error_codes=True)
    english = (await ops.detach("migrating-01")).json()["error"]

    assert "状态" in chinese["details"]
    assert "allowed states" in english["details"]
    assert chinese["description"] == english["description"]
    assert english["globalErrorCode"] == "ORG_ZSTACK_CORE_11006"
    assert english["cause"]["globalErrorCode"] == "ORG_ZSTACK_COMPUTE_VM_11010"
    assert english["causes"] == []


async def test_causes_can_come_in_a_list(ops, node):
    node.settings.change(causes_in_list=True)

    error = (await ops.detach("migrating-01")).json()["error"]

    assert [cause["code"] for cause in error["causes"]] == ["VM.1010"]
    assert "cause" not in error


def test_long_details_are_cut():
    error = operation_failed(zh="长" * 5000, en="long")

    assert len(error.to_json(Settings())["details"]) == 4096


def test_an_error_may_carry_more():
    error = ApiError(code="NEW.1", zh="新", en="new", opaque={"hint": "x"})

    assert error.to_json(Settings())["opaque"] == {"hint": "x"}


async def test_pipelined_requests_survive_a_neighbour_dropped(ops, node, url):
    node.faults.add("drop", "/zones")
    async with httpx.AsyncClient(base_url=url, trust_env=False) as other:
        with pytest.raises(httpx.TransportError):
            await ops.send("GET", "/zones")

        assert (await other.get("/zstack/v1/management-nodes/ready")).status_code == 200


def test_two_worlds_are_alike():
    assert zlib.crc32(repr(vars(World())).encode()) == zlib.crc32(
        repr(vars(WORLD)).encode()
    )


def test_twins_are_told_apart_by_zone():
    east, west = WORLD.vm("twin", zone="east"), WORLD.vm("twin", zone="west")

    assert east.uuid != west.uuid
    assert WORLD.vm("twin") is east


def test_every_uuid_is_one_zstack_would_take():
    shape = re.compile("[0-9a-f]{12}[1-5][0-9a-f]{3}[89ab][0-9a-f]{15}")

    assert all(shape.fullmatch(uuid) for uuid in [*WORLD.vms, *WORLD.images])
