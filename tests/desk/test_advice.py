import pytest

from api.models import ErrorCode
from desk.advice import _ADVICE, advice

# The rows of protocol.md §4 that the table of operations can end in.
CODES = [
    *(f"SYS.{number}" for number in range(1000, 1018)),
    *(f"ID.{number}" for number in range(1000, 1007)),
    *(f"VM.{number}" for number in range(1000, 1018)),
    *(f"HOST.{number}" for number in range(1000, 1013)),
    *("HOST_ALLOCATION.1000", "PS.1000", "L3.1000", "IMG.1000", "VOLUME.1000"),
    *("TAG.1000", "PORTAL.1000", "LICENSE.1000", "SEARCH.1000", "of.tomorrow"),
]
STILL_MOUNTED = "ISO is still mounted in the operating system, please umount it first"


def chain(*codes: str, details: str | None = None) -> ErrorCode:
    """Make an error of these codes, the outermost first."""
    code, *inner = codes
    return ErrorCode(
        code=code,
        details=None if inner else details,
        cause=chain(*inner, details=details) if inner else None,
    )


@pytest.mark.parametrize("code", CODES)
def test_every_code_gets_a_sentence(code):
    said = advice(chain("SYS.1006", code))

    assert said[0].isupper()
    assert said.endswith(".")


@pytest.mark.parametrize("code", _ADVICE)
def test_a_known_cause_says_more_than_the_general_hint(code):
    assert advice(chain("SYS.1006", code)) == _ADVICE[code]
    assert code in CODES


@pytest.mark.parametrize("code", ["SYS.1006", "", "of.tomorrow"])
def test_an_unknown_code_gets_the_general_hint(code):
    assert "ask an administrator" in advice(chain(code))


def test_the_innermost_known_code_decides():
    said = advice(chain("SYS.1015", "HOST.1010", "of.tomorrow"))

    assert said == _ADVICE["HOST.1010"]


def test_a_state_that_does_not_allow_it_names_those_that_do():
    said = advice(chain("SYS.1006", "VM.1010"), states="Running or Paused")

    assert said.startswith("ZStack does this while a VM is Running or Paused.")


def test_what_was_seen_of_the_state_says_more_than_the_code():
    said = advice(chain("SYS.1006", "VM.1010"), wrong_state="web-01 is Stopped.")

    assert said == "web-01 is Stopped. Then press Retry."


def test_what_stands_in_the_way_is_named_when_the_code_says_nothing():
    said = "No drive is empty."

    assert advice(chain("SYS.1006"), obstacle=said) == f"{said} Then press Retry."
    assert advice(chain("HOST.1010"), obstacle=said) == _ADVICE["HOST.1010"]


def test_still_mounted_wins_over_every_code():
    said = advice(chain("VM.1010", "SYS.1015", details=f"failed: {STILL_MOUNTED}"))

    assert "umount /dev/sr0 && eject /dev/sr0" in said


def test_still_mounted_is_heard_in_a_list_of_causes():
    inner = ErrorCode(code="SYS.1006", details=STILL_MOUNTED)
    error = ErrorCode(code="SYS.1006", details="操作失败", causes=(inner,))

    assert "umount" in advice(error)
