"""Who held what: from taking and giving back to stretches of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from . import events as ev
from .events import Event
from .model import Hold

__all__ = ["Holds"]


class _Held:
    """A hold in the making."""

    __slots__ = ("depth", "levels", "line", "start")

    def __init__(self, start: float, line: int | None) -> None:
        self.start = start
        self.line = line
        self.depth = 1
        self.levels: list[tuple[float, int]] = []

    def change(self, time: float, by: int) -> None:
        self.depth += by
        self.levels.append((time, self.depth))


class Holds:
    """
    Builds holds; one of those that `build` feeds.

    A lock taken again by its holder (RLock) is one hold until the last release. A lock has no owner:
    released by another lane, it is the holder's hold that ends. A semaphore's permit given back by
    another lane is a signal and no hold, so those are matched within a lane only.
    """

    def __init__(self) -> None:
        self.held: defaultdict[str, dict[str, _Held]] = defaultdict(dict)
        self.permits: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        self.found: list[Hold] = []

    def handlers(self) -> dict[str, Callable[[Event], None]]:
        """The kinds of events that matter here, and what takes them."""
        return {ev.ACQUIRE: self.acquire, ev.RELEASE: self.release, ev.TAKE: self.take, ev.GIVE: self.give}

    def acquire(self, event: Event) -> None:
        """Begin a hold, or deepen it."""
        holders = self.held[event.object or ""]
        if event.lane in holders:
            holders[event.lane].change(event.time, 1)
        else:
            holders[event.lane] = _Held(event.time, event.value)

    def release(self, event: Event) -> None:
        """End a hold, or make it less deep."""
        lock = event.object or ""
        holders = self.held[lock]
        holder = event.lane if event.lane in holders else next(iter(holders), None)
        if holder is None:
            return  # acquired before the recording began, or by a thread that isn't part of it
        held = holders[holder]
        if held.depth > 1:
            held.change(event.time, -1)
            return
        del holders[holder]
        by = None if holder == event.lane else event.lane
        self.found.append(Hold(lock, holder, held.start, event.time, held.line, tuple(held.levels), by))

    def take(self, event: Event) -> None:
        """Begin to hold a permit."""
        self.permits[event.object or "", event.lane].append(event.time)

    def give(self, event: Event) -> None:
        """End the hold of the permit that was taken last."""
        taken = self.permits[event.object or "", event.lane]
        if taken:
            self.found.append(Hold(event.object or "", event.lane, taken.pop(), event.time))

    def finish(self, last: float) -> tuple[Hold, ...]:
        """Return what was found; what wasn't released is held to the end."""
        for lock, holders in self.held.items():
            for lane, held in holders.items():
                self.found.append(Hold(lock, lane, held.start, last, held.line, tuple(held.levels)))
        return tuple(sorted(self.found, key=lambda hold: hold.start))
