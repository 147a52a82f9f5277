"""Whether a VM has moved on: its state, its host, its ISOs, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from desk.seen import Seen

_uuids = st.text("abc", min_size=1, max_size=3)
_seen = st.builds(
    Seen,
    state=st.none() | st.sampled_from(["Running", "Stopped"]),
    host=st.none() | _uuids,
    isos=st.lists(_uuids, unique=True, max_size=3).map(tuple),
    names=st.dictionaries(_uuids, st.sampled_from(["east-1", "rescue.iso"])),
)


@given(_seen, _seen)
def test_it_has_moved_on_exactly_when_something_that_is_shown_differs(then, now):
    same = (then.state, then.host, set(then.isos)) == (
        now.state,
        now.host,
        set(now.isos),
    )

    assert (then.changes(now) == ()) is same


@given(_seen, _seen)
def test_every_change_is_a_sentence_with_then_and_now(then, now):
    for sentence in then.changes(now):
        assert sentence.startswith("It ")
        assert sentence.endswith("now.")
        assert " then and " in sentence


@given(_seen)
def test_it_is_kept_as_it_was(seen):
    assert Seen.model_validate(seen.model_dump(mode="json")) == seen


def test_what_has_no_name_is_shown_by_its_uuid():
    then, now = Seen(state="Running", host="h1"), Seen(state=None, host=None)

    assert then.changes(now) == (
        "It was Running then and is in an unknown state now.",
        "It was on h1 then and is on no host now.",
    )
