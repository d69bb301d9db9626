"""
One processor for threads that take turns.

A thread that is woken on another processor than the one that woke it comes up late, and most of the time of an
exploration would go there: its threads never run at once, so one processor is all they need.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Final

__all__ = ["OneProcessor"]

_PROCESSOR: Final = 36
"""Where the processor stands among the fields that come after a thread's name."""


class OneProcessor:
    """
    Keep this thread, and those that it starts meanwhile, on the processor that it is on, where the system lets it.

        >>> with OneProcessor():
        ...     take_turns()

    Code that asks which processors it may use is told what it would be told otherwise. What it doesn't see: how busy
    that processor is with other programs, or becomes.
    """

    def __init__(self) -> None:
        self._before: set[int] | None = None

    def __enter__(self) -> None:
        if not hasattr(os, "sched_setaffinity"):
            return
        try:
            before = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {_processor()})
        except (OSError, ValueError, IndexError):  # a system that keeps this to itself
            return
        self._before, self._asked = before, os.sched_getaffinity
        asked = self._asked

        def sched_getaffinity(pid: int) -> set[int]:
            return set(before) if pid in (0, os.getpid()) else asked(pid)

        os.sched_getaffinity = sched_getaffinity

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            os.sched_getaffinity = self._asked
            os.sched_setaffinity(0, self._before)


def _processor() -> int:
    """The one that this thread is on."""
    with open("/proc/thread-self/stat", encoding="ascii", errors="replace") as file:
        return int(file.read().rpartition(")")[2].split()[_PROCESSOR])
