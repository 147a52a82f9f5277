"""`python -m bot …`: one verb per job."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from bot import audit, listing, preview, rotation, shell
from bot import explain as explaining
from bot.doctor import examine
from bot.ending import WRONG, body_of, fail, finish, leave, read_settings, with_bot
from bot.manifest import by_socket_mode
from bot.manifest import manifest as make_manifest
from bot.serving import serve as serve_until_stopped
from bot.settings import SettingsFault, load
from desk.credentials import Credentials
from desk.history import Search
from desk.migrate import migrate as move
from desk.policy import Channel, Kind

if TYPE_CHECKING:
    from bot.app import Bot
    from desk.command import Command


app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)
audits = typer.Typer(no_args_is_help=True, help="Check or print the audit.")
app.add_typer(audits, name="audit")
policy = typer.Typer(no_args_is_help=True, help="Look at the policy file.")
app.add_typer(policy, name="policy")
alerts = typer.Typer(no_args_is_help=True, help="Try what becomes of alerts.")
app.add_typer(alerts, name="alerts")


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def serve() -> None:
    """Serve Slack, ZStack and browsers until SIGTERM."""
    settings = read_settings(is_quiet=False)
    finish(serve_until_stopped(settings))


@app.command()
def run(line: str) -> None:
    """Run one command, for example: run "detach-iso web-01"."""
    leave(with_bot(lambda bot: shell.run(bot, line)))


@app.command()
def login(
    account: Annotated[str, typer.Option(help="the ZStack account")] = "",
    user: Annotated[
        str, typer.Option(help="a user of it, or with --ldap the uid")
    ] = "",
    key: Annotated[str, typer.Option(help="the id of an access key instead")] = "",
    cloud: Annotated[str, typer.Option(help="which of several clouds")] = "",
    *,
    ldap: Annotated[bool, typer.Option("--ldap", help="log in by LDAP")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="keep for 12 hours")] = False,
) -> None:
    """Log the person at this shell in at ZStack; the password is asked for."""
    if not ldap and not account and not key:
        account = _ask("Account", "--account")
    if ldap and not user:
        user = _ask("LDAP name", "--user")
    secret = _secret("Access key secret: " if key else "Password: ")
    method = "access-key" if key else "ldap" if ldap else "user" if user else "account"
    credentials = Credentials(
        method=method,
        account=account,
        user=user,
        password=secret,
        key_id=key,
        key_secret=secret,
        keep=keep,
    )
    name = with_bot(lambda bot: shell.log_in(bot, credentials, cloud))
    typer.echo(f"Connected as {name}.")


def _secret(prompt: str) -> SecretStr:
    asked = sys.stdin.isatty()
    typed = getpass.getpass(prompt) if asked else sys.stdin.readline()
    return SecretStr(typed.rstrip("\r\n"))


def _ask(what: str, option: str) -> str:
    if not sys.stdin.isatty():  # the first line there is the password
        fail(f"{what} is missing: say {option}, or run this on a terminal.", WRONG)
    return str(typer.prompt(what))


@app.command()
def doctor() -> None:
    """Check the configuration without starting."""

    async def check(bot: Bot) -> int:
        bad = 0
        async for found in examine(bot):
            sign = "ok  " if found.is_well else "FAIL"
            hint = "" if found.is_well else f" {found.hint}"
            typer.echo(f"{sign} {found.name}: {found.said}.{hint}")
            bad += not found.is_well
        return 1 if bad else 0

    leave(with_bot(check, migrates=False))


@app.command()
def manifest(
    *,
    url: Annotated[str, typer.Option(help="where Slack reaches the bot")] = "",
    steps: Annotated[
        bool, typer.Option("--steps", help="with the steps of Workflow Builder")
    ] = False,
    options: Annotated[
        bool, typer.Option("--options", help="with those, and names to choose for them")
    ] = False,
    clouds: Annotated[
        bool,
        typer.Option(
            "--clouds", help="with those, and which of several clouds they mean"
        ),
    ] = False,
    socket_mode: Annotated[
        bool | None,
        typer.Option(help="the bot connects to Slack  [default: with SLACK_APP_TOKEN]"),
    ] = None,
) -> None:
    """Print the Slack app manifest as JSON."""
    base = url.rstrip("/") or _public_url()
    if not base.startswith(("https://", "http://")):
        fail(f"{url} is not an address, for example: https://bot.example", WRONG)
    made = make_manifest(base, steps=steps, options=options, clouds=clouds)
    if _connects() if socket_mode is None else socket_mode:
        made = by_socket_mode(made)
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _connects() -> bool:
    try:
        return bool(load().slack_app_token)
    except SettingsFault:
        return False


def _public_url() -> str:
    try:
        return load().base_url
    except SettingsFault:
        return "https://bot.example"


@app.command()
def migrate() -> None:
    """Move the database to this version."""
    is_moved = with_bot(lambda bot: move(bot.desk.store), migrates=False)
    has = "now has" if is_moved else "has, as before,"
    typer.echo(f"The database {has} the tables of this version.")


@app.command("rotate-keys")
def rotate_keys() -> None:
    """Seal everything anew with the newest key."""
    settings = read_settings()
    counts = finish(rotation.rotate_keys(settings))
    for sentence in rotation.sentences(counts):
        typer.echo(sentence)
    if settings.secret_keys:
        typer.echo(rotation.ADVICE)
    leave(1 if counts["lost"] else 0)


@app.command()
def history(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
    limit: Annotated[int, typer.Option(help="at most so many", min=1)] = 100,
    by: Annotated[str, typer.Option(help="the user id of a person")] = "",
    vm: Annotated[str, typer.Option(help="the name or uuid of a VM")] = "",
    outcome: Annotated[str, typer.Option(help="for example failed")] = "",
    since: Annotated[str, typer.Option(help="for example 12h or 7d")] = "",
) -> None:
    """List the commands that were accepted, the newest first."""
    words = {"by": by, "vm": vm, "outcome": outcome, "since": since}

    async def read(bot: Bot) -> list[Command]:
        search = Search.of({name: word for name, word in words.items() if word})
        return await bot.desk.ledger.history(search=search, limit=limit)

    rows = with_bot(read)
    (listing.as_json if as_json else listing.as_lines)(rows)


@audits.command("verify")
def audit_verify(
    noted: Annotated[str, typer.Option(help="a row that was noted: NUMBER:HASH")] = "",
) -> None:
    """Follow the chain of the audit; the status is 1 when a row is broken."""
    leave(with_bot(lambda bot: audit.check(bot, noted)))


@audits.command("export")
def audit_export(
    since: Annotated[str, typer.Option(help="7d, or 2026-01-31")] = "",
) -> None:
    """Print the audit as JSON lines, the oldest first."""
    with_bot(lambda bot: audit.export(bot, since))


@policy.command("check")
def check_policy(file: Path) -> None:
    """Check a policy file: line and column of every fault."""
    faults = explaining.check(file, body_of(file))
    if faults:
        fail("\n".join(faults), WRONG)
    typer.echo(f"{file} is right.")


@policy.command("explain")
def explain_policy(
    line: str,
    user: Annotated[str, typer.Option("--as", help="U1, T2/U1, or shell")] = "shell",
    channel: Annotated[str, typer.Option("--in", help="a channel id")] = "",
    kind: Annotated[
        Kind, typer.Option(help="of which kind that is; Slack is asked otherwise")
    ] = Kind.UNKNOWN,
    at: Annotated[str, typer.Option(help="2026-12-24T18:00+08:00, for now")] = "",
) -> None:
    """Tell what the policy says of a command, rule by rule, without running it."""
    try:
        moment = datetime.fromisoformat(at).astimezone() if at else datetime.now(UTC)
    except ValueError:
        fail(f"{at} is not a moment, for example: 2026-12-24T18:00+08:00", WRONG)

    async def tell(bot: Bot) -> int:
        return await explaining.explain(
            bot, line, user=user, where=Channel(channel, kind), moment=moment
        )

    leave(with_bot(tell))


@alerts.command("test")
def try_alerts(
    file: Path,
    source: Annotated[
        str, typer.Option(help="whose it is, where that is unclear")
    ] = "",
) -> None:
    """Show which cards a body in a file would become, and post nothing."""
    body = body_of(file)
    with_bot(lambda bot: preview.show(bot, body, source))


@alerts.callback()
def about_alerts() -> None:
    """Keep the name of the one command."""
