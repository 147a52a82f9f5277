"""What people type, phones and keyboards included, as tokens."""

from __future__ import annotations

import re
import shlex
import unicodedata
from typing import Any

from desk.errors import UserError

_LONGEST = 1000
_MARKUP = re.compile(r"<(?:[@#!]|https?:|mailto:|tel:)[^>]*>")
# Phones write curly quotes and one long dash for two (contract.md).
_TYPED = str.maketrans("“”„«»‘’‚\u00a0\u202f", '"""""\'\'\'  ')
_LONG_DASH = re.compile(r"(?:(?<=\s)|^)[—―](?=\w)")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_KEPT = "\t\n\r\u200d"  # white space, and what joins emoji
_BLANK = " \t\r\n\u3000"  # the last is what Chinese keyboards type
# A dash that opens a quoted name makes no option of it. Until the words are parsed, a
# character stands for it that cannot be typed: it is one of the invisible.
_QUOTED_DASH = re.compile(r"""(?<=["'`])-""")
_DASH = "\ue000"


def tokens(text: str) -> list[str]:
    """Split a line into words; raises UserError with a sentence that says what to mend."""
    refuse_unreadable(text)
    plain = _LONG_DASH.sub("--", text.translate(_TYPED))
    marked = _QUOTED_DASH.sub(_DASH, plain)
    lexer = shlex.shlex(marked, posix=True, punctuation_chars=False)
    lexer.whitespace, lexer.whitespace_split = _BLANK, True
    lexer.commenters, lexer.escape = "", ""
    lexer.quotes += "`"  # names are often copied as code
    try:
        return list(lexer)
    except ValueError:
        message = 'A quotation mark is left open. Write names with spaces as "my vm".'
        raise UserError(message) from None


def refuse_unreadable(text: str) -> None:
    """Refuse what is no name and no uuid; raises UserError."""
    if len(text) > _LONGEST:
        message = f"That is too long: {_LONGEST} characters at most."
        raise UserError(message)
    if any(unicodedata.category(c) in _INVISIBLE and c not in _KEPT for c in text):
        message = (
            "There is an invisible or control character in it. "
            "Type it anew, or use the uuid."
        )
        raise UserError(message)
    if _MARKUP.search(text):
        message = (
            "There is a Slack mention or link in it, which cannot be a name. "
            "Type the name without it, or use the uuid."
        )
        raise UserError(message)


def spoken(value: Any) -> Any:
    """Read a token, or a list of them, as it was meant; an option without one stays."""
    if isinstance(value, list):
        return [as_typed(part) for part in value]
    return as_typed(value) if isinstance(value, str) else value


def as_typed(text: str) -> str:
    """Put the dashes back that opened a quoted name."""
    return text.replace(_DASH, "-")
