"""Whatever is changed in a chain, taken out of it or put into it is noticed."""

import hashlib
import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.chain import FIRST, Link, extend, fault

NOON = 1_700_000_000.5
TEXTS = some.lists(some.text(), min_size=1, max_size=6)


def chain_of(words):
    links = [FIRST]
    for number, said in enumerate(words):
        links.append(extend(links[-1], NOON + number, {"words": said}))
    return links


def faults_of(links):
    return [fault(before, link) for before, link in pairwise(links)]


@given(TEXTS)
def test_a_chain_of_any_texts_is_whole(words):
    links = chain_of(words)

    assert not any(faults_of(links))
    assert [json.loads(it.entry)["words"] for it in links[1:]] == words


@given(TEXTS, some.data())
def test_a_changed_text_is_noticed_in_its_row(words, data):
    links = chain_of(words)
    at = data.draw(some.integers(1, len(words)))
    entry = json.dumps(json.loads(links[at].entry) | {"words": "other"}, indent=1)
    links[at] = replace(links[at], entry=entry)

    assert faults_of(links)[at - 1] == "its text is not the one that was hashed"


@given(TEXTS, some.data())
def test_a_row_that_was_made_anew_is_noticed_in_the_next(words, data):
    links = chain_of([*words, "last"])
    at = data.draw(some.integers(1, len(words)))
    links[at] = extend(links[at - 1], NOON, {"words": "forged"})

    assert faults_of(links)[at] == "it does not follow the row before it"


def test_a_row_that_was_taken_out_is_noticed():
    links = chain_of("abcd")
    del links[2:4]

    assert faults_of(links) == [None, "it stands behind 1: what was between is missing"]


def test_another_moment_beside_the_text_is_noticed():
    (_, link) = chain_of("a")

    assert "its moment" in fault(FIRST, replace(link, at=NOON - 86_400))


@pytest.mark.parametrize("entry", ["", "[]", "{}", "7", "\ud800", b"[7]"])
def test_a_row_of_somebody_else_is_named_whatever_is_in_it(entry):
    written = entry if isinstance(entry, bytes) else entry.encode("utf-8", "replace")
    forged = Link(1, NOON, entry, hashlib.sha256(written).hexdigest())

    assert fault(FIRST, forged) == "it is nothing that this bot writes"


@pytest.mark.parametrize("at", [1e300, float("nan"), float("inf"), "noon"])
def test_a_moment_that_is_none_is_named(at):
    (_, link) = chain_of("a")

    assert fault(FIRST, replace(link, at=at)) == "it is nothing that this bot writes"


def test_a_line_is_json_and_shows_what_was_hashed():
    (_, link) = chain_of(["„web“ \x00 \ud800"])

    told = json.loads(link.line)
    text = link.line.replace(f',"hash":"{told["hash"]}"', "")
    assert told["at"] == "2023-11-14T22:13:20.500000+00:00"
    assert hashlib.sha256(text.encode()).hexdigest() == told["hash"]


@pytest.mark.parametrize("at", [0.0, 1_700_000_000.123456, 4_102_444_800.000001])
def test_a_moment_stays_the_same_through_the_text(at):
    link = extend(FIRST, at, {})

    assert fault(FIRST, link) is None
