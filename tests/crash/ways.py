"""How a command is brought to take each way of the state machine, and how it then ends."""

from dataclasses import dataclass

from tests.crash import deeds
from tests.crash.deeds import at, both, fault, press, press_again, time_passes


async def _nothing(world):
    pass


@dataclass(frozen=True)
class Scenario:
    """What happens around one way.

    Alice logs in, `first` happens, and she types `line`, or a workflow runs the `step` that
    says the same. With `stands` the bot first dies
    before or after a way, and `meanwhile` happens while nobody runs. `during` happens while
    the bot runs that will die on the way, `after` when it is dead, and `then` when the next
    one runs. Commands end as in `ends`, after so many `actions`; `if_before` is both of
    these when the way itself never was committed.
    """

    line: str = "/detach-iso web-01"
    step: tuple = ()
    user: str = "alice"
    is_logged_in: bool = True
    job_seconds: float = 0.3
    answers_at_once: bool = False
    first: object = _nothing
    stands: tuple = ()
    meanwhile: object = _nothing
    during: object = _nothing
    after: object = _nothing
    then: object = _nothing
    ends: tuple = ("succeeded",)
    actions: int = 1
    if_before: tuple = ()

    async def asked(self, world):
        """Let the command come."""
        if self.step:
            await world.slack.step(*self.step)
        else:
            await world.type(self.line, user=self.user)

    def end(self, moment):
        """How commands end, and after how many actions."""
        usual = (self.ends, self.actions)
        return (self.if_before or usual) if moment == "before" else usual


@dataclass(frozen=True)
class Elsewhere:
    """Why no process is killed on a way."""

    reason: str


SENT = ("after", "picture.1", "send.1")
PLAIN = Scenario()
REFUSED = {"ends": ("refused",), "actions": 0}
EXPIRED = {"ends": ("expired",), "actions": 0}
FAILED = {"line": "/detach-iso agentless-01", "ends": ("failed",)}
SHOW = {"line": "/zstack vm show web-01", "actions": 0}
BATCH = {
    "line": "/detach-iso db-01",
    "during": press("Choose All 2"),
    "ends": ("succeeded",) * 3,  # the whole and its parts
    "actions": 2,
}
STEP = {"step": ("iso_detach", {"vm_instance_uuid": "web-01", "person": "U0ALICE"})}
DESTROY = {"line": '/zstack vm destroy web-01 --reason "replaced"'}
# What the policy of these worlds lets run under the service key.
ALONE = {
    "step": ("iso_attach", {"vm_instance_uuid": "web-02", "iso_uuid": "rescue.iso"}),
    "line": "/attach-iso web-02 rescue.iso",
}
# A quarter of an hour later.
UNANSWERED = {"meanwhile": time_passes(901)} | EXPIRED


def cancelled(*stands, **more):
    """The person takes it back before it is sent."""
    return Scenario(
        stands=stands, meanwhile=deeds.hold_back, during=deeds.cancel, **REFUSED, **more
    )


WAYS = {
    ("decide.1", "login.1"): Scenario(
        is_logged_in=False, then=at("login.1", deeds.log_in_again)
    ),
    ("decide.1", "resolve.1"): PLAIN,
    ("decide.1", "ask.1"): Scenario(**STEP, then=press("Run")),
    ("decide.1", "decide.1"): Scenario(**ALONE),
    ("decide.1", "done.1"): Scenario(user="guest", **REFUSED),
    ("login.1", "done.1"): Scenario(
        is_logged_in=False, stands=("after", "decide.1", "login.1"), **UNANSWERED
    ),
    ("login.1", "decide.1"): Scenario(
        is_logged_in=False, during=at("login.1", deeds.log_in), then=deeds.log_in_again
    ),
    ("login.1", "sent.1"): Scenario(
        first=fault("drop"),
        stands=("after", "sent.1", "send.1"),
        meanwhile=time_passes(7201),
        during=at("login.1", deeds.log_in),
        then=deeds.log_in_again,
    ),
    ("resolve.1", "login.1"): Scenario(
        first=deeds.sessions_end, then=at("login.1", deeds.log_in_again)
    ),
    ("resolve.1", "turn.1"): PLAIN,
    ("resolve.1", "ask.1"): Scenario(
        line="/detach-iso twin", then=press("Choose twin")
    ),
    ("resolve.1", "done.1"): Scenario(line="/detach-iso no-such-vm", **REFUSED),
    ("turn.1", "turn.1"): Scenario(
        first=deeds.another_command, ends=("succeeded", "unchanged")
    ),
    ("turn.1", "picture.1"): PLAIN,
    ("turn.1", "done.1"): Elsewhere(
        "only a fault of ours ends a row there: tests/desk/stories/test_story_bugs.py"
    ),
    ("picture.1", "done.1"): Scenario(
        line="/detach-iso web-02", ends=("unchanged",), actions=0
    ),
    ("picture.1", "login.1"): Scenario(
        first=fault("fail", "QueryHost", code="ID.1001"),
        then=at("login.1", deeds.log_in_again),
    ),
    ("picture.1", "ask.1"): Scenario(
        line="/detach-iso db-01", then=press("Choose rescue.iso")
    ),
    ("picture.1", "send.1"): PLAIN,
    ("ask.1", "done.1"): Scenario(
        line="/detach-iso db-01", stands=("after", "picture.1", "ask.1"), **UNANSWERED
    ),
    ("ask.1", "decide.1"): Scenario(
        line="/detach-iso db-01",
        during=press("Choose rescue.iso"),
        then=press_again("Choose rescue.iso"),
    ),
    ("ask.1", "declined.1"): Scenario(
        line="/detach-iso installer-01",
        during=press("Leave it"),
        then=press_again("Leave it"),
        **REFUSED,
    ),
    ("declined.1", "done.1"): Scenario(
        line="/detach-iso installer-01", during=press("Leave it"), **REFUSED
    ),
    ("send.1", "login.1"): Scenario(
        stands=SENT, meanwhile=time_passes(7201), then=at("login.1", deeds.log_in_again)
    ),
    ("send.1", "sent.1"): PLAIN,
    ("send.1", "send.1"): Scenario(
        stands=SENT, meanwhile=deeds.zstack_leaves, after=deeds.zstack_returns
    ),
    ("send.1", "follow.1"): PLAIN,
    ("send.1", "verify.1"): Scenario(answers_at_once=True),
    ("send.1", "decide.1"): Scenario(
        answers_at_once=True,
        stands=SENT,
        meanwhile=fault("slow", seconds=1.5),
        during=deeds.log_in,
    ),
    ("send.1", "done.1"): Scenario(
        stands=SENT,
        meanwhile=both(deeds.zstack_leaves, time_passes(121)),
        after=deeds.zstack_returns,
        ends=("failed",),
        actions=0,
        if_before=(("succeeded",), 1),
    ),
    ("sent.1", "login.1"): Scenario(
        stands=SENT,
        meanwhile=both(deeds.sessions_end, fault("drop-reply")),
        then=at("login.1", deeds.log_in_again),
    ),
    ("sent.1", "sent.1"): Scenario(
        first=both(fault("drop-reply"), fault("drop", "api-jobs"))
    ),
    ("sent.1", "send.1"): Scenario(first=fault("drop")),
    ("sent.1", "follow.1"): Scenario(first=fault("drop-reply"), job_seconds=4),
    ("sent.1", "verify.1"): Scenario(first=fault("drop-reply")),
    ("sent.1", "decide.1"): Scenario(
        stands=SENT,
        meanwhile=both(deeds.sessions_end, deeds.callbacks_stop, fault("drop-reply")),
        during=at("sent.1", deeds.log_in),
    ),
    ("sent.1", "done.1"): Scenario(first=fault("drop-reply"), **FAILED),
    ("follow.1", "login.1"): Scenario(
        stands=SENT,
        meanwhile=deeds.sessions_end,
        then=at("login.1", deeds.log_in_again),
    ),
    ("follow.1", "follow.1"): Scenario(job_seconds=4),
    ("follow.1", "verify.1"): Scenario(
        first=deeds.callbacks_stop,
        stands=("after", "send.1", "follow.1"),
        meanwhile=deeds.job_is_forgotten,
    ),
    ("follow.1", "decide.1"): Scenario(
        stands=SENT, meanwhile=fault("slow", seconds=1.5), during=deeds.log_in
    ),
    ("follow.1", "done.1"): PLAIN,
    ("verify.1", "done.1"): Scenario(answers_at_once=True),
    ("decide.1", "read.1"): Scenario(**SHOW),
    ("read.1", "login.1"): Scenario(
        first=deeds.sessions_end, then=at("login.1", deeds.log_in_again), **SHOW
    ),
    ("read.1", "ask.1"): Scenario(
        line="/zstack vm show twin", actions=0, then=press("Choose twin")
    ),
    ("read.1", "done.1"): Scenario(**SHOW),
    ("read.1", "declined.1"): cancelled(
        "after", "decide.1", "read.1", line=SHOW["line"]
    ),
    ("picture.1", "batch.1"): Scenario(**BATCH),
    ("batch.1", "batch.1"): Scenario(**BATCH),
    ("batch.1", "done.1"): Scenario(**BATCH),
    ("picture.1", "approve.1"): Scenario(then=press("Approve", "bob"), **DESTROY),
    ("approve.1", "approve.1"): Scenario(
        stands=("before", "decide.1", "resolve.1"),
        meanwhile=deeds.two_must_approve,
        during=press("Approve", "bob"),
        then=both(press_again("Approve", "bob"), press("Approve", "carol")),
        **DESTROY,
    ),
    ("approve.1", "decide.1"): Scenario(during=press("Approve", "bob"), **DESTROY),
    ("approve.1", "done.1"): Scenario(
        during=press("Deny", "bob"), **DESTROY, **REFUSED
    ),
    ("approve.1", "declined.1"): Scenario(
        stands=("after", "picture.1", "approve.1"),
        during=deeds.cancel,
        **DESTROY,
        **REFUSED,
    ),
    ("decide.1", "declined.1"): cancelled("before", "decide.1", "resolve.1"),
    ("login.1", "declined.1"): cancelled(
        "after", "decide.1", "login.1", is_logged_in=False
    ),
    ("resolve.1", "declined.1"): cancelled("after", "decide.1", "resolve.1"),
    ("turn.1", "declined.1"): cancelled("after", "resolve.1", "turn.1"),
    ("picture.1", "declined.1"): cancelled("after", "turn.1", "picture.1"),
    ("send.1", "declined.1"): cancelled(*SENT),
}
