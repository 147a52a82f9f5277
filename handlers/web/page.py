"""One-time pages: no script, nothing from elsewhere, kept nowhere."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from starlette.responses import Response

_pages = Environment(
    loader=PackageLoader("handlers.web"), autoescape=True, undefined=StrictUndefined
)


def told(title: str, text: str, status: int) -> Response:
    """A page that says something and asks nothing."""
    return page("told.html", status, title=title, text=text)


def page(name: str, status: int, **values: Any) -> Response:
    """Fill a template in."""
    nonce = secrets.token_urlsafe(16)
    html = _pages.get_template(name).render(nonce=nonce, **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        # Not "no-referrer": browsers would then send `Origin: null` with the form.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(html, status, headers)
