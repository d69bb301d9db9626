"""
Ending recorded threads where they are.

A thread that waits looks at its `stop` between slices; one that sleeps wakes by its bell; one that
computes gets an exception from outside (`PyThreadState_SetAsyncExc`). What can't be ended is a thread
inside a C call, until the call returns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Final

from .states import CutOff, LaneState

__all__ = ["ask_to_stop", "nudge", "stop", "wait_until_up", "withdraw"]

GRACE: Final = 1.0
"""Seconds that threads get to end before they are given up."""


def _set_exception(ident: int, error: type[BaseException]) -> None:
    import ctypes  # heavy, and needed only where a thread must be stopped

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(error))


def withdraw(lane: LaneState) -> None:
    """
    Take an exception that is on its way to the current thread off it.

    To set it to NULL would leave the interpreter's mark that one is pending, for good: on 3.11, the next
    traced generator would spin for ever. So one is made sure of, and received.
    """
    if lane.ident is not None:
        try:
            _set_exception(lane.ident, CutOff)
            while True:
                pass
        except CutOff:
            pass


def ask_to_stop(lanes: Iterable[LaneState]) -> None:
    """Tell threads to stop at their next wait, and wake those that sleep."""
    for lane in lanes:
        if not lane.stop:
            lane.stop = True
            lane.bell.release()


def nudge(lane: LaneState) -> None:
    """Raise `CutOff` in a thread that isn't waiting, unless its own code has ended."""
    if lane.waiting is not None or lane.ident is None or not lane.guard.acquire(timeout=0.01):
        return
    try:
        if not lane.done and lane.waiting is None:
            _set_exception(lane.ident, CutOff)
    finally:
        lane.guard.release()


def stop(lanes: Iterable[LaneState], grace: float = GRACE) -> list[LaneState]:
    """
    End threads where they are.

    Args:
        lanes: the threads', none of them the current one's.
        grace: seconds to try.

    Returns:
        those that are still alive.
    """
    alive = [lane for lane in lanes if lane.over.locked()]
    ask_to_stop(alive)
    deadline = time.monotonic() + grace
    pause = 0.001
    while alive and time.monotonic() < deadline:
        for lane in alive:
            nudge(lane)
        alive[0].ends(pause)
        pause = min(2 * pause, 0.05)
        alive = [lane for lane in alive if lane.over.locked()]
    return alive


def wait_until_up(thread: threading.Thread, patience: float = 5.0) -> None:
    """
    Wait for a thread whose start was interrupted; have `threading` forget one that doesn't come up.

    Its event isn't waited for: that is one more wait of a thread that is to stop, and ends at once.
    """
    limbo: dict[threading.Thread, object] = threading._limbo  # type: ignore[attr-defined]  # threading has it
    deadline = time.monotonic() + patience
    while thread in limbo:  # from before the interpreter is asked for it until it is up
        if time.monotonic() > deadline:
            limbo.pop(thread, None)
            return
        time.sleep(0.0005)
