"""A program that forks bots: what takes a second to import is imported once.

Each bot is a process of its own that runs the command line as it is, and dies alone. An
order comes by the socket that is the standard input: JSON, and the pipe that the bot shall
print to. When the other end closes it, all bots are killed.
"""

import json
import os
import signal
import socket
import sys

from bot.cli import main
from tests.crash import dying


def live(order, output):
    """Become the bot that was ordered; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, to in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(number, to)
    os.closerange(3, max(nothing, output) + 1)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    dying.arrange(order["death"])
    sys.argv = ["bot", "serve"]
    status = 1
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # said, or nobody would know
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        os._exit(status)


def serve(orders):
    """Fork a bot for each order and answer its process id."""
    while order := socket.recv_fds(orders, 1 << 16, 1):
        text, outputs, *_ = order
        if not text:
            break
        pid = os.fork()
        if not pid:
            live(json.loads(text), outputs[0])
        os.close(outputs[0])
        orders.send(b"%d\n" % pid)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    serve(socket.socket(fileno=os.dup(0)))
    os.killpg(0, signal.SIGKILL)
