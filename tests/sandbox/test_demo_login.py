import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.login import LoginFailedError, follow, login
from sandbox.server import serve
from sandbox.slack import Slack

FORM = """<title>Log in</title><form method="post">
<input type="hidden" name="csrf" value="c1"><input type="password" name="password">"""


def site(status, said):
    async def page(request):
        if request.method == "GET":
            return HTMLResponse(
                FORM if status != 410 else said, 410 if status == 410 else 200
            )
        form = dict(await request.form())
        assert form == {
            "csrf": "c1",
            "method": "account",
            "account": "ops",
            "password": "p",
        }
        return HTMLResponse(said, status)

    return serve(Starlette(routes=[Route("/login/t", page, methods=["GET", "POST"])]))


async def test_the_page_says_who_is_connected_without_its_trimmings():
    async with site(
        200, "<title>Hi</title><style>p {}</style><p>Connected as ops."
    ) as url:
        said = await follow(f"{url}/login/t", account="ops", password="p")

    assert said == "Connected as ops."


@pytest.mark.parametrize(
    ("status", "said", "complaint"),
    [
        pytest.param(403, "<p>Wrong password.", "403: Wrong password.", id="refused"),
        pytest.param(200, FORM, "answered 200", id="the form again"),
        pytest.param(410, "<p>Used up.", "answered 410", id="gone"),
    ],
)
async def test_a_login_that_fails_says_why(status, said, complaint):
    async with site(status, said) as url:
        with pytest.raises(LoginFailedError, match=complaint):
            await follow(f"{url}/login/t", account="ops", password="p")


async def test_a_bot_that_sends_no_link_is_given_up():
    async def events(_):
        return Response()

    slack = Slack()
    bot = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    async with serve(bot) as slack.bot_url:
        with pytest.raises(
            LoginFailedError, match="no private message with a login link"
        ):
            await login(slack, user="alice", account="ops", password="p", within=0.05)
    await slack.close()


async def test_a_bot_that_is_away_cannot_be_asked_for_a_link():
    slack = Slack(bot_url="http://127.0.0.1:1")

    with pytest.raises(LoginFailedError, match="dispatch_failed"):
        await login(slack, user="alice", account="ops", password="p")

    await slack.close()
