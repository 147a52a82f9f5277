"""What a card of alerts shows beyond other messages."""

import pytest

from desk.notice import Stand
from desk.person import Person

ALICE = Person(enterprise="", team="T1", user="U0ALICE")


@pytest.mark.parametrize(
    ("stand", "sign"),
    [
        (Stand.FIRING, "🔥"),
        (Stand.PART_RESOLVED, "🔥"),
        (Stand.RESOLVED, "✅"),
        (Stand.HAPPENED, "🔔"),
    ],
)
def test_where_it_stands_is_seen_at_a_glance(shown, stand, sign):
    message = shown(title="CPU", stand=stand)

    assert message.blocks[0]["text"]["text"] == f"{sign} CPU"
    assert message.text.startswith(f"{sign} CPU")


def test_who_has_it_is_named(shown):
    message = shown(title="CPU", stand=Stand.FIRING, holder=ALICE)

    (section,) = message.blocks[1]["elements"]
    assert section["elements"][0] == {"type": "user", "user_id": "U0ALICE"}
    assert section["elements"][1]["text"] == " has it."


def test_programs_know_a_card_by_its_metadata(shown):
    message = shown(command_id="g1", stand=Stand.PART_RESOLVED)

    assert message.metadata == {
        "event_type": "zstack_alert",
        "event_payload": {"alert_id": "g1", "status": "part resolved"},
    }


def test_links_are_buttons_and_odd_ones_stay_words(shown, words):
    links = (("Runbook", "https://runbooks.example"), ("Odd", "javascript:alert(1)"))

    message = shown(links=links)

    (row,) = [it for it in message.blocks if it["type"] == "actions"]
    assert [it["url"] for it in row["elements"]] == ["https://runbooks.example"]
    assert "Odd: javascript:alert(1)" in words(message)


def test_only_odd_links_make_no_row(shown):
    message = shown(links=(("Odd", "ftp://x"),))

    assert [it for it in message.blocks if it["type"] == "actions"] == []
