"""The key of every cause: the same delivery, click or retry always has the same one.

What comes from outside is digested, so that a key is short and shows nothing of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from desk.rows import digest

if TYPE_CHECKING:
    from desk.person import Person


def slash_command(app_id: str, person: Person, trigger_id: str) -> str:
    """A slash command; Slack does not repeat them, but a network in between may."""
    return _key("slash", app_id, person.key, trigger_id)


def click(offer_id: str) -> str:
    """A button that does something: whoever presses it and however often."""
    return f"offer:{offer_id}"


def free(row_id: str, key: str) -> dict[str, str]:
    """What lets somebody else press the button that a row came from; nothing for others."""
    is_pressed = key.startswith(("offer:", "approval:"))
    return {"key": f"{key}:{row_id}"} if is_pressed else {}


def foreign_click(message: str, button: str, person: Person, action_ts: str) -> str:
    """A button of another program's message; Slack may repeat what was pressed once."""
    return _key("foreign", message, button, person.key, action_ts)


def look(offer_id: str, trigger_id: str) -> str:
    """A button that only shows something: every press is a new one."""
    return f"offer:{offer_id}:{trigger_id}"


def approval(offer_id: str, person: Person) -> str:
    """Somebody's word on a request: one each, with or without an enterprise named."""
    return _key("approval", offer_id, person.team, person.user)


def view(view_id: str, state_hash: str) -> str:
    """A modal that was sent off, as it was filled in."""
    return _key("view", view_id, state_hash)


def workflow_step(function_execution_id: str) -> str:
    """A run of a workflow step; Slack repeats its event."""
    return _key("step", function_execution_id)


def event(event_id: str) -> str:
    """An event; Slack repeats it up to three times."""
    return _key("event", event_id)


def mention(channel: str, ts: str) -> str:
    """A message that names the bot: it may come as two kinds of event."""
    return _key("mention", channel, ts)


def alert(source: str, cause: str) -> str:
    """An alert, by what its source tells its deliveries apart with."""
    return _key("alert", source, cause)


def schedule(schedule_id: str, fire_time: float) -> str:
    """One firing of a schedule, at a moment in seconds since the epoch."""
    return _key("schedule", schedule_id, repr(fire_time))


def child(parent_id: str, number: int) -> str:
    """One part of a batch."""
    return f"child:{parent_id}:{number}"


def _key(kind: str, *cause: str) -> str:
    return f"{kind}:{digest(json.dumps(cause))}"
