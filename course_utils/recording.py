"""
A recording: what every thread did, and when.

The terms are those of `model`: lanes, intervals, holds, tasks, flows and instants. Nothing here
measures or draws: a `Recording` is worked out from its events alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .build import build
from .events import INSTANTS, Event
from .model import Built, Fill, Flow, Hold, Lane, LostUpdate, Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Recording"]


class Recording:
    """
    What every thread did, and when.

    `record()` and `run()` return one; as the last line of a cell it shows its chart, and its words
    folded under it:

        >>> recording = run(two_sleepers)
        >>> [lane.name for lane in recording.lanes]
        ['main', 'T0', 'T1']
        >>> recording.finish_order
        ('T0', 'T1')

    While `record()` is still open there is nothing to read yet: everything but `title` raises
    ValueError.

    Args:
        title: what stands above the chart.
        events: iterable of `Event`, in order of time, or None for a recording still open.
        result: what the scenario returned.
        error: the exception it raised, or None.
        called: whether a scenario was called, so that `result` means something.
        note: what its head says first, if there is something to say that no event tells.

    Attributes:
        schedule: of a run in a chosen order, who made its steps; else None.
    """

    def __init__(
        self,
        title: str,
        events: Iterable[Event] | None = None,
        *,
        result: Any = None,
        error: BaseException | None = None,
        called: bool = False,
        note: str | None = None,
    ) -> None:
        self.title = title
        self.note = note
        self._events: tuple[Event, ...] | None = None
        self._source: Callable[[], Iterable[Event]] | None = None
        self._result = result
        self._error = error
        self.called = called
        self.schedule: Sequence[str] | None = None
        if events is not None:
            self.close(lambda: events, result=result, error=error)

    def close(
        self, source: Callable[[], Iterable[Event]], *, result: Any = None, error: BaseException | None = None
    ) -> None:
        """
        End an open recording; for those who record.

        Args:
            source: returns the events; called once, when first needed.
            result: what the scenario returned.
            error: what it raised.
        """
        self._source = source
        self._result = result
        self._error = error

    @property
    def open(self) -> bool:
        """Whether the recording still goes on."""
        return self._source is None

    def _closed(self) -> None:
        if self._source is None:
            raise ValueError(
                f"the recording {self.title!r} is still open: read it after its `with record()` block has ended"
            )

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event, in order of time; `pandas.DataFrame(recording.events)` works."""
        if self._events is None:
            self._closed()
            assert self._source is not None
            self._events = tuple(self._source())
            self._source = tuple  # the raw log is no longer needed
        return self._events

    @property
    def result(self) -> Any:
        """What the scenario returned; None under `record()`."""
        self._closed()
        return self._result

    @property
    def error(self) -> BaseException | None:
        """What the scenario or the block raised, or None."""
        self._closed()
        return self._error

    @cached_property
    def _built(self) -> Built:
        return build(self.events)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The threads, in order of creation; the first opened the recording."""
        return self._built.lanes

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Who held which lock or permit, and when, by start."""
        return self._built.holds

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Causes on one lane and their effects on another, by effect."""
        return self._built.flows

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The calls submitted to pools, in order of submission."""
        return self._built.tasks

    @property
    def lost_updates(self) -> tuple[LostUpdate, ...]:
        """Writes of watched attributes that destroyed another thread's update, by their moment."""
        return self._built.lost

    @property
    def fills(self) -> tuple[Fill, ...]:
        """How many items were in each queue, over time, in order of first use."""
        return self._built.fills

    @cached_property
    def instants(self) -> tuple[Event, ...]:
        """The moments with a text: log lines, printed lines, marks, exceptions, reads and writes."""
        return tuple(event for event in self.events if event.kind in INSTANTS)

    @property
    def duration(self) -> float:
        """Seconds from the recording's begin to its last lane's end."""
        return max((lane.ended for lane in self.lanes), default=0.0)

    @property
    def finish_order(self) -> tuple[str, ...]:
        """
        Names of what finished, first to last: threads but the opener; of a pool, its tasks.

        A pool's workers outlive their tasks and end together, so that their order would say nothing:
        the tasks stand for them. Threads that failed or were cut off did not finish.
        """
        workers = {task.lane for task in self.tasks} | {lane.name for lane in self.lanes if lane.worker}
        done = [
            (lane.ended, lane.name) for lane in self.lanes[1:] if lane.ending == "finished" and lane.name not in workers
        ]
        done += [(task.ended, task.name) for task in self.tasks if task.ended is not None and task.exception is None]
        return tuple(name for _, name in sorted(done, key=lambda pair: pair[0]))

    def lane(self, name: str) -> Lane:
        """
        Look up a lane by its name.

        Raises:
            KeyError: there is none of that name; the message lists those there are.
        """
        for lane in self.lanes:
            if lane.name == name:
                return lane
        raise KeyError(f"no lane named {name!r}; there are {', '.join(lane.name for lane in self.lanes)}")

    def describe(self) -> str:
        """
        Put the chart into words: what happened, then each lane, then what was logged and printed.

            >>> print(recording.describe())

        Returns:
            str of several lines.
        """
        from .words import describe

        return describe(self)

    def gantt(self, axis: Literal["time", "step"] = "time", *, theme: str | None = None) -> Figure:
        """
        Draw the recording.

            >>> recording.gantt(axis="step")

        Args:
            axis: "time" for a scale in seconds, or "step" to give every event the same width.
            theme: "light", "dark" or None for one that is legible on both.

        Returns:
            a matplotlib `Figure`, not registered with pyplot.

        Raises:
            ValueError: the axis or the theme is none of these.
        """
        from .gantt import gantt

        return gantt(self, axis=axis, theme=theme)

    def save(self, path: str | Path) -> Path:
        """
        Write the recording to a file, by the suffix: the chart as .png or .svg, trace events as .json.

            >>> recording.save("lost_update.svg")

        What is saved as .json opens in Perfetto (https://ui.perfetto.dev), where one can zoom and search; it
        can't be read back here.

        Args:
            path: where to; a file of that name is replaced, and only once the new one is complete.

        Returns:
            the path written to.

        Raises:
            ValueError: the suffix is unknown, or the recording still open.
            OSError: the file can't be written; none is left half written.
        """
        from .export import save

        return save(self, Path(path))

    def _ipython_display_(self) -> None:
        from .show import show

        show(self)

    def __repr__(self) -> str:
        if self.open:
            return f"<Recording {self.title!r}, still open>"
        return f"<Recording {self.title!r}: {len(self.lanes)} lanes, {self.duration:.6f} s>"
