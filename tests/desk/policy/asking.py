"""Questions to a policy, as the desk puts them."""

from __future__ import annotations

from datetime import UTC, datetime

from api.operation import Risk
from desk.person import Person, Standing
from desk.policy import Asked, Channel, Kind, Resource, Who

ALICE = Person(enterprise="", team="T0", user="UALICE")
BOB = Person(enterprise="", team="T0", user="UBOB")
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEB = Resource(
    name="web-01",
    uuid="a" * 32,
    tags=frozenset({"prod"}),
    zone=frozenset({"east", "b" * 32}),
    cluster=frozenset({"c1", "c" * 32}),
)


def who(person=ALICE, standing=Standing.MEMBER, **known):
    """Somebody, a full member unless said otherwise."""
    return Who(person, standing, **known)


def ask(**known):
    """Alice stops web-01 in a public channel at noon, unless said otherwise."""
    usual = {
        "who": who(),
        "operation": "StopVmInstance",
        "command": "vm stop",
        "risk": Risk.DISRUPT,
        "channel": Channel("C1", Kind.PUBLIC),
        "moment": MONDAY,
        "resource": WEB,
        "cloud": "main",
    }
    return Asked(**(usual | known))
