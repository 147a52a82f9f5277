from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from api.models import VmInstance
from api.operation import OPERATIONS, Operation, Risk, rest
from desk.errors import UserError
from handlers.grammar import Help, Words, parse
from handlers.usage import ERRANDS, errand_usage, help_text, usage

SPOKEN = [it for it in OPERATIONS.values() if it.rest.command]
EXAMPLE = "Usage: /detach-iso <vm> [iso]\nExample: /detach-iso web-01"


@pytest.fixture
def tagging():
    """An operation with options, which none has yet."""

    @rest("PUT /vms/{uuid}", command="vm tag", risk=Risk.CHANGE)
    class TagVm(Operation[VmInstance]):
        """Tag a VM."""

        uuid: Annotated[str, Field(json_schema_extra={"resource": "vm"})]
        colour: str
        label: tuple[str, ...] = ()
        boot_mode: str | None = None

    yield TagVm
    del OPERATIONS["TagVm"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("detach-iso", f"The vm is missing.\n{EXAMPLE}", id="no arguments"),
        pytest.param("attach-iso web-01", "The iso is missing.", id="too few words"),
        pytest.param("detach-iso a b c", "“c” is too much; a name", id="too many"),
        pytest.param('detach-iso "web', "quotation mark is left open", id="open quote"),
        pytest.param("detach-iso bob's", "Write names with spaces as", id="apostrophe"),
        pytest.param("detach-iso bob’s", "mark is left open", id="curly apostrophe"),
        pytest.param("detach-iso --force", "“--force” is not an op", id="option"),
        pytest.param("detach-iso web -f", "“-f” is not an option", id="short option"),
        pytest.param("detach-iso —force a", "“--force” is not an o", id="long dash"),
        pytest.param("detach-iso ―force a", "“--force” is not an o", id="bar"),
        pytest.param("alarm ack a b --ack-period-sec soon", "integer", id="number"),
        pytest.param("alarm ack a b --ack-period-sec 0", "than or equal", id="bound"),
        pytest.param("alarm ack a b --data-type event", "not an option", id="fixed"),
        pytest.param("detach-iso a\0b", "control character", id="NUL"),
        pytest.param("detach-iso a\x1b[1m", "or use the uuid", id="escape"),
        pytest.param("detach-iso a\u202eb", "invisible", id="text turned round"),
        pytest.param("detach-iso a\u200bb", "invisible", id="zero width space"),
        pytest.param("detach-iso a\ue000b", "invisible", id="private use"),
        pytest.param("detach-iso " + "x" * 4000, "1000 characters", id="4,000 long"),
        pytest.param("detach-iso <@U0BOB>", "mention or link", id="person"),
        pytest.param("detach-iso <#C0OPS|ops>", "mention or link", id="channel"),
        pytest.param("detach-iso <!channel>", "mention or link", id="everybody"),
        pytest.param("detach-iso <https://a.b|a.b>", "mention or link", id="link"),
        pytest.param("detach-iso <mailto:a@b|a@b>", "mention or link", id="mail"),
        pytest.param('detach-iso ""', "A name is empty", id="empty quotes"),
        pytest.param('detach-iso web-01 ""', "A name is empty", id="empty second name"),
        pytest.param('detach-iso "  "', "A name is empty", id="only spaces"),
        pytest.param('""', "“” is not a command", id="nothing in quotes"),
        pytest.param("logn", "Did you mean “login”?", id="a slip"),
        pytest.param("Login", "Did you mean “login”?", id="a capital of a phone"),
        pytest.param("stop a", "Did you mean “vm stop”?", id="verb alone"),
        pytest.param("explode web-01", "“explode” is not a command", id="command"),
        pytest.param('"-x" y', "“-x” is not a command", id="a dash in quotes"),
        pytest.param(
            "iso explode web-01", "“iso” comes one of: attach, detach", id="verb"
        ),
        pytest.param("iso", "Something is missing. Behind “iso”", id="no verb"),
        pytest.param("iso DETACH x", "“iso DETACH” is not a command", id="other case"),
        pytest.param("ISO detach x", "“ISO” is not a command", id="noun in capitals"),
        pytest.param("login now", "“login” takes nothing behind it", id="errand"),
    ],
)
def test_bad_words_get_one_clear_sentence(line, complaint):
    with pytest.raises(UserError) as caught:
        parse(line)

    assert complaint in str(caught.value)
    said, _, _ = str(caught.value).partition("\nExample: ")  # which may hold two uuids
    assert len(said) < 250


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        pytest.param("web-01", "web-01", id="plain"),
        pytest.param('"my vm"', "my vm", id="spaces"),
        pytest.param("'my vm'", "my vm", id="single quotes"),
        pytest.param("“my vm”", "my vm", id="curly quotes"),
        pytest.param("„my vm”", "my vm", id="low quotes"),
        pytest.param("‘my vm’", "my vm", id="curly single quotes"),
        pytest.param("«my vm»", "my vm", id="angle quotes"),
        pytest.param("`my vm`", "my vm", id="copied as code"),
        pytest.param("`-web`", "-web", id="a dash in code"),
        pytest.param("my\\ vm".replace("\\ ", "\\"), "my\\vm", id="backslash"),
        pytest.param('"bob\'s vm"', "bob's vm", id="apostrophe"),
        pytest.param("“bob’s vm”", "bob's vm", id="apostrophe of a phone"),
        pytest.param('"the “big” one"'.replace('"', "'"), 'the "big" one', id="both"),
        pytest.param('"rocket 🚀"', "rocket 🚀", id="emoji"),
        pytest.param("👩‍👩‍👧", "👩‍👩‍👧", id="joined emoji"),
        pytest.param("数据库-主", "数据库-主", id="Chinese"),
        pytest.param('"麒麟 V10"', "麒麟 V10", id="Chinese with a space"),
        pytest.param("a>=b", "a>=b", id="operator"),
        pytest.param('"Rock & roll"', "Rock & roll", id="ampersand"),
        pytest.param('"<b>bold</b>"', "<b>bold</b>", id="not Slack's markup"),
        pytest.param("#1", "#1", id="not a comment"),
        pytest.param('"-web"', "-web", id="dash in front"),
        pytest.param("-- --web", "--web", id="after two dashes"),
        pytest.param("-", "-", id="only a dash"),
        pytest.param("a—b", "a—b", id="long dash inside"),
        pytest.param('"a\u3000b"', "a\u3000b", id="wide space in quotes"),
        pytest.param("\u00a0web-01\u202f", "web-01", id="unbreakable spaces"),
        pytest.param("\n web-01 \t", "web-01", id="lines"),
    ],
)
def test_names_are_taken_as_they_are_typed(typed, name):
    words = parse(f"detach-iso {typed}")

    assert words.arguments == {"vm_instance_uuid": name}


def test_a_wide_space_of_a_chinese_keyboard_parts_words():
    words = parse("attach-iso 数据库\u3000麒麟.iso")

    assert words.arguments == {"vm_instance_uuid": "数据库", "iso_uuid": "麒麟.iso"}


def test_the_shortcut_and_noun_with_verb_mean_the_same():
    assert parse("detach-iso x y") == parse("iso detach x y")
    assert parse("attach-iso x y") == parse("iso attach x y")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        pytest.param("cancel k7m2p9x4qa", {"command_id": "k7m2p9x4qa"}, id="cancel"),
        pytest.param(
            "history --vm web-01 --since 12h",
            {"vm": "web-01", "since": "12h"},
            id="history",
        ),
        pytest.param(
            "history vm web-01 --by UBOB",
            {"vm": "web-01", "by": "UBOB"},
            id="history of a VM",
        ),
        pytest.param(
            "history web-01 --by me", {"vm": "web-01", "by": "me"}, id="VM by place"
        ),
        pytest.param("history —by all", {"by": "all"}, id="long dash"),
    ],
)
def test_an_errand_takes_what_it_is_about(text, arguments):
    assert parse(text).arguments == arguments


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("cancel", "The id is missing", id="cancel what"),
        pytest.param("history a b", "“b” is too much", id="two VMs"),
        pytest.param("history vm", "Nothing stands behind --vm", id="no VM"),
        pytest.param("history --who x", "“--who” is not an option", id="no option"),
        pytest.param("history --outcome odd", "“odd” is no outcome", id="no outcome"),
        pytest.param("history --since odd", "“odd” is no span of time", id="no time"),
    ],
)
def test_an_errand_says_what_to_mend(text, complaint):
    with pytest.raises(UserError, match=complaint):
        parse(text)


@pytest.mark.parametrize(
    ("text", "operation", "arguments"),
    [
        ("vm list", "QueryVmInstance", {}),
        ("vm list web", "QueryVmInstance", {"like": "web"}),
        ("vm list --with-iso", "QueryVmInstance", {"with_iso": True}),
        ("vm show web-01", "QueryVmInstance", {"show": "web-01"}),
        ("vm stop web-01", "StopVmInstance", {"uuid": "web-01"}),
        (
            "vm stop web-01 —type cold",
            "StopVmInstance",
            {"uuid": "web-01", "type": "cold"},
        ),
        ("vm migrate web-01", "MigrateVm", {"vm_instance_uuid": "web-01"}),
        (
            'vm migrate web-01 "east host"',
            "MigrateVm",
            {"vm_instance_uuid": "web-01", "host_uuid": "east host"},
        ),
    ],
)
def test_a_vm_is_looked_at_and_operated_by_noun_and_verb(text, operation, arguments):
    words = parse(text)

    assert (words.operation, words.arguments) == (operation, arguments)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(
            "vm stop web-01 --type hot",
            "--type is grace or cold, and not “hot”",
            id="no such choice",
        ),
        pytest.param("vm show", "The vm is missing", id="show what"),
        pytest.param("vm list a b", "“b” is too much", id="too many"),
        pytest.param("vm juggle x", "“vm juggle” is not a command", id="no such verb"),
    ],
)
def test_words_about_vms_say_what_to_mend(text, complaint):
    with pytest.raises(UserError, match=complaint):
        parse(text)


@pytest.mark.parametrize(
    "errand", sorted(set(ERRANDS) - {"help", "cancel", "approve", "deny"})
)
def test_errands_need_no_more_words(errand):
    assert (parse(errand).operation, parse(errand).arguments) == (errand, {})


def test_what_changes_something_takes_a_reason():
    words = parse('vm destroy web-01 --reason "replaced by web-03"')

    assert (words.arguments, words.reason) == ({"uuid": "web-01"}, "replaced by web-03")
    assert parse("vm destroy web-01").reason is None


def test_what_only_looks_takes_none():
    with pytest.raises(UserError, match="not an option here"):
        parse("vm show web-01 --reason curious")


@pytest.mark.parametrize("operation", SPOKEN, ids=lambda it: it.__name__)
def test_the_example_of_an_operation_is_understood(operation):
    with pytest.raises(UserError) as caught:
        parse(operation.rest.command.replace(" list", " show"))

    example = str(caught.value).rpartition("Example: ")[2]
    words = parse(example.removeprefix("/zstack ").removeprefix("/"))
    assert "…" not in example
    assert words.operation == operation.__name__


@pytest.mark.parametrize("line", ["", "  ", "help"])
def test_help_lists_everything(line):
    shown = parse(line).text

    assert all(f"{usage(it)} – {it.summary()}" in shown for it in SPOKEN)
    assert all(f"{errand_usage(name)} – " in shown for name in ERRANDS)


def test_help_begins_with_what_people_need_most_and_ends_with_what_names_no_vm():
    lines = help_text([]).splitlines()

    said = [
        line.split(" – ")[0].partition(" <")[0].partition(" [")[0] for line in lines
    ]
    detach, attach, *vms = said[: said.index("/zstack login")]
    assert (detach, attach) == ("/detach-iso", "/attach-iso")
    assert all(it.startswith("/zstack vm ") for it in vms)
    assert vms[-1].startswith("/zstack vm list")
    assert said[said.index("/zstack help") + 1 : -1] == [
        "/zstack alarm ack",
        "/zstack event ack",
    ]


def test_help_lists_what_the_words_are_in():
    shown = parse("help ATTACH iso").text

    assert "/attach-iso <vm> <iso>" in shown
    assert "whoami" not in shown


@pytest.mark.parametrize(
    "line",
    ["help vm stop", "vm stop --help", "vm stop -h", "vm stop web-01 --help"],
)
def test_help_about_a_command_tells_of_that_alone(line):
    first, note = parse(line).text.split("\n")

    assert first.startswith("/zstack vm stop <vm>")
    assert note.startswith("A VM is named by")


def test_help_behind_a_shortcut_is_about_it():
    assert parse("detach-iso --help").text.startswith("/detach-iso <vm> [iso] – ")


def test_help_behind_a_noun_tells_all_that_can_be_done_with_it():
    assert parse("vm help").text == parse("help vm").text


def test_a_vm_may_be_called_help():
    assert parse("detach-iso help").arguments == {"vm_instance_uuid": "help"}


def test_the_user_of_a_guest_is_not_called_an_account():
    with pytest.raises(UserError) as caught:
        parse("vm password web-01")

    assert str(caught.value) == (
        "The user is missing.\nUsage: /zstack vm password <vm> <user>\n"
        "Example: /zstack vm password web-01 root"
    )


def test_help_says_so_when_nothing_fits():
    text = "Nothing is called “-x y”. /zstack help lists everything."

    assert parse('help "-x" y') == Help(text)


def test_options_go_by_name_and_may_be_repeated(tagging):
    words = parse('vm tag web red —label a --label "-b" --boot-mode=uefi')

    assert words.arguments == {
        "uuid": "web",
        "colour": "red",
        "label": ["a", "-b"],
        "boot_mode": "uefi",
    }


@pytest.mark.usefixtures("tagging")
def test_an_empty_option_is_refused():
    with pytest.raises(UserError, match="A name is empty"):
        parse('vm tag web red --label a --label ""')


def test_options_are_shown_in_the_usage(tagging):
    wanted = "/zstack vm tag <vm> <colour> [--label …] [--boot-mode …]"

    assert usage(tagging) == wanted
    assert wanted in help_text(["tag"])


@given(st.text())
def test_no_text_does_more_than_be_refused(text: str):
    assert _parsed(text) is not None


@given(st.sampled_from(["iso detach ", "detach-iso ", "help "]), st.text(min_size=1))
def test_nothing_behind_a_command_does_more_than_be_refused(head: str, text: str):
    assert _parsed(head + text) is not None


def _parsed(text: str) -> Any:
    try:
        return parse(text)
    except UserError as error:
        return error


_TYPED = st.characters(
    exclude_categories=["C"], exclude_characters="\"“”„«»‘’‚'\u00a0\u202f"
)


@given(st.text(_TYPED, min_size=1, max_size=255).filter(str.strip))
def test_every_name_in_quotes_is_that_name(name: str):
    result = _parsed(f'detach-iso "{name}"')

    if "mention" not in str(result):
        assert result.arguments == {"vm_instance_uuid": name}


@given(st.text(_TYPED, min_size=1, max_size=100).filter(str.strip))
def test_either_kind_of_quote_does(name: str):
    assert str(_parsed(f"detach-iso '{name}'")) == str(_parsed(f"iso detach “{name}”"))


@pytest.mark.parametrize(
    "line",
    [
        "detach-iso web-01 --cloud lab",
        "detach-iso --cloud=lab web-01",
        "--cloud lab detach-iso web-01",
        "detach-iso —cloud lab web-01",
    ],
)
def test_every_command_may_name_its_cloud_anywhere(line):
    assert parse(line) == Words(
        "DetachIsoFromVmInstance", {"vm_instance_uuid": "web-01"}, cloud="lab"
    )


@pytest.mark.parametrize("line", ["whoami --cloud lab", "vm list --cloud lab"])
def test_errands_and_looks_may_too(line):
    assert parse(line).cloud == "lab"


@pytest.mark.parametrize("line", ["vm list --cloud", "detach-iso --cloud --iso-uuid x"])
def test_a_cloud_without_a_name_is_asked_for(line):
    with pytest.raises(UserError, match="Behind --cloud comes its name"):
        parse(line)


def test_help_needs_no_cloud():
    assert isinstance(parse("help --cloud lab"), Help)


def test_a_secret_is_never_taken_as_words():
    assert parse("vm password web-01 root") == Words(
        "ChangeVmPassword", {"uuid": "web-01", "account": "root"}
    )
    for line in ("vm password web-01 root hunter2", "vm password web-01 --password=x"):
        with pytest.raises(UserError) as refused:
            parse(line)
        assert "<vm> <user>" in str(refused.value)
