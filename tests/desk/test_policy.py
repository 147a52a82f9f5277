import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.operation import Risk
from desk.person import Standing
from desk.policy import CONSENT, Consent, Verdict, decide

OUTSIDE = [standing for standing in Standing if standing is not Standing.MEMBER]


def test_every_risk_has_a_consent():
    assert CONSENT.keys() == set(Risk)


@given(st.sampled_from(Standing), st.sampled_from(Risk))
def test_nobody_but_a_member_is_ever_allowed(standing, risk):
    assert standing is Standing.MEMBER or not decide(standing, risk).is_allowed


@pytest.mark.parametrize("risk", Risk)
def test_a_member_gets_what_the_table_says(risk):
    verdict = decide(Standing.MEMBER, risk)

    second = CONSENT[risk] is Consent.SECOND_PERSON
    assert verdict.consent == (None if second else CONSENT[risk])


def test_what_needs_a_second_person_is_refused_to_a_member():
    verdict = decide(Standing.MEMBER, Risk.DESTROY)

    assert not verdict.is_allowed
    assert verdict.reason.endswith("Do it in the ZStack console.")


@pytest.mark.parametrize("standing", OUTSIDE)
def test_a_refusal_is_sentences_that_say_what_to_do(standing):
    reason = decide(standing, Risk.READ).reason

    first, *_, last = reason.removesuffix(".").split(". ")
    assert reason.endswith(".")
    assert "operate the cloud" in first or "nothing was done" in first
    assert last.startswith(("Ask", "Try", "A person has to ask"))


def test_each_standing_is_refused_in_its_own_words():
    assert len({decide(standing, Risk.READ).reason for standing in OUTSIDE}) == 5


def test_a_verdict_without_consent_is_a_no():
    assert [Verdict(None).is_allowed, Verdict(Consent.NONE).is_allowed] == [False, True]
