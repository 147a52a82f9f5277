"""`break_glass:` – who may go ahead without the others, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import model_validator

from desk.policy.conditions import Part
from desk.policy.ids import ChannelId
from desk.policy.subjects import Subjects

if TYPE_CHECKING:
    from typing import Self

    from desk.policy.asked import Who

_OTHERWISE = "Send it without --break-glass, and others are asked to approve it."


class BreakGlass(Part):
    """Whom it lets go ahead; `channel` is the id of the one that is told of it, at once."""

    who: Subjects | None = None
    channel: ChannelId | None = None

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        if bool(self.who) is not bool(self.channel):
            message = "needs both, who may and the channel that is told"
            raise ValueError(message)
        return self

    def objection(self, who: Who) -> str | None:
        """Why `who` may not; None when they may. What is not known is a no."""
        if not self.who:
            return f"The policy lets nobody break the glass here. {_OTHERWISE}"
        fits = self.who.fit(who)
        if fits:
            return None
        if fits is None:
            return f"Nobody can say whether you may break the glass now. {_OTHERWISE}"
        return f"Only {self.who} may break the glass. {_OTHERWISE}"
