import re
from pathlib import Path

import pytest

from api.operation import OPERATIONS
from bot.reference import reference
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_operations_is_fresh():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert page == reference(), "run: python -m bot.reference > docs/operations.md"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_on_the_page(name):
    assert name in reference()


def test_every_setting_is_in_the_example():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))

    assert named == {name.upper() for name in Settings.model_fields}
