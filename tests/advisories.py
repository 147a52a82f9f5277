"""Known weaknesses of what we install: `python -m tests.advisories`, a part of `make check`.

Ends with 1 when there is one, and with 2 when that could not be found out for every package:
without a network, or by way of a mirror that has PyPI's packages but not its advisories.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
WEAK, UNKNOWN = 1, 2
_SECONDS = 60
_SOCKET_SECONDS = 5


def ask(lock: Path = LOCK, within: float = _SECONDS) -> tuple[str, str]:
    """What pip-audit reports, as JSON; where it could not, nothing, and why."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock)]
    command += ["--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    command += ["--format", "json", "--timeout", str(_SOCKET_SECONDS)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=within, check=False)
    except subprocess.TimeoutExpired:
        return "", f"no answer within {within:.0f} s"
    return done.stdout.decode(), done.stderr.decode().strip().rpartition("\n")[2]


def judge(report: str, why: str = "") -> tuple[int, str]:
    """The exit status, and what to say; `why` there is no report."""
    packages = json.loads(report)["dependencies"] if report.strip() else []
    skipped = {it["name"]: it["skip_reason"] for it in packages if "skip_reason" in it}
    weak = [_weakness(it) for it in packages if it.get("vulns")]
    if weak:
        return WEAK, "\n".join(["Known weaknesses; `make lock` brings newer:", *weak])
    if len(skipped) == len(packages):
        return UNKNOWN, (
            "NOTHING WAS AUDITED: no data on known weaknesses can be had here. Run "
            f"`make audit` where PyPI itself can be reached. ({next(iter(skipped.values()), why)})"
        )
    if skipped:
        names = ", ".join(skipped)
        return UNKNOWN, f"NOT AUDITED, for want of data: {names}. The rest is clean."
    return 0, f"No known weakness in {len(packages)} packages."


def _weakness(package: dict) -> str:
    names = ", ".join(it["id"] for it in package["vulns"])
    better = sorted({one for it in package["vulns"] for one in it["fix_versions"]})
    mended = f"mended in {', '.join(better)}" if better else "not mended yet"
    return f"  {package['name']} {package['version']}: {names} ({mended})"


if __name__ == "__main__":
    status, sentence = judge(*ask())
    sys.stderr.write(f"{sentence}\n")
    sys.exit(status)
