"""views.*: modals in a stack, and the App Home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.blocks import complaints, keep
from sandbox.slack.errors import Refusal
from sandbox.slack.methods import method
from sandbox.slack.state import View
from sandbox.slack.workspace import APP_ID, BOT_ID

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State

_TITLES = ("title", "submit", "close")
_LONGEST = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
_DEEPEST = 3


@method("views.open")
def open_view(state: State, arguments: Arguments) -> dict[str, Any]:
    """Open a modal within three seconds of the click."""
    body = checked(arguments.nested("view"), ("modal",))
    user = state.use_trigger(arguments.needed("trigger_id"))
    return {"view": view_json(state, show(state, user, body))}


@method("views.push")
def push(state: State, arguments: Arguments) -> dict[str, Any]:
    """Put a modal on top of the one that was clicked in."""
    body = checked(arguments.nested("view"), ("modal",))
    user = state.use_trigger(arguments.needed("trigger_id"))
    return {"view": view_json(state, show(state, user, body, on=top(state, user)))}


@method("views.update")
def update(state: State, arguments: Arguments) -> dict[str, Any]:
    """Show something else in an open view."""
    body = checked(arguments.nested("view"), ("modal", "home"))
    view = _find(state, arguments)
    if arguments.text("hash", view.hash) != view.hash:
        raise Refusal(because="hash_conflict")
    state.show(view, body)
    return {"view": view_json(state, view)}


@method("views.publish")
def publish(state: State, arguments: Arguments) -> dict[str, Any]:
    """Show someone's App Home."""
    body = checked(arguments.nested("view"), ("home",))
    user = arguments.needed("user_id")
    home = next((it for it in state.views.values() if _is_home(it, user)), None)
    if home is None:
        home = show(state, user, body)
    else:
        state.show(home, body)
    return {"view": view_json(state, home)}


def show(
    state: State, user: str, body: dict[str, Any], *, on: View | None = None
) -> View:
    """Put a view before a person, on top of another one if given."""
    if on is not None and _depth(state, on) >= _DEEPEST:
        raise Refusal(because="push_limit_reached")
    view = View(state.new_id("V"), user)
    view.root_id = view.id if on is None else on.root_id
    view.previous_id = "" if on is None else on.id
    state.show(view, body)
    return view


def top(state: State, user: str) -> View:
    """Find the modal that a person has in front of them."""
    modals = state.modals(user)
    if not modals:
        raise Refusal(because="not_found")
    return modals[-1]


def checked(body: Any, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Refuse what Slack would; returns the view with ids in its blocks."""
    if not isinstance(body, dict) or body.get("type") not in kinds:
        raise Refusal(because="invalid_arguments")
    faults = complaints(body.get("blocks"), body["type"])
    faults += [
        f"[ERROR] too long [json-pointer:/view/{key}]"
        for key, longest in _LONGEST.items()
        if len(str(body.get(key, ""))) > longest
    ]
    if body["type"] == "modal":
        faults += list(_title_faults(body))
    if faults:
        raise Refusal(
            because="invalid_arguments", response_metadata={"messages": faults}
        )
    return body | {"blocks": list(keep(body["blocks"]))}


def view_json(state: State, view: View) -> dict[str, Any]:
    """Write a view as Slack does."""
    defaults = {"callback_id": "", "private_metadata": "", "external_id": ""}
    return (
        defaults
        | view.body
        | {
            "id": view.id,
            "team_id": state.workspace.team,
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id or None,
            "app_id": APP_ID,
            "bot_id": BOT_ID,
            "app_installed_team_id": state.workspace.team,
            "state": {"values": {}},
        }
    )


def _title_faults(body: dict[str, Any]) -> list[str]:
    given = {key: body[key] for key in _TITLES if key in body}
    wrong = [
        key
        for key, text in given.items()
        if text.get("type") != "plain_text" or not 1 <= len(text.get("text", "")) <= 24  # noqa: PLR2004 -- platform.md §2
    ]
    asks = any(block.get("type") == "input" for block in body.get("blocks") or [])
    missing = {"title", *(["submit"] if asks else [])} - given.keys()
    return [
        f"[ERROR] missing or wrong [json-pointer:/view/{it}]"
        for it in (*wrong, *missing)
    ]


def _find(state: State, arguments: Arguments) -> View:
    external = arguments.text("external_id")
    for view in state.views.values():
        if view.id == arguments.text("view_id"):
            return view
        if external and view.body.get("external_id") == external:
            return view
    raise Refusal(because="not_found")


def _is_home(view: View, user: str) -> bool:
    return view.user == user and view.body["type"] == "home"


def _depth(state: State, view: View) -> int:
    return 1 + (_depth(state, state.views[view.previous_id]) if view.previous_id else 0)
