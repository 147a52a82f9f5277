"""pydantic's findings in the words of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from desk.policy.model import Policy

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_WORDS = {
    "missing": "“{name}” is missing",
    "tuple_type": "“{name}” has to be a list, for example [one, two]",
    "too_short": "“{name}” is an empty list; fill it in, or take it away",
    "string_type": "“{name}” has to be a text",
    "string_too_short": "“{name}” is empty",
    "model_type": "“{name}” has to be a mapping",
    "dict_type": "“{name}” has to be a mapping",
    "timezone_aware": "“{name}” needs a zone, for example 2026-12-24T18:00+08:00",
}


def worded(error: Any) -> str:
    """Say what is wrong, by the name that it has in the file."""
    loc, kind = error["loc"], error["type"]
    names = [part for part in loc if isinstance(part, str)]
    name = names[-1] if names else "the file"
    if kind == "extra_forbidden":
        known = sorted(_known(loc[:-1]))
        return f"“{name}” is not known here; there is {', '.join(known) or 'nothing'}"
    if kind in _WORDS:
        return _WORDS[kind].format(name=name)
    said = str(error["msg"]).removeprefix("Value error, ")
    if said.startswith("“"):  # it names what is wrong itself
        return said
    return f"“{name}”: {said[0].lower()}{said[1:]}"


def _known(path: tuple[int | str, ...]) -> set[str]:
    """The names that a part of the file may have."""
    found: Any = Policy
    for part in path:
        info = _fields(found).get(part)
        # What names no field stands in a list, or was named by people.
        found = _model_in(info.annotation) if info else found
    return {str(name) for name in _fields(found)}


def _fields(model: type[BaseModel]) -> dict[int | str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _model_in(annotation: Any) -> Any:
    """The model that a field holds, alone, in a list or in a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in get_args(annotation))
    return next(filter(None, inner), None)
