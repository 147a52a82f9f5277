"""What destroys something waits for other people, and runs only as they saw it."""

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import insert

from desk import approvals, audit, login
from desk.command import Next
from desk.notice import Outcome, Slot
from desk.offers import click
from desk.person import Person, Standing
from desk.policy import Policy
from desk.tables import vote
from sandbox.zstack.records import fixed_uuid
from tests.desk.conftest import ALICE, BOB, PLACE

CAROL = Person(enterprise="", team="T0", user="UCAROL")
DESTROY = "DestroyVmInstance"
WHY = "replaced by web-03"


@pytest.fixture
def destroy(bench):
    """Ask for the destruction of web-01, and see how far that goes."""

    async def asked(*, reason=WHY, until=None, **known):
        row = await bench.accept(DESTROY, uuid="web-01", reason=reason, **known)
        return await bench.settle(row, until=until)

    return asked


@pytest.fixture
def say(story, bench):
    """Press a button as somebody; the row that this was, and how it ended."""

    async def said(label, person=BOB):
        bench.clock.now += 1
        await story.press(label, person)
        rows = await bench.desk.ledger.history(person=person, limit=1)
        return await bench.settle(rows[0])

    return said


@pytest.fixture
def two_people(bench):
    """A policy that wants two more people."""
    wanted = {"effect": "approve", "approval": {"people": 2}}
    policy = Policy.model_validate({"risks": {"destroy": wanted}})
    bench.desk = replace(bench.desk, policy=lambda: policy)


async def _again(bench, row):
    return await bench.desk.ledger.by_id(row.id)


async def test_the_card_says_everything_that_is_to_be_decided_upon(
    story, bench, destroy
):
    row = await destroy()

    card = story.answer
    assert (row.step, card.outcome) == ("approve.1", Outcome.ACCEPTED)
    assert card.title == "Waits for approval: destroy web-01"
    assert card.asker == ALICE
    assert card.card.vm.state == "Running"
    assert card.lines == (
        "What it does: Destroy a VM; it can be recovered until it is expunged.",
        f"Why: {WHY}",
        "Until 22:28 UTC. Others find it with /zstack approvals too.",
    )
    assert [it.said for it in card.voices] == ["1 person has to approve."]
    assert story.labels == ["Approve", "Deny"]
    assert story.changes() == 0


async def test_what_a_second_person_approves_is_done_and_proven(
    story, bench, destroy, say
):
    row = await destroy()

    vote = await say("Approve")

    row = await _again(bench, row)
    assert row.outcome is Outcome.SUCCEEDED
    assert bench.node.world.vm("web-01").state == "Destroyed"
    assert [it.account for it in bench.actions("web-01")] == ["ops"]
    assert (vote.outcome, story.posted(Slot.ANSWER)) == (Outcome.SUCCEEDED, 1)
    calls = [it.title for it in bench.told.notices(Slot.THREAD)]
    assert calls == ["Approved: destroy web-01"]


async def test_the_answer_goes_on_saying_who_approved(story, destroy, say):
    await destroy()

    await say("Approve")

    assert story.answer.title == "Destroyed web-01"
    assert [(it.person, it.said) for it in story.answer.voices] == [(BOB, "approved")]


async def test_the_audit_tells_who_approved_and_who_denied(bench, destroy, say):
    other = await destroy()
    await say("Deny", CAROL)
    row = await destroy(key="k2")
    await say("Approve")

    told = [json.loads(it.entry) async for it in audit.links(bench.desk.store)]

    said = [(it["command"], it["event"], it["person"]["user"]) for it in told]
    assert (row.id, "approved", "UBOB") in said
    assert (other.id, "denied", "UCAROL") in said
    ended = next(it for it in told if (it["command"], it["event"]) == (row.id, "ended"))
    assert ended["approved_by"] == [BOB.model_dump()]
    assert ended["reason"] == WHY


async def test_who_asked_is_called_when_it_is_approved_by_a_reply_that_runs_on_nowhere(
    bench, destroy, say
):
    await destroy()

    await say("Approve")

    call = bench.told.notices(Slot.THREAD)[0]
    assert (call.title, call.outcome) == ("Approved: destroy web-01", Outcome.ACCEPTED)


async def test_one_no_is_enough(story, bench, destroy, say):
    row = await destroy()

    await say("Deny")

    row = await _again(bench, row)
    assert row.outcome is Outcome.REFUSED
    assert story.answer.title == "Not approved: destroy web-01"
    assert [(it.person, it.said) for it in story.answer.voices] == [(BOB, "said no")]
    assert bench.told.notices(Slot.THREAD)[-1].title == "Not approved: destroy web-01"
    assert story.changes() == 0


@pytest.fixture
def leads(bench):
    """A policy that lets nobody but the leads approve."""
    asked = {"effect": "approve", "approval": {"from": {"groups": ["S0LEADS"]}}}
    rule = {"name": "leads", "what": {"risks": ["destroy"]}} | asked
    policy = Policy.model_validate({"rules": [rule]})
    bench.desk = replace(bench.desk, policy=lambda: policy)


async def test_who_is_not_among_those_who_may_approve_is_told_them_by_name(
    bench, destroy, say, leads
):
    await destroy()

    vote = await say("Approve")

    assert vote.outcome is Outcome.REFUSED
    assert bench.told.last.lines == (
        "Only the user group @leads may approve this. Ask one of them.",
    )


async def test_the_card_names_who_may_approve_where_not_everybody_may(
    story, destroy, leads
):
    await destroy()

    assert [it.said for it in story.answer.voices] == [
        "1 person has to approve. Only the user group @leads may."
    ]


async def test_what_nobody_approves_expires(story, bench, destroy):
    row = await destroy()
    bench.clock.now += 901

    row = await bench.settle(row)

    assert row.outcome is Outcome.EXPIRED
    assert story.answer.title == "Not approved in time: destroy web-01"
    assert story.answer.choices == ()
    assert [it.said for it in story.answer.voices] == [
        "1 person would have had to approve."
    ]
    assert bench.told.notices(Slot.THREAD)[-1].title == story.answer.title
    assert story.changes() == 0


async def test_what_too_few_approve_says_how_many_were_missing(
    story, bench, destroy, say, two_people
):
    row = await destroy()
    await say("Approve")
    bench.clock.now += 901

    await bench.settle(row)

    assert [it.said for it in story.answer.voices] == [
        "approved",
        "1 more person would have had to approve.",
    ]


async def test_nobody_approves_their_own(bench, destroy, say):
    row = await destroy()

    vote = await say("Approve", ALICE)

    assert vote.outcome is Outcome.REFUSED
    why, instead = bench.told.last.lines
    assert "Nobody approves their own command." in why
    assert instead == f"To take it back, send /zstack cancel {row.id}."
    assert (await _again(bench, row)).step == "approve.1"


async def test_who_may_not_approve_is_told_and_may_later(bench, destroy, say):
    row = await destroy()
    bench.people.standings[BOB.user] = Standing.GUEST
    first = await say("Approve")
    bench.people.standings.clear()

    await say("Approve")

    assert first.outcome is Outcome.REFUSED
    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED


async def test_one_person_is_counted_once(story, bench, destroy, say, two_people):
    row = await destroy()
    await say("Approve")

    await say("Approve")

    assert "before" in bench.told.last.title
    assert (await _again(bench, row)).step == "approve.1"
    assert [it.said for it in story.answer.voices] == [
        "approved",
        "1 more person has to approve.",
    ]


async def test_one_person_is_counted_once_with_and_without_an_enterprise(
    bench, destroy, say, two_people
):
    row = await destroy()
    await say("Approve")

    named = BOB.model_copy(update={"enterprise": "E1"})
    await bench.settle(
        await bench.accept("approve", key="k2", person=named, command_id=row.id)
    )

    assert (await _again(bench, row)).step == "approve.1"


async def test_who_said_yes_cannot_say_no_as_well(bench, destroy, say, two_people):
    row = await destroy()
    await say("Approve")

    await say("Deny")

    assert "before" in bench.told.last.title
    assert (await _again(bench, row)).step == "approve.1"


async def test_the_typed_word_counts_as_little_twice(bench, destroy, say, two_people):
    row = await destroy()
    await say("Approve")

    again = await bench.accept("deny", key="k2", person=BOB, command_id=row.id)

    assert (await bench.settle(again)).outcome is Outcome.UNCHANGED
    assert bench.told.last.title.startswith("You approved “DestroyVmInstance web-01”")


async def test_as_many_have_to_approve_as_the_policy_says(
    bench, destroy, say, two_people
):
    row = await destroy()

    await say("Approve", BOB)
    await say("Approve", CAROL)

    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED
    assert len(bench.actions("web-01")) == 1


async def test_of_two_words_at_once_both_count(story, bench, destroy, two_people):
    row = await destroy()

    await asyncio.gather(story.press("Approve", BOB), story.press("Approve", CAROL))
    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED
    assert len(bench.actions("web-01")) == 1


async def test_a_word_after_the_end_is_told_of_it(bench, destroy, say):
    await destroy()
    late = bench.press("Deny")
    await say("Approve")

    await click(bench.desk, late, person=CAROL, place=PLACE, trigger="late")
    await bench.settle((await bench.desk.ledger.history(person=CAROL))[0])

    assert bench.told.last.title.endswith("has ended already: succeeded")


async def test_why_is_asked_for_when_it_was_not_said(story, bench, destroy, say):
    row = await destroy(reason=None)
    assert (row.step, bench.told.last.field) == ("ask.1", "Reason")
    await story.press("Ask for approval", text="  ")
    await bench.carry()
    assert bench.told.last.title.startswith("Write the reason first")

    await story.press("Ask for approval", text=WHY)
    row = await bench.settle(row)

    assert row.step == "approve.1"
    assert f"Why: {WHY}" in story.answer.lines


async def test_a_vm_that_has_changed_is_asked_about_afresh(story, bench, destroy, say):
    row = await destroy()
    bench.node.world.vm("web-01").state = "Stopped"

    await say("Approve")

    row = await _again(bench, row)
    assert row.step == "approve.1"
    assert story.answer.lines[:2] == (
        "web-01 has changed since it was approved, so:",
        "It was Running then and is Stopped now.",
    )
    assert [it.said for it in story.answer.voices] == ["1 person has to approve."]
    assert story.changes() == 0
    await say("Approve")
    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED


async def test_an_old_button_says_that_there_are_newer_ones(bench, destroy, say):
    row = await destroy()
    old = bench.press("Approve")
    bench.node.world.vm("web-01").state = "Stopped"
    await say("Approve")

    await click(bench.desk, old, person=CAROL, place=PLACE, trigger="old")
    await bench.settle((await bench.desk.ledger.history(person=CAROL))[0])

    assert "asked for anew" in bench.told.last.title
    assert (await _again(bench, row)).step == "approve.1"


async def test_who_approved_and_may_not_any_more_does_not_count(
    story, bench, destroy, say
):
    row = await destroy()
    await story.press("Approve", BOB)
    await bench.settle(row, until="decide.1")
    bench.people.standings[BOB.user] = Standing.DELETED

    row = await bench.settle(row)

    assert row.step == "approve.1"
    assert story.answer.lines[0].startswith("Too few of those who approved")
    assert story.changes() == 0


async def test_who_asked_and_may_not_any_more_is_refused(story, bench, destroy, say):
    row = await destroy()
    bench.people.standings[ALICE.user] = Standing.DELETED

    await say("Approve")

    assert (await _again(bench, row)).outcome is Outcome.REFUSED
    assert story.changes() == 0


async def test_a_no_that_came_with_the_last_yes_stops_it(story, bench, destroy):
    row = await destroy()
    await story.press("Approve", BOB)
    await bench.settle(row, until="picture.1")
    asked = (await _again(bench, row)).memo.approval
    await _slip_in(bench, row, asked, CAROL)

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert story.changes() == 0


async def _slip_in(bench, row, asked, person):
    """A no that was committed just before the row went on."""
    async with bench.desk.store.write() as connection:
        await connection.execute(
            insert(vote).values(
                key="late",
                question=asked.question,
                command_id=row.id,
                person=person.model_dump(),
                approves=False,
                cast_by="x",
                at=bench.clock.now,
            )
        )


async def test_others_may_work_on_the_vm_while_it_waits(bench, destroy):
    await destroy()

    row = await bench.detach("web-01", key="k2")

    assert row.outcome is Outcome.SUCCEEDED


async def test_it_can_be_taken_back_while_it_waits(story, bench, destroy):
    row = await destroy()

    taken = await bench.accept("cancel", key="k2", command_id=row.id)
    await bench.settle(taken)

    assert (await _again(bench, row)).outcome is Outcome.REFUSED
    assert story.answer.title.startswith("You cancelled")


async def test_approvals_lists_what_waits_for_whom(bench, destroy):
    row = await destroy()

    await bench.settle(await bench.accept("approvals", key="k2", person=BOB))
    theirs = bench.told.last
    await bench.settle(await bench.accept("approvals", key="k3"))
    mine = bench.told.last

    assert theirs.title == "1 for you to approve, 0 of yours waiting"
    assert theirs.table[1] == ("destroy web-01", "Ualice", WHY, "0 of 1", row.id)
    assert [it.label for it in theirs.choices] == [
        "Approve: destroy web-01",
        "Deny: destroy web-01",
    ]
    assert mine.title == "0 for you to approve, 1 of yours waiting"
    assert [it.label for it in mine.choices] == ["Cancel: destroy web-01"]
    assert "/zstack approve <id>" in theirs.next_step
    assert (
        mine.next_step == "Others decide. To take one back, send /zstack cancel <id>."
    )


async def test_the_buttons_of_the_list_work(bench, destroy, say):
    row = await destroy()
    await bench.settle(await bench.accept("approvals", key="k2", person=BOB))

    await say("Approve: destroy web-01")

    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED


async def test_an_empty_list_says_so(bench):
    await bench.settle(await bench.accept("approvals"))

    assert bench.told.last.title.startswith("Nothing waits for your approval")


async def test_a_word_is_counted_once_however_often_its_step_runs(bench, destroy):
    row = await destroy()
    first = approvals.Vote(row.question, BOB, approves=True, cast_by="v1")

    counted = [await approvals.cast(bench.desk.store, row, first) for _ in range(2)]

    assert counted == [first, first]
    assert len(await approvals.votes(bench.desk.store, row.question)) == 1


async def test_a_row_that_waits_for_what_was_never_asked_is_our_fault(bench, destroy):
    row = await destroy(until="picture.1")
    (claimed,) = await bench.desk.ledger.claim(1)
    await bench.desk.ledger.commit(claimed, Next("approve.1"))

    row = await bench.settle(row)

    assert row.outcome is Outcome.FAILED


@pytest.fixture
def glass(bench):
    """A policy that lets Alice go ahead without the others, and wants a card elsewhere."""
    asked = {"effect": "approve", "approval": {"channel": "C0SEC"}}
    may = {"who": {"users": [ALICE.user]}, "channel": "C0SEC"}
    policy = Policy.model_validate({"risks": {"destroy": asked}, "break_glass": may})
    bench.desk = replace(
        bench.desk, policy=lambda: policy, room=lambda it: PLACE | {"channel": it}
    )


async def test_who_may_break_the_glass_goes_ahead_and_others_are_told(
    story, bench, destroy, glass
):
    row = await destroy(breaks_glass=True)

    assert row.outcome is Outcome.SUCCEEDED
    assert row.memo.glass_broken
    copies = [it for it in bench.told.said if it[1].slot is Slot.COPY]
    assert [place["channel"] for place, _, receipt in copies if not receipt] == [
        "C0SEC"
    ]
    titles = [notice.title for _, notice, _ in copies]
    assert (titles[0], titles[-1]) == ("Destroying web-01", "Destroyed web-01")
    (voice,) = copies[0][1].voices
    assert (voice.person, voice.said) == (ALICE, f"broke the glass: {WHY}")


async def test_a_channel_that_reads_the_answer_anyway_has_no_copy_of_it(
    bench, destroy, glass
):
    row = await destroy(breaks_glass=True, place=PLACE | {"channel": "C0SEC"})

    assert row.outcome is Outcome.SUCCEEDED
    assert row.memo.glass_broken
    assert bench.told.notices(Slot.COPY) == []


async def test_who_may_not_break_the_glass_is_told_what_to_do(
    story, bench, destroy, glass
):
    await bench.log_in(BOB, "ops")

    row = await destroy(breaks_glass=True, person=BOB)

    assert row.outcome is Outcome.REFUSED
    (line,) = bench.told.last.lines
    assert line.startswith("Only @Ualice may break the glass. Send it without --break-")


async def test_without_a_word_in_the_policy_nobody_breaks_the_glass(bench, destroy):
    row = await destroy(breaks_glass=True)

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.lines[0].startswith("The policy lets nobody break the glass")


async def test_the_glass_is_not_broken_without_a_reason(story, bench, destroy, glass):
    row = await destroy(breaks_glass=True, reason=None)
    assert "without the others?" in bench.told.last.title

    await story.press("Go ahead", text=WHY)

    assert (await bench.settle(row)).memo.reason == WHY


async def test_what_nobody_has_to_approve_breaks_no_glass(bench, glass):
    row = await bench.attach("web-02", "rescue.iso", breaks_glass=True)

    assert row.outcome is Outcome.SUCCEEDED
    assert not row.memo.glass_broken
    assert bench.told.notices(Slot.COPY) == []


async def test_the_card_stands_in_the_channel_that_the_policy_names_too(
    bench, destroy, say, glass
):
    row = await destroy()
    copy = bench.told.notices(Slot.COPY)[-1]
    assert [it.label for it in copy.choices] == ["Approve", "Deny"]

    await say("Deny")

    copies = [it for it in bench.told.said if it[1].slot is Slot.COPY]
    assert (await _again(bench, row)).outcome is Outcome.REFUSED
    assert copies[-1][1].title == "Not approved: destroy web-01"
    assert len([receipt for _, _, receipt in copies if not receipt]) == 1


@pytest.fixture
def proof(bench):
    """A policy that wants a second proof of these."""

    def wanted(*proven_by):
        terms = {"proof": "page", "proven_by": list(proven_by)}
        asked = {"effect": "approve", "approval": terms}
        policy = Policy.model_validate({"risks": {"destroy": asked}})
        bench.desk = replace(bench.desk, policy=lambda: policy)

    return wanted


async def test_who_asks_proves_by_a_log_in_of_its_own_before_others_are_asked(
    story, bench, destroy, proof
):
    proof("asker")
    row = await destroy()
    asked = bench.told.last
    assert (row.step, asked.title) == ("login.1", "Prove that it is you")
    assert "“destroy web-01” needs a second proof" in asked.lines[0]
    assert bench.told.notices(Slot.ANSWER) == []

    await story.connect()
    row = await bench.settle(row)

    assert row.step == "approve.1"


async def test_who_has_no_session_proves_by_the_one_log_in_that_they_need(
    story, bench, destroy, proof
):
    proof("asker")
    await story.log_out()
    row = await destroy()
    asked = bench.told.last
    assert (row.step, asked.title) == ("login.1", "Prove that it is you")
    assert asked.lines[0].endswith("this log-in to ZStack is it.")
    link = asked.link[1].rpartition("/")[2]
    assert (await login.find(bench.desk, link)).proves == row.words

    await story.connect()

    assert (await bench.settle(row)).step == "approve.1"


async def test_without_a_session_too_another_log_in_is_no_proof(
    story, bench, destroy, proof
):
    proof("asker")
    await story.log_out()
    row = await destroy()
    other = await bench.accept("login", key="k2")
    await bench.settle(other)

    await story.connect()

    assert (await bench.settle(row)).step == "login.1"


async def test_what_is_chosen_after_the_proof_is_proven_anew(
    story, bench, destroy, proof
):
    proof("asker")
    await story.log_out()
    row = await bench.accept(DESTROY, uuid="twin", reason=WHY)
    row = await bench.settle(row)
    await story.connect()
    row = await bench.settle(row)
    assert row.step == "ask.1"

    row = await story.answered(row, story.labels[0])

    assert (row.step, bench.told.last.title) == ("login.1", "Prove that it is you")
    await story.connect()
    assert (await bench.settle(row)).step == "approve.1"


async def test_the_page_says_what_is_proven(bench, destroy, proof):
    proof("asker")
    await destroy()

    link = bench.told.last.link[1].rpartition("/")[2]

    assert (await login.find(bench.desk, link)).proves == "destroy web-01"


async def test_another_log_in_is_no_proof(story, bench, destroy, proof):
    proof("asker")
    row = await destroy()
    other = await bench.accept("login", key="k2")
    await bench.settle(other)
    await story.connect()

    row = await bench.settle(row)

    assert row.step == "login.1"
    bench.clock.now += 901
    assert (await bench.settle(row)).outcome is Outcome.EXPIRED


async def test_a_log_in_to_another_account_is_no_proof(story, bench, destroy, proof):
    proof("asker")
    row = await destroy()

    await story.connect("admin")

    row = await bench.settle(row)
    assert row.outcome is Outcome.REFUSED
    assert story.changes() == 0


async def test_at_the_shell_any_log_in_is_proof(bench, destroy, proof):
    proof("asker")
    row = await destroy()

    await login.let_go_on(bench.desk, ALICE)

    assert (await bench.settle(row)).step == "approve.1"


async def test_who_approves_proves_too_where_the_policy_says_so(
    story, bench, destroy, proof, say
):
    proof("approver")
    row = await destroy()
    await bench.log_in(BOB, "ops")
    vote = await say("Approve")
    assert (vote.step, bench.told.last.title) == ("login.1", "Prove that it is you")
    assert (await _again(bench, row)).step == "approve.1"

    await story.connect()
    await bench.settle(vote)

    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED


async def test_who_approves_without_a_session_logs_in_once(
    story, bench, destroy, proof, say
):
    proof("approver")
    row = await destroy()
    vote = await say("Approve")
    assert (vote.step, bench.told.last.title) == ("login.1", "Prove that it is you")
    assert "approve: destroy web-01" in bench.told.last.lines[0]

    await story.connect()
    await bench.settle(vote)

    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED


async def test_who_approves_proves_with_the_account_that_they_had(
    story, bench, destroy, proof, say
):
    proof("approver")
    row = await destroy()
    await bench.log_in(BOB, "ops")
    vote = await say("Approve")

    await story.connect("admin")

    assert (await bench.settle(vote)).outcome is Outcome.REFUSED
    assert (await _again(bench, row)).step == "approve.1"


async def test_a_word_without_a_proof_is_too_little_when_the_policy_wants_one_by_now(
    story, bench, destroy, proof
):
    row = await destroy()
    await story.press("Approve", BOB)
    vote = (await bench.desk.ledger.history(person=BOB, limit=1))[0]
    await bench.settle(vote, until="done.1")
    proof("approver")

    row = await bench.settle(row)

    assert row.step == "approve.1"
    assert story.changes() == 0
    assert "prove who they are" in story.answer.lines[0]


async def test_nobody_has_to_prove_a_no(bench, destroy, proof, say):
    proof("approver")
    row = await destroy()

    await say("Deny")

    assert (await _again(bench, row)).outcome is Outcome.REFUSED


@pytest.fixture
def careful(bench):
    """A policy that wants what changes something to be approved."""
    policy = Policy.model_validate({"risks": {"change": "approve"}})
    bench.desk = replace(bench.desk, policy=lambda: policy)


async def test_of_a_batch_the_whole_is_approved_once(story, bench, careful, say):
    row = await bench.detach("db-01", reason=WHY)
    row = await story.answered(row, "All 2")
    assert story.answer.title.endswith("DetachIsoFromVmInstance db-01, 2 in all")

    await say("Approve")

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED
    assert story.changes() == 2


async def test_parts_carry_the_reason_of_the_whole_into_the_audit(
    story, bench, careful, say
):
    row = await bench.detach("db-01", reason=WHY)
    row = await story.answered(row, "All 2")
    await say("Approve")
    await bench.settle(row)

    told = [json.loads(it.entry) async for it in audit.links(bench.desk.store)]

    parts = {it.id for it in await bench.desk.ledger.children(row.id)}
    ends = [it for it in told if it["command"] in parts and it["event"] == "ended"]
    assert [it["reason"] for it in ends] == [WHY] * 2


async def test_parts_are_asked_about_anew_when_the_vm_has_moved_on_since_the_whole(
    story, bench, careful, say
):
    row = await bench.detach("db-01", reason=WHY)
    row = await story.answered(row, "All 2")
    await story.press("Approve", BOB)
    row = await bench.settle(row, until="batch.1")
    bench.node.world.vm("db-01").state = "Paused"

    part, _ = await bench.desk.ledger.children(row.id)
    await bench.settle(part, until="ask.1")
    await bench.carry()
    assert "has moved on since" in bench.told.notices(Slot.PRIVATE)[-1].title
    await story.press("Detach it")

    part = await bench.settle(part, until="approve.1")
    assert part.step == "approve.1"
    assert story.changes() == 0


async def test_parts_wait_for_others_when_the_policy_wants_that_since_the_split(
    story, bench
):
    row = await bench.accept("DetachIsoFromVmInstance", vm_instance_uuid="db-01")
    row = await bench.settle(row)
    await story.press("All 2")
    row = await bench.settle(row, until="batch.1")
    policy = Policy.model_validate({"risks": {"change": "approve"}})
    bench.desk = replace(bench.desk, policy=lambda: policy)

    await bench.settle(row)  # the whole looks again and again, until their time is up

    parts = await bench.desk.ledger.children(row.id)
    assert [it.outcome for it in parts] == [Outcome.EXPIRED] * 2
    assert story.changes() == 0


async def test_what_is_about_no_vm_is_approved_too(story, bench, careful, say):
    alarm = {"alarm_uuid": fixed_uuid("alarm", "cpu"), "alert_data_uuid": "5" * 32}
    row = await bench.accept("AckAlarmData", reason=WHY, **alarm)
    row = await bench.settle(row)
    assert (row.step, story.answer.card) == ("approve.1", None)

    await say("Approve")

    assert (await _again(bench, row)).outcome is Outcome.SUCCEEDED


async def test_a_word_while_it_runs_is_told_that_it_goes_on(bench, story, destroy):
    bench.node.faults.add("stuck-done", "DestroyVmInstance")
    row = await destroy()
    late = bench.press("Approve")
    await story.press("Approve", BOB)
    row = await bench.settle(row, until="follow.1")

    await click(bench.desk, late, person=CAROL, place=PLACE, trigger="late")
    vote = (await bench.desk.ledger.history(person=CAROL))[0]
    await bench.settle(vote, until="done.1")

    await bench.carry()
    said = [it.title for it in bench.told.notices(Slot.PRIVATE)]
    assert any(it.endswith("any more: it goes on") for it in said)
    await bench.settle(row)


async def test_a_word_that_waits_for_a_proof_says_so_and_can_be_taken_back(
    story, bench, destroy, proof, say
):
    proof("approver")
    row = await destroy()
    await bench.log_in(BOB, "ops")
    vote = await say("Approve")

    await story.press("Approve", BOB)
    await bench.carry()
    assert bench.told.last.title.startswith("Your word counts when you have logged in")

    taken = await bench.accept("cancel", key="k2", person=BOB, command_id=vote.id)
    await bench.settle(taken)
    await say("Deny")
    assert (await _again(bench, row)).outcome is Outcome.REFUSED


async def test_of_two_words_of_one_person_at_once_the_first_counts(bench, destroy):
    row = await destroy()
    yes = approvals.Vote(row.question, BOB, approves=True, cast_by="v1")
    no = approvals.Vote(row.question, BOB, approves=False, cast_by="v2")

    counted = await asyncio.gather(
        *(approvals.cast(bench.desk.store, row, vote) for vote in (yes, no))
    )

    (kept,) = await approvals.votes(bench.desk.store, row.question)
    assert counted == [kept, kept]
