"""Every threat of docs/safety.md has a test that stands for it, and that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
THREATS = [line for line in PAGE.splitlines() if line.startswith("| ")][2:]
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(
        r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
}


@pytest.mark.parametrize("threat", THREATS, ids=lambda it: it.split(" | ")[0][2:])
def test_each_threat_names_a_test(threat):
    assert "`test_" in threat.rsplit("|", 2)[1]


def test_every_test_that_is_named_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE))

    assert named
    assert named - TESTS == set()
