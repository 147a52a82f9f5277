"""What the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `hint` says what to do when it is not well."""

    name: str
    is_well: bool
    said: str
    hint: str = ""
