"""Run the stand-in by itself: `python -m sandbox.slack --port 8090 --bot-url …`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from sandbox.slack.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Slack


async def _run(options: argparse.Namespace) -> None:
    slack = Slack(
        signing_secret=options.signing_secret,
        bot_token=options.bot_token,
        app_token=options.app_token,
        bot_url=options.bot_url,
        socket_mode=options.socket_mode,
        updates_per_minute=options.updates_per_minute,
    )
    async with slack.serve(port=options.port) as url:
        print("\n".join(_settings(options, url)), flush=True)  # noqa: T201 -- what to start the bot with
        await asyncio.Event().wait()


def _settings(options: argparse.Namespace, url: str) -> tuple[str, ...]:
    """What the bot's `.env` takes to speak with this Slack."""
    return (
        f"SLACK_API_URL={url}/api/",
        f"SLACK_RESPONSE_HOSTS={url.removeprefix('http://')}",
        f"SLACK_SIGNING_SECRET={options.signing_secret}",
        f"SLACK_BOT_TOKEN={options.bot_token}",
        *([f"SLACK_APP_TOKEN={options.app_token}"] if options.socket_mode else []),
    )


def main() -> None:
    """Read the options and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.slack")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bot-url", default="http://127.0.0.1:3000")
    parser.add_argument("--signing-secret", default=SIGNING_SECRET)
    parser.add_argument("--bot-token", default=BOT_TOKEN)
    parser.add_argument("--app-token", default=APP_TOKEN)
    parser.add_argument("--socket-mode", action="store_true")
    parser.add_argument("--updates-per-minute", type=int, default=None)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(options))


if __name__ == "__main__":
    main()
