"""The words of the query language."""

from __future__ import annotations

import re
from itertools import groupby

from sandbox.zstack.errors import ApiError, invalid_argument

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
        |(?P<number>-?\d+(?:\.\d+)?)
        |(?P<word>[A-Za-z_][\w.]*)
        |(?P<sign>!=|>=|<=|[=<>(),;])
    )""",
    re.VERBOSE | re.DOTALL,
)
Token = tuple[str, str]
"""Its kind and its text; a string comes without quotes and escapes."""


class Tokens:
    """The rest of one statement."""

    def __init__(self, tokens: list[Token]) -> None:
        self._rest = tokens

    @property
    def is_empty(self) -> bool:
        """Tell whether all was read."""
        return not self._rest

    def skip(self, text: str) -> bool:
        """Take the next token if it is this keyword or sign."""
        if self._rest and _is(self._rest[0], text):
            self._rest.pop(0)
            return True
        return False

    def expect(self, *texts: str) -> str:
        """Take one of these keywords or signs, or refuse."""
        for text in texts:
            if self.skip(text):
                return text
        raise self._refuse()

    def word(self) -> str:
        """Take a name."""
        return self._take("word")

    def value(self) -> str:
        """Take a string, a number, or true or false."""
        if self._rest and self._rest[0][1].lower() in {"true", "false"}:
            return self._take("word", "string")
        return self._take("string", "number")

    def _take(self, *kinds: str) -> str:
        if not self._rest or self._rest[0][0] not in kinds:
            raise self._refuse()
        return self._rest.pop(0)[1]

    def _refuse(self) -> ApiError:
        near = self._rest[0][1] if self._rest else "<EOF>"
        return syntax_error(near=near)


def _is(token: Token, text: str) -> bool:
    kind, found = token
    return kind != "string" and found.lower() == text


def syntax_error(*, near: str) -> ApiError:
    """Say where the text stops being ZQL."""
    return invalid_argument(
        zh=f"ZQL语法错误: {near}", en=f"ZQL syntax error near {near}"
    )


def statements(text: str) -> list[Tokens]:
    """Split a text into statements at each `;` outside a string."""
    runs = groupby(_tokens(text), key=lambda token: token == ("sign", ";"))
    found = [Tokens(list(run)) for is_end, run in runs if not is_end]
    if not found:
        raise syntax_error(near="<EOF>")
    return found


def _tokens(text: str) -> list[Token]:
    tokens = []
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if not found:
            raise syntax_error(near=text[place:].strip())
        kind = str(found.lastgroup)
        tokens.append((kind, _plain(kind, found[kind])))
        place = found.end()
    return tokens


def _plain(kind: str, text: str) -> str:
    return (
        re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        if kind == "string"
        else text
    )
