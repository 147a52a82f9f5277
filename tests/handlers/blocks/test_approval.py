"""A request that waits for others: who said what, and what can be typed and pressed."""

from desk.notice import Choice, Voice
from desk.person import Person

BOB = Person(enterprise="", team="T0", user="UBOB")


def test_who_said_what_stands_below_the_card(shown):
    message = shown(voices=(Voice(person=BOB, said="approved"), Voice(said="1 more")))

    (items,) = message.blocks[-1]["elements"]
    first, second = (it["elements"] for it in items["elements"])
    assert first[0] == {"type": "user", "user_id": "UBOB"}
    assert first[2]["text"] == "approved"
    assert [it["text"] for it in second] == ["1 more"]
    assert message.text.splitlines()[-2:] == ["UBOB approved", "1 more"]


def test_of_a_crowd_the_first_are_shown(shown, words):
    message = shown(voices=(Voice(person=BOB, said="approved"),) * 25)

    assert "Not shown: 5 more persons." not in words(message)
    assert "Not shown: 5 more people." in words(message)


def test_a_field_stands_above_its_buttons(shown):
    message = shown(field="Reason", choices=(Choice(label="Go", offer="o"),))

    field, buttons = message.blocks[-2:]
    assert (field["type"], field["label"]["text"]) == ("input", "Reason")
    assert field["element"]["max_length"] == 500
    assert buttons["type"] == "actions"
