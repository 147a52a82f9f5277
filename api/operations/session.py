"""Logging in and out."""

from __future__ import annotations

import hashlib
from typing import Annotated

from pydantic import Field, PlainSerializer, SecretStr

from api.models import Session
from api.operation import Operation, Risk, rest


def _sha512(password: SecretStr) -> str:
    # ZStack stores and expects the lower-case hex digest (protocol.md §2).
    return hashlib.sha512(password.get_secret_value().encode()).hexdigest()


def hashed(password: SecretStr) -> SecretStr:
    """The digest that stands for a password, where the API may want it or not."""
    return SecretStr(_sha512(password))


def _clear(password: SecretStr) -> str:
    return password.get_secret_value()


HashedPassword = Annotated[
    SecretStr, PlainSerializer(_sha512), Field(description="the password")
]
ClearPassword = Annotated[
    SecretStr,
    PlainSerializer(_clear),
    Field(description="the password, for an LDAP bind"),
]
SessionUuid = Annotated[str, Field(description="the session", repr=False)]


@rest("PUT /accounts/login", risk=Risk.CHANGE, asynchronous=False, needs_session=False)
class LogInByAccount(Operation[Session]):
    """Log in as an account."""

    account_name: Annotated[str, Field(description="the account's name")]
    password: HashedPassword


@rest(
    "PUT /accounts/users/login",
    risk=Risk.CHANGE,
    asynchronous=False,
    needs_session=False,
)
class LogInByUser(Operation[Session]):
    """Log in as a user of an account."""

    account_name: Annotated[str, Field(description="the account's name")]
    user_name: Annotated[str, Field(description="the user's name")]
    password: HashedPassword


@rest("PUT /ldap/login", risk=Risk.CHANGE, asynchronous=False, needs_session=False)
class LogInByLdap(Operation[Session]):
    """Log in by LDAP."""

    uid: Annotated[str, Field(description="the LDAP name")]
    password: ClearPassword


@rest("PUT /login", risk=Risk.CHANGE, asynchronous=False, needs_session=False)
class LogIn(Operation[Session]):
    """Log in by a way that ZStack names, since 4.6."""

    username: Annotated[str, Field(description="the name")]
    password: Annotated[
        SecretStr,
        PlainSerializer(_clear),
        Field(description="the password, or its digest where ZStack wants that"),
    ]
    login_type: Annotated[str, Field(description="the way: account, ldap or another")]


@rest(
    "DELETE /accounts/sessions/{session_uuid}",
    risk=Risk.CHANGE,
    reply=None,
    asynchronous=False,
    needs_session=False,
    repeatable=True,
)
class LogOut(Operation[None]):
    """End a session."""

    session_uuid: SessionUuid


@rest(
    "GET /accounts/sessions/{session_uuid}/valid",
    risk=Risk.READ,
    reply="valid",
    needs_session=False,
)
class ValidateSession(Operation[bool]):
    """Tell whether a session still lives."""

    session_uuid: SessionUuid
