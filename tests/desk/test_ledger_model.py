"""The ledger against a simple model of it, whatever workers, people and time do."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from desk import tables
from desk.claims import IN_A_ROW, LEASE
from desk.command import NOW, Next
from desk.engine import open_engine
from desk.ledger import CANCELLABLE, FIRST_STEP, LAST_STEP, Ledger
from desk.machine import STEPS
from desk.notice import Notice, Outcome, Slot
from desk.outbox import Outbox
from desk.request import Request
from desk.store import Store, fixed
from desk.vault import Vault
from tests.desk.conftest import ALICE, KEY, PLACE

SLOTS = st.sampled_from("abc")  # three commands at a time; a and b are about one VM
PAUSES = st.sampled_from((0.0, 1.0, 30.0, 900.0))
STRAIGHT = {
    FIRST_STEP: "resolve.1",
    "resolve.1": "turn.1",
    "turn.1": "picture.1",
    "picture.1": "send.1",
    "send.1": "sent.1",
    "sent.1": "follow.1",
}
FOR_ZSTACK = ("sent.1", "follow.1")
MAY_BE_WOKEN = (*FOR_ZSTACK, "turn.1", "batch.1")
ASKS = ("ask.1", "login.1")
TOLD = Notice(slot=Slot.PRIVATE, title="It ended", outcome=Outcome.SUCCEEDED)


@dataclass
class Row:
    """What the ledger should know of a command."""

    id: str
    accepted_at: float
    due: float | None
    step: str = FIRST_STEP
    was_at: str = FIRST_STEP
    claim: str | None = None
    lease: float = 0
    question: str | None = None
    sent_at: float | None = None
    turn: str | None = None
    resource: str | None = None
    woken_at: float = -1
    is_cancelled: bool = False

    def is_free(self, now):
        return self.claim is None or self.lease < now

    def is_due(self, now):
        return self.due is not None and self.due <= now and self.is_free(now)


class Commands(RuleBasedStateMachine):
    """Workers that claim, lose and commit; people who answer and cancel; time."""

    workers = Bundle("workers")  # rows as somebody claimed them, perhaps long ago
    questions = Bundle("questions")  # rows as they asked, perhaps long ago

    def __init__(self, empty):
        super().__init__()
        self._directory = tempfile.TemporaryDirectory()
        self._file = Path(self._directory.name) / "bot.sqlite3"
        shutil.copy(empty, self._file)
        self._loop = asyncio.Runner()
        self.now = 1_700_000_000.0
        self.rows, self.ended, self.keys = {}, {}, {}
        self.told = self.questions_asked = 0

    @initialize()
    def begin(self):
        engine = open_engine(f"sqlite+aiosqlite:///{self._file}")
        store = Store(engine, clock=fixed(lambda: self.now))
        vault = Vault([KEY])
        self.ledger = Ledger(store, vault, Outbox(store, vault))
        self.other = Ledger(store, vault, Outbox(store, vault))  # nobody calls that one
        self.handed = []  # keys and claims, to be given to whoever asks next
        self.in_a_row = 0

    def teardown(self):
        self._do(self.ledger.store.engine.dispose())
        self._loop.close()
        self._directory.cleanup()

    @rule()
    def crash(self):
        """Lose the process; another one opens the file."""
        self._do(self.ledger.store.engine.dispose())
        self.begin()

    @rule(slot=SLOTS)
    def deliver(self, slot):
        self._accept(self._key(slot))

    def _key(self, slot):
        """The command of a slot that has not ended yet."""
        key = self.keys.get(slot)
        if not key or self.rows[key].step == LAST_STEP:
            key = self.keys[slot] = f"{slot}{len(self.rows)}"
            self._accept(key)
        return key

    def _accept(self, key):
        request = Request(
            key=key, operation="whoami", words=key, person=ALICE, place=PLACE
        )

        row, is_new = self._do(self.ledger.accept(request))

        assert is_new == (key not in self.rows)
        if is_new:
            self.rows[key] = Row(row.id, self.now, self.now)
        assert row.id == self.rows[key].id

    @rule(seconds=st.sampled_from((0.5, LEASE + 1, 901)))
    def time_passes(self, seconds):
        self.now += seconds

    @rule(limit=st.integers(1, 4), target=workers)
    def claim(self, limit):
        return multiple(*self._claim(limit))

    @rule(limit=st.integers(1, 4), target=workers)
    def claim_elsewhere(self, limit):
        return multiple(*self._claim(limit, self.other))

    def _claim(self, limit, ledger=None):
        free = {it.id: it.due for it in self.rows.values() if it.is_due(self.now)}

        claimed = self._do((ledger or self.ledger).claim(limit))

        first = sorted(free.values())[:limit]
        if not ledger:
            first = self._first(first)
            handed = self._fetched(limit - len(first))
            assert [(it.key, it.claim) for it in claimed[len(first) :]] == handed
        taken = claimed[: len(first)]
        assert [free[row.id] for row in taken] == first
        for row in taken:
            model = self.rows[row.key]
            model.claim, model.lease = row.claim, self.now + LEASE
        return claimed

    def _first(self, first):
        """What comes before all that is handed out: mostly nothing."""
        is_passed_over = bool(self.handed) and self.in_a_row < IN_A_ROW
        self.in_a_row = self.in_a_row + 1 if is_passed_over else 0
        return [] if is_passed_over else first

    def _fetched(self, limit):
        handed, self.handed = self.handed[:limit], self.handed[limit:]
        return handed

    @rule(slot=SLOTS, steps=st.integers(1, 7), keep=st.booleans(), target=workers)
    def hurry(self, slot, steps, *, keep=False):
        """Somebody takes over and brings one row on, holding claims of the others."""
        key, held, row = self._key(slot), {}, None
        self.now += LEASE + 1
        for _ in range(steps):
            if not row:
                claimed = {it.key: it for it in self._claim(3)}
                held |= claimed
                row = claimed.get(key)
            if not row or row.step == LAST_STEP:
                break
            after = self._go_straight(row, keep=keep)
            row = after if keep else None
            held |= {key: row} if row else {}  # as it is known from now on
            self.it_is_as_the_model_says()
        return multiple(*held.values())

    def _go_straight(self, row, *, keep):
        if row.step == "turn.1" and self._do(self.ledger.ahead(row)):
            return self._commit(row, "turn.1", 30.0)
        return self._commit(row, STRAIGHT.get(row.step, LAST_STEP), keep=keep)

    @rule()
    def line_up(self):
        """One has the turn, and another waits for it."""
        self.hurry("a", 4)
        self.hurry("b", 4)

    @rule(slot=SLOTS, is_called=st.booleans())
    def look_at_the_job(self, slot, is_called):
        """Somebody looks, perhaps just when ZStack calls, and goes to sleep again."""
        key = self._key(slot)
        self.hurry(slot, 6)
        self.now += LEASE + 1
        row = {row.key: row for row in self._claim(3)}.get(key)
        if is_called:
            self.zstack_calls_back(slot)
        if row:
            self._commit(row, "follow.1", 30.0)

    @rule(worker=workers, number=st.integers(0, 11), pause=PAUSES, keep=st.booleans())
    def commit(self, worker, number, pause, keep):
        ways = sorted(STEPS[worker.step].leads_to)
        self._commit(worker, ways[number % len(ways)], pause, keep=keep)

    def _commit(self, worker, to, pause=0.0, *, keep=False):
        if to not in STEPS[worker.step].leads_to:
            return None
        is_end = to == LAST_STEP
        step = Next(
            to,
            due_in=None if is_end else pause,
            changes={"job_uuid": _job(worker.key)} | self._changes(worker, to),
            notices=((PLACE, TOLD),) if is_end else (),
        )
        keep = keep and not is_end

        waits = to == "turn.1" and worker.resource_uuid
        is_first = waits and not self._do(self.ledger.ahead(worker))

        after = self._do(self.ledger.commit(worker, step, keep=keep))

        assert bool(after) == self._holds(worker)
        if after:
            self._committed(worker, step, keep=keep, is_first=is_first)
        return after

    def _changes(self, worker, to):
        """What steps write down on these ways."""
        if (worker.step, to) == ("resolve.1", "turn.1"):
            return {"resource_uuid": "vm-1" if worker.key[0] in "ab" else "vm-2"}
        self.questions_asked += 1
        always = {
            "ask.1": {"question": str(self.questions_asked), "turn": None},
            "login.1": {"question": "login"},
            "picture.1": {"turn": worker.resource_uuid},
            "decide.1": {"sent_at": None, "turn": None},
            "sent.1": {} if worker.sent_at else {"sent_at": NOW},
            "batch.1": {"turn": None},
            LAST_STEP: {"outcome": Outcome.SUCCEEDED, "question": None},
        }
        return always.get(to, {})

    def _committed(self, worker, step, *, keep, is_first):
        model, changes = self.rows[worker.key], step.changes
        turn = changes.get("turn")
        others = (it.turn for it in self.rows.values() if it is not model)
        if turn and turn in others:  # somebody was faster
            model.claim, model.due = model.claim if keep else None, self.now
            return
        is_woken = step.step in MAY_BE_WOKEN and model.woken_at >= worker.claimed_at
        later = None if step.due_in is None else self.now + step.due_in
        model.step = step.step
        model.due = self.now if is_woken or is_first else later
        model.claim = model.claim if keep else None
        model.question = changes.get("question", model.question)
        model.resource = changes.get("resource_uuid", model.resource)
        if "sent_at" in changes:
            model.sent_at = self.now if changes["sent_at"] is NOW else None
        if "turn" in changes or step.step == LAST_STEP:
            model.turn = turn
            if not turn:
                self._wake_next(worker.resource_uuid)
        self.told += len(step.notices)

    def _wake_next(self, resource):
        line = [
            (it.accepted_at, it.id, it)
            for it in self.rows.values()
            if it.step == "turn.1" and it.resource == resource
        ]
        for *_, first in sorted(line)[:1]:
            first.due = first.woken_at = self.now

    @rule(worker=workers)
    def beat(self, worker):
        assert self._do(self.ledger.heartbeat(worker)) == self._holds(worker)

        if self._holds(worker):
            self.rows[worker.key].lease = self.now + LEASE

    @rule(worker=workers, seconds=st.sampled_from((1, 30)))
    def postpone(self, worker, seconds):
        self._do(self.ledger.postpone(worker, seconds))

        if self._holds(worker):
            model = self.rows[worker.key]
            model.due, model.claim = self.now + seconds, None

    @rule(slot=SLOTS)
    def zstack_calls_back(self, slot):
        key = self._key(slot)
        model = self.rows[key]
        is_waiting, is_free = model.step in FOR_ZSTACK, model.is_free(self.now)

        assert self._do(self.ledger.called(_job(key))) == is_waiting

        if is_waiting and is_free:
            self._handed_out(key)
        if is_waiting:
            model.due = self.now
            model.woken_at = model.woken_at if is_free else self.now

    def _handed_out(self, key):
        model, claim = self.rows[key], self._read(key).claim
        assert claim not in {None, model.claim}
        model.claim, model.lease = claim, self.now + LEASE
        self.handed.append((key, claim))

    @rule()
    def what_was_handed_out_is_given_back(self):
        self._do(self.ledger.give_back())

        for key, claim in self._fetched(len(self.handed)):
            if self.rows[key].claim == claim:
                self.rows[key].claim = None

    @rule()
    def an_unknown_job_is_called_back(self):
        assert not self._do(self.ledger.called("0" * 32))

    @rule(slot=SLOTS, pause=st.sampled_from((0.0, 1.0, LEASE + 1)), target=workers)
    def zstack_calls_back_about_a_sleeper(self, slot, pause):
        """A row that nobody holds is handed out, perhaps when another has it by then."""
        self.look_at_the_job(slot, is_called=False)
        self.zstack_calls_back(slot)
        self.what_is_due_is_known()
        self.now += pause
        claimed = [*self._claim(4, self.other), *self._claim(1), *self._claim(4)]
        for row in claimed:
            self._commit(row, "follow.1", 30.0)
            self.it_is_as_the_model_says()
        return multiple(*claimed)

    @rule(slot=SLOTS)
    def cancel(self, slot):
        key = self._key(slot)
        model = self.rows[key]
        is_unsent = model.step in CANCELLABLE and not model.sent_at

        is_cancelled = is_unsent or model.is_cancelled
        assert self._do(self.ledger.cancel(self._read(key))) == is_cancelled

        if is_unsent:
            model.is_cancelled = True
            self._diverted(model, "declined.1")

    @rule(slot=SLOTS, kind=st.sampled_from(ASKS), target=questions)
    def ask(self, slot, kind):
        return self._asked(slot, kind)

    @rule(slot=SLOTS, target=questions)
    def ask_again(self, slot):
        """The answer leads to another question, and the first one is still to be seen."""
        first = self._asked(slot, "ask.1")
        if first.step == "ask.1":
            self.answer(first, is_yes=True)
            self._asked(slot, "ask.1")
        return first

    def _asked(self, slot, kind):
        """Somebody takes over and asks, if the row is where it may be asked."""
        key = self._key(slot)
        self.hurry(slot, 1)
        self.now += LEASE + 1
        row = {row.key: row for row in self._claim(3)}.get(key)
        if row:
            self._commit(row, kind, 900.0)
            self.it_is_as_the_model_says()
        return self._read(key)

    @rule(row=questions, is_yes=st.booleans())
    def answer(self, row, is_yes):
        if row.step not in ASKS:
            return
        model = self.rows[row.key]
        to = "decide.1" if is_yes or row.step == "login.1" else "declined.1"
        as_asked = (row.step, row.question, row.sent_at)
        is_open = (model.step, model.question, model.sent_at) == as_asked

        assert self._do(self._resume(row, Next(to))) == is_open

        if is_open:
            self._diverted(model, to)
        self.it_is_as_the_model_says()

    async def _resume(self, row, step):
        async with self.ledger.store.write() as connection:
            return await self.ledger.resume(connection, row, step, place={})

    def _diverted(self, model, to):
        model.step, model.due, model.claim, model.question = to, self.now, None, None

    @invariant()
    def what_is_due_is_known(self):
        free = [it.due for it in self.rows.values() if it.is_free(self.now)]
        first = min([due - self.now for due in free if due is not None], default=None)

        assert self._do(self.other.next_due()) == first
        assert self._do(self.ledger.next_due()) == (0 if self.handed else first)

    @invariant()
    def it_is_as_the_model_says(self):
        rows, told = self._do(self._table())
        assert len(rows) == len(self.rows)
        assert told == self.told
        turns = [row["turn"] for row in rows if row["turn"]]
        assert len(turns) == len(set(turns))
        for row in rows:
            self._check(row, self.rows[row["key"]])

    def _check(self, row, model):
        if row["step"] != model.was_at:
            assert row["step"] in STEPS[model.was_at].ways
        assert (row["step"], row["due"]) == (model.step, model.due)
        assert (row["claim"], row["turn"]) == (model.claim, model.turn)
        assert (row["question"], row["sent_at"]) == (model.question, model.sent_at)
        model.was_at = row["step"]
        if row["finished_at"]:
            assert dict(row) == self.ended.setdefault(row["key"], dict(row))

    async def _table(self):
        async with self.ledger.store.read() as connection:
            rows = (await connection.execute(select(tables.command))).mappings().all()
            count = select(func.count()).select_from(tables.message)
            return rows, (await connection.execute(count)).scalar_one()

    def _read(self, key):
        return self._do(self.ledger.by_key(key))

    def _holds(self, worker):
        return self.rows[worker.key].claim == worker.claim

    def _do(self, work):
        return self._loop.run(work)


def _job(key):
    return key.encode().hex().zfill(32)


def test_the_ledger_is_what_its_model_says(migrated_sqlite):
    run_state_machine_as_test(
        lambda: Commands(migrated_sqlite),
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
