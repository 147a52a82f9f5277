"""The audit on the command line: checked, and printed for other programs."""

import asyncio
import json
import os
import sqlite3

import pytest


@pytest.fixture
async def used(cloud):
    await cloud.log_in()
    await cloud.run("run", "detach-iso web-01")
    return cloud


def tamper(cloud, *statements):
    path = cloud.settings["DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as file:
        for statement in statements:
            file.execute(statement)
    file.close()


async def test_a_whole_audit_is_said_to_be_so_with_its_end(used):
    done = await used.run("audit", "verify")

    assert done.exit_code == 0
    assert "The audit is whole: 3 rows." in done.stdout
    noted = done.stdout.rpartition("--noted ")[2].strip()
    assert (await used.run("audit", "verify", "--noted", noted)).exit_code == 0


async def test_the_first_broken_row_is_named_and_the_status_is_1(used):
    forged = "UPDATE audit SET entry = replace(entry, 'UALICE', 'UBOB') || ' '"
    tamper(used, "DROP TRIGGER audit_updated", forged)

    done = await used.run("audit", "verify")

    assert done.exit_code == 1
    assert "Row 1 of the audit is broken: its text is not" in done.stdout


async def test_another_end_than_the_noted_is_noticed(used):
    done = await used.run("audit", "verify", "--noted", f"9:{'0' * 64}")

    assert done.exit_code == 1
    assert "Row 4 of the audit is broken: it is missing" in done.stdout


@pytest.mark.parametrize("words", ["9", "x:y", ":"])
async def test_an_end_that_is_none_is_said_to_be_so(used, words):
    done = await used.run("audit", "verify", "--noted", words)

    assert done.exit_code == 2
    assert "is not NUMBER:HASH" in done.stderr


async def test_the_export_is_json_lines_the_oldest_first(used):
    done = await used.run("audit", "export")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["number"], row["event"]) for row in rows] == [
        (1, "connected"),
        (2, "sent"),
        (3, "ended"),
    ]
    assert rows[2]["previous"] == rows[1]["hash"]
    assert rows[2]["words"] == "detach-iso web-01"


@pytest.mark.parametrize(
    ("since", "rows"),
    [("1h", 3), ("2020-01-31", 3), ("2999-01-01", 0), ("2999-01-01T00:00:00Z", 0)],
)
async def test_the_export_begins_at_a_moment(used, since, rows):
    done = await used.run("audit", "export", "--since", since)

    assert done.stdout.count("\n") == rows


async def test_a_moment_that_is_none_is_said_to_be_so(used):
    done = await used.run("audit", "export", "--since", "odd")

    assert done.exit_code == 2
    assert "“odd” is no span of time" in done.stderr


async def test_whoever_reads_the_export_may_stop(used):
    tamper(used, "DROP TRIGGER audit_inserted", _MANY)
    ours, theirs = os.pipe()
    process = await used.start("audit", "export", stdout=theirs)
    os.close(theirs)
    first = await asyncio.to_thread(os.read, ours, 10)
    os.close(ours)

    _, err = await process.communicate()

    assert first == b'{"number":'
    assert (process.returncode, err) == (0, b"")


_MANY = """
WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO audit SELECT i, at, entry, hash FROM n, audit WHERE number = 1
"""
