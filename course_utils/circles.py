"""
Who waits for whom for ever: red arrows between the lanes, and at each lane's end what it would have needed.

The verdict is an event of its own. What follows it, the exception that unwinds each lane and all that it lets go of,
takes microseconds and tells nothing more: the lane's end says what it needed, in place of the exception.
"""

from __future__ import annotations

from typing import Final

from .arrows import Rooms, Style, arrow
from .deadlock import circle
from .events import DEADLOCK, Event
from .frame import Frame
from .model import Lane, State
from .scene import Scene
from .shorten import clip
from .view import View

__all__ = ["circles", "died_of_it", "needs", "verdicts", "wait_at"]

_APART: Final = 14.0
"""Pixels from one arrow to the next between the same lanes, if there is room."""

_CLOSEST: Final = 7.0
_LONG: Final = 28
"""Characters of two names together; of longer ones, one is counted."""

_ABREAST: Final = 8
"""How many arrows stand side by side; more could not be followed."""


def verdicts(view: View) -> dict[str, Event]:
    """The last moment at which each lane was found to wait for ever, by lane."""
    return {event.lane: event for event in view.instants if event.kind == DEADLOCK}


def died_of_it(lane: Lane) -> bool:
    """Tell whether a lane failed of a deadlock, its own or another's."""
    return lane.ending == "failed" and (lane.exception or "").partition(":")[0] == "Deadlock"


def needs(verdict: Event) -> str:
    """
    Say whom a lane would have needed to go on.

        >>> needs(Event(0.1, "T0", DEADLOCK, "b_lock", ("T1",)))
        'needs T1'
    """
    names = ["itself" if name == verdict.lane else clip(name, 24) for name in verdict.value]
    if not names:
        return "waits for ever"
    if len(names) > 2 or (len(names) == 2 and len("".join(names)) > _LONG):
        return f"needs {names[0]} and {len(names) - 1} more"
    return f"needs {' and '.join(names)}"


def circles(scene: Scene, frame: Frame, view: View, rooms: Rooms) -> set[str]:
    """
    Draw an arrow from each lane of a circle to those it needs, shortly before their waits end.

    Returns:
        the kinds of arrows drawn: "circle", or "needs" if nobody waits for each other.
    """
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    found = [event for event in view.instants if event.kind == DEADLOCK and event.lane in rows]
    around = circle({event.lane: event.value for event in found})
    wanted = [
        (event.time, rows[event.lane], rows[name])
        for event in found
        for name in event.value
        # Who waits for one of a circle isn't part of it; where there is none, arrows lead to who waits for ever.
        if name in rows and name != event.lane and (not around or {event.lane, name} <= around)
    ]
    # Side by side where they would run over each other; neighbours first, which leaves the long ones outside.
    taken: list[list[tuple[float, int, int]]] = []
    for each in sorted(wanted, key=lambda each: (each[0], abs(each[1] - each[2]), each[1])):
        for track in taken:
            if not any(_meet(each, other) for other in track):
                track.append(each)
                break
        else:
            if len(taken) < _ABREAST:
                taken.append([each])
    for number, track in enumerate(taken):
        for time, source, target in track:
            waits = [wait_at(view.lanes[row], time) for row in (source, target)]
            since, until = max(start for start, _ in waits), min(end for _, end in waits)
            apart = min(_APART, max(_CLOSEST, (frame.x(until) - frame.x(since)) / (len(taken) + 1)))
            x = max(frame.x(until) - (number + 0.7) * apart, frame.left + 3)
            arrow(scene, frame, (source, x), (target, x), Style("bad", leave=frame.gap + frame.band), rooms)
    return {"circle" if around else "needs"} if wanted else set()


def _meet(one: tuple[float, int, int], other: tuple[float, int, int]) -> bool:
    """Tell whether two arrows share a gap between lanes."""
    (_, *ends), (_, *others) = one, other
    return min(ends) < max(others) and min(others) < max(ends)


def wait_at(lane: Lane, time: float) -> tuple[float, float]:
    """From when to when a lane is in the wait that it is in at a time."""
    for each in lane.intervals:
        if each.state is State.WAITING and each.start <= time <= each.end:
            return each.start, each.end
    return time, time
