"""Which buttons a card shall have: by the policy's rules, and by what was seen. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api.operation import subject
from api.operations import (
    AckAlarmData,
    AckEventData,
    DetachIsoFromVmInstance,
    ResumeVmInstance,
    StartVmInstance,
)
from desk.alerts.alert import Status
from desk.alerts.resources import Kind
from desk.alerts.silences import SILENCED_FOR, in_common
from desk.policy.alerts import changing
from desk.seen import Seen
from desk.steps.buttons import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from api.operation import Operation
    from desk.alerts.alert import Alert
    from desk.alerts.resources import Found, Reference
    from desk.policy.alerts import Action

MOST = 15  # buttons of one card
_ISO_STATES = {"Running", "Stopped", "Paused"}
_BACK = {"Stopped": StartVmInstance, "Paused": ResumeVmInstance}
_ASKED_BY_ALERT = "The alert itself asks for this."


@dataclass(frozen=True)
class About:
    """An alert, the resource that it names, and what was seen of it.

    `clouds` are where it may be, only one when it was seen there; a cloud that is the only
    one has no name. `is_blind`: ZStack did not tell.
    """

    alert: Alert
    reference: Reference | None = None
    seen: Found | None = None
    clouds: tuple[str, ...] = ("",)
    is_blind: bool = False

    @property
    def cloud(self) -> str:
        """The name of the cloud that it is in, when that is known."""
        return self.clouds[0] if len(self.clouds) == 1 else ""

    @property
    def label(self) -> str:
        """What people call the resource."""
        vm = self.seen.vm if self.seen else None
        return (vm and vm.name) or (self.reference.words if self.reference else "")


@dataclass(frozen=True)
class Button:
    """A button that a card shall have. With a `doubt` it is asked about before it is done.

    `is_by_sight`: it is there because ZStack showed that there is something to do.
    """

    label: str
    operation: str
    arguments: dict[str, Any]
    words: str
    seen: Seen | None = None
    doubt: str = ""
    about: str = ""
    is_by_sight: bool = False
    cloud: str = ""

    @property
    def payload(self) -> dict[str, Any]:
        """What tells it from the others."""
        said = {"operation": self.operation, "arguments": self.arguments}
        return said | ({"cloud": self.cloud} if self.cloud else {})


def wanted(
    abouts: Sequence[About], actions: Iterable[Action], *, silences: bool
) -> tuple[Button, ...]:
    """The buttons of a card, each once; none when nothing fires."""
    firing = [it for it in abouts if it.alert.status is Status.FIRING]
    rules = tuple(actions)
    kept: list[Button] = []
    for button in (it for about in firing for it in _about(about, rules)):
        if button.payload not in [it.payload for it in kept]:
            kept.append(button)
    silencing = _silencing([it.alert for it in firing]) if silences else ()
    return (*_told_apart(kept[:MOST]), *silencing)


def _about(about: About, rules: Iterable[Action]) -> Iterator[Button]:
    yield from _by_rules(about, rules)
    yield from _by_what_was_seen(about)
    yield from _acknowledging(about)


def _told_apart(buttons: list[Button]) -> list[Button]:
    """Name the resource on a button where there is another one like it."""
    labels = [it.label for it in buttons]
    return [
        replace(it, label=f"{it.label}: {it.about}{it.cloud and f' in {it.cloud}'}")
        if labels.count(it.label) > 1 and it.about
        else it
        for it in buttons
    ]


def _by_rules(about: About, rules: Iterable[Action]) -> Iterator[Button]:
    alert = about.alert
    labels = alert.said
    for rule in rules:
        if rule.fit(alert.source, labels):
            yield from _button(
                about, rule.asks, rule.filled_in(labels), label=rule.button
            )
    for words in alert.actions:
        operation = changing(words.replace(".", " ", 1))
        if operation:
            yield from _button(about, operation, {}, doubt=_ASKED_BY_ALERT)


def _button(
    about: About,
    operation: type[Operation[Any]],
    given: Mapping[str, str] | None,
    *,
    label: str = "",
    doubt: str = "",
) -> Iterator[Button]:
    """Make a button of an operation, unless something it needs is not known."""
    if given is None:
        return
    name, kind = subject(operation)
    arguments = dict(given)
    if kind == "vm" and name not in arguments and (vm := _vm_of(about)):
        arguments[name] = vm
    required = (it for it, info in operation.model_fields.items() if info.is_required())
    if all(arguments.get(it) for it in required):
        yield _made(about, operation, arguments, label=label, doubt=doubt)


def _vm_of(about: About) -> str:
    """What names the VM: its uuid if it was seen, else the words of the alert."""
    if about.seen:
        return about.seen.vm.uuid if about.seen.vm else ""
    reference = about.reference
    return reference.words if reference and reference.may_be(Kind.VM) else ""


def _made(
    about: About,
    operation: type[Operation[Any]],
    arguments: dict[str, Any],
    *,
    label: str = "",
    doubt: str = "",
    by_sight: bool = False,
) -> Button:
    names, vm = _names(about), about.seen.vm if about.seen else None
    words = words_of(operation.__name__, arguments, names)
    verb = (operation.rest.command or "").split()[-1].capitalize()
    return Button(
        label=label or verb,
        operation=operation.__name__,
        arguments=arguments,
        words=words,
        seen=Seen.of(vm, names) if vm else None,
        doubt=doubt,
        about=about.label,
        is_by_sight=by_sight,
        cloud=about.cloud,
    )


def _names(about: About) -> dict[str, str]:
    seen = about.seen
    if not seen:
        return {}
    own = {vm.uuid: vm.name for vm in seen.vms if vm.name}
    return {**seen.names, **own}


def _by_what_was_seen(about: About) -> Iterator[Button]:
    vm = about.seen.vm if about.seen else None
    if not vm:
        return
    back = _BACK.get(vm.state or "")
    if back:
        yield _made(about, back, {"uuid": vm.uuid}, by_sight=True)
    if vm.state in _ISO_STATES:
        for iso in vm.iso_uuids:
            arguments = {"vm_instance_uuid": vm.uuid, "iso_uuid": iso}
            label = f"Detach {_names(about).get(iso, iso)}"
            operation = DetachIsoFromVmInstance
            yield _made(about, operation, arguments, label=label, by_sight=True)


def _acknowledging(about: About) -> Iterator[Button]:
    """Acknowledge what ZStack's own alarm or event told."""
    origin = about.alert.origin
    data = origin.get("data_uuid", "")
    sources = (
        ("alarm_uuid", "alarm_uuid", AckAlarmData),
        ("subscription_uuid", "event_subscription_uuid", AckEventData),
    )
    for said, name, operation in sources:
        if data and origin.get(said):
            arguments = {name: origin[said], "alert_data_uuid": data}
            if resource := origin.get("resource_uuid"):
                arguments["resource_uuid"] = resource
            made = _made(about, operation, arguments, label="Acknowledge")
            yield replace(made, words=f"acknowledge {about.alert.title}")


def _silencing(alerts: Sequence[Alert]) -> tuple[Button, ...]:
    """Silence all of them, when they come from an Alertmanager and have labels in common."""
    if not alerts or any(it.source != "alertmanager" for it in alerts):
        return ()
    matchers = in_common([it.labels for it in alerts])
    if not matchers:
        return ()
    return tuple(
        Button(
            label=f"Silence {span}",
            operation="silence",
            arguments={"matchers": matchers, "seconds": seconds},
            words=f"silence {alerts[0].heading or alerts[0].title} for {span}",
        )
        for span, seconds in SILENCED_FOR.items()
    )
