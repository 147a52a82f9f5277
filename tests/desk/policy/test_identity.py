import pytest

from desk.person import Person, Standing
from desk.policy import Approval, Policy, Subjects, Who, admission, decide, objection
from desk.policy.model import People
from tests.desk.policy.asking import ALICE, BOB, ask, who

OUTSIDE = [standing for standing in Standing if standing is not Standing.MEMBER]
PARTNER = Person(enterprise="", team="TPARTNER", user="UPAT")
OPEN = Policy(people=People(workspaces=("TPARTNER",)))


@pytest.mark.parametrize("standing", OUTSIDE)
def test_nobody_but_a_member_is_allowed_anything(standing):
    assert not decide(Policy(), ask(who=who(standing=standing))).is_allowed


@pytest.mark.parametrize("standing", OUTSIDE)
def test_a_refusal_is_sentences_that_say_what_to_do(standing):
    reason = decide(Policy(), ask(who=who(standing=standing))).reason

    first, *_, last = reason.removesuffix(".").split(". ")
    assert reason.endswith(".")
    assert "operate the cloud" in first or "nothing was done" in first
    assert last.startswith(("Ask", "Try", "A person has to ask"))


def test_each_standing_is_refused_in_its_own_words():
    reasons = {admission(Policy(), who(standing=standing)) for standing in OUTSIDE}

    assert len(reasons) == 6


def test_full_members_of_an_invited_workspace_are_let_in():
    guest = Who(PARTNER, Standing.VISITOR)

    assert admission(OPEN, guest) is None
    assert admission(Policy(), guest)


@pytest.mark.parametrize(
    "standing", [it for it in OUTSIDE if it is not Standing.VISITOR]
)
def test_an_invitation_is_for_full_members_only(standing):
    assert admission(OPEN, Who(PARTNER, standing))


def test_anybody_else_may_approve():
    assert objection(Policy(), Approval(), who(BOB), asker=ALICE) is None


def test_nobody_approves_their_own_command():
    refused = objection(Policy(), Approval(), who(ALICE), asker=ALICE)

    assert refused == (
        "Nobody approves their own command. Ask somebody else to approve it."
    )


def test_who_is_not_one_of_us_approves_nothing():
    guest = who(BOB, standing=Standing.GUEST)

    assert objection(Policy(), Approval(), guest, asker=ALICE).startswith("Guests")


def test_whom_the_approval_does_not_name_is_told_who_may():
    wanted = Approval(approvers=(Subjects(groups=("S1",)), Subjects(users=("UCAROL",))))

    refused = objection(Policy(), wanted, who(BOB), asker=ALICE)

    assert refused == (
        "Only the user group S1 and also UCAROL may approve this. Ask one of them."
    )


def test_whoever_fits_all_that_is_asked_may_approve():
    wanted = Approval(approvers=(Subjects(groups=("S1",)), Subjects(users=("UBOB",))))

    assert not objection(
        Policy(), wanted, who(BOB, groups=frozenset({"S1"})), asker=ALICE
    )


@pytest.mark.parametrize(
    ("unknown", "because"),
    [
        ({"S1": "Slack does not answer"}, "(Slack does not answer)"),
        ({}, "(you are not logged in)"),
    ],
    ids=["a group", "an account"],
)
def test_who_may_or_may_not_be_named_waits(unknown, because):
    fits = Subjects(groups=("S1",)) if unknown else Subjects(accounts=("ops",))

    refused = objection(
        Policy(),
        Approval(approvers=(fits,)),
        who(BOB, unknown=unknown),
        asker=ALICE,
    )

    assert because in refused
    assert refused.endswith("Try again in a minute.")
