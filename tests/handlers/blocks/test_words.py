import math

import pytest

from desk.notice import Choice, Outcome, Slot
from desk.person import Person
from handlers.blocks.words import SIGNS, duration

ALICE = Person(enterprise="", team="T1", user="U1ALICE")
SHELL = Person(enterprise="", team="shell", user="alice")


def test_every_outcome_has_a_sign_of_its_own():
    assert SIGNS.keys() == set(Outcome)
    assert len(set(SIGNS.values())) == len(Outcome)


def test_the_outcome_is_in_the_first_line_and_in_the_notification(shown):
    message = shown(title="Detached a.iso from web-01", outcome=Outcome.SUCCEEDED)

    assert message.blocks[0]["type"] == "header"
    assert message.blocks[0]["text"]["text"] == "✅ Detached a.iso from web-01"
    assert message.text == "✅ Detached a.iso from web-01"


def test_a_title_that_the_header_cuts_stands_whole_below(shown, words):
    title = "Detached a.iso from " + "w" * 200

    cut, whole = words(shown(title=title))

    assert cut.endswith("…")
    assert whole == title


def test_progress_and_lines_follow_in_order(shown, words):
    message = shown(progress="40 %", lines=("first", "second\nthird", ""))

    assert words(message)[1] == "40 %\nfirst\nsecond\nthird\n—"


def test_many_lines_make_several_paragraphs_and_the_rest_is_counted(shown, words):
    message = shown(lines=("x" * 900,) * 12)

    assert [len(text) for text in words(message)[1:5]] == [1801, 1801, 1801, 1801]
    assert words(message)[5] == "Not shown: 4 more lines."


def test_the_next_step_is_told(shown, words):
    assert words(shown(next_step="Eject it."))[1:] == ["Next: ", "Eject it."]


def test_the_last_line_says_who_asked_how_long_it_took_and_the_id(shown):
    message = shown(asker=ALICE, seconds=3.21, command_id="c-7")

    runs = message.blocks[-1]["elements"][0]["elements"]
    assert runs == [
        {"type": "text", "text": "Asked by "},
        {"type": "user", "user_id": "U1ALICE"},
        {"type": "text", "text": " · "},
        {"type": "text", "text": "took 3.2 s"},
        {"type": "text", "text": " · "},
        {"type": "text", "text": "c-7", "style": {"code": True}},
    ]


def test_a_private_message_does_not_tell_the_asker_who_asked(shown):
    assert len(shown(slot=Slot.PRIVATE, asker=ALICE).blocks) == 1


@pytest.mark.parametrize(
    "person",
    [
        pytest.param(SHELL, id="of the shell"),
        pytest.param(ALICE.model_copy(update={"user": "alice"}), id="without an id"),
    ],
)
def test_a_person_whom_slack_does_not_know_is_text(shown, words, person):
    assert "alice" in words(shown(asker=person))


def test_a_reply_in_the_thread_calls_the_asker_first(shown):
    message = shown(slot=Slot.THREAD, outcome=Outcome.FAILED, asker=ALICE)

    (block,) = message.blocks
    assert block["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U1ALICE"},
        {"type": "text", "text": " "},
        {"type": "text", "text": "❌ Title", "style": {"bold": True}},
    ]


def test_a_reply_without_an_asker_calls_nobody(shown, words):
    assert words(shown(slot=Slot.THREAD)) == ["Title"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        pytest.param(0.04, "0.0 s", id="at once"),
        pytest.param(59.0, "59.0 s", id="seconds"),
        pytest.param(125.4, "2 min 5 s", id="minutes"),
        pytest.param(math.inf, "inf s", id="for ever"),
        pytest.param(math.nan, "nan s", id="nobody knows"),
    ],
)
def test_a_time_is_said_as_it_is_spoken(seconds, said):
    assert duration(seconds) == said


def test_a_question_says_which_command_it_is_about(shown, words):
    choice = Choice(label="Yes", offer="o1")
    asked = shown(slot=Slot.PRIVATE, summary="/detach-iso db-01", choices=(choice,))

    assert words(asked)[1:3] == ["For ", "/detach-iso db-01"]
