"""What every source sends, as files written from its documented fields."""

from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def sample():
    """The body of a sample by its name."""
    return lambda name: (SAMPLES / f"{name}.json").read_bytes()
