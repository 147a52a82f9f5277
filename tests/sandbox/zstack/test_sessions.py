import hashlib
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from sandbox.zstack.credentials import sign

HASHED = hashlib.sha512(b"sandbox-password").hexdigest()
VMS = "/vm-instances"


def put(client, path, action, **fields):
    return client.send("PUT", path, json={action: fields})


@pytest.mark.parametrize(
    ("path", "action", "fields"),
    [
        pytest.param(
            "/accounts/login",
            "logInByAccount",
            {"accountName": "ops", "password": HASHED},
            id="account",
        ),
        pytest.param(
            "/accounts/users/login",
            "logInByUser",
            {"accountName": "ops", "userName": "oncall", "password": HASHED},
            id="user",
        ),
        pytest.param(
            "/ldap/login",
            "logInByLdap",
            {"uid": "lena", "password": "sandbox-password"},
            id="LDAP",
        ),
        pytest.param(
            "/login",
            "logIn",
            {"username": "ops", "password": HASHED, "loginType": "account"},
            id="generic",
        ),
        pytest.param(
            "/login",
            "logIn",
            {"username": "lena", "password": "sandbox-password", "loginType": "ldap"},
            id="generic LDAP",
        ),
    ],
)
async def test_login_opens_a_session_of_the_account(
    anonymous, node, path, action, fields
):
    good = await put(anonymous, path, action, **fields)
    bad = await put(anonymous, path, action, **fields | {"password": "wrong"})

    assert good.json()["inventory"]["accountUuid"] == node.world.account("ops").uuid
    assert bad.status_code == 503
    assert bad.json()["error"]["code"] == "ID.1000"


@pytest.mark.parametrize("account", ["guest-tenant", "nobody"])
async def test_a_user_belongs_to_one_account(anonymous, account):
    reply = await put(
        anonymous,
        "/accounts/users/login",
        "logInByUser",
        accountName=account,
        userName="oncall",
        password=HASHED,
    )

    assert reply.json()["error"]["code"] == "ID.1000"


async def test_too_many_sessions_are_refused(anonymous, node):
    node.settings.change(max_concurrent_sessions=1)
    await anonymous.log_in("ops")

    reply = await anonymous.log_in("ops")

    assert reply.json()["error"]["code"] == "ID.1006"
    assert (await anonymous.log_in("admin")).status_code == 200


async def test_an_expired_session_is_refused_at_once_by_a_query(ops, node):
    node.sessions.expire_all()

    reply = await ops.send("GET", VMS)

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "ID.1001"


async def test_an_expired_session_is_refused_by_the_job_of_an_action(ops, node):
    node.sessions.expire_all()

    reply = await ops.detach("web-01")

    assert reply.json()["error"]["code"] == "ID.1001"
    assert node.log.actions() == []


async def test_a_call_renews_the_session_and_a_poll_does_not(ops, node):
    session = node.sessions.use(ops.headers["Authorization"].removeprefix("OAuth "))
    session.expires = before = session.expires - 1000

    await ops.poll("0" * 32)
    after_poll = session.expires
    await ops.send("GET", VMS)

    assert after_poll == before
    assert session.expires > before


async def test_a_session_ends_by_itself(anonymous, node):
    node.settings.change(session_seconds=0)
    await anonymous.log_in()

    assert (await anonymous.send("GET", VMS)).json()["error"]["code"] == "ID.1001"


async def test_log_out_ends_the_session_without_authorization(ops):
    uuid = ops.headers.pop("Authorization").removeprefix("OAuth ")
    before = await ops.send("GET", f"/accounts/sessions/{uuid}/valid")

    assert (await ops.send("DELETE", f"/accounts/sessions/{uuid}")).json() == {}

    after = await ops.send("GET", f"/accounts/sessions/{uuid}/valid")
    assert (before.json(), after.json()) == ({"valid": True}, {"valid": False})


async def test_renewal_is_a_job(ops):
    uuid = ops.headers["Authorization"].removeprefix("OAuth ")
    path = f"/accounts/sessions/{uuid}/renew"

    good = await ops.job("PUT", path, json={"renewSession": {"duration": "86400.0"}})
    short = await ops.job("PUT", path, json={"renewSession": {"duration": 1}})

    assert good.json()["inventory"]["uuid"] == uuid
    assert short.json()["error"]["code"] == "SYS.1007"


@pytest.mark.parametrize("duration", ["1.5", "soon", None])
async def test_a_number_must_be_integral(ops, duration):
    body = {"renewSession": {"duration": duration}}

    reply = await ops.send("PUT", "/accounts/sessions/x/renew", json=body)

    assert reply.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="missing"),
        pytest.param({"Authorization": "Basic b3BzOg=="}, id="unknown scheme"),
        pytest.param({"Authorization": "ZStack a:b"}, id="key without date"),
    ],
)
async def test_authorization_is_refused_in_text(anonymous, headers):
    reply = await anonymous.send("GET", VMS, headers=headers)

    assert reply.status_code == 400
    assert not reply.text.startswith("{")


async def test_a_policy_refuses_a_user_with_sys_1006_in_the_servers_language(
    anonymous,
):
    reply = await put(
        anonymous,
        "/accounts/users/login",
        "logInByUser",
        accountName="ops",
        userName="viewer",
        password=HASHED,
    )
    session = reply.json()["inventory"]["uuid"]
    anonymous.headers = {"Authorization": f"OAuth {session}"}

    error = (await anonymous.detach("web-01")).json()["error"]

    assert error["code"] == "SYS.1006"
    assert "默认被拒绝" in error["details"]
    assert (await anonymous.send("GET", VMS)).status_code == 200


def signed(node, method, path, when, secret_of="ops"):
    date = format_datetime(when)
    account = node.world.account(secret_of)
    return {
        "Date": date,
        "Authorization": f"ZStack ops-key:{sign(account, method, date, path)}",
    }


SHANGHAI = timezone(timedelta(hours=8))


async def test_an_access_key_signs_each_request(anonymous, node):
    now = datetime.now(SHANGHAI)

    for _ in range(2):
        reply = await anonymous.send("GET", VMS, headers=signed(node, "GET", VMS, now))
        assert reply.status_code == 200


async def test_an_access_key_outlives_idle_hours(anonymous, node):
    headers = signed(node, "GET", VMS, datetime.now(SHANGHAI))
    await anonymous.send("GET", VMS, headers=headers)
    node.sessions.open_for_key(node.world.account("ops")).expires = 0

    assert (await anonymous.send("GET", VMS, headers=headers)).status_code == 200


async def test_a_wrong_signature_is_no_session(anonymous, node):
    headers = signed(node, "GET", VMS, datetime.now(SHANGHAI), secret_of="admin")

    reply = await anonymous.send("GET", VMS, headers=headers)

    assert reply.json()["error"]["code"] == "ID.1001"


async def test_a_date_in_another_zone_is_too_far_off(anonymous, node):
    headers = signed(node, "GET", VMS, datetime.now(UTC))

    reply = await anonymous.send("GET", VMS, headers=headers)

    assert (reply.status_code, reply.text) == (403, "requestTimeTooSkewed")
