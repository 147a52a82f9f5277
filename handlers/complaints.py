"""What argparse complains of, in our words. Pure."""

from __future__ import annotations

import re

_MISSING = re.compile(r"the following arguments are required: (.+)")
_CHOICE = re.compile(r"argument (\S+): invalid choice: '(.*)' \(choose from (.+)\)")
_NOTHING = re.compile(r"argument (\S+): expected .*")
_TOO_MANY = re.compile(r"unrecognized arguments: (.+)")


def plainly(message: str) -> str:
    """Say it for people; what argparse has no usual words for stays as it is."""
    if found := _MISSING.fullmatch(message):
        names = found[1].split(", ")
        return f"the {' and the '.join(names)} {'are' if names[1:] else 'is'} missing"
    if found := _CHOICE.fullmatch(message):
        # Newer versions of Python put no quotes around them.
        choices = [choice.strip("'") for choice in found[3].split(", ")]
        *most, last = choices
        return f"{found[1]} is {', '.join(most)} or {last}, and not “{found[2]}”"
    if found := _NOTHING.fullmatch(message):
        return f"nothing stands behind {found[1]}"
    if found := _TOO_MANY.fullmatch(message):
        return f"“{found[1]}” is too much; a name with spaces goes in quotes"
    return message
