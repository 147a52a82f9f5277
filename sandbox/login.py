"""Log in through the bot's own page, as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx

if TYPE_CHECKING:
    from sandbox.slack import Message, Slack


_UNSEEN = frozenset({"title", "style", "script"})


class LoginFailedError(Exception):
    """No link came, or the page did not let the person in."""


@dataclass
class Form:
    """What a browser would send back besides what is typed."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    asks_password: bool = False


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form()
        self.text: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._unseen += tag in _UNSEEN
        kind = (given.get("type") or "").lower()
        if tag == "form":
            self.form.action = given.get("action") or ""
        elif tag == "input" and kind == "hidden":
            self.form.hidden[given.get("name") or ""] = given.get("value") or ""
        elif tag == "input" and kind == "password":
            self.form.asks_password = True

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._unseen:
            self.text.append(data.strip())


async def login(
    slack: Slack, *, user: str, account: str, password: str, within: float = 10.0
) -> str:
    """Ask for a link, follow it, fill the form in; returns what the page says then."""
    person = slack.workspace.person(user).id
    earlier = set(slack.transcript.all)
    ack = await slack.command("/zstack", "login", user=user)
    if not ack.is_ok:
        failed = f"/zstack login: {ack.failure}"
        raise LoginFailedError(failed)
    private = {person, f"D{person[1:]}"}
    try:
        message = await slack.wait(
            lambda it: (
                bool({it.seen_by, it.channel} & private and _link(it))
                and it not in earlier
            ),
            within,
        )
    except TimeoutError as error:
        missing = f"no private message with a login link came: {error}"
        raise LoginFailedError(missing) from error
    return await follow(_link(message), account=account, password=password)


async def follow(link: str, *, account: str, password: str) -> str:
    """Fill in the page behind a login link."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        page = await browser.get(link)
        if page.is_error:
            gone = f"the login page answered {page.status_code}"
            raise LoginFailedError(gone)
        form = _parse(page.text).form
        typed = {"method": "account", "account": account, "password": password}
        site = urlsplit(link)
        answer = await browser.post(
            urljoin(str(page.url), form.action),
            data=form.hidden | typed,
            headers={"Origin": f"{site.scheme}://{site.netloc}", "Referer": link},
        )
    after = _parse(answer.text)
    if answer.is_error or after.form.asks_password:
        refused = f"the login page answered {answer.status_code}: {' '.join(after.text)[:300]}"
        raise LoginFailedError(refused)
    return ": ".join(after.text[:2])  # its heading, and what it says first


def _parse(page: str) -> _FormParser:
    parser = _FormParser()
    parser.feed(page)
    return parser


def _link(message: Message) -> str:
    links = [it.url for it in message.controls if "/login/" in it.url]
    return links[0] if links else ""
