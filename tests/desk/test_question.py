"""Asking the person, and what becomes of a question that stays open."""

import pytest

from desk.notice import Outcome, Slot
from desk.steps.question import WAIT, ask, ask_to_log_in, declined, unanswered
from tests.desk.conftest import ALICE, BOB, PLACE

ANSWERS = (("Yes", "go on", {"confirmed": True}), ("No", "", {"declined": True}))


@pytest.fixture
async def row(bench):
    return await bench.accept("DetachIsoFromVmInstance", vm_instance_uuid="web-01")


async def test_a_question_is_put_to_the_asker_alone(row):
    step = ask(row, "Really?", ANSWERS)

    ((place, notice),) = step.notices
    assert (step.step, step.due_in, place) == ("ask.1", WAIT, PLACE)
    assert (notice.slot, notice.title) == (Slot.PRIVATE, "Really?")
    assert {offer["person_key"] for offer in step.offers} == {ALICE.key}


async def test_every_answer_is_a_button_with_its_meaning(row):
    step = ask(row, "Really?", ANSWERS, pick=True, lines=("Think.",))

    ((_, notice),) = step.notices
    assert [(one.label, one.detail) for one in notice.choices] == [
        ("Yes", "go on"),
        ("No", ""),
    ]
    assert [offer["payload"] for offer in step.offers] == [ANSWERS[0][2], ANSWERS[1][2]]
    assert (notice.pick, notice.lines) == (True, ("Think.",))


async def test_two_questions_are_never_the_same(row):
    first, second = (ask(row, "Really?", ANSWERS) for _ in range(2))

    assert first.changes["question"] != second.changes["question"]
    assert {one["question"] for one in first.offers} == {first.changes["question"]}


async def test_a_question_keeps_what_was_found_out(row):
    changes = ask(row, "Really?", ANSWERS, changes={"account": "a"}).changes

    assert changes["account"] == "a"


@pytest.mark.parametrize(
    ("step", "what"), [("ask.1", "question"), ("login.1", "log-in")]
)
async def test_what_nobody_answered_expires(bench, row, step, what):
    await bench.desk.sessions.drop(ALICE.key)
    question = "login" if step == "login.1" else "a-question"
    waiting = row.model_copy(update={"step": step, "question": question})

    ended = await unanswered(bench.desk, waiting)

    ((_, notice),) = ended.notices
    assert ended.changes["outcome"] is Outcome.EXPIRED
    assert notice.title.startswith(f"The {what} for “")
    assert notice.next_step.startswith("Nothing was done.")


async def test_a_log_in_that_nobody_noticed_counts_also_at_the_last_moment(bench, row):
    waiting = row.model_copy(update={"step": "login.1", "question": "login"})

    step = await unanswered(bench.desk, waiting)

    assert (step.step, step.changes["question"]) == ("decide.1", None)


async def test_what_was_sent_before_does_not_expire_but_is_unknown(bench, row):
    await bench.desk.sessions.drop(ALICE.key)
    sent = row.model_copy(update={"step": "login.1", "sent_at": 1.0})

    ended = await unanswered(bench.desk, sent)

    assert ended.changes["outcome"] is Outcome.UNKNOWN
    assert "was sent to ZStack before" in ended.notices[0][1].next_step


async def test_a_no_is_a_refusal(bench, row):
    ended = await declined(bench.desk, row)

    assert ended.changes["outcome"] is Outcome.REFUSED
    assert "so nothing was done" in ended.notices[0][1].title


async def test_a_log_in_is_asked_for_by_a_link_that_is_not_stored(bench, row):
    step = await ask_to_log_in(bench.desk, row)

    ((_, notice),), (ticket,) = step.notices, step.tickets
    secret = notice.link[1].removeprefix("http://127.0.0.1:3000/login/")
    assert step.step == "login.1"
    assert len(secret) > 40
    assert secret not in str(ticket)
    assert "secret-url" not in ticket["place"]


async def test_a_waiting_command_is_promised_to_go_on(bench, row):
    step = await ask_to_log_in(bench.desk, row)

    assert step.notices[0][1].lines[1].endswith("goes on by itself.")


async def test_the_errand_of_logging_in_promises_nothing_more(bench):
    row = await bench.accept("login", person=BOB, key="k2")

    step = await ask_to_log_in(bench.desk, row)

    assert len(step.notices[0][1].lines) == 1


async def test_a_message_that_stands_already_shows_the_wait(bench, row):
    told = row.model_copy(update={"memo": row.remember(is_told=True)})

    _, (_, waiting) = (await ask_to_log_in(bench.desk, told)).notices

    assert (waiting.slot, waiting.outcome) == (Slot.ANSWER, Outcome.RUNNING)
    assert waiting.title.endswith("waiting for a new log-in")


@pytest.mark.parametrize(
    ("sent_at", "resume"),
    [(None, "decide.1"), (1.0, "sent.1")],
    ids=["not sent", "sent before"],
)
async def test_a_log_in_resumes_where_nothing_runs_twice(bench, row, sent_at, resume):
    step = await ask_to_log_in(bench.desk, row.model_copy(update={"sent_at": sent_at}))

    assert step.changes["memo"].resume == resume
