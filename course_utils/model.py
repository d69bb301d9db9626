"""
The parts of a recording.

Terms, as in Perfetto's track, slice, flow and instant:

lane
    one thread's row
interval
    a stretch of a lane in one state; a lane's intervals tile it without gap or overlap
hold
    a stretch in which a lane held a lock or a semaphore's permit
fill
    how many items were in a queue, over time
task
    a stretch of a pool worker's lane that one submitted call took
flow
    a cause on one lane and its effect on another
instant
    a moment with a text: a log line, a printed line, a mark, an exception, a read or a write
lost update
    a write that destroyed what another lane had written since the writer's read
"""

from bisect import bisect_left, bisect_right
from enum import StrEnum
from operator import itemgetter
from typing import Literal, NamedTuple

__all__ = ["Built", "Ending", "Fill", "Flow", "Hold", "Interval", "Lane", "LostUpdate", "State", "Task"]


class State(StrEnum):
    """
    What a lane does in an interval.

    ACTIVE is said of a thread that is not known to be blocked: it runs, or is ready to run and waits
    for the processor or the GIL. Which of the two can't be seen from Python. The moment that
    `Thread.start` waits for the new thread to come up counts as active too.
    """

    ACTIVE = "active"
    SLEEPING = "sleeping"
    WAITING = "waiting"


class Interval(NamedTuple):
    """A stretch of a lane: `start` and `end` in seconds, `on` what it waits for, `asked` the sleep asked for."""

    state: State
    start: float
    end: float
    on: str | None = None
    asked: float | None = None

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return self.end - self.start


class Hold(NamedTuple):
    """
    A stretch in which a lane held a lock.

    Attributes:
        lock: its name.
        lane: who held it.
        start: seconds.
        end: seconds.
        line: the line that acquired it; None for a semaphore's permit.
        levels: where its holder took it again (an RLock): (seconds, how many times it was then held), one for each
            change between `start` and `end`; empty for a lock held once.
        released_by: the lane that released it, if that is another one: a Lock has no owner.
    """

    lock: str
    lane: str
    start: float
    end: float
    line: int | None = None
    levels: tuple[tuple[float, int], ...] = ()
    released_by: str | None = None

    @property
    def depth(self) -> int:
        """How many times it was held at most."""
        return max((level for _, level in self.levels), default=1)


class Fill(NamedTuple):
    """
    How many items were in a queue.

    Attributes:
        queue: its name.
        levels: (seconds, how many items it held from then on), the first at 0, then one for each put and get.
        capacity: how many it takes at most; None if that isn't known, or there is no limit.
    """

    queue: str
    levels: tuple[tuple[float, int], ...]
    capacity: int | None = None

    @property
    def most(self) -> int:
        """How many items it held at most."""
        return max(level for _, level in self.levels)

    def during(self, start: float, end: float) -> list[int]:
        """How many items it held from `start` until just before `end` (seconds), one number for each change."""
        first = max(bisect_right(self.levels, start, key=itemgetter(0)) - 1, 0)
        last = max(bisect_left(self.levels, end, key=itemgetter(0)), first + 1)
        return [level for _, level in self.levels[first:last]]


class Flow(NamedTuple):
    """
    A cause and its effect on another lane.

    `kind` is "start", "join", "lock", "semaphore", "event", "condition", "barrier", "queue",
    "submit" or "result". `source` did something to `object` at `sent`, and `target` went on because
    of it at `received` (seconds).
    """

    kind: str
    object: str
    source: str
    sent: float
    target: str
    received: float


class Task(NamedTuple):
    """
    One call submitted to a pool.

    `lane` is the worker that ran it, or None if none did; times are in seconds or None. `exception`
    is in words; `asked` tells whether anybody looked at the future's result or exception.
    """

    name: str
    pool: str
    submitted: float
    lane: str | None = None
    started: float | None = None
    ended: float | None = None
    exception: str | None = None
    asked: bool = False


Ending = Literal["finished", "failed", "cut off"]


class Lane(NamedTuple):
    """
    One thread of a recording.

    Attributes:
        name: unique within the recording.
        number: its place among the lanes; 0 opened the recording.
        daemon: whether it was a daemon thread.
        started: seconds from the recording's begin to its first moment.
        ended: seconds to its last.
        ending: "finished", "failed" (of an exception) or "cut off" (by the recording's end).
        exception: "ValueError: no such name" where it failed, else None.
        intervals: tuple of `Interval`, which tile it from `started` to `ended`.
        cpu: seconds of CPU time it used; None where that was not measured.
        worker: whether a pool started it.
    """

    name: str
    number: int
    daemon: bool
    started: float
    ended: float
    ending: Ending
    exception: str | None
    intervals: tuple[Interval, ...]
    cpu: float | None = None
    worker: bool = False

    def __repr__(self) -> str:
        return f"<Lane {self.name}: {self.started:.6f} to {self.ended:.6f} s, {self.ending}>"

    def total(self, state: State) -> float:
        """Seconds that the lane spent in a state, which may also be given by its name: "sleeping"."""
        wanted = State(state)
        return sum(interval.duration for interval in self.intervals if interval.state is wanted)


class LostUpdate(NamedTuple):
    """
    A write that destroyed another lane's update.

    `lane` read `object` at `read`, `other` wrote it at `written`, and `lane` overwrote that at `time` (seconds).
    Where several wrote in between, `other` is the last: what it left is what was overwritten.
    """

    object: str
    lane: str
    read: float
    other: str
    written: float
    time: float


class Built(NamedTuple):
    """What `build` works out from the events."""

    lanes: tuple[Lane, ...]
    holds: tuple[Hold, ...]
    flows: tuple[Flow, ...]
    tasks: tuple[Task, ...]
    lost: tuple[LostUpdate, ...]
    fills: tuple[Fill, ...]
