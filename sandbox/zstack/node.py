"""The simulated management node: its state, and how it runs calls."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sandbox.zstack.errors import ApiError, operation_failed
from sandbox.zstack.faults import Faults
from sandbox.zstack.front import Front
from sandbox.zstack.jobs import Job, Jobs, Task
from sandbox.zstack.log import Log
from sandbox.zstack.sessions import Sessions
from sandbox.zstack.settings import Settings
from sandbox.zstack.web_hook import call_back
from sandbox.zstack.world import World

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sandbox.zstack.api import Call, Json
    from sandbox.zstack.faults import Fault
    from sandbox.zstack.records import Vm

_DRY_RUN = "validationOnly"
_STEPS = ("10", "60", "90")


class Node:
    """A ZStack management node with a cloud of its own.

    Serve `app` on a socket (`sandbox.server.serve`); its REST API is below `/zstack/v1`,
    its controls below `/sandbox`. Keyword arguments are the fields of `Settings`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings()
        self.settings.change(**settings)
        self.world = World()
        self.faults = Faults()
        self.log = Log()
        self.sessions = Sessions(self.settings)
        self.jobs = Jobs()
        self.app = Front(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._queues: dict[str, asyncio.Lock] = {}

    def restart(self) -> None:
        """Crash and come back: what was processing stays so for ever (protocol.md 1.5)."""
        for task in self._tasks:
            task.cancel()
        self._queues.clear()
        self.jobs.progress.clear()

    def reset(self) -> None:
        """Go back to the first world: nobody logged in, no job, no fault, no log."""
        self.restart()
        self.world = World()
        self.faults.clear()
        self.log.clear()
        self.sessions.expire_all()
        self.jobs.rows.clear()

    def now(self) -> datetime:
        """Tell the time by the node's clock, in its zone."""
        ahead = timedelta(seconds=self.settings.clock_ahead_seconds)
        return datetime.now(ZoneInfo(self.settings.timezone)) + ahead

    async def idle(self) -> None:
        """Wait until every job has ended and every callback was tried."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def queue(self, vm_uuid: str) -> asyncio.Lock:
        """Operations of one VM wait here for each other (protocol.md 6)."""
        return self._queues.setdefault(vm_uuid, asyncio.Lock())

    async def agent(self, call: Call, vm: Vm, task: str) -> None:
        """Have the agent of the VM's host do something, which takes its time."""
        seconds = vm.job_seconds
        if seconds is None:
            seconds = self.settings.job_seconds
        for percent in _STEPS:
            entry = Task(
                uuid=uuid4().hex,
                name=task,
                content=percent,
                time=int(time.time() * 1000),
            )
            self.jobs.progress.setdefault(call.job_uuid, []).append(entry)
            await asyncio.sleep(seconds / len(_STEPS))
        host = self.world.hosts[vm.host_uuid or vm.last_host_uuid]
        if host.status != "Connected":
            cause = ApiError(
                code="HOST.1010",
                zh=f"物理机[uuid:{host.uuid}]未连接",
                en=f"host[uuid:{host.uuid}] is disconnected",
            )
            raise operation_failed(
                zh="物理机代理超时", en="the host agent timed out", cause=cause
            )

    async def answer(self, call: Call, fault: Fault | None) -> tuple[int, Json]:
        """Run a call to its end: the status and body of its reply or job."""
        try:
            _check_fault(fault)
            body = await self._run(call)
        except ApiError as error:
            return 503, {"error": error.to_json(self.settings)}
        return 200, body | _schema(body) if call.wants_schema else body

    async def _run(self, call: Call) -> Json:
        if call.api.needs_session:
            call.login = self.sessions.use(call.token)
            _check_policy(call)
        call.api.check(call)
        if _DRY_RUN in call.tags:
            return {}
        return await call.api.run(call)

    def submit(
        self, call: Call, hook: str | None, fault: Fault | None
    ) -> asyncio.Task[None]:
        """Accept an asynchronous call: save its row, and run it on."""
        job = Job(uuid=call.job_uuid)
        if not (fault and fault.kind == "lost"):
            self.jobs.rows.setdefault(job.uuid, job)
        return self._spawn(self._work(call, job, hook, fault))

    async def _work(
        self, call: Call, job: Job, hook: str | None, fault: Fault | None
    ) -> None:
        kind = fault.kind if fault else None
        if kind == "stuck":
            return
        status, body = await self.answer(call, fault)
        if kind == "stuck-done":
            return
        job.end(status, body)
        if hook:
            await call_back(self, hook, job)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _check_policy(call: Call) -> None:
    user = call.session.user
    if not user or call.api.name not in user.denied:
        return
    # Not ID.1002: a policy's refusal is SYS.1006 (protocol.md 2).
    raise operation_failed(
        zh=f"API[{call.api.name}]默认被拒绝",
        en=f"the API[{call.api.name}] is denied by default, no policy allows it",
    )


def _schema(body: Json) -> Json:
    """Name the class of the object in a reply that does not say so itself."""
    thing = body.get("inventory", {})
    name = "vm.VmInstance" if "vmNics" in thing else "identity.Session"
    known = {"inventory": f"org.zstack.header.{name}Inventory"} if thing else {}
    return {"schema": body.get("schema", known)}


def _check_fault(fault: Fault | None) -> None:
    if fault and fault.kind == "fail":
        raise ApiError(
            code=fault.code, zh="模拟的故障", en="a fault that was asked for"
        )
