"""The question to the policy, put together from what the desk knows and can ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.operation import OPERATIONS, Risk, resource_fields
from desk import resolve as look_up
from desk.called import by_name
from desk.person import Standing
from desk.policy import Asked, Resource, Who, decide
from desk.rolls import Unanswered

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.command import Command
    from desk.desk import Desk
    from desk.person import Person
    from desk.policy import Policy, Verdict
    from desk.policy.model import Rota
    from desk.resolve import Ask
    from desk.rolls import Roll


ELSEWHERE = {"silence", "unsilence"}
"""What is no operation of ZStack, and no errand about the bot either: it needs a rule."""


def risk_of(operation: str) -> Risk:
    """What a row of this operation can cost."""
    if operation in ELSEWHERE:
        return Risk.CHANGE
    known = OPERATIONS.get(operation)
    return known.rest.risk if known else Risk.READ


async def ruled(
    desk: Desk, row: Command, resource: Resource | None = None
) -> tuple[Command, Verdict]:
    """Ask the policy about `row`, which then remembers the verdict."""
    policy = desk.policy()
    verdict = decide(policy, await asked_of(desk, row, resource))
    if not verdict.is_allowed:
        reason = await by_name(desk, verdict.reason, policy.ids)
        verdict = verdict.model_copy(update={"reason": reason})
    memo = row.remember(verdict=verdict)
    return row.model_copy(update={"memo": memo}), verdict


async def asked_of(desk: Desk, row: Command, resource: Resource | None) -> Asked:
    """What is asked of the policy about `row`; only what its rules want to know."""
    policy = desk.policy()
    return Asked(
        who=await who_is(desk, policy, row.person),
        operation=row.operation,
        command=command_of(row),
        risk=risk_of(row.operation),
        channel=await desk.directory.channel(row.place, asks=policy.asks_kinds),
        moment=datetime.fromtimestamp(row.claimed_at, UTC),
        resource=resource,
        is_early=resource is None and _names_resource(row),
        is_errand=row.operation not in {*OPERATIONS, *ELSEWHERE},
        running=await desk.ledger.others(row) if policy.asks_how_many else 0,
        cloud=desk.name if row.operation in OPERATIONS else None,
    )


async def who_is(desk: Desk, policy: Policy, person: Person) -> Who:
    """Find out about `person` what the rules want to know.

    Only members of our own workspace are looked for on lists: others may have their ids.
    """
    standing = await desk.directory.standing(person)
    found, unknown = set(), {}
    for name, (keeper, roll) in lists_of(policy).items():
        if standing is not Standing.MEMBER or person.is_shell:
            break
        try:
            if await kept_by(desk, keeper).has(roll, person):
                found.add(name)
        except Unanswered as error:
            unknown[name] = str(error)
    held = await desk.sessions.get(person)
    return Who(
        person=person,
        standing=standing,
        groups=frozenset(found & policy.groups),
        on_call=frozenset(found & policy.on_call),
        accounts=frozenset({held.account_name, held.account_uuid}) if held else None,
        unknown=unknown,
    )


def lists_of(policy: Policy) -> dict[str, tuple[str, str]]:
    """The lists that it speaks of: their keeper, and what they are called there."""
    groups = {name: ("slack", name) for name in policy.groups}
    return groups | {name: keeper_of(policy.rotas[name]) for name in policy.on_call}


def keeper_of(rota: Rota) -> tuple[str, str]:
    """Who keeps the list of those on call, and what it is called there."""
    if rota.slack_group:
        return "slack", rota.slack_group
    return "pagerduty", rota.pagerduty_schedule or ""


def kept_by(desk: Desk, keeper: str) -> Roll:
    """The keeper of a list; raises Unanswered when it is not set up."""
    if keeper not in desk.rolls:
        message = "PagerDuty is not set up: PAGERDUTY_TOKEN is missing"
        raise Unanswered(message)
    return desk.rolls[keeper]


def command_of(row: Command) -> str:
    """The words of the command as rules name it: `vm stop`."""
    operation = OPERATIONS.get(row.operation)
    if not operation:
        return row.operation
    if "show" in row.arguments:
        return f"{operation.rest.noun} show"
    return operation.rest.command or row.operation


def _names_resource(row: Command) -> bool:
    operation = OPERATIONS.get(row.operation)
    named = resource_fields(operation).values() if operation else ()
    return "show" in row.arguments or "vm" in named


async def resource_of(
    desk: Desk, question: Ask, vm: VmInstance, names: dict[str, str]
) -> Resource:
    """What the rules want to know of a VM that was looked at; `names` is by uuid."""
    policy = desk.policy()
    if policy.asks_clusters and vm.cluster_uuid:
        names = names | await look_up.cluster_names(question, vm.cluster_uuid)
    tags = await look_up.tags_that_fit(question, vm.uuid, policy.tags)
    return Resource(
        name=vm.name or "",
        uuid=vm.uuid,
        tags=tags,
        zone=_place(vm.zone_uuid, names),
        cluster=_place(vm.cluster_uuid, names),
    )


def _place(uuid: str | None, names: dict[str, str]) -> frozenset[str] | None:
    """By uuid and name; not known without the name, which a rule may be about."""
    if not uuid:
        return frozenset()
    return frozenset({uuid, names[uuid]}) if uuid in names else None
