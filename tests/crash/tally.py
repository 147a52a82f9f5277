"""What was lost and what was done or said twice, counted where it happened."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import api.operations  # noqa: F401  # registers them
from api.operation import OPERATIONS


@dataclass
class Tally:
    """Counted over all commands of a world; each fault in a sentence."""

    outcomes: Counter = field(default_factory=Counter)
    actions: int = 0
    faults: list = field(default_factory=list)
    said_twice: int = 0
    unread_twice: int = 0  # where the bot cannot read what it posted
    whispered_twice: int = 0  # to one person, which nothing can read again

    def __str__(self):
        outcomes = ", ".join(f"{n} {name}" for name, n in sorted(self.outcomes.items()))
        return (
            f"{outcomes}; {self.actions} actions; {len(self.faults)} faults, "
            f"{self.said_twice} said twice, {self.unread_twice} where it cannot read, "
            f"{self.whispered_twice} in private: {'; '.join(self.faults) or 'none'}"
        )


async def count(world):
    """Compare the ledger with what ZStack did and with what people can read."""
    entries = await world.books.entries()
    tally = Tally(actions=len(world.node.log.executed))
    _count_actions(world, entries, tally)
    if await world.books.audited() != Counter(it.id for it in entries if it.is_ended):
        tally.faults.append("the audit does not tell of every end once")
    private = Counter()
    for entry in entries:
        notice, is_told = entry.last_words
        if entry.operation in OPERATIONS:
            tally.outcomes[entry.outcome] += 1
        if not entry.is_ended:
            tally.faults.append(f"{entry.id} stands at {entry.step}")
        elif entry.parent:
            pass  # the message of the whole tells of it
        elif not notice or not is_told:
            tally.faults.append(f"{entry.id} was never answered")
        elif notice.slot == "step":
            pass  # counted below: nobody else was there
        elif notice.slot == "answer":
            _count_public(world, entry, tally)
        else:
            private[entry.user, notice.title] += 1
    steps = world.slack.state  # Slack takes no second end
    tally.faults += [
        f"{it} never heard its end"
        for it in steps.executions
        if not steps.completion(it)
    ]
    for (user, title), wanted in private.items():
        _count_private(world, user, title, wanted, tally)
    return tally


async def check(world, ends=None, actions=None, *, seed=""):
    """See that nothing was lost and nothing doubled, and how commands ended."""
    tally = await count(world)
    said = await world.report(f"{seed} {tally}")
    assert not tally.faults, said
    assert not tally.said_twice, said
    if ends is not None:
        assert (tally.outcomes, tally.actions) == (Counter(ends), actions), said
    return tally


def _count_actions(world, entries, tally):
    jobs = Counter(it.job_uuid for it in world.node.log.executed)
    done = Counter({_digest(job): times for job, times in jobs.items()})
    for entry in entries:
        times = done.pop(entry.job_digest, 0)
        if times > 1 or (
            entry.outcome == "succeeded" and entry.job_digest and not times
        ):
            tally.faults.append(f"{entry.id} {entry.outcome} was done {times} times")
    tally.faults += [
        f"something was done {n} times for no command" for n in done.values()
    ]


def _digest(job_uuid):
    return hashlib.sha256(job_uuid.encode()).hexdigest()


def _count_public(world, entry, tally):
    messages = [
        it
        for it in world.slack.messages()
        if it.metadata.get("event_payload", {}).get("command_id") == entry.id
    ]
    calls = [it for it in messages if it.thread_ts]
    messages = [it for it in messages if not it.thread_ts]
    if not any(it.outcome == entry.outcome for it in messages):
        tally.faults.append(f"{entry.id} {entry.outcome} is not to be read in public")
    again = messages[1:] + calls[1:]
    if again and world.slack.workspace.channel(again[0].channel).bot_is_in:
        tally.said_twice += len(again)
    else:
        tally.unread_twice += len(again)


def _count_private(world, user, title, wanted, tally):
    seen = sum(
        any(title in edit.text for edit in it.edits)
        for it in world.slack.transcript.all
        if it.seen_by == user or it.channel == f"D{user[1:]}"
    )
    if seen < wanted:
        tally.faults.append(f"{user} cannot read “{title}”")
    tally.whispered_twice += max(0, seen - wanted)
