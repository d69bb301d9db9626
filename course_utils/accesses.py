"""
Reads and writes of watched attributes: which of them destroyed an update.

A thread that changes what it has read must write before anybody else does. Where another thread wrote in
between, that one's update is gone as if it had never been made: a *lost update*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from . import events as ev
from .events import Event
from .model import LostUpdate

__all__ = ["LostUpdates"]


class _Last(NamedTuple):
    """An access of a place: the how manieth of all it was, by which lane, and when."""

    number: int
    lane: str
    time: float


class LostUpdates:
    """
    Find the writes that destroyed an update: a builder, as those in `build`.

    What counts is the writer's latest read before its write. A write without a read, or a second one after
    it, builds on nothing that could be out of date, and so does one whose thread has read the other's
    update. What a thread computes from the older of two reads isn't seen.
    """

    def __init__(self) -> None:
        self.found: list[LostUpdate] = []
        self._number = 0
        self._reads: dict[tuple[str | None, str], _Last] = {}
        self._writes: dict[str | None, _Last] = {}

    def handlers(self) -> dict[str, Callable[[Event], None]]:
        """Whom to tell of what, by kind."""
        return {ev.READ: self.read, ev.WRITE: self.write}

    def _access(self, event: Event) -> _Last:
        self._number += 1
        return _Last(self._number, event.lane, event.time)

    def read(self, event: Event) -> None:
        """A lane knows what stands there now."""
        self._reads[event.object, event.lane] = self._access(event)

    def write(self, event: Event) -> None:
        """A lane overwrites what stands there, knowingly or not."""
        read = self._reads.pop((event.object, event.lane), None)
        before = self._writes.get(event.object)
        self._writes[event.object] = self._access(event)
        # A lane's own write takes its read away: one that came after the read is another's.
        if read is not None and before is not None and before.number > read.number:
            self.found.append(
                LostUpdate(event.object or "", event.lane, read.time, before.lane, before.time, event.time)
            )
