"""Several stories side by side: they mostly wait, and there are many."""

import asyncio


async def together(stories, at_once=4):
    """Run them all, and say of each that failed what was wrong."""
    gate = asyncio.Semaphore(at_once)

    async def tell(story):
        async with gate:
            await story

    told = (tell(story) for story in stories.values())
    ends = await asyncio.gather(*told, return_exceptions=True)
    faults = [
        f"{name}: {end!r}"
        for name, end in zip(stories, ends, strict=True)
        if end is not None
    ]
    assert not faults, "\n".join(faults)
