"""Bodies that nobody should send: random, hostile, or real ones that were tampered with."""

import json
import string

MARKUP = (
    "<!channel> <@U0ALICE> <https://evil.example|here>",
    "<script>alert(1)</script>",
    "*bold* _it_ `code` ```block```",
    "{{ 7 * 7 }} ${7*7} %s %n {0.__class__}",
    "'; DROP TABLE command; --",
    "../../../../etc/passwd",
    "\u202e\u0000\ufeff\u200b",
    "\ud800",
    "💥" * 50,
    "A" * 5000,
    "-",
    "--",
    "“",
    "",
)
NUMBERS = (0, -1, 2**63, 10**400, 1e308, float("inf"), float("nan"), 0.1)
EXACT = (
    b"",
    b"\x00" * 40,
    b"\xff\xfe\xfd",
    b"null",
    b"[]",
    b'""',
    b"0",
    b"1e999999",
    b"9" * 5000,
    b"{" * 2000,
    b"[" * 50_000,
    b'{"a":' * 20_000,
    b"[" * 1500 + b"]" * 1500,
    b"payload=",
    b"payload=null",
    b"payload=%00%ff%ZZ",
    b"payload=" + b"%5B" * 20_000,
    b"&" * 5000,
    b"=" * 5000,
    b"%" * 5000,
)


def value(dice):
    """Some value that a field could have, and that nobody expects there."""
    some = dice.random()
    if some < 0.5:
        return dice.choice(MARKUP)
    if some < 0.7:
        return dice.choice(NUMBERS)
    if some < 0.8:
        return dice.choice((None, True, False, [], {}))
    nested = {"a": []}
    for _ in range(dice.randrange(60)):
        nested = dice.choice(([nested], {"x": nested}))
    return nested


def tampered(dice, found):
    """A copy of a JSON value in which something is another, is gone, or stands twice."""
    if isinstance(found, dict) and found:
        return _tampered_object(dice, found)
    if isinstance(found, list) and found and dice.random() < 0.8:
        return _tampered_array(dice, found)
    return value(dice)


def _tampered_object(dice, found):
    name, some = dice.choice(list(found)), dice.random()
    if some < 0.15:
        return {it: found[it] for it in found if it != name}
    if some < 0.25:
        return found | {dice.choice(MARKUP): found[name]}
    return found | {name: tampered(dice, found[name])}


def _tampered_array(dice, found):
    at, some = dice.randrange(len(found)), dice.random()
    if some < 0.2:
        return found[:at] + found[at + 1 :]
    if some < 0.3:
        return found * dice.randrange(2, 40)
    return [*found[:at], tampered(dice, found[at]), *found[at + 1 :]]


def written(dice, found):
    """JSON, also with what JSON does not have."""
    return json.dumps(found, ensure_ascii=dice.random() < 0.7).encode(
        "utf-8", "surrogatepass"
    )


def spoilt(dice, body):
    """Bytes of which some are others, are gone, or stand twice."""
    some = bytearray(body)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(some) + 1)
        end = min(len(some), at + dice.randrange(1, 20))
        some[at:end] = dice.choice((b"", dice.randbytes(3), some[at:end] * 2))
    return bytes(some)


def noise(dice):
    """Anything at all."""
    if dice.random() < 0.5:
        return dice.choice(EXACT)
    if dice.random() < 0.5:
        return dice.randbytes(dice.randrange(400))
    letters = string.printable.encode()
    return bytes(dice.choices(letters, k=dice.randrange(400)))


def body_of(dice, found):
    """One body made of a real one, or of nothing."""
    some = dice.random()
    if some < 0.25:
        return noise(dice)
    if some < 0.5:
        return spoilt(dice, written(dice, found))
    for _ in range(dice.randrange(1, 4)):
        found = tampered(dice, found)
    return written(dice, found)
