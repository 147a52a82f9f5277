import inspect

import pytest

from api import errors
from api.answer import Answer
from api.errors import JobUnfinished, UnexpectedReply, Unreachable, ZStackError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_error_is_caught_as_one_of_zstack(kind):
    assert issubclass(kind, ZStackError)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_error_stands_in_the_tree_that_is_drawn(kind):
    assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize("sent", [True, False], ids=["sent", "not sent"])
def test_no_answer_tells_whether_the_request_may_have_been_read(sent):
    error = Unreachable("ReadTimeout", sent=sent)

    assert error.sent is sent
    assert str(error) == "ZStack did not answer: ReadTimeout"


def test_an_unfinished_job_is_named_to_the_program_alone():
    error = JobUnfinished("42")

    assert error.job_uuid == "42"
    assert str(error) == "the job is still running"


def test_an_unexpected_reply_keeps_its_status():
    error = UnexpectedReply(502, "a page")

    assert error.status == 502
    assert str(error) == "ZStack answered 502 in a way that cannot be read: a page"


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        pytest.param(" no \n", "no", id="space around"),
        pytest.param("", "an empty body", id="nothing"),
        pytest.param("x" * 300, "x" * 200, id="long"),
        pytest.param(f"[{'0aF' * 10}ab]", "[…]", id="a uuid"),
    ],
)
def test_an_excerpt_is_fit_for_an_error_message(text, excerpt):
    assert Answer(500, text).excerpt == excerpt
