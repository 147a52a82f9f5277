from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from api.models import VmInstance
from desk.notice import Card, DriveChange
from handlers.blocks.card import moment
from handlers.blocks.hardware import gibibytes

GIB = 2**30
NAMES = {"iso": "ubuntu.iso", "twin": "ubuntu.iso", "kvm": "kvm-1", "zone": "zone-1"}


def vm(**fields):
    return VmInstance(
        **{
            "uuid": "0" * 32,
            "name": "web-01",
            "state": "Running",
            "platform": "Linux",
            "cpu_num": 2,
            "memory_size": 4 * GIB,
            "host_uuid": "kvm",
            "zone_uuid": "zone",
            "create_date": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        }
        | fields
    )


def card(*drives, owner="admin", **fields):
    told = [DriveChange(device_id=at, before=b, after=a) for at, b, a in drives]
    return Card(vm=vm(**fields), names=NAMES, owner=owner, drives=told)


def nics(number):
    return [
        {
            "uuid": f"n{at}",
            "device_id": at,
            "ip": f"10.0.0.{at}",
            "mac": f"fa:16:3e:00:00:{at:02x}",
        }
        for at in range(number)
    ]


def volumes(number):
    return [
        {
            "uuid": f"v{at}",
            "name": f"disk-{at}",
            "device_id": at,
            "size": 40 * GIB,
            "actual_size": 3 * GIB,
        }
        for at in range(number)
    ]


def test_the_brief_card_shows_the_change_before_the_vm(shown, words):
    message = shown(card=card((1, None, None), (0, "iso", None)))

    assert words(message)[1:] == [
        "Drive 0: ubuntu.iso → empty",
        "Drive 1: empty",
        "web-01",
        " · Running · Linux · 2 CPU · 4 GiB",
        "Host kvm-1 · Zone zone-1\nOwner admin · Created 2025-01-02 03:04:05 UTC",
    ]


def test_only_a_changed_drive_is_bold_and_in_the_notification(shown):
    message = shown(card=card((0, "iso", None), (1, "iso", "iso")))

    changed, unchanged = message.blocks[1]["elements"][0]["elements"]
    assert changed["elements"][0]["style"] == {"bold": True}
    assert "style" not in unchanged["elements"][0]
    assert message.text == "Title\nDrive 0: ubuntu.iso → empty"


@pytest.mark.parametrize(
    ("drive", "said"),
    [
        pytest.param((0, None, "iso"), "Drive 0: empty → ubuntu.iso", id="attached"),
        pytest.param((0, "nobody", None), "Drive 0: nobody → empty", id="no name"),
        pytest.param((None, "iso", None), "Drive: ubuntu.iso → empty", id="no number"),
        pytest.param(
            (0, "iso", "twin"),
            "Drive 0: ubuntu.iso (iso) → ubuntu.iso (twin)",
            id="same name",
        ),
    ],
)
def test_a_drive_is_told_by_the_names_of_its_isos(shown, words, drive, said):
    assert said in words(shown(card=card(drive)))


def test_an_iso_called_empty_is_told_from_an_empty_drive(shown, words):
    told = Card(
        vm=vm(),
        names={"iso": "empty"},
        drives=[
            DriveChange(device_id=0, before="iso", after=None),
            DriveChange(device_id=1, before=None, after="iso"),
        ],
    )

    assert words(shown(card=told))[1:3] == [
        "Drive 0: empty (iso) → empty (no ISO)",
        "Drive 1: empty (no ISO) → empty (iso)",
    ]


def test_without_a_change_the_drives_of_the_inventory_are_shown(shown, words):
    drives = [{"uuid": "d", "device_id": 0, "iso_uuid": "iso"}]

    assert "Drive 0: ubuntu.iso" in words(shown(card=card(vm_cd_roms=drives)))


def test_many_drives_are_counted(shown, words):
    every = [(at, None, None) for at in range(9)]

    assert "+1 more" in words(shown(card=card(*every)))


def test_a_vm_that_says_nothing_is_shown_with_dashes(shown, words):
    bare = Card(vm=VmInstance(uuid="42"))

    assert words(shown(card=bare))[1:] == [
        "42",
        " · — · — · — CPU · — GiB",
        "Host — · Zone —\nOwner — · Created —",
    ]


def test_a_stopped_vm_tells_its_last_host(shown, words):
    stopped = card(host_uuid=None, last_host_uuid="kvm")

    assert words(shown(card=stopped))[-1].startswith("Host kvm-1 (last) · ")


def test_the_brief_card_shows_two_devices_of_a_kind(shown, words):
    message = shown(card=card(vm_nics=nics(3), all_volumes=volumes(5)))

    assert words(message)[4:] == [
        "NIC 0",
        " 10.0.0.0 · fa:16:3e:00:00:00",
        "NIC 1",
        " 10.0.0.1 · fa:16:3e:00:00:01",
        "+1 more NIC",
        "Volume",
        " disk-0 · 3 of 40 GiB",
        "Volume",
        " disk-1 · 3 of 40 GiB",
        "+3 more volumes",
    ]


@pytest.mark.parametrize(
    "root",
    [
        pytest.param({"root_volume_uuid": "v2"}, id="by its uuid"),
        pytest.param(
            {"all_volumes": [*volumes(2), {**volumes(3)[2], "type": "Root"}]},
            id="by its type",
        ),
    ],
)
def test_the_root_volume_comes_first(shown, words, root):
    message = shown(card=card(**{"all_volumes": volumes(3)} | root))

    assert words(message)[4:6] == ["Root volume", " disk-2 · 3 of 40 GiB"]


def test_a_nic_shows_all_its_addresses(shown, words):
    nic = nics(1)[0] | {
        "device_id": None,
        "used_ips": [{"uuid": "1", "ip": "10.0.0.9"}, {"uuid": "2", "ip": "fd00::9"}],
    }

    assert words(shown(card=card(vm_nics=[nic])))[4:] == [
        "NIC 0",
        " 10.0.0.9, fd00::9 · fa:16:3e:00:00:00",
    ]


def test_a_nic_without_an_address_says_so(shown, words):
    message = shown(card=card(vm_nics=[{"uuid": "n"}]))

    assert words(message)[-1] == " no IP · —"


def test_the_full_card_shows_every_field_and_every_device(shown, words):
    full = card((0, "iso", None), vm_nics=nics(3), all_volumes=volumes(3))

    message = shown(card=full, full=True)

    kinds = [block["type"] for block in message.blocks]
    assert kinds == ["header", "rich_text", "section", "table"]
    assert len(message.blocks[-1]["rows"]) == 7
    assert {"State\nRunning", "Cluster\n—", f"UUID\n{'0' * 32}"} <= set(words(message))


def test_a_full_card_without_devices_has_no_table(shown):
    message = shown(card=card(), full=True)

    assert [block["type"] for block in message.blocks][-1] == "section"


def test_sixty_of_each_device_stay_within_the_limits(shown, words):
    many = card(vm_nics=nics(60), all_volumes=volumes(60))

    message = shown(card=many, full=True)

    assert len(message.blocks[3]["rows"]) == 100
    assert words(message)[-1] == "Not shown: 21 more rows."


def test_devices_with_long_names_stay_within_the_limits(shown, words):
    long = [volume | {"name": "v" * 300} for volume in volumes(60)]

    message = shown(card=card(vm_nics=nics(60), all_volumes=long), full=True)

    assert words(message)[-1].startswith("Not shown: ")


def test_devices_become_lists_when_the_table_is_taken(shown, words):
    many = card(vm_nics=nics(60), all_volumes=volumes(60))

    message = shown(card=many, full=True, table=(("a", "b"), ("1", "2")))

    assert words(message)[-4:] == ["a", "b", "1", "2"]
    assert {"+50 more NICs", "+50 more volumes"} <= set(words(message))


@pytest.mark.parametrize(
    ("when", "said"),
    [
        pytest.param(
            datetime(2025, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Asia/Shanghai")),
            "2025-01-02 03:04:05 Asia/Shanghai",
            id="zone",
        ),
        pytest.param(
            datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8))),
            "2025-01-02 03:04:05 UTC+08:00",
            id="offset",
        ),
        pytest.param(None, "—", id="unknown"),
    ],
)
def test_a_moment_is_shown_with_its_zone(when, said):
    assert moment(when) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        pytest.param(None, "—", id="unknown"),
        pytest.param(0, "0", id="nothing"),
        pytest.param(GIB // 2, "0.5", id="half"),
        pytest.param(1536 * GIB, "1,536", id="large"),
        pytest.param(10**400, f"{10**401 // GIB // 10:,}"[:39] + "…", id="absurd"),
    ],
)
def test_bytes_are_told_in_gib(size, said):
    assert gibibytes(size) == said
