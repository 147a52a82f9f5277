"""A secret that the suite used and wrote fails its run, by a sentence that does not repeat it."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.leaks import SECRET_SETTINGS
from tests.leaky import KINDS

ROOT = Path(__file__).parents[1]
LEAKY = "tests/leaky.py"
WAYS = {"alone": [], "by xdist": ["-n", "2", "--dist=worksteal"]}


def _run(*words):
    # Elsewhere than this run, which would find the secrets that both of them use.
    with tempfile.TemporaryDirectory() as directory:
        command = [
            sys.executable,
            "-m",
            "pytest",
            LEAKY,
            "-q",
            "-p",
            "no:cacheprovider",
        ]
        return subprocess.run(
            [*command, "--basetemp", f"{directory}/base", *words],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            capture_output=True,
            text=True,
            check=False,
        )


def _printed(test, kind):
    return f"{LEAKY}::test_{test} printed a secret: {kind}"


FINDINGS = {
    *(_printed(f"kind[{kind}]", kind) for kind in KINDS),
    *(_printed(f"setting[{name}]", name) for name in SECRET_SETTINGS),
    _printed("job", "job uuid"),
    _printed("keys", "encryption key"),
    _printed("database", "password of a database"),
    *(_printed(it, "typed secret") for it in ("stderr", "log", "read")),
    *(_printed(it, "typed secret") for it in ("fixture", "bot", "process")),
    "test_file0/notes.txt holds a secret: typed secret",
    "test_sqlite0/bot.sqlite3 holds a secret: typed secret",
    "PostgreSQL holds a secret: typed secret",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_of_each_kind_and_in_each_place_fails_the_run(way):
    done = _run(*WAYS[way])

    found = re.findall("^.* a secret: .*$", done.stdout, re.MULTILINE)
    assert sorted(found) == sorted(FINDINGS)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "in-confidence" not in done.stdout + done.stderr


def test_what_is_short_unknown_or_the_bots_own_file_of_keys_is_no_finding():
    done = _run("-k", "clean")

    assert done.returncode == 0, done.stdout
