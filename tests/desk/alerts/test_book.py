"""Each telling is recorded once, in the group that is open for it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from desk import tables
from desk.alerts import recorded
from desk.alerts.alert import Alert
from tests.desk.alerts.conftest import told


async def count(bench):
    query = select(func.count()).select_from(tables.alert)
    async with bench.desk.store.read() as connection:
        return (await connection.execute(query)).scalar_one()


async def test_a_repeated_telling_changes_nothing(bench, tell, groups):
    assert await tell(told("a"), told("b")) == 2
    before = await groups()

    assert await tell(told("a"), told("b"), told("a")) == 0

    assert await groups() == before
    assert await count(bench) == 2


async def test_a_repeated_telling_with_other_words_is_kept_in_place(
    bench, tell, groups
):
    await tell(told("a", text="90 %"), told("b"))

    assert await tell(told("a", text="99 %"), told("b")) == 0

    (group,) = await groups()
    assert (group["version"], await count(bench)) == (1, 2)


async def test_other_words_for_an_alert_that_is_over_stir_nothing(draw, tell, groups):
    await tell(told("a"))
    await tell(told("a", "resolved", 1060.0))
    await draw()
    before = await groups()

    await tell(told("a", text="late"), told("a", "resolved", 1060.0, text="late"))

    assert await groups() == before


async def test_nothing_told_is_nothing_recorded(tell, groups):
    assert await tell() == 0
    assert await groups() == []


async def test_what_comes_later_joins_the_group_that_is_open(bench, tell, groups):
    await tell(told("a"))
    await tell(told("b", more=4), told("a", "resolved", 1060.0, more=4))

    (group,) = await groups()
    assert (group["version"], group["more"]) == (1, 4)
    assert group["due"] is not None
    assert await count(bench) == 3


async def test_groups_and_sources_stand_apart(tell, groups):
    await tell(told("a"), told("a", group="h", cause="other"))
    await tell(told("a", source="grafana"))

    assert len(await groups()) == 3


async def test_an_end_whose_start_nobody_heard_of_opens_no_group(tell, groups):
    assert await tell(told("a", "resolved", 1060.0)) == 1
    assert await tell(told("b", "resolved", 1070.0)) == 1

    (group,) = await groups()
    assert (group["due"], group["open_key"]) == (None, None)
    assert group["closed_at"] is not None


async def test_a_start_that_comes_after_its_end_opens_no_group(tell, groups):
    await tell(told("a", "resolved", 1060.0))

    assert await tell(told("a", "firing", 1000.0)) == 1

    (group,) = await groups()
    assert group["due"] is None


async def test_a_new_start_opens_a_group(tell, groups):
    await tell(told("a", "resolved", 1060.0))

    await tell(told("a", "firing", 1100.0))

    _, group = await groups()
    assert group["due"] is not None


async def test_what_has_no_moment_of_its_own_is_of_now(bench, tell):
    await tell(told("a", at=None))

    async with bench.desk.store.read() as connection:
        at = (await connection.execute(select(tables.alert.c.at))).scalar_one()
    assert at == bench.clock.now


async def test_what_no_source_should_write_is_kept_as_it_is(bench, tell):
    odd = told("a\x00b", title="a\x00 \U0001f4a5", labels={"\x00": "\ud800"})

    await tell(odd)

    async with bench.desk.store.read() as connection:
        found = (await connection.execute(select(tables.alert.c.told))).scalar_one()
    assert Alert.model_validate(found) == odd


async def test_a_thousand_in_one_delivery_are_all_recorded(bench, tell, monkeypatch):
    monkeypatch.setattr(recorded, "_AT_ONCE", 300)

    assert await tell(*(told(str(number)) for number in range(1000))) == 1000

    assert await count(bench) == 1000


async def test_replicas_that_hear_the_same_at_once_record_it_once(
    bench, make_book, groups
):
    alerts = [told("a"), told("b")]

    new = await asyncio.gather(
        *(make_book().record(alerts) for _ in range(5)),
        *(make_book().record([told(str(it))]) for it in range(5)),
    )

    assert sum(new) == 7
    assert len(await groups()) == 1
    assert await count(bench) == 7


async def test_deliveries_that_name_groups_in_another_order_do_not_stand_in_each_others_way(
    make_book, tell
):
    names = ("g", "h", "i")
    await tell(*(told("a", group=name, cause=f"first {name}") for name in names))

    def delivery(number, order):
        return [told("a", group=it, cause=f"{number} {order} {it}") for it in order]

    for number in range(20):
        new = await asyncio.gather(
            make_book().record(delivery(number, names)),
            make_book().record(delivery(number, names[::-1])),
        )
        assert new == [3, 3]


@given(text=some.text(min_size=1_001, max_size=1_100), other=some.text(max_size=1_100))
@settings(deadline=None)
def test_long_keys_stay_apart_and_read_back(text, other):
    one, two = told(text, group=text), told(other, group=other)

    assert Alert.model_validate(one.model_dump(mode="json")) == one
    assert (one.own_key == two.own_key) is (one.fingerprint == two.fingerprint)
    assert len(one.fingerprint) <= 1_000


@pytest.mark.parametrize(("field", "limit"), [("title", 1_000), ("text", 4_000)])
def test_long_texts_are_cut(field, limit):
    assert len(getattr(told(**{field: "x" * 9_999}), field)) == limit


def test_of_very_many_labels_the_first_are_kept():
    assert len(told(labels={str(it): "x" for it in range(500)}).labels) == 100
