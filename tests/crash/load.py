"""People who work side by side while the bot keeps dying, and clouds that do not help."""

import asyncio
from collections import Counter

from sandbox.slack import Fault

PEOPLE = {"alice": "ops", "bob": "ops", "carol": "admin"}
VMS = ("web-01", "Web-03", "db-02", "paused-01", "legacy-01", "legacy-02")
ISOS = ("ubuntu-24.04.iso", "debian-12.iso", "rescue.iso")
CHANNELS = ("ops", "ops", "ops", "random")  # in the last the bot cannot read
DETACH, ATTACH = "DetachIsoFromVmInstance", "AttachIsoToVmInstance"
# What leaves ZStack remembering the job: only then is one action promised.
ZSTACK = ("drop", "drop-reply", "error", "proxy", "proxy-reply", "slow", "slow-reply")
SLACK = ("rate_limited", "server_error", "drop_before", "drop_after", "slow")
CALLS = ("chat.postMessage", "chat.update", "response_url", "users.info")


class Load:
    """What people asked for, and what of it was acknowledged.

    Inside it everybody works and answers what they are asked; answers go on after `end`.
    """

    def __init__(self, world, dice):
        self._world = world
        self._dice = dice
        self._people = []
        self._answers = None
        self._answered = set()
        self.acknowledged = Counter()
        self.refused = 0  # in words: the bot could not record it

    async def __aenter__(self):
        deeds = [self._work(user) for user in PEOPLE] + [self._trouble()]
        self._people = [asyncio.create_task(deed) for deed in deeds]
        self._answers = asyncio.create_task(self._answer())
        return self

    async def __aexit__(self, *exception):
        await _stop(*self._people, self._answers)

    async def end(self):
        """Let everybody finish what they are typing; things go well from now on."""
        await _stop(*self._people)
        self._world.node.faults.clear()
        self._world.slack.faults.clear()

    async def _work(self, user):
        while True:
            await asyncio.sleep(self._dice.uniform(0.02, 0.3))
            deed = self._dice.choice(
                (self._detach, self._detach, self._attach, self._undo)
            )
            await asyncio.shield(deed(user))

    async def _detach(self, user):
        await self._type(f"/detach-iso {self._dice.choice(VMS)}", user)

    async def _attach(self, user):
        vm, iso = self._dice.choice(VMS), self._dice.choice(ISOS)
        await self._type(f"/attach-iso {vm} {iso}", user)

    async def _type(self, line, user):
        """Type it; sometimes Slack delivers it twice."""
        command, _, text = line.partition(" ")
        channel = self._dice.choice(CHANNELS)
        slack = self._world.slack
        delivery = slack.drafts.command(command, text, user=user, channel=channel)
        times = self._dice.choice((1, 1, 2))
        acks = await asyncio.gather(*(slack.send(delivery) for _ in range(times)))
        self.acknowledged[line] += any(ack.is_ok and not ack.body for ack in acks)
        self.refused += all(ack.is_ok and ack.body for ack in acks)

    async def _undo(self, user):
        """Press an Undo that somebody may have pressed before, sometimes twice."""
        slack = self._world.slack
        found = [
            (message, control)
            for message in slack.messages()
            for control in message.controls
            if control.label == "Undo"
        ]
        if found:
            message, control = self._dice.choice(found)
            times = self._dice.choice((1, 2))
            clicks = (slack.click(message, control, user=user) for _ in range(times))
            await asyncio.gather(*clicks)

    async def _answer(self):
        """Say yes to whatever asks one person, once it is sure to have been heard."""
        slack = self._world.slack
        while True:
            await asyncio.sleep(0.2)
            for message in [it for it in slack.messages() if it.seen_by]:
                if message.controls and message not in self._answered:
                    control, user = message.controls[0], message.seen_by
                    ack = await slack.click(message, control, user=user)
                    self._answered |= {message} if ack.is_ok else set()

    async def _trouble(self):
        while True:
            await asyncio.sleep(self._dice.uniform(0.2, 1.2))
            kind = self._dice.choice(ZSTACK)
            where = self._dice.choice((DETACH, ATTACH, "api-jobs", "QueryVmInstance"))
            self._world.node.faults.add(kind, where, seconds=0.4)
            call, how = self._dice.choice(CALLS), self._dice.choice(SLACK)
            self._world.slack.faults.add(Fault(call, how, seconds=1))


async def _stop(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
