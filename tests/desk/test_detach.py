from desk.notice import Outcome, Slot


async def test_the_only_iso_is_detached_and_proven(bench):
    row = await bench.detach("web-01")

    assert row.outcome is Outcome.SUCCEEDED
    assert [action.changed for action in bench.actions("web-01")] == [True]
    assert bench.told.notices(Slot.ANSWER)[-1].title == (
        "Detached ubuntu-24.04.iso from web-01"
    )


async def test_no_iso_is_unchanged_and_nothing_is_sent(bench):
    row = await bench.detach("web-02")

    assert row.outcome is Outcome.UNCHANGED
    assert bench.actions("web-02") == []
