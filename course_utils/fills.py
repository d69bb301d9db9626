"""How full queues were: from puts and gets to how many items they held."""

from __future__ import annotations

from collections.abc import Callable

from . import events as ev
from .events import Event
from .model import Fill

__all__ = ["Fills"]


class Fills:
    """
    Builds fills; one of those that `build` feeds.

    An item that comes out and was never seen to go in was there before the recording began, or was put in by a
    thread that isn't part of it: it counts from the start. What was in a queue before and never came out isn't
    seen, so a queue may have held more than is said here. A get that is seen a little before the put that made it
    possible can't bring the number below 0, nor a put seen before the get that made room for it above the capacity.
    """

    def __init__(self) -> None:
        self.moves: dict[str, list[Event]] = {}
        self.sizes: dict[str, int] = {}

    def handlers(self) -> dict[str, Callable[[Event], None]]:
        """The kinds of events that matter here, and what takes them."""
        return {ev.PUT: self.move, ev.GET: self.move, ev.QUEUE: self.size}

    def move(self, event: Event) -> None:
        """Remember an item that went in or came out."""
        self.moves.setdefault(event.object or "", []).append(event)

    def size(self, event: Event) -> None:
        """Remember how many items a queue takes."""
        self.sizes[event.object or ""] = event.value

    def finish(self) -> tuple[Fill, ...]:
        """Return the fills, in order of first use."""
        return tuple(self._fill(queue, moves) for queue, moves in self.moves.items())

    def _fill(self, queue: str, moves: list[Event]) -> Fill:
        put = {event.value for event in moves if event.kind == ev.PUT}
        items = sum(event.kind == ev.GET and event.value not in put for event in moves)
        capacity = self.sizes.get(queue)
        levels = [(0.0, self._within(items, capacity))]
        for event in moves:
            items += 1 if event.kind == ev.PUT else -1
            levels.append((event.time, self._within(items, capacity)))
        return Fill(queue, tuple(levels), capacity)

    @staticmethod
    def _within(items: int, capacity: int | None) -> int:
        return max(items if capacity is None else min(items, capacity), 0)
