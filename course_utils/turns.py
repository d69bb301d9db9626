"""
One recording at a time.

Stand-ins are the whole process's, so there is one recording open at a time. A second inside a first is
an error. A slider's run is in the *background*: a cell that records abandons it, and one begun meanwhile
waits for its turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from .driver import Driver
from .stopping import ask_to_stop, nudge

__all__ = ["Abandoned", "Turn", "take_turn"]

PATIENCE: Final = 10.0
"""Seconds a cell waits for an abandoned run to come to its end."""


class Abandoned(Exception):
    """A background run was given up for something newer."""


class Turn:
    """
    The right to record, until `give_back`.

    Attributes:
        whole: whether it is for a program as a whole, until its end.
        driver: the recording's, once it has begun.
        abandoned: whether somebody asked for its end.
    """

    def __init__(self, title: str, background: bool, whole: bool = False) -> None:
        self.title = title
        self.background = background
        self.whole = whole
        self.driver: Driver | None = None
        self.abandoned = False

    def abandon(self) -> None:
        """End a background run where it is: its opener, then its other threads. Returns at once."""
        self.abandoned = True
        driver = self.driver
        if driver is not None and driver.lanes:
            ask_to_stop(driver.lanes)
            nudge(driver.lanes[0])

    def give_back(self) -> None:
        """Let the next one have its turn."""
        global _current
        with _changed:
            if _current is self:
                _current = None
            _changed.notify_all()


_changed = threading.Condition()
_current: Turn | None = None


def take_turn(
    title: str, *, background: bool = False, wanted: Callable[[], bool] = lambda: True, whole: bool = False
) -> Turn:
    """
    Become the one that records.

    Args:
        title: the recording's.
        background: whether it gives way to others, and waits for its turn.
        wanted: asked while it waits; if it says no, it gives up.
        whole: whether it is for a program as a whole.

    Raises:
        RuntimeError: a recording is open already.
        Abandoned: a background run is no longer wanted.
    """
    global _current
    deadline = time.monotonic() + PATIENCE
    with _changed:
        while _current is not None:
            if _current.whole:
                raise RuntimeError(
                    f"{_current.title} is being recorded as a whole, so {title!r} can't be: run the script with plain "
                    "python, or leave out what it records itself"
                )
            driver = _current.driver
            inside = driver is not None and driver.local.lane is not None
            if inside or not (background or _current.background):
                raise RuntimeError(
                    f"the recording {_current.title!r} is still open, and there can be only one at a time: "
                    f"end its `with record()` block or its run() before {title!r} begins"
                )
            if not background:
                _current.abandon()
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        f"the slider's run {_current.title!r} can't be stopped, since a thread of it is inside a "
                        "C call: wait for its end, or restart the kernel"
                    )
            if not wanted():
                raise Abandoned(title)
            _changed.wait(0.05)
        _current = Turn(title, background, whole)
        return _current
