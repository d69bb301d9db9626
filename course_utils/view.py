"""
A recording along an axis: by time, or by step.

By step, every event has the same width: the events are numbered, and the recording is worked out anew
from them with their numbers for times. So whatever can be drawn by time can be drawn by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .build import build
from .events import INSTANTS, Event
from .model import Built, Fill, Flow, Hold, Lane, LostUpdate, Task

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["AXES", "View", "view"]

AXES: Final = ("time", "step")


class View(NamedTuple):
    """
    What is to be drawn; positions are seconds, or numbers of events from 0.

    Attributes:
        span: the last position.
        times: the time of each event where positions are numbers, else None.
    """

    title: str
    lanes: tuple[Lane, ...]
    holds: tuple[Hold, ...]
    flows: tuple[Flow, ...]
    tasks: tuple[Task, ...]
    lost: tuple[LostUpdate, ...]
    fills: tuple[Fill, ...]
    instants: tuple[Event, ...]
    finish_order: tuple[str, ...]
    span: float
    times: tuple[float, ...] | None = None

    def seconds(self, start: float, end: float) -> float:
        """How long it was from one position to another, whatever the axis."""
        return end - start if self.times is None else self.times[int(end)] - self.times[int(start)]


def view(recording: Recording, axis: str) -> View:
    """
    Lay a recording along an axis.

    Args:
        recording: a finished `Recording`.
        axis: "time" or "step".

    Raises:
        ValueError: the axis is neither.
    """
    if axis not in AXES:
        raise ValueError(f"no axis {axis!r}: there are {' and '.join(map(repr, AXES))}")
    if axis == "time":
        return View(
            recording.title, recording.lanes, recording.holds, recording.flows, recording.tasks,
            recording.lost_updates, recording.fills, recording.instants, recording.finish_order, recording.duration,
        )  # fmt: skip
    events = [Event(float(number), *event[1:]) for number, event in enumerate(recording.events)]
    built: Built = build(events)
    return View(
        recording.title, *built, tuple(event for event in events if event.kind in INSTANTS),
        recording.finish_order, max(len(events) - 1.0, 0.0), tuple(event.time for event in recording.events),
    )  # fmt: skip
