"""Whether a body has the parts that its kind has (platform.md §2 to §6): Bolt and we rely on it.

Bolt looks into bodies before anybody can catch what is missing there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Id = Annotated[str, Field(pattern="^[A-Za-z0-9_.:-]{1,255}$")]
"""What Slack calls people, teams, channels and runs by: nothing that could be two of them."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Team(_Part):
    id: Id | None = None


class _Named(_Part):
    id: str | None = None
    channel_id: str | None = None


class _Someone(_Part):
    id: Id
    team_id: Id | None = None


class _Option(_Part):
    value: str | None = None


class _Action(_Part):
    action_id: str | None = None
    value: str | None = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None


class _View(_Part):
    type: str
    callback_id: str
    app_installed_team_id: str | None = None


class _Event(_Part):
    type: str


class _Body(_Part):
    type: str | None = None
    enterprise: _Team | None = None
    team: _Team | None = None
    channel: _Named | None = None
    container: _Named | None = None
    user: _Someone | None = None
    view: _View | None = None
    event: _Event | None = None
    authorizations: list[_Part] | None = None
    response_url: str | None = None


class _Slash(_Body):
    command: str
    text: str | None = None
    team_id: Id
    user_id: Id
    channel_id: str
    trigger_id: str
    enterprise_id: Id | Literal[""] | None = None


class _Interaction(_Body):
    user: _Someone


class _Click(_Interaction):
    actions: list[_Action] = Field(min_length=1)
    trigger_id: str


class _Foreign(_Interaction):
    actions: list[_Action] = Field(min_length=1)
    callback_id: str


class _Modal(_Interaction):
    view: _View


class _Told(_Body):
    event: _Event


_KINDS: dict[str, type[_Body]] = {
    "block_actions": _Click,
    "interactive_message": _Foreign,
    "block_suggestion": _Interaction,
    "view_submission": _Modal,
    "view_closed": _Modal,
    "event_callback": _Told,
}


def is_shaped(body: Any) -> bool:
    """Whether what is read of `body` is there, and is what it should be."""
    if not isinstance(body, dict):
        return False
    shape = _Slash if "command" in body else _KINDS.get(str(body.get("type")), _Body)
    try:
        shape.model_validate(body)
    except ValidationError:
        return False
    return True
