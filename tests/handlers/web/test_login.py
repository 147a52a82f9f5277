"""The login page: whom it connects, what it takes, and what it never keeps."""

import asyncio
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from desk import audit
from handlers.web.app import web

PASSWORD = "sandbox-password"


class Page(HTMLParser):
    """The parts of a page that count."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inputs, self.words = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    @property
    def csrf(self):
        return next(
            given["value"] for _, given in self.tags if given.get("name") == "csrf"
        )


@pytest.fixture
async def link(bot):
    await bot.command("/zstack login")
    return await bot.link()


@pytest.fixture
def open_page(bot, link):
    """Open the page; returns what it shows."""

    async def open_page():
        answer = await bot.browser.get(link)
        assert answer.status_code == 200
        return Page(answer.text)

    return open_page


@pytest.fixture
def submit(bot, link, open_page):
    """Fill the form in as a browser does, with changes; None leaves a field out."""

    async def submit(origin=None, **typed):
        known = {"csrf": (await open_page()).csrf, "method": "account"}
        known |= {"account": "ops", "password": PASSWORD}
        form = {k: v for k, v in (known | typed).items() if v is not None}
        headers = {"Origin": origin or bot.url}
        return await bot.browser.post(link, data=form, headers=headers)

    return submit


async def test_looking_does_not_use_the_link_up(bot, link, submit):
    for _ in range(10):
        assert (await bot.browser.get(link)).status_code == 200
        assert (await bot.browser.head(link)).status_code == 200

    assert (await submit()).status_code == 200


async def test_the_page_names_the_person_and_the_workspace(open_page, bot):
    name, workspace = await bot.members.names((await bot.rows())[0].person)

    words = " ".join((await open_page()).words.split())

    assert f"This lets {name} of the Slack workspace {workspace} act" in words


async def test_a_name_is_shown_as_text(bot):
    bot.slack.workspace.person("bob").name = "<script>alert('&')</script>"
    await bot.command("/zstack login", user="U0BOB")

    answer = await bot.browser.get(await bot.link("U0BOB"))

    page = Page(answer.text)
    assert "<script>alert('&')</script>" in page.words
    assert "script" not in {tag for tag, _ in page.tags}


async def test_a_page_runs_no_script_and_is_kept_nowhere(bot, link, submit):
    for answer in (await bot.browser.get(link), await submit(csrf="x"), await submit()):
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"style-src 'nonce-([\w-]+)'", policy)[1]
        assert policy.startswith("default-src 'none'; ")
        assert "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in policy
        assert f'<style nonce="{nonce}">' in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert not re.search(r"<script|\son\w+=|javascript:", answer.text)


async def test_each_page_has_a_nonce_of_its_own(bot, link):
    policies = {
        (await bot.browser.get(link)).headers["content-security-policy"]
        for _ in range(2)
    }

    assert len(policies) == 2


async def test_the_page_lets_browsers_say_where_a_form_came_from(bot, link):
    # Under "no-referrer" they would send `Origin: null` with their own form.
    headers = (await bot.browser.get(link)).headers

    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("typed", "account"),
    [
        pytest.param({}, "ops", id="account"),
        pytest.param({"account": " ops "}, "ops", id="spaces around"),
        pytest.param({"method": "user", "user": "oncall"}, "ops/oncall", id="user"),
        pytest.param(
            {"method": "ldap", "user": "lena", "account": None},
            "lena (LDAP)",
            id="LDAP",
        ),
        pytest.param(
            {"method": "generic", "user": "ops", "login_type": "account"},
            "ops (account)",
            id="generic",
        ),
        pytest.param(
            {"method": "generic", "user": "lena", "login_type": "ldap"},
            "lena (ldap)",
            id="generic LDAP",
        ),
    ],
)
async def test_the_right_password_connects(bot, submit, typed, account):
    answer = await submit(**typed)

    assert answer.status_code == 200
    assert f"alice is now connected as {account}." in Page(answer.text).words
    told = await bot.said(f"now acts in ZStack as {account}")
    assert told.channel == "D0ALICE"


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("pässwörd 密码 🔑", id="of every script"),
        pytest.param("&=%+#;\"'<> \\", id="of signs"),
        pytest.param("x" * 100_000, id="very long"),
    ],
)
async def test_any_password_reaches_zstack_as_it_is(bot, submit, password):
    bot.node.world.account("ops").password = password

    answer = await submit(password=password)

    assert answer.status_code == 200


KEY = {"method": "access-key", "account": None, "password": None}
KEY |= {"key_id": " ops-key ", "key_secret": "ops-key-secret"}


async def test_an_access_key_connects(bot, submit):
    answer = await submit(**KEY)

    assert answer.status_code == 200
    await bot.said("now acts in ZStack as access key ops-key")


async def test_a_wrong_access_key_is_said_and_may_be_mended(submit):
    answer = await submit(**KEY | {"key_secret": "guessed"})

    page = Page(answer.text)
    assert answer.status_code == 403
    assert "does not know this access key with this secret" in page.words
    assert "guessed" not in answer.text
    assert (await submit(**KEY)).status_code == 200


async def test_clocks_that_differ_are_explained_with_the_seconds(bot, submit):
    bot.node.settings.change(clock_ahead_seconds=7200)

    answer = await submit(**KEY)

    assert answer.status_code == 503
    assert re.search(r"clock is 7[12]\d\d s behind ZStack's", Page(answer.text).words)
    bot.node.settings.change(clock_ahead_seconds=0)
    assert (await submit(**KEY)).status_code == 200


async def test_not_me_ends_the_session(bot, submit):
    await submit()
    told = await bot.said("now acts in ZStack as ops")

    await bot.slack.press(told, "Not me")

    await bot.said("You are disconnected from ops")
    assert not await bot.desk.sessions.get((await bot.rows())[0].person)


@pytest.fixture
def disown(bot, link, submit):
    """Log in, and press on the page that comes then that it is somebody else's."""

    async def disown(receipt=None):
        shown = Page((await submit()).text)
        made = next(it["value"] for _, it in shown.tags if it.get("name") == "receipt")
        form = {"receipt": made if receipt is None else receipt}
        return [await bot.browser.post(link, data=form) for _ in range(2)]

    return disown


async def test_who_logged_in_by_the_link_of_another_ends_that_on_the_page(bot, disown):
    first, second = await disown()

    assert (first.status_code, second.status_code) == (200, 410)
    assert "nobody acts in ZStack by it any more" in Page(first.text).words
    assert not await bot.desk.sessions.get((await bot.rows())[0].person)
    told = [json.loads(it.entry) async for it in audit.links(bot.store)]
    kinds = [it["event"] for it in told if "account" in it and "command" not in it]
    assert kinds == ["connected", "disowned"]


async def test_a_receipt_that_the_page_did_not_give_ends_nothing(bot, disown):
    assert {it.status_code for it in await disown("x")} == {410}
    assert await bot.desk.sessions.get((await bot.rows())[0].person)


async def test_the_waiting_command_goes_on_by_itself(bot):
    await bot.command("/detach-iso web-01")
    page = Page((await bot.browser.get(link := await bot.link())).text)

    form = {"csrf": page.csrf, "method": "account", "account": "ops"}
    await bot.browser.post(link, data=form | {"password": PASSWORD})

    await bot.ended("succeeded")


@pytest.mark.parametrize(("keep", "kept"), [("on", True), (None, False)])
async def test_a_session_is_kept_for_the_shift_when_asked(bot, submit, keep, kept):
    await submit(keep=keep)

    held = await bot.desk.sessions.get((await bot.rows())[0].person)
    assert held.kept is kept


async def test_a_wrong_password_is_said_and_may_be_mended(submit):
    answer = await submit(password="wrong")

    page = Page(answer.text)
    assert answer.status_code == 403
    assert "does not know this name with this password" in page.words
    assert (await submit()).status_code == 200


async def test_the_kind_of_account_stays_chosen(submit):
    answer = await submit(method="user", user="oncall", password="wrong")

    chosen = [it["value"] for _, it in Page(answer.text).tags if "checked" in it]
    assert chosen == ["user"]


async def test_after_five_wrong_passwords_the_link_is_gone(bot, link, submit):
    for _ in range(4):
        assert (await submit(password="wrong")).status_code == 403

    assert (await submit(password="wrong")).status_code == 410
    assert (await bot.browser.get(link)).status_code == 410


async def test_another_no_of_zstack_is_shown_with_advice(bot, submit):
    bot.node.settings.change(max_concurrent_sessions=0, language="en")

    answer = await submit()

    assert answer.status_code == 403
    words = Page(answer.text).words
    assert "Login sessions hit limit" in words
    assert "Log out elsewhere, or wait until an old one runs out" in words


async def test_a_used_link_is_gone(bot, link, open_page, submit):
    csrf = (await open_page()).csrf
    await submit()

    form = {"csrf": csrf, "method": "account", "account": "ops", "password": PASSWORD}
    for answer in (
        await bot.browser.get(link),
        await bot.browser.post(link, data=form),
    ):
        assert answer.status_code == 410
        assert "Send /zstack login for a new one" in answer.text


async def test_of_two_right_passwords_at_once_one_connects(bot, link, open_page):
    form = {"csrf": (await open_page()).csrf, "method": "account"}
    form |= {"account": "ops", "password": PASSWORD}

    answers = await asyncio.gather(
        *(bot.browser.post(link, data=form) for _ in range(2))
    )

    assert sorted(it.status_code for it in answers) == [200, 410]


async def test_an_expired_link_is_gone(bot, link):
    await bot.sql("UPDATE ticket SET expires = 0")

    assert (await bot.browser.get(link)).status_code == 410


@pytest.mark.parametrize("ticket", ["x", "%00", "%ff%fe", "密", "a" * 5000])
async def test_an_unknown_link_is_not_found(bot, ticket):
    answer = await bot.browser.get(f"{bot.url}/login/{ticket}")

    assert answer.status_code == 404
    assert "Traceback" not in answer.text


async def test_an_unknown_link_takes_no_form(bot):
    answer = await bot.browser.post(f"{bot.url}/login/x", data={"password": "secret"})

    assert answer.status_code == 404


async def test_a_form_without_its_token_is_refused(submit):
    for csrf in (None, "", "x", "gAAAAAB" + "x" * 80, "ü"):
        answer = await submit(csrf=csrf)

        assert answer.status_code == 403
        assert "did not come from this page" in Page(answer.text).words
    assert (await submit()).status_code == 200


async def test_the_token_of_another_link_is_refused(bot, submit):
    await bot.command("/zstack login", user="bob")
    other = Page((await bot.browser.get(await bot.link("bob"))).text).csrf

    assert (await submit(csrf=other)).status_code == 403
    assert (await submit()).status_code == 200


async def test_a_form_from_elsewhere_is_refused(submit):
    evil = ("https://evil.example", "null", "http://127.0.0.1:1")
    for origin in (*evil, "http://127.0.0.1.evil.example"):
        assert (await submit(origin=origin)).status_code == 403

    assert (await submit()).status_code == 200


async def test_an_origin_that_is_none_is_a_bad_request(submit):
    assert (await submit(origin="http://127.0.0.1:port")).status_code == 400


async def test_a_client_that_sends_no_origin_is_let_in(bot, link, open_page):
    form = {"csrf": (await open_page()).csrf, "method": "account"}
    form |= {"account": "ops", "password": PASSWORD}

    assert (await bot.browser.post(link, data=form)).status_code == 200


MISSING = (
    ({"password": None}, "Please fill in the password."),
    ({"password": ""}, "Please fill in the password."),
    ({"method": None}, "Please fill in: method."),
    ({"method": "access"}, "Please fill in: method."),
    ({"method": "generic", "user": "x"}, "Please fill in the login type."),
    (KEY | {"key_id": " "}, "Please fill in the access key id."),
    (KEY | {"key_secret": ""}, "Please fill in the access key secret."),
    ({"keep": "perhaps"}, "Please fill in: keep."),
    ({"account": "  "}, "Please fill in the account."),
    ({"method": "user"}, "Please fill in the user."),
    ({"method": "ldap"}, "Please fill in the user."),
    ({"method": "user", "user": "x", "account": ""}, "Please fill in the account."),
)


async def test_what_is_missing_is_named_and_costs_no_try(submit):
    for typed, fault in MISSING:
        answer = await submit(**typed)

        assert answer.status_code == 400
        assert fault in Page(answer.text).words
    assert (await submit()).status_code == 200


async def test_what_no_browser_sends_is_a_bad_request(bot, link, submit):
    for body in (b"password=\xff", b"password=%ff", b"a=1&" * 100):
        answer = await bot.browser.post(link, content=body)

        assert answer.status_code == 400
        assert "not what the form of this page sends" in Page(answer.text).words
    assert (await submit()).status_code == 200


async def test_a_form_of_more_than_a_mebibyte_is_refused(submit):
    assert (await submit(password="x" * 1_100_000)).status_code == 413
    assert (await submit()).status_code == 200


@pytest.mark.parametrize("kind", ["drop", "proxy"])
async def test_while_zstack_is_away_the_link_stays_good(bot, submit, kind):
    for _ in range(6):
        bot.node.faults.add(kind, "LogInByAccount", count=2)
        answer = await submit()
        assert answer.status_code == 503
        bot.node.faults.clear()

    assert "the link stays valid" in Page(answer.text).words
    assert (await submit()).status_code == 200


async def test_while_the_database_takes_nothing_it_is_said(bot, submit):
    await bot.sql(
        "CREATE TRIGGER broken BEFORE UPDATE ON ticket "
        "BEGIN UPDATE nowhere SET it = 1; END"
    )

    answer = await submit()

    assert answer.status_code == 503
    assert answer.text == "The bot's database does not answer. Try again."


async def test_a_public_address_is_compared_as_browsers_write_it(bot, link):
    desk = replace(bot.desk, public_url="https://Bot.Example:443")
    bot.doors.app = web(desk, bot.health, None)
    csrf = Page((await bot.browser.get(link)).text).csrf
    form = {"csrf": csrf, "method": "account", "account": "ops", "password": PASSWORD}

    headers = {"Origin": "https://bot.example"}
    answer = await bot.browser.post(link, data=form, headers=headers)

    assert answer.status_code == 200


async def test_neither_password_nor_link_is_kept_or_logged(bot, link, submit, logged):
    secret, ticket = "a-very-secret-password", link.rpartition("/")[2]
    bot.node.world.account("ops").password = secret
    await submit(password="wrong-" + secret)
    await submit(password=secret)
    await bot.said("now acts in ZStack")

    files = bot.database.parent.glob(f"{bot.database.name}*")
    stored = b"".join(file.read_bytes() for file in files)
    shown = repr([(call.arguments, call.answer) for call in bot.slack.calls])
    for word in (secret, ticket):
        assert word not in logged
        assert word.encode() not in stored
    assert secret not in shown
