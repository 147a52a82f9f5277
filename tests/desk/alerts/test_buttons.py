"""Buttons of a card, from the alert to the outcome, as a person on call sees them."""

import dataclasses

import httpx
import pytest

from desk.notice import Outcome, Slot
from desk.offers import click
from desk.policy import Policy
from desk.policy.alerts import Action, Alerts
from handlers.alerts.silencer import Alertmanager as Client
from sandbox.alertmanager import Alertmanager
from sandbox.server import serve
from sandbox.zstack.records import fixed_uuid
from tests.desk.alerts.conftest import told
from tests.desk.conftest import ALICE, BOB, PLACE

DETACH = "Detach ubuntu-24.04.iso"


@pytest.fixture
def web(bench):
    """An alert about web-01."""

    def alert(**more):
        return told(labels={"VMUuid": bench.node.world.vm("web-01").uuid}, **more)

    return alert


def acting(**rule):
    """A policy with one action."""
    return lambda: Policy(alerts=Alerts(actions=(Action(**rule),)))


async def test_a_card_shows_the_vm_now_and_offers_what_was_seen(on_call, web):
    card = await on_call.sees(web())

    assert (
        "web-01 is Running on east-host-1, with ubuntu-24.04.iso attached"
        in (card.lines[-1])
    )
    assert on_call.labels == ["I have it", DETACH]


async def test_a_click_is_the_clickers_command_in_the_alerts_thread(
    on_call, web, bench
):
    await on_call.sees(web())

    row = await on_call.press(DETACH, BOB)

    assert (row.outcome, row.person) == (Outcome.SUCCEEDED, BOB)
    assert (row.place["below"], row.place["message_ts"]) == (True, "1.1")
    assert [it.changed for it in bench.actions("web-01")] == [True]


async def test_the_card_tells_who_did_what_and_offers_it_no_more(on_call, web):
    await on_call.sees(web())
    await on_call.press(DETACH, BOB)

    card = await on_call.redrawn()

    assert card.lines[-1] == ("Ubob: /detach-iso web-01 ubuntu-24.04.iso – succeeded")
    assert "attached" not in card.lines[-2]
    assert on_call.labels == ["I have it"]


async def test_what_is_under_way_is_said_and_not_offered_again(on_call, web, bench):
    await on_call.sees(web())
    offer = next(it.offer for it in on_call.card.choices if it.label == DETACH)

    await click(bench.desk, offer, person=ALICE, place=PLACE, trigger="t")
    card = await on_call.redrawn()

    assert card.lines[-1].endswith("– under way")
    assert on_call.labels == ["I have it"]


async def test_two_people_press_and_the_second_is_told_who_was_first(
    on_call, web, bench
):
    card = await on_call.sees(web())
    await on_call.press(DETACH, ALICE)

    await on_call.press(DETACH, BOB, card)

    said = bench.told.notices(Slot.PRIVATE)[-1]
    assert said.title.startswith("This was pressed before: “/detach-iso")
    assert [(it.person, it.said) for it in said.voices] == [(ALICE, "was first")]
    assert len(bench.actions("web-01")) == 1


async def test_whoever_has_to_log_in_first_keeps_nobody_waiting(on_call, web, bench):
    await bench.desk.sessions.drop(BOB.key)
    card = await on_call.sees(web())
    waiting = await on_call.press(DETACH, BOB)
    again = await on_call.redrawn()

    row = await on_call.press(DETACH, ALICE, card)

    assert waiting.step == "login.1"
    assert again.lines[-1].endswith("waits for Ubob")
    assert [it.offer for it in again.choices] == [it.offer for it in card.choices]
    assert (row.person, row.outcome) == (ALICE, Outcome.SUCCEEDED)
    ended = await bench.settle(waiting)
    said = bench.told.notices(Slot.PRIVATE)[-1]
    assert ended.outcome is Outcome.REFUSED
    assert said.title.startswith("Ualice went ahead while “/detach-iso web-01")
    assert len(bench.actions("web-01")) == 1


async def test_who_logs_in_in_time_goes_first(on_call, web, bench):
    await bench.desk.sessions.drop(BOB.key)
    card = await on_call.sees(web())
    waiting = await on_call.press(DETACH, BOB)
    await bench.log_in(BOB)
    bench.clock.now += 60

    await on_call.press(DETACH, BOB, card)
    bench.clock.now += 900
    await bench.settle(waiting)
    await on_call.press(DETACH, ALICE, card)

    assert len(bench.actions("web-01")) == 1


async def test_an_undo_below_the_card_is_seen_on_it(on_call, web):
    await on_call.sees(web())
    await on_call.press(DETACH)
    await on_call.redrawn()
    assert DETACH not in on_call.labels
    answer = on_call.bench.told.notices(Slot.ANSWER)
    with_undo = next(it for it in reversed(answer) if it.choices and not it.stand)

    row = await on_call.press("Undo", card=with_undo)
    await on_call.redrawn()

    assert row.outcome is Outcome.SUCCEEDED
    assert DETACH in on_call.labels


async def test_a_button_of_a_resolved_alert_asks_whether_to_do_it_anyway(
    on_call, web, bench
):
    card = await on_call.sees(web())
    await on_call.tell(web(status="resolved", at=1060.0))

    row = await on_call.press(DETACH, card=card)

    question = bench.told.notices(Slot.PRIVATE)[-1]
    assert row.step == "ask.1"
    assert "The alert has been resolved meanwhile." in question.lines
    assert [it.label for it in question.choices] == ["Detach it", "Leave it"]
    assert bench.actions("web-01") == []


async def test_an_iso_that_is_gone_already_is_said_to_be(on_call, web, bench):
    card = await on_call.sees(web())
    await bench.detach("web-01", key="k9")

    row = await on_call.press(DETACH, card=card)

    assert row.outcome is Outcome.UNCHANGED
    said = bench.told.notices(Slot.ANSWER)[-1].title
    assert said == "ubuntu-24.04.iso is not attached to web-01"


async def test_a_vm_that_moved_on_is_said_to_have_and_asked_about(on_call, web, bench):
    card = await on_call.sees(web())
    bench.node.world.vm("web-01").state = "Paused"
    await on_call.tell(web(status="resolved", at=1060.0))

    row = await on_call.press(DETACH, card=card)

    question = bench.told.notices(Slot.PRIVATE)[-1]
    assert row.step == "ask.1"
    assert question.title.startswith("web-01 has moved on since.")
    assert question.lines == (
        "The alert has been resolved meanwhile.",
        "It was Running then and is Paused now.",
    )


async def test_a_card_that_is_drawn_anew_offers_what_it_shows(on_call, web, bench):
    await on_call.sees(web())
    bench.node.world.vm("web-01").state = "Paused"

    await on_call.sees(web(fingerprint="b"))

    assert on_call.labels == ["I have it", "Resume", DETACH]
    assert (await on_call.press(DETACH)).outcome is Outcome.SUCCEEDED


async def test_who_may_not_does_not_use_the_button_up(on_call, web, bench):
    await on_call.sees(web())
    bench.people.standings["UBOB"] = "guest"

    refused = await on_call.press(DETACH, BOB)
    await on_call.redrawn()
    row = await on_call.press(DETACH, ALICE)

    assert (refused.outcome, row.outcome) == (Outcome.REFUSED, Outcome.SUCCEEDED)


async def test_what_failed_can_be_pressed_again(on_call, web, bench):
    bench.node.faults.add("fail", "DetachIsoFromVmInstance")
    await on_call.sees(web())

    await on_call.press(DETACH)
    await on_call.redrawn()

    assert DETACH in on_call.labels
    assert (await on_call.press(DETACH)).outcome is Outcome.SUCCEEDED


async def test_a_rule_gives_a_button_with_parameters_from_labels(on_call, web, bench):
    policy = acting(
        labels={"VMUuid": "*"},
        command="vm reboot",
        arguments={"uuid": "{VMUuid}"},
        button="Reboot it",
    )
    await on_call.sees(web(), policy=policy)

    row = await on_call.press("Reboot it")

    assert (row.operation, row.step) == ("RebootVmInstance", "ask.1")
    assert row.resource_uuid == bench.node.world.vm("web-01").uuid


async def test_what_succeeded_by_a_rule_is_not_offered_again(on_call, web):
    policy = acting(command="vm start", button="Start it")
    await on_call.sees(web(), policy=policy)
    assert "Start it" in on_call.labels

    row = await on_call.press("Start it")
    await on_call.redrawn()

    assert row.outcome is Outcome.UNCHANGED
    assert "Start it" in on_call.labels  # nothing was done by it yet


async def test_a_stopped_vm_can_be_started_once(on_call, bench):
    await on_call.sees(told(labels={"vm": "batch-01"}))

    row = await on_call.press("Start")
    await on_call.redrawn()

    assert row.outcome is Outcome.SUCCEEDED
    assert on_call.labels == ["I have it"]


async def test_a_button_that_was_not_pressed_stays_the_same(on_call, web):
    first = await on_call.sees(web())
    again = await on_call.sees(web(fingerprint="b"))

    offers = [{it.label: it.offer for it in card.choices} for card in (first, again)]
    assert offers[0] == offers[1]


async def test_an_alarm_of_zstack_is_acknowledged_from_its_card(on_call, bench):
    origin = {
        "kind": "alarm",
        "alarm_uuid": fixed_uuid("alarm", "cpu"),
        "data_uuid": "5" * 32,
        "resource_uuid": "6" * 32,
    }
    await on_call.sees(told(source="zwatch", origin=origin))

    row = await on_call.press("Acknowledge")
    await on_call.redrawn()

    (ack,) = bench.node.world.acks
    assert (row.outcome, ack.resource_uuid) == (Outcome.SUCCEEDED, "6" * 32)
    assert on_call.labels == ["I have it"]


async def test_without_a_service_key_the_card_names_what_the_alert_names(
    on_call, web, bench
):
    bench.desk = dataclasses.replace(bench.desk, service=None)

    card = await on_call.sees(web(), policy=acting(command="vm reboot"))

    uuid = bench.node.world.vm("web-01").uuid
    assert card.lines[-1] == f"About {uuid}, as the alert names it."
    assert on_call.labels == ["I have it", "Reboot"]
    assert (await on_call.press("Reboot")).resource_uuid == uuid


async def test_a_zstack_that_does_not_answer_is_said_and_delays_nothing(
    on_call, web, bench
):
    bench.node.faults.add("error", "QueryVmInstance", count=9)

    card = await on_call.sees(web())

    assert "ZStack did not tell how it is" in card.lines[-1]
    assert on_call.labels == ["I have it"]


async def test_an_alert_is_silenced_from_its_card_and_the_card_says_by_whom(
    on_call, bench
):
    kept = Alertmanager()
    async with serve(kept.app) as url, httpx.AsyncClient(trust_env=False) as http:
        silencer = Client(url, http)
        bench.desk = dataclasses.replace(bench.desk, silencer=silencer)
        await on_call.sees(told(labels={"alertname": "DiskFull", "a": "b"}))

        row = await on_call.press("Silence 2 h")
        card = await on_call.redrawn()

    (silence,) = kept.active
    assert {it["name"]: it["value"] for it in silence["matchers"]} == {
        "alertname": "DiskFull",
        "a": "b",
    }
    assert (row.outcome, row.place["below"]) == (Outcome.SUCCEEDED, True)
    assert card.lines[-1] == "Ualice: silence Alert a for 2 h – succeeded"
    assert on_call.labels == [
        "I have it",
        "Silence 30 min",
        "Silence 8 h",
        "Silence 24 h",
    ]


async def test_the_end_of_an_alert_takes_its_buttons_away(on_call, web):
    await on_call.sees(web())
    await on_call.press(DETACH)

    card = await on_call.sees(web(status="resolved", at=1060.0))

    assert card.choices == ()
    assert card.lines[-1].endswith("– succeeded")
