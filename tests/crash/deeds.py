"""What people, clouds and time do around a kill."""

from api.operation import OPERATIONS

DETACH = "DetachIsoFromVmInstance"


def fault(kind, match=DETACH, **more):
    """ZStack does something wrong with the next such request."""

    async def play(world):
        world.node.faults.add(kind, match, **more)

    return play


def press(name, user="alice"):
    async def play(world):
        await world.press(name, user)

    return play


def press_again(name, user="alice"):
    """What a person does whose click failed because the bot died."""

    async def play(world):
        await world.press_again(name, user)

    return play


def time_passes(seconds):
    async def play(world):
        await world.books.age(seconds)

    return play


def at(step, deed):
    """Do something as soon as a command stands at a step."""

    async def play(world):
        await world.books.stands(step)
        await deed(world)

    return play


def both(*deeds):
    async def play(world):
        for deed in deeds:
            await deed(world)

    return play


async def log_in(world):
    await world.log_in()


async def log_in_again(world):
    """What a person does whose page failed because the bot died."""
    assert await world.log_in()


async def sessions_end(world):
    """ZStack forgets who is logged in."""
    world.node.sessions.expire_all()


async def callbacks_stop(world):
    world.node.settings.change(web_hook="never")


async def job_is_forgotten(world):
    """The job ends, and its record is purged, while nobody asks for it."""
    await world.node.idle()
    world.node.jobs.purge()


async def zstack_leaves(world):
    await world.zstack.leave()


async def zstack_returns(world):
    await world.zstack.come_back()


async def another_command(world):
    """Somebody else works on the same VM just now."""
    world.node.settings.change(job_seconds=2)
    await world.type("/detach-iso web-01 ubuntu-24.04.iso")
    await world.books.stands("follow.1")


async def two_must_approve(world):
    """The policy file wants two more people; it holds from the next start on."""
    terms = "{effect: approve, approval: {people: 2}}"
    policy = f"risks: {{destroy: {terms}}}\nrules: [{{name: all, effect: allow}}]\n"
    (world.directory / "policy.yaml").write_text(policy)


async def cancel(world):
    """The person changes their mind, again when the bot died of it."""
    (row,) = [it for it in await world.books.entries() if it.operation in OPERATIONS]
    await world.type(f"/zstack cancel {row.id}")


async def hold_back(world):
    """The row waits, as it does after a fault of ours, and a person is faster."""
    await world.books.hold_back(5)
