"""
Waiting in line.

A recorded thread waits in slices, so that it can be stopped. If it went back to the end of the operating
system's queue after each slice, recording would change the order in which threads get what they wait for.
So whoever waits keeps a place in a `Line` of our own; who gives something back rings for the first.

As with the interpreter's own locks, the first in line is woken and has to be quick: somebody who comes
along at that moment may be quicker, and then the woken one is first in line again.
"""

from __future__ import annotations

from _thread import LockType, allocate_lock
from collections import deque
from collections.abc import Callable

__all__ = ["Line", "Place", "ring"]

Line = deque[LockType]
"""The bells of those who wait, first to last."""


def ring(line: Line) -> None:
    """Wake the first in line, if there is one."""
    try:
        bell = line.popleft()
    except IndexError:
        return
    bell.release()


class Place:
    """
    One thread's place in a line, until it leaves.

    Args:
        line: to stand in, at its end.
        take: tries at once to get what is waited for, and tells whether it could.
        free: tells whether what is waited for is there.
    """

    __slots__ = ("_bell", "_called", "_first", "_free", "_got", "_line", "_take")

    def __init__(self, line: Line, take: Callable[[], bool], free: Callable[[], bool]) -> None:
        self._line = line
        self._take = take
        self._free = free
        self._bell = allocate_lock()
        self._bell.acquire()
        self._got = False
        self._first = False
        self._called = True  # it may have been given back before we stood in line
        line.append(self._bell)

    def attempt(self, seconds: float) -> bool:
        """Wait so long to be first, and tell whether we got it."""
        if self._called:
            self._called = False
            self._got = self._take()
        elif self._bell.acquire(True, seconds):
            self._got = self._take()
            if not self._got:
                self._line.appendleft(self._bell)
                self._called = True  # look once more, in case that was too late
        else:
            # Somebody may have given it back who doesn't know of the line: a `with` block that began before
            # anything listened still has the lock's own methods. One who has been first for the whole of this
            # time may look; one who is first only since now would overtake the one just rung for.
            before, self._first = self._first, self._is_first()
            if before and self._first:
                self._got = self._take()
        return self._got

    def ready(self) -> bool:
        """Tell, in any thread, whether an attempt would look for it now."""
        return self._called or not self._bell.locked() or self._free()

    def _is_first(self) -> bool:
        try:
            return self._line[0] is self._bell
        except IndexError:
            return False

    def leave(self) -> None:
        """Leave the line; a bell that was meant for us, and that we made no use of, is passed on."""
        try:
            self._line.remove(self._bell)
        except ValueError:
            if not self._got:
                ring(self._line)
