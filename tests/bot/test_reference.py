import re
from pathlib import Path

import pytest

from api.operation import OPERATIONS
from bot.ledger_page import page
from bot.reference import reference
from bot.settings import Settings
from desk.machine import STEPS

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_operations_is_fresh():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert page == reference(), "run: python -m bot.reference > docs/operations.md"


def test_the_page_of_the_ledger_is_fresh():
    drawn = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")

    assert drawn == page(), "run: python -m bot.ledger_page > docs/ledger.md"


@pytest.mark.parametrize("step", STEPS)
def test_every_step_and_way_is_drawn(step):
    assert f"| `{step}` |" in page()
    assert all(f"    {step} --> {to}: " in page() for to in STEPS[step].ways)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_on_the_page(name):
    assert name in reference()


def test_every_setting_is_in_the_example():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))

    assert named == {name.upper() for name in Settings.model_fields}
