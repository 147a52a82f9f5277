"""How many heaps the C library keeps for the threads of a process."""

import ctypes
import subprocess
import sys

import pytest

from sandbox.botprocess import ROOT

IS_GLIBC = hasattr(ctypes.CDLL(None), "malloc_info")
# Threads that are there together, each with something small of its own.
THREADS = """
import ctypes, threading
from bot.heap import share_heaps
{first}
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
met = threading.Barrier(8)
def allocate():
    met.wait()
    libc.malloc(ctypes.c_size_t(1000))
    met.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for it in threads: it.start()
for it in threads: it.join()
libc.malloc_info(0, ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w")))
libc.fflush(None)
"""


def _heaps(first):
    said = subprocess.run(
        [sys.executable, "-c", THREADS.format(first=first)],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    return said.stdout.count("<heap nr=")


# Not unfinished: musl and macOS have no such heaps, and nothing to count them by.
@pytest.mark.skipif(not IS_GLIBC, reason="only glibc has such heaps")  # as said above
def test_threads_share_two_heaps():
    assert _heaps("share_heaps()") == 2
    assert _heaps("") > 2
