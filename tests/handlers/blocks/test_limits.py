import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.models import ErrorCode, UsedIp, VmCdRom, VmInstance, VmNic, Volume
from desk.notice import Card, Choice, DriveChange, Outcome, Slot, Stand
from desk.person import Person

HOSTILE = {
    "empty": "",
    "blank": " ",
    "Slack markup": "<!channel> <@U1> <#C1> <http://x|y>",
    "markdown": "*b* _i_ ~s~ `c` ```p``` > q",
    "emoji codes": ":fire: :slightly_smiling_face::skin-tone-2:",
    "entities": "&amp; & &lt;",
    "zero width": "\u200b\u200d\ufeff\u2060",
    "right to left": "\u202eevil\u202c שלום",
    "controls": "a\nb\r\nc\td\x00\x1b[31m\u2028",
    "joined emoji": "👩‍👩‍👧‍👦🏴\U000e0067\U000e007f" * 400,
    "many entities": "&" * 5000,
    "very long": "x" * 20_000,
    "line ends": "\r\n" * 5000,
    "combining": "e\u0301" * 3000,
}


def hostile_text(name):
    """Let Hypothesis show the name, not thousands of characters."""
    return HOSTILE[name]


TEXT = st.one_of(
    st.sampled_from(sorted(HOSTILE)).map(hostile_text), st.text(max_size=60)
)
MAYBE = st.none() | TEXT
NUMBER = st.none() | st.integers(-1, 10**20)


def several(strategy, most=4):
    return st.lists(strategy, max_size=most).map(tuple)


IP = st.builds(UsedIp, uuid=TEXT, ip=MAYBE)
NIC = st.builds(
    VmNic, uuid=TEXT, ip=MAYBE, mac=MAYBE, device_id=NUMBER, used_ips=several(IP)
)
VOLUME = st.builds(
    Volume,
    uuid=TEXT,
    name=MAYBE,
    type=st.sampled_from([None, "Root", "Data"]),
    size=NUMBER,
    actual_size=NUMBER,
    device_id=NUMBER,
)
DRIVE = st.builds(VmCdRom, uuid=TEXT, device_id=NUMBER, iso_uuid=MAYBE)
VM = st.builds(
    VmInstance,
    uuid=TEXT,
    name=MAYBE,
    state=MAYBE,
    platform=MAYBE,
    host_uuid=MAYBE,
    last_host_uuid=MAYBE,
    zone_uuid=MAYBE,
    cpu_num=NUMBER,
    memory_size=NUMBER,
    create_date=st.none() | st.datetimes(timezones=st.timezones()),
    vm_nics=several(NIC),
    all_volumes=several(VOLUME),
    vm_cd_roms=st.none() | several(DRIVE),
)
CHANGE = st.builds(DriveChange, device_id=NUMBER, before=MAYBE, after=MAYBE)
CARD = st.builds(
    Card,
    vm=VM,
    names=st.dictionaries(TEXT, TEXT, max_size=4),
    owner=MAYBE,
    drives=several(CHANGE),
)
ERROR = st.recursive(
    st.builds(
        ErrorCode,
        code=TEXT,
        description=MAYBE,
        details=MAYBE,
        elaboration=MAYBE,
        global_error_code=MAYBE,
    ),
    lambda inner: st.builds(
        ErrorCode,
        code=TEXT,
        details=MAYBE,
        cause=st.none() | inner,
        causes=several(inner),
    ),
    max_leaves=8,
)
CHOICE = st.builds(
    Choice,
    label=TEXT,
    offer=TEXT,
    detail=TEXT,
    style=st.sampled_from(["", "primary", "danger"]),
)
PERSON = st.builds(
    Person,
    enterprise=st.just(""),
    team=st.sampled_from(["T1", "shell"]),
    user=st.sampled_from(["U1", "W0ABC"]) | TEXT,
)
FIELDS = st.fixed_dictionaries(
    {
        "slot": st.sampled_from(Slot),
        "outcome": st.sampled_from(Outcome),
        "title": TEXT,
        "command_id": TEXT,
        "asker": st.none() | PERSON,
        "lines": several(TEXT),
        "next_step": MAYBE,
        "progress": MAYBE,
        "seconds": st.none() | st.floats(),
        "card": st.none() | CARD,
        "full": st.booleans(),
        "error": st.none() | ERROR,
        "code": MAYBE,
        "table": several(several(TEXT)),
        "choices": several(CHOICE),
        "pick": st.booleans(),
        "links": several(st.tuples(TEXT, TEXT | st.just("https://bot.example/x"))),
        "stand": st.sampled_from(Stand),
        "holder": st.none() | PERSON,
        "link": st.none() | st.tuples(TEXT, TEXT | st.just("https://bot.example/x")),
    }
)


MANY = ("lines", "table", "choices")


@settings(deadline=None, max_examples=100)
@given(fields=FIELDS, times=st.sampled_from([1, 2, 30]))
def test_no_notice_breaks_a_limit_of_slack(shown, fields, times):
    shown(**fields | {name: fields[name] * times for name in MANY})


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("full", [False, True], ids=["brief", "full"])
def test_one_hostile_text_everywhere_breaks_nothing(shown, hostile, full):
    nic = VmNic(uuid=hostile, ip=hostile, mac=hostile)
    volume = Volume(uuid=hostile, name=hostile)
    vm = VmInstance(
        uuid=hostile,
        name=hostile,
        state=hostile,
        platform=hostile,
        host_uuid=hostile,
        zone_uuid=hostile,
        vm_nics=(nic,) * 60,
        all_volumes=(volume,) * 60,
    )
    change = DriveChange(device_id=0, before=hostile, after=None)
    error = ErrorCode(code=hostile, description=hostile, details=hostile)

    shown(
        title=hostile,
        lines=(hostile,) * 50,
        progress=hostile,
        next_step=hostile,
        command_id=hostile,
        code=hostile,
        card=Card(vm=vm, owner=hostile, drives=(change,) * 3),
        full=full,
        table=((hostile,) * 25,) * 120,
        error=error.model_copy(update={"cause": error}),
        choices=(Choice(label=hostile, detail=hostile, offer="o"),) * 150,
        link=(hostile, hostile),
        links=((hostile, hostile), ("", "https://bot.example/x")) * 2,
        holder=Person(enterprise="", team="T1", user=hostile),
    )
