"""Who is on call at PagerDuty, remembered for a minute."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from cachetools import TTLCache
from pydantic import BaseModel, ValidationError

from desk.person import SERVICE
from desk.rolls import Unanswered
from handlers.slack.flights import Flights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import SecretStr

    from desk.person import Person

_TIMEOUT = httpx.Timeout(5, connect=3)
_PAGE = 100
_PAGES = 10  # of one schedule; nobody has a thousand people on call at once
_WHY = {
    401: "PagerDuty does not take PAGERDUTY_TOKEN",
    403: "PAGERDUTY_TOKEN may not read PagerDuty's schedules",
    404: "PagerDuty has no such schedule",
    429: "PagerDuty is asked too often",
}


class _User(BaseModel):
    email: str = ""


class _Shift(BaseModel):
    user: _User


class _Page(BaseModel):
    oncalls: list[_Shift]
    more: bool = False


class Emails(Protocol):
    """Knows the e-mail address by which both sides know somebody."""

    async def email(self, person: Person) -> str:
        """Tell the address; raises Unanswered."""
        ...


class PagerDuty:
    """A roll that PagerDuty keeps; people are the same when their addresses are."""

    def __init__(
        self, url: str, token: SecretStr, http: httpx.AsyncClient, emails: Emails
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._http = http
        self._emails = emails
        self._on_call: TTLCache[str, frozenset[str]] = TTLCache(256, 60)
        self._flights: Flights[frozenset[str]] = Flights()

    async def has(self, name: str, person: Person) -> bool:
        """Tell whether `person` is on call in the schedule `name`; raises Unanswered."""
        email = await self._emails.email(person)
        return email.casefold() in await self._known(name)

    async def people(self, name: str, known: Iterable[Person]) -> frozenset[Person]:
        """Tell who of `known` is on call in it; raises Unanswered."""
        on_call, found = await self._known(name), set()
        for person in known:
            if person.is_shell or person == SERVICE:
                continue
            with contextlib.suppress(Unanswered):  # who has no address is not there
                if (await self._emails.email(person)).casefold() in on_call:
                    found.add(person)
        return frozenset(found)

    async def size(self, name: str) -> int:
        """Tell how many are on call in it; raises Unanswered."""
        return len(await self._known(name))

    async def _known(self, name: str) -> frozenset[str]:
        found = self._on_call.get(name)
        if found is None:
            found = await self._flights.once(name, lambda: self._ask(name))
            self._on_call[name] = found
        return found

    async def _ask(self, schedule: str) -> frozenset[str]:
        found: set[str] = set()
        for page in range(_PAGES):
            answer = await self._page(schedule, page * _PAGE)
            found.update(_addresses(answer))
            if not answer.more:
                return frozenset(found)
        message = f"more people are on call in {schedule} than can be asked for"
        raise Unanswered(message)

    async def _page(self, schedule: str, offset: int) -> _Page:
        asked: dict[str, Any] = {
            "schedule_ids[]": schedule,
            "include[]": "users",
            "limit": _PAGE,
            "offset": offset,
        }
        headers = {
            "Authorization": f"Token token={self._token.get_secret_value()}",
            "Accept": "application/vnd.pagerduty+json;version=2",
        }
        try:
            answer = await self._http.get(
                f"{self._url}/oncalls", params=asked, headers=headers, timeout=_TIMEOUT
            )
        except httpx.HTTPError as error:
            message = f"PagerDuty does not answer ({type(error).__name__})"
            raise Unanswered(message) from None
        if not answer.is_success:
            said = f"PagerDuty answers with status {answer.status_code}"
            raise Unanswered(_WHY.get(answer.status_code, said))
        try:
            return _Page.model_validate_json(answer.content)
        except ValidationError:
            message = "PagerDuty answers something that cannot be read"
            raise Unanswered(message) from None


def _addresses(page: _Page) -> Iterator[str]:
    return (it.user.email.casefold() for it in page.oncalls if it.user.email)
