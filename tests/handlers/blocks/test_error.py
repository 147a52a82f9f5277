from api.models import ErrorCode


def chain(length):
    error = None
    for depth in reversed(range(length)):
        error = ErrorCode(code=f"SYS.{depth}", description=f"step {depth}", cause=error)
    return error


def test_an_error_shows_all_that_helps(shown, words):
    error = ErrorCode(
        code="VM.1002",
        description="cannot detach",
        details="still mounted\nin the guest",
        elaboration="umount it",
        global_error_code="ORG_1",
    )

    assert words(shown(error=error))[1:] == [
        "ZStack said: ",
        "VM.1002",
        " cannot detach",
        "\nstill mounted\nin the guest",
        "\numount it",
        "\nLook it up as ",
        "ORG_1",
    ]


def test_an_error_that_says_nothing_is_shown(shown, words):
    assert words(shown(error=ErrorCode()))[1:] == ["ZStack said: ", "—"]


def test_the_root_cause_comes_first_and_is_marked_in_the_chain(shown, words):
    error = ErrorCode(
        code="SYS.1006",
        description="failed",
        cause=ErrorCode(code="KVM.1", details="still mounted"),
    )

    message = shown(error=error)

    assert words(message)[1:] == [
        "Root cause: ",
        "KVM.1",
        "\nstill mounted",
        "SYS.1006",
        " failed",
        "KVM.1",
        " —",
        " ← root cause",
    ]
    assert message.text.endswith("KVM.1: still mounted")


def test_a_long_chain_keeps_both_ends(shown, words):
    said = words(shown(error=chain(30)))

    assert "… 22 more steps …" in said
    assert {" step 0", " step 29", " ← root cause"} <= set(said)
    assert " step 15" not in said


def test_causes_beside_the_chain_are_counted(shown, words):
    error = ErrorCode(code="A", causes=(chain(1), chain(1), chain(1)))

    assert words(shown(error=error))[-1] == "+2 more causes beside these"


def test_long_details_are_cut(shown, words):
    said = words(shown(error=ErrorCode(code="A", details="x" * 4096)))

    assert said[-1].endswith("x…")
