"""The one-time login page: names whom it connects, takes the password, forgets it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from api.errors import ClockSkewed, Rejected, SessionExpired, ZStackError
from desk.advice import advice
from desk.credentials import Credentials
from desk.login import (
    Ticket,
    TicketGone,
    TicketUnknown,
    disown,
    find,
    log_in,
    receipt,
)
from handlers.web import secret
from handlers.web.body import bounded
from handlers.web.page import page, told
from handlers.web.strangers import Strangers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from desk.desk import Desk

_METHODS = (
    ("account", "Account"),
    ("user", "User of an account"),
    ("ldap", "LDAP"),
    ("generic", "Another way"),
    ("access-key", "Access key"),
)
_WRONG = "ID.1000"
_FIELDS = 20
_NAMES = ("account", "user", "login_type", "key_id")
_SECRETS = ("password", "key_secret")
_TOO_MANY = (
    "Too many login links that are not known came from this address. Try again in a "
    "minute; a link that is known can be used all the time."
)


class LoginPage:
    """`GET` and `POST /login/{ticket}`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._strangers = Strangers("login")

    async def show(self, request: Request) -> Response:
        """Show the form; uses nothing up."""
        try:
            ticket = await self._find(request)
        except (TicketUnknown, TicketGone) as error:
            return _gone(error)
        if ticket.kind == "secret":
            return await secret.show(self._desk, ticket)
        return self._form(ticket)

    async def take(self, request: Request) -> Response:
        """Take the filled-in form and log in at ZStack."""
        try:
            form = _read(await bounded(request))
            if "receipt" in form:
                return await self._disown(request, form["receipt"])
            ticket = await self._find(request)
            if not self._is_from_our_page(request, ticket, form):
                fault = "This form did not come from this page. Fill it in again."
                return await self._again(ticket, fault)
            if ticket.kind == "secret":
                return await secret.take(self._desk, ticket, form)
            return await self._log_in(ticket, form)
        except (TicketUnknown, TicketGone) as error:
            return _gone(error)
        except ValueError:
            text = "This is not what the form of this page sends."
            return told("This cannot be read", text, 400)

    async def _find(self, request: Request) -> Ticket:
        """Find the ticket; whoever tries many that there never were has to wait.

        It is looked for all the same: behind a proxy they may have everybody's address.
        """
        try:
            return await find(self._desk, request.path_params["ticket"])
        except TicketUnknown:
            if self._strangers.is_turned_away(request):
                raise HTTPException(429, _TOO_MANY) from None
            self._strangers.count(request)
            raise

    async def _again(self, ticket: Ticket, fault: str) -> Response:
        if ticket.kind == "secret":
            return await secret.show(self._desk, ticket, fault, 403)
        return self._form(ticket, fault, status=403)

    def _is_from_our_page(
        self, request: Request, ticket: Ticket, form: dict[str, str]
    ) -> bool:
        origin = request.headers.get("origin")
        if origin is not None and _site(origin) != _site(self._desk.public_url):
            return False
        return self._desk.vault.open(ticket.digest, form.get("csrf", "")) is True

    async def _log_in(self, ticket: Ticket, form: dict[str, str]) -> Response:
        fields = {name: form[name] for name in Credentials.model_fields if name in form}
        fields |= {name: fields.get(name, "").strip() for name in _NAMES}
        try:
            credentials = Credentials.model_validate(fields)
        except ValidationError as error:
            names = ", ".join(str(fault["loc"][0]) for fault in error.errors())
            fault = f"Please fill in: {names}."
            return self._form(ticket, fault, form=form, status=400)
        if credentials.missing:
            fault = f"Please fill in the {' and the '.join(credentials.missing)}."
            return self._form(ticket, fault, form=form, status=400)
        try:
            account = await log_in(self._desk, ticket, credentials)
        except Rejected as error:
            return await self._rejected(ticket, form, error)
        except ClockSkewed as error:
            fault = f"ZStack does not take the access key: {error.text}."
            return self._form(ticket, fault, form=form, status=503)
        except ZStackError:
            fault = (
                "ZStack does not answer. Try again in a minute; the link stays valid."
            )
            return self._form(ticket, fault, form=form, status=503)
        text = f"{ticket.person_name} is now connected as {account}. Go back to Slack."
        return page(
            "connected.html",
            200,
            title="Connected",
            text=text,
            ticket=ticket,
            receipt=await receipt(self._desk, ticket),
        )

    async def _disown(self, request: Request, given: str) -> Response:
        """End the session of somebody who passed their link on to who logged in."""
        if await disown(self._desk, request.path_params["ticket"], given):
            text = (
                "The session is ended: nobody acts in ZStack by it any more. Tell your "
                "administrator who sent you the link."
            )
            return told("Disconnected", text, 200)
        text = "There is no such session any more, so there was nothing to end."
        return told("Disconnected before", text, 410)

    async def _rejected(
        self, ticket: Ticket, form: dict[str, str], error: Rejected
    ) -> Response:
        said = error.error
        if said.code == _WRONG:
            fault = "ZStack does not know this name with this password."
        elif isinstance(error, SessionExpired):
            fault = "ZStack does not know this access key with this secret."
        else:
            fault = f"{said}. {advice(said)}"
        await find(self._desk, ticket.secret)  # TicketGone after the fifth try
        return self._form(ticket, fault, form=form, status=403)

    def _form(
        self,
        ticket: Ticket,
        fault: str | None = None,
        *,
        form: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        typed = {n: v for n, v in (form or {}).items() if n not in _SECRETS}
        return page(
            "login.html",
            status,
            title="Connect ZStack to Slack",
            ticket=ticket,
            fault=fault,
            csrf=self._desk.vault.seal(ticket.digest, value=True),
            methods=_METHODS,
            method=typed.get("method", "account"),
            typed=typed,
        )


def _read(body: bytes) -> dict[str, str]:
    """Read a form; raises ValueError for what no browser sends."""
    return dict(parse_qsl(body.decode(), errors="strict", max_num_fields=_FIELDS))


def _site(url: str) -> tuple[str, str | None, int | None]:
    """The origin of `url` as browsers compare it; raises ValueError for a wrong port."""
    parts = urlsplit(url)
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or standard


def _gone(error: Exception) -> Response:
    status = 404 if isinstance(error, TicketUnknown) else 410
    return told("This link cannot be used", str(error), status)
