"""How much memory the process keeps that it does not use."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h of the GNU C library
_HEAPS = 2


def share_heaps() -> None:
    """Let all threads share a few heaps, as MALLOC_ARENA_MAX does; before there are any.

    glibc gives eight for each processor, and none gives back what lies between what is in
    use: under a storm of requests a bot whose objects stay as many grows by megabytes
    (measured: docs/benchmarks.md). Other C libraries have no such heaps.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option:
        set_option(_M_ARENA_MAX, _HEAPS)
