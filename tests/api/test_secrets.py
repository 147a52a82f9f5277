import hashlib
import logging
import traceback

import pytest
from pydantic import ValidationError

from api.auth import SessionAuth
from api.errors import JobUnfinished, Unreachable
from api.models import Session
from api.operations import (
    GetTaskProgress,
    LogInByAccount,
    LogInByLdap,
    LogInByUser,
    LogOut,
    ValidateSession,
)
from api.wire import as_curl

SECRET = "4796188f38784439a721f2ef35a0d0d3"

HOLDERS = [
    LogInByAccount(account_name="admin", password=SECRET),
    LogInByUser(account_name="admin", user_name="ann", password=SECRET),
    LogInByLdap(uid="ann", password=SECRET),
    LogOut(session_uuid=SECRET),
    ValidateSession(session_uuid=SECRET),
    GetTaskProgress(api_id=SECRET),
]

every_holder = pytest.mark.parametrize(
    "holder", HOLDERS, ids=[type(holder).__name__ for holder in HOLDERS]
)


@pytest.mark.parametrize(
    "holder",
    [
        *(pytest.param(holder, id=type(holder).__name__) for holder in HOLDERS),
        pytest.param(Session(uuid=SECRET, account_uuid="7"), id="Session"),
        pytest.param(SessionAuth(SECRET), id="SessionAuth"),
        pytest.param(JobUnfinished(SECRET), id="JobUnfinished"),
    ],
)
@pytest.mark.parametrize("say", [repr, str, "{}".format], ids=["repr", "str", "format"])
def test_a_secret_is_not_said(say, holder):
    assert SECRET not in say(holder)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda: LogInByAccount(account_name="a", password=[SECRET]), id="a list"
        ),
        pytest.param(
            lambda: LogInByLdap(uid="a", password=SECRET, typo=1), id="a typo beside"
        ),
        pytest.param(
            lambda: LogInByLdap(uid="a", passwort=SECRET), id="a misspelt password"
        ),
        pytest.param(lambda: LogOut(session_uuid=[SECRET]), id="a list of sessions"),
        pytest.param(
            lambda: LogInByLdap(uid="a", password=f"{SECRET}\ud83d"), id="half a pair"
        ),
        pytest.param(lambda: Session.model_validate({"uuid": SECRET}), id="a session"),
    ],
)
def test_a_refused_value_is_not_repeated(make):
    with pytest.raises(ValidationError) as caught:
        make()

    assert SECRET not in "".join(traceback.format_exception(caught.value))


@every_holder
def test_a_secret_is_not_in_the_command_line(holder):
    digest = hashlib.sha512(SECRET.encode()).hexdigest()

    assert SECRET not in as_curl(holder)
    assert digest not in as_curl(holder)


@pytest.mark.parametrize(
    ("holder", "placeholder"),
    [
        pytest.param(HOLDERS[0], '"password": "PASSWORD"', id="password"),
        pytest.param(HOLDERS[3], "/sessions/SESSION_UUID", id="session"),
        pytest.param(HOLDERS[5], "/task-progresses/API_ID", id="job"),
    ],
)
def test_the_command_line_says_what_to_fill_in(holder, placeholder):
    assert placeholder in as_curl(holder)


async def test_a_session_is_not_logged(cloud, caplog):
    caplog.set_level(logging.INFO)

    await cloud.call(LogOut(session_uuid=SECRET))

    assert SECRET not in caplog.text


async def test_a_session_is_not_in_what_went_wrong_with_it(node, cloud):
    node.script = [None]

    with pytest.raises(Unreachable) as caught:
        await cloud.call(LogOut(session_uuid=SECRET))

    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_session_that_is_no_header_is_not_repeated(cloud):
    with pytest.raises(Unreachable) as caught:
        await cloud.call(LogOut(session_uuid="42"), SessionAuth(f"{SECRET}\n"))

    assert SECRET not in "".join(traceback.format_exception(caught.value))
