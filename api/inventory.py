"""What all inventories share: tolerance of new fields, numbers, nulls and dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel

from api.timestamps import read_timestamp


def _timestamp(value: object, info: ValidationInfo) -> datetime | None:
    return read_timestamp(value, (info.context or {}).get("zone", UTC))


Timestamp = Annotated[datetime | None, BeforeValidator(_timestamp)]
"""A moment in the server's zone, which the validation context carries as `zone`."""


class Inventory(BaseModel):
    """A ZStack object. Fields that we do not know are kept, absent ones are None.

    Whole numbers may come as `1.0` or `8.589934592E9` (protocol.md §0); enums are open
    strings, because new members appear (§5).
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        frozen=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        # ZStack omits nulls (protocol.md §5); what others write in its name may not.
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


class Resource(Inventory):
    """What has a uuid, and mostly a name."""

    uuid: str
    name: str | None = None
    description: str | None = None
    create_date: Timestamp = None
    last_op_date: Timestamp = None
