"""Read the arguments of a Web API call, form or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.slack.blocks import complaints, keep
from sandbox.slack.errors import Refusal
from sandbox.slack.transcript import Block, Edit

if TYPE_CHECKING:
    from starlette.requests import Request

_LONGEST_TEXT = 40_000


@dataclass(frozen=True)
class Arguments:
    """The arguments by name; forms carry nested ones as JSON text."""

    values: dict[str, Any]
    token: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Read a string."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def needed(self, name: str, error: str = "invalid_arguments") -> str:
        """Read a string that must be there."""
        value = self.text(name)
        if not value:
            raise Refusal(
                because=error, response_metadata={"messages": [f"missing: {name}"]}
            )
        return value

    def flag(self, name: str) -> bool:
        """Read a boolean."""
        return self.text(name).lower() in {"true", "1"}

    def nested(self, name: str, error: str = "invalid_arguments") -> Any:
        """Read an object or a list, given as such or as JSON text."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refusal(because=error) from None

    def blocks(self) -> tuple[Block, ...] | None:
        """Read and check the blocks of a message; None when they are not given."""
        blocks = self.nested("blocks", "invalid_blocks_format")
        if blocks is None:
            return None
        faults = complaints(blocks)
        if faults:
            raise Refusal(
                because="invalid_blocks",
                errors=faults,
                response_metadata={"messages": faults},
            )
        return keep(blocks)

    def metadata(self) -> dict[str, Any] | None:
        """Read the metadata of a message; None when it is not given."""
        metadata = self.nested("metadata", "invalid_metadata_format")
        if metadata is None:
            return None
        if metadata == {}:  # an empty object takes it away
            return {}
        if not isinstance(metadata, dict) or not isinstance(
            metadata.get("event_type"), str
        ):
            raise Refusal(because="invalid_metadata_format")
        if not isinstance(metadata.get("event_payload"), dict):
            raise Refusal(because="invalid_metadata_schema")
        return metadata

    def edit(self, at: float) -> Edit:
        """Read what a message shall say."""
        edit = Edit(
            self.text("text")[:_LONGEST_TEXT],
            self.blocks() or (),
            self.metadata(),
            at,
            tuple(self.nested("attachments") or ()),
        )
        if not (edit.text or edit.blocks or edit.attachments):
            raise Refusal(because="no_text")
        return edit


async def read_arguments(request: Request) -> Arguments:
    """Take the query, and the body as its content type says."""
    values: dict[str, Any] = dict(request.query_params)
    if "json" in request.headers.get("content-type", ""):
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise Refusal(because="invalid_json") from None
        if not isinstance(body, dict):
            raise Refusal(because="json_not_object")
        return Arguments(values | body)
    async with request.form() as form:
        return Arguments(values | {key: str(value) for key, value in form.items()})
