"""A client that sends whatever it is given, as fast as the server takes it."""

import asyncio
from ipaddress import IPv4Address

from tests.fuzz.routes import Made


class Wire:
    """One connection, opened again when the other side has closed it."""

    def __init__(self, port, dice):
        self._port, self._dice = port, dice
        self._reader = self._writer = None

    async def ask(self, made: Made):
        """Send a request; the status of its answer, and its body."""
        for is_fresh in (self._writer is None, True):
            try:
                return await asyncio.wait_for(self._ask(made), 30)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self.close()
                if is_fresh:
                    raise
        return None

    async def close(self):
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None

    async def _ask(self, made):
        if not self._writer:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port
            )
        lines = [f"{made.method} {made.path} HTTP/1.1", "Host: fuzz"]
        # As by a proxy that the bot trusts: else it would soon hear nobody from here.
        lines += [f"X-Forwarded-For: {IPv4Address(self._dice.getrandbits(32))}"]
        lines += [f"{name}: {it}" for name, it in made.headers.items()]
        lines += [f"Content-Length: {len(made.body)}", "", ""]
        self._writer.write("\r\n".join(lines).encode("latin-1") + made.body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length: ")[2].partition("\r")[0] or 0)
        body = await self._reader.readexactly(length)
        if "connection: close" in head:
            await self.close()
        return int(head.split(" ", 2)[1]), body
