import pytest

from desk.errors import Undeliverable
from desk.notice import Notice, Slot
from handlers.deliver import ByKind, Silent

NOTICE = Notice(slot=Slot.ANSWER, title="x")


@pytest.mark.parametrize("place", [{}, {"kind": "pigeon"}, {"kind": None}])
async def test_a_place_that_cannot_be_read_is_given_up_for_good(place):
    with pytest.raises(Undeliverable, match="SECRET_KEYS") as caught:
        await ByKind({"shell": Silent()}).deliver(place, NOTICE)

    assert caught.value.retry_after is None


async def test_the_shell_looks_by_itself():
    told = await ByKind({"shell": Silent()}).deliver({"kind": "shell"}, NOTICE)

    assert told == {"shell": True}
