"""Known weaknesses fail the check; where nobody knows of any, it says that it does not know."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.server import serve
from tests.advisories import UNKNOWN, WEAK, ask, judge

LOCK = "httpx==0.1 --hash=sha256:" + "0" * 64


async def _advisories(request):
    """Answer as OSV does: one advisory, for httpx."""
    asked = await request.json()
    affected = {
        "package": asked["package"],
        "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "0.23"}]}],
    }
    found = {
        "id": "PYSEC-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [affected],
    }
    return JSONResponse({"vulns": [found]})


@pytest.fixture
def answers(tmp_path, monkeypatch):
    """What pip-audit itself reports of one package, when it asks at an address."""
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK)
    monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")

    async def of(url):
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", url)
        return await asyncio.to_thread(ask, lock)

    return of


async def test_a_known_weakness_fails(answers):
    app = Starlette(routes=[Route("/", _advisories, methods=["POST"])])
    async with serve(app) as url:
        report = await answers(f"{url}/")

    assert judge(*report) == (
        WEAK,
        "Known weaknesses; `make lock` brings newer:\n  httpx 0.1: PYSEC-1 (mended in 0.23)",
    )


async def test_where_nobody_answers_it_says_that_nothing_was_audited(answers):
    async with serve(Starlette()) as url:
        pass

    report = await answers(f"{url}/")

    status, sentence = judge(*report)
    assert status == UNKNOWN
    assert sentence.startswith("NOTHING WAS AUDITED: no data on known weaknesses")


def test_who_takes_too_long_is_not_waited_for():
    status, sentence = judge(*ask(within=0.01))

    assert status == UNKNOWN
    assert sentence.endswith("(no answer within 0 s)")


KNOWN = {"name": "a", "version": "1", "vulns": []}
WEAKNESS = KNOWN | {"vulns": [{"id": "X-1", "fix_versions": []}]}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "status", "told"),
    [
        pytest.param([KNOWN, KNOWN], 0, "No known weakness in 2", id="clean"),
        pytest.param([SKIPPED], UNKNOWN, "NOTHING WAS AUDITED", id="a mirror"),
        pytest.param([KNOWN, SKIPPED], UNKNOWN, "NOT AUDITED, for want", id="a part"),
        pytest.param([WEAKNESS, SKIPPED], WEAK, "a 1: X-1 (not mended", id="weak"),
    ],
)
def test_only_what_was_looked_up_counts_as_clean(packages, status, told):
    judged = judge(json.dumps({"dependencies": packages}))

    assert judged[0] == status
    assert told in judged[1]
