"""Who owns what."""

from __future__ import annotations

from api.models import Account, AccountResourceRef
from api.operation import Risk, rest
from api.query import Query, names_of


@rest("GET /accounts/resources/refs", risk=Risk.READ, reply="inventories")
class QueryAccountResourceRef(Query[AccountResourceRef]):
    """List which account owns which resource."""

    entity = "accountresourceref"
    names = names_of(AccountResourceRef)


@rest("GET /accounts", risk=Risk.READ, reply="inventories")
class QueryAccount(Query[Account]):
    """List accounts."""

    entity = "account"
    names = names_of(Account)
