"""One card for each group, edited in place from firing to resolved."""

import pytest
from sqlalchemy import select

from desk import tables
from desk.alerts import cards as module
from desk.alerts.book import BURST, EVERY
from desk.alerts.cards import TAKE
from desk.alerts.group import Extras
from desk.notice import Choice, Stand
from desk.policy import Policy
from desk.progress import SPACING
from desk.steps.buttons import choice_of, offer_of
from tests.desk.alerts.conftest import told


async def test_a_group_is_told_once_and_then_edited(bench, tell, draw):
    await tell(told("a"))
    (first,) = await draw()
    await tell(told("b", at=1001.0))
    (second,) = await draw()

    await tell(told("a", "resolved", 1060.0))
    (third,) = await draw()
    await tell(told("b", "resolved", 1070.0))
    (last,) = await draw()

    assert [it.title for it in (first, second, third, last)] == [
        "Alert a",
        "2 firing: Alert a",
        "1 firing, 1 resolved: Alert b",
        "All 2 resolved: Alert a",
    ]
    assert [it.stand for it in (first, second, third, last)] == [
        Stand.FIRING,
        Stand.FIRING,
        Stand.PART_RESOLVED,
        Stand.RESOLVED,
    ]
    places = {place["channel"] for place, _, _ in bench.told.said}
    receipts = [receipt for _, _, receipt in bench.told.said]
    assert places == {"C0ALERTS"}
    assert receipts == [None, *[{"ts": "1"}] * 3]


async def test_a_card_follows_the_words_of_an_alert_that_goes_on(bench, tell, draw):
    await tell(told("a", text="The disk is 90 % full.", severity="warning"))
    await draw()
    await tell(told("a", text="The disk is 99 % full.", severity="critical"))

    (card,) = await draw()

    assert card.lines[0].startswith("The disk is 99 % full.\ncritical · ")
    assert bench.told.said[-1][2] == {"ts": "1"}


async def test_what_is_told_again_unchanged_edits_nothing(tell, draw):
    await tell(told("a", text="90 %", labels={"b": "1", "c": "2"}))
    await draw()

    await tell(told("a", text="90 %", labels={"c": "2", "b": "1"}))

    assert await draw() == []


async def test_words_that_change_with_every_second_are_told_at_the_pace_of_progress(
    tell, draw
):
    await tell(told("a"))
    await draw()

    edits = 0
    for second in range(30):
        await tell(told("a", text=f"{second} requests wait."))
        edits += len(await draw(after=0))

    assert 5 <= edits <= 30 / SPACING + 1


async def test_a_single_alert_says_what_it_is(tell, draw):
    await tell(
        told(
            heading="Cpu",
            title="Cpu",
            text="97 %",
            severity="critical",
            links={"Runbook": "https://runbooks.example"},
        )
    )

    (card,) = await draw()

    assert card.title == "Cpu"
    assert card.lines == (
        "97 %\ncritical · alertmanager · since 1970-01-01 00:16:40 UTC",
    )
    assert card.links == (("Runbook", "https://runbooks.example"),)
    assert [it.label for it in card.choices] == [TAKE]


async def test_an_alert_that_has_ended_says_so_and_can_no_longer_be_taken(tell, draw):
    await tell(told())
    await draw()
    await tell(told(status="resolved", at=1060.0))

    (card,) = await draw()

    assert card.title == "Resolved: Alert a"
    assert "resolved 1970-01-01 00:17:40 UTC" in card.lines[0]
    assert card.choices == ()


async def test_a_long_text_leaves_room_for_the_facts(tell, draw):
    await tell(told(text="x" * 9_999, severity="critical"))

    (card,) = await draw()

    text, facts = card.lines[0].splitlines()
    assert text == "x" * 1_000 + "…"
    assert facts.startswith("critical · alertmanager · since")


@pytest.mark.parametrize("title", ["", " \n"])
async def test_an_alert_that_nobody_named_is_told_all_the_same(tell, draw, title):
    await tell(told(title=title))

    (card,) = await draw()

    assert card.title == "Alert without a name"


async def test_what_has_no_end_happened_and_can_be_answered(tell, draw):
    await tell(told(title="VM crashed", ends=False))

    (card,) = await draw()

    assert (card.stand, card.title) == (Stand.HAPPENED, "VM crashed")
    assert card.lines == ("alertmanager · at 1970-01-01 00:16:40 UTC",)
    assert [it.label for it in card.choices] == [TAKE]


async def test_a_new_start_after_the_end_is_a_new_card(bench, tell, draw, groups):
    await tell(told())
    await draw()
    await tell(told(status="resolved", at=1060.0))
    await draw()

    await tell(told(at=1100.0))

    (card,) = await draw()
    assert (card.title, bench.told.said[-1][2]) == ("Alert a", None)
    assert [it["closed_at"] is None for it in await groups()] == [False, True]


async def test_what_starts_again_while_others_fire_is_counted(tell, draw):
    await tell(told("a"), told("b", at=999.0))
    await tell(told("a", "resolved", 1060.0))
    await tell(told("a", at=1100.0))

    (card,) = await draw()

    assert "began 2 times" in card.lines[1]


async def test_many_alerts_are_rows_and_the_rest_is_counted(tell, draw):
    await tell(*(told(f"{it:03}", at=it, text="x\ny", more=7) for it in range(1, 41)))

    (card,) = await draw()

    assert card.title == "40 firing: Alert 001"
    assert len(card.table) == 1 + 25
    assert card.table[1] == (
        "firing",
        "",
        "Alert 001",
        "x",
        "1970-01-01 00:00:01",
    )
    assert card.lines == (
        "Shown are the first 25 of 40 alerts.",
        "alertmanager left out 7 more alerts of this group.",
    )


async def test_one_that_was_left_out_is_one(tell, draw):
    await tell(*(told(str(it), text=f"Alert {it}", more=1) for it in range(4)))

    (card,) = await draw()

    assert card.lines == ("alertmanager left out 1 more alert of this group.",)
    assert {row[3] for row in card.table[1:]} == {""}


ROUTES = {
    "alerts": {
        "routes": [
            {
                "labels": {"team": "web", "severity": ["crit*", "page"]},
                "channel": "C0W",
            },
            {"sources": "grafana", "channel": "C0G"},
        ]
    }
}


@pytest.mark.parametrize(
    ("alert", "channel"),
    [
        pytest.param({"labels": {"team": "web"}, "severity": "critical"}, "C0W"),
        pytest.param({"labels": {"team": "web"}, "severity": "info"}, "C0ALERTS"),
        pytest.param({"labels": {"severity": "page"}}, "C0ALERTS"),
        pytest.param({"source": "grafana"}, "C0G"),
        pytest.param(
            {"source": "grafana", "labels": {"team": "web", "severity": "page"}}, "C0W"
        ),
    ],
    ids=["globs", "another label", "label is missing", "source", "the first counts"],
)
async def test_the_policy_says_where_a_group_goes(bench, tell, draw, alert, channel):
    policy = Policy.model_validate(ROUTES)
    object.__setattr__(bench.desk, "policy", lambda: policy)
    await tell(told(**alert))

    await draw()

    assert [place["channel"] for place, _, _ in bench.told.said] == [channel]


async def test_a_group_without_a_channel_is_kept_and_told_once_there_is_one(
    draw, make_book, make_cards, groups
):
    nowhere = make_book("")
    await nowhere.record([told("a")])
    await nowhere.record([told("b")])
    await nowhere.catch_up()
    assert await draw() == []
    assert await make_cards().next_due() is None
    (group,) = await groups()
    assert (group["due"], group["channel"]) == (None, None)

    await make_book().catch_up()

    assert [it.title for it in await draw()] == ["2 firing: Alert a"]


async def test_new_cards_take_turns_in_their_channel(bench, tell, draw, make_cards):
    names = [str(number) for number in range(BURST + 3)]
    await tell(*(told(name, group=name) for name in names))
    cards = make_cards()

    now = len(await draw(cards, after=0))
    later = [len(await draw(cards, after=EVERY)) for _ in range(4)]

    assert (now, later) == (BURST, [1, 1, 1, 0])


async def test_between_two_cards_the_database_belongs_to_others(tell, make_cards):
    await tell(told("a"), told("b", group="h"))
    cards = make_cards(pause=100.0)

    assert len(await cards.claim(10)) == 1
    assert await cards.claim(10) == []
    assert await cards.next_due() == pytest.approx(100.0, abs=50)


async def test_turns_are_those_of_one_channel(bench, tell, draw):
    policy = Policy.model_validate(ROUTES)
    object.__setattr__(bench.desk, "policy", lambda: policy)
    for number in range(2 * BURST):
        source = "grafana" if number % 2 else "zwatch"
        await tell(told(str(number), group=str(number), source=source))

    assert len(await draw(after=0)) == 2 * BURST


async def test_cards_are_edited_no_faster_than_progress(bench, tell, draw):
    await tell(told("a"))
    await draw()
    await tell(told("b"))
    assert len(await draw(after=5.0)) == 1

    await tell(told("c"))

    assert await draw(after=2.0) == []
    assert len(await draw(after=3.0)) == 1


async def test_what_comes_while_a_card_is_drawn_is_drawn_next(bench, tell, make_cards):
    await tell(told("a"))
    cards = make_cards()
    (group,) = await cards.claim(10)
    await tell(told("a", "resolved", 1060.0))
    await tell(told("a", at=1100.0))

    await cards.draw(group)

    assert await cards.next_due() == 1.0


async def test_a_group_is_not_closed_over_what_came_meanwhile(
    bench, tell, make_cards, draw, groups
):
    async def meanwhile(group, alerts):
        if not alerts[0].status.startswith("f"):
            await tell(told("a", at=1100.0))
        return Extras()

    await tell(told("a"))
    await draw()
    await tell(told("a", "resolved", 1060.0))
    await draw(make_cards(extend=meanwhile))

    (group,) = await groups()
    assert group["open_key"] is not None
    (card,) = await draw()
    assert card.stand is Stand.FIRING


async def test_of_two_who_draw_a_card_only_one_tells(bench, tell, make_cards):
    await tell(told("a"))
    cards = make_cards()
    (slow,) = await cards.claim(10)
    assert await cards.claim(10) == []
    bench.clock.now += module.LEASE + 1
    (fast,) = await cards.claim(10)

    await cards.draw(fast)
    await cards.draw(slow)

    await bench.carry()
    assert len(bench.told.said) == 1
    assert await cards.next_due() is None


async def test_a_fault_of_ours_delays_a_card_and_does_not_lose_it(
    bench, tell, make_cards, draw
):
    faults = [KeyError("a bug"), KeyError("again")]

    async def broken(group, alerts):
        if faults:
            raise faults.pop()
        return Extras()

    cards = make_cards(extend=broken)
    await tell(told("a"))

    assert await draw(cards) == []
    assert await cards.next_due() == 1.0
    assert await draw(cards, after=1.0) == []
    assert await cards.next_due() == 2.0
    assert len(await draw(cards, after=2.0)) == 1


async def test_others_add_lines_and_buttons(bench, tell, make_cards, draw):
    async def extend(group, alerts):
        offer = offer_of(group, "start", "Detach", {"operation": "x"})
        return Extras(
            ("web-01 is Running",),
            (Choice(label="Old", offer="o"), choice_of(offer)),
            (offer,),
        )

    await tell(told("a"))

    (card,) = await draw(make_cards(extend=extend))

    assert card.lines[-1] == "web-01 is Running"
    assert [it.label for it in card.choices] == [TAKE, "Old", "Detach"]
    async with bench.desk.store.read() as connection:
        kept = (await connection.execute(select(tables.offer.c.label))).scalars().all()
    assert sorted(kept) == ["Detach", TAKE]


async def test_a_card_keeps_its_button(bench, tell, draw):
    await tell(told("a"))
    (first,) = await draw()
    await tell(told("b"))

    (second,) = await draw()

    assert first.choices == second.choices
