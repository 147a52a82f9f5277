"""Ids as Slack writes them: a name in place of one would never fit anything."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator


def _written(pattern: str, what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            message = f"“{value}” is not {what}"
            raise ValueError(message)
        return value

    return AfterValidator(check)


_USER = r"(?:T[A-Z0-9]+/)?[UW][A-Z0-9]+|shell/.+"

UserId = Annotated[str, _written(_USER, "a user, for example U1, T2/U1 or shell/root")]
GroupId = Annotated[str, _written(r"S[A-Z0-9]+", "the id of a user group, as S012ABC")]
ChannelId = Annotated[
    str, _written(r"[CGD][A-Z0-9]+", "the id of a channel, as C012ABC")
]
RotaName = Annotated[
    str, _written(r"[a-z][a-z0-9 _-]*", "a name in small letters, as platform")
]
TeamId = Annotated[str, _written(r"[TE][A-Z0-9]+", "the id of a workspace, as T012ABC")]
