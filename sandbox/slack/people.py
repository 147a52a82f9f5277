"""auth.test, users.info, team.info and the members of a user group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import Refusal
from sandbox.slack.methods import method
from sandbox.slack.wire import person_json
from sandbox.slack.workspace import BOT_ID, BOT_USER

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State


@method("auth.test")
def auth_test(state: State, arguments: Arguments) -> dict[str, Any]:  # noqa: ARG001 -- takes none
    """Say whose token it is."""
    return {
        "url": f"https://{state.workspace.domain}.slack.com/",
        "team": "Sandbox",
        "team_id": state.workspace.team,
        "user": "zstack",
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@method("users.info")
def users_info(state: State, arguments: Arguments) -> dict[str, Any]:
    """Describe a person."""
    person = state.workspace.people.get(arguments.needed("user", "user_not_found"))
    if person is None:
        raise Refusal(because="user_not_found")
    return {"user": person_json(person)}


@method("team.info")
def team_info(state: State, arguments: Arguments) -> dict[str, Any]:  # noqa: ARG001 -- always the one team
    """Describe the workspace."""
    workspace = state.workspace
    return {
        "team": {"id": workspace.team, "name": "Sandbox", "domain": workspace.domain}
    }


@method("usergroups.list")
def usergroups(state: State, arguments: Arguments) -> dict[str, Any]:  # noqa: ARG001 -- all of them
    """List the user groups."""
    workspace = state.workspace
    groups = [
        {"id": it, "team_id": workspace.team, "name": handle, "handle": handle}
        for it, handle in ((it, _handle(it)) for it in workspace.usergroups)
    ]
    return {"usergroups": groups}


def _handle(group: str) -> str:
    return group.removeprefix("S0").lower()


@method("usergroups.users.list")
def usergroup_members(state: State, arguments: Arguments) -> dict[str, Any]:
    """List who is in a user group."""
    members = state.workspace.usergroups.get(arguments.needed("usergroup"))
    if members is None:
        raise Refusal(because="no_such_subteam")
    return {"users": members}
