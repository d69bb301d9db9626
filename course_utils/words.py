"""A recording in words: one sentence for the chart's head, and the whole of it for those who read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from .deadlock import Deadlock, waits_words
from .events import DEADLOCK, DELETED, EXCEPTION, LOG, PRINT, READ, WRITE, Event
from .model import Hold, Interval, Lane, LostUpdate, State, Task
from .shorten import clip, one_line, shorten
from .troubles import NAMED, deadlock_words, listed, message, troubles
from .units import duration

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["access", "describe", "duration", "headlines", "ordinal", "summary", "task_failure"]

_BETWEEN: Final = "  ·  "

_LINES: Final = 400
"""How many moments are spelt out; a thousand logged lines would bury the rest."""


def ordinal(number: int) -> str:
    """
    Say which one in a row.

        >>> ordinal(1), ordinal(12), ordinal(22)
        ('1st', '12th', '22nd')
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def summary(recording: Recording) -> str:
    """
    Say in one sentence what happened.

        >>> summary(recording)
        'returned 2  ·  T1 waited 102 ms for _lock, then T0 handed it over'

    It picks the outcome and what tells most: lost updates, what failed or was cut off, an exception that a future
    kept, the longest wait for a lock, else the order of finishing. The rest is left to `describe`.

    Args:
        recording: a finished `Recording`.

    Returns:
        str, one line.
    """
    if not recording.lanes:
        return _BETWEEN.join([*([recording.note] if recording.note else []), "nothing was recorded"])
    outcome = _outcome(recording)
    facts = list(troubles(recording))[:NAMED]
    if not facts and not isinstance(recording.error, Deadlock):
        facts = [*_longest_wait(recording)] or [*_order(recording)]
    return one_line(_BETWEEN.join([*outcome, *facts]))


def _outcome(recording: Recording) -> list[str]:
    error = recording.error
    if recording.note is not None:
        return [recording.note]
    if error is not None:
        kind, text = type(error).__name__, clip(message(error), 100)
        if isinstance(error, Deadlock):
            return [f"Deadlock: {deadlock_words(recording) or text}"]
        return [f"raised {kind}: {text}" if text else f"raised {kind}"]
    return [f"returned {shorten(recording.result)}"] if recording.called else []


def _longest_wait(recording: Recording) -> Iterator[str]:
    locks = {hold.lock for hold in recording.holds}
    waits = [
        (interval.duration, -lane.number, lane, interval)
        for lane in recording.lanes
        for interval in lane.intervals
        if interval.state is State.WAITING and interval.on in locks
    ]
    if not waits:
        return
    *_, lane, interval = max(waits, key=lambda wait: wait[:2])
    text = f"{lane.name} waited {duration(interval.duration)} for {interval.on}"
    for flow in recording.flows:
        if flow.target == lane.name and flow.object == interval.on and flow.received == interval.end:
            text += f", then {flow.source} handed it over"
            break
    yield text


def _order(recording: Recording) -> Iterator[str]:
    order = [clip(name, 24) for name in recording.finish_order]
    if len(order) > 6:
        yield f"{len(order)} finished: {order[0]} first, {order[-1]} last"
    elif len(order) > 1:
        yield f"{', '.join(order[:-1])} and {order[-1]} finished in this order{_overlap(recording)}"
    elif order:
        yield f"{order[0]} finished"
    elif len(recording.lanes) == 1:
        yield f"one thread, {duration(recording.lanes[0].ended - recording.lanes[0].started)}"


def _overlap(recording: Recording) -> str:
    """Whether the threads but the opener ran beside each other at all."""
    others = sorted(recording.lanes[1:], key=lambda lane: lane.started)
    if len(others) < 2 or recording.tasks:
        return ""
    if all(before.ended <= after.started for before, after in pairwise(others)):
        return ", one after the other"
    return ""


def describe(recording: Recording) -> str:
    """
    Put a recording into words: what happened, each lane in turn, then what was logged, printed and marked.

        >>> print(describe(recording))
        locked_update(workers=2)
        returned 2  ·  T1 waited 102 ms for _lock, then T0 handed it over
        ...

    Args:
        recording: a finished `Recording`.

    Returns:
        str of several lines, times since the recording began.
    """
    lines = [recording.title, summary(recording), ""]
    holds: dict[str, list[Hold]] = {}
    for hold in recording.holds:
        holds.setdefault(hold.lane, []).append(hold)
    tasks: dict[str | None, list[Task]] = {}
    for task in recording.tasks:
        tasks.setdefault(task.lane, []).append(task)
    places, heads = _places(recording), headlines(recording)
    for lane, head in zip(recording.lanes, heads, strict=False):
        lines.append(head)
        lines += [f"  {line}" for line in _states(lane)]
        lines += [f"  {line}" for line in _held(holds.get(lane.name, ()))]
        lines += [f"  {_task(task, places)}" for task in tasks.get(lane.name, ())]
    lines += heads[len(recording.lanes) :]
    moments = list(_moments(recording))
    if moments:
        watched = "read, written, " if any(event.kind in (READ, WRITE) for event in recording.instants) else ""
        lines += ["", f"{watched}logged, printed and marked:", *moments[:_LINES]]
        if len(moments) > _LINES:
            lines.append(f"  … and {len(moments) - _LINES} more")
    return "\n".join(map(one_line, lines)).rstrip()


def headlines(recording: Recording) -> list[str]:
    """
    Say of each lane from when to when it was and how it ended, then of each task that nobody began.

        >>> headlines(recording)
        ['main: from 0 s to 206 ms, finished', 'T0: from 1 ms to 102 ms, finished 1st', ...]

    Returns:
        list of str, one line each: `len(recording.lanes)` of lanes, in their order, and the rest of tasks.
    """
    places = _places(recording)
    never = [
        f"{task.name}: submitted to {task.pool} at {duration(task.submitted)}, never begun"
        for task in recording.tasks
        if task.lane is None
    ]
    return [one_line(line) for line in (*(_headline(lane, places) for lane in recording.lanes), *never)]


def _places(recording: Recording) -> dict[str, str]:
    """What finished, with its place in the order."""
    return {name: ordinal(place) for place, name in enumerate(recording.finish_order, 1)}


def _headline(lane: Lane, places: dict[str, str]) -> str:
    kind = " (daemon)" if lane.daemon else ""
    text = f"{lane.name}{kind}: from {duration(lane.started)} to {duration(lane.ended)}, {lane.ending}"
    if lane.name in places and lane.ending == "finished":
        text += f" {places[lane.name]}"
    if lane.exception:
        text += f": {clip(lane.exception, 200)}"
    if lane.cpu is not None:
        text += f"; used the processor for {duration(lane.cpu)} of {duration(lane.ended - lane.started)}"
    return text


def _times(durations: list[float]) -> str:
    """Sum up: "102 ms", or "102 ms in 3 parts"."""
    return duration(sum(durations)) + (f" in {len(durations)} parts" if len(durations) > 1 else "")


def _states(lane: Lane) -> Iterator[str]:
    totals: dict[tuple[State, str | None], list[Interval]] = {}
    for interval in lane.intervals:
        totals.setdefault((interval.state, interval.on), []).append(interval)
    for (state, on), intervals in totals.items():
        times = _times([interval.duration for interval in intervals])
        if state is State.ACTIVE:
            yield f"active for {times}"
        elif state is State.SLEEPING:
            yield f"slept for {times}"
        else:
            yield waits_words(on or "").replace("waits", f"waited {times}", 1)


def _held(holds: Iterable[Hold]) -> Iterator[str]:
    locks: dict[str, list[Hold]] = {}
    for hold in holds:
        locks.setdefault(hold.lock, []).append(hold)
    for lock, held in locks.items():
        times = _times([hold.end - hold.start for hold in held])
        lines = sorted({hold.line for hold in held if hold.line is not None})
        notes = [f"taken in line {', '.join(map(str, lines[:5]))}"] if lines else []
        others = {hold.released_by: None for hold in held if hold.released_by is not None}
        notes += [f"released by {listed(others)}"] if others else []
        depth = max(hold.depth for hold in held)
        often = f", up to {depth} times at once" if depth > 1 else ""
        yield f"held {lock} for {times}{often}" + (f" ({', '.join(notes)})" if notes else "")


def task_failure(task: Task) -> str:
    """
    Say what became of a task's exception.

        >>> task_failure(task)
        'ValueError: no such name, kept in the future'

    Returns:
        str, "" if the task raised nothing.
    """
    if task.exception is None:
        return ""
    return task.exception if task.asked else f"{task.exception.rstrip('.')}, kept in the future"


def _task(task: Task, places: dict[str, str]) -> str:
    assert task.started is not None
    text = f"ran {task.name} from {duration(task.started)}"
    text += " on" if task.ended is None else f" to {duration(task.ended)}"
    if task.exception is not None:
        return f"{text}, failed: {clip(task_failure(task), 200)}"
    return f"{text}, finished {places[task.name]}" if task.name in places else f"{text}, cut off"


def access(event: Event, lost: LostUpdate | None = None) -> str:
    """
    Say what was read or written.

        >>> access(Event(0.1, "T1", WRITE, "database.value", "1"))
        'wrote database.value: 1'

    Args:
        event: a read or a write.
        lost: the update that was lost by it, if one was.
    """
    if event.kind == READ:
        text = f"read {event.object}: {event.value}"
    elif event.value == DELETED:
        text = f"deleted {event.object}"
    else:
        text = f"wrote {event.object}: {event.value}"
    return f"{text}, lost update: overwrote what {lost.other} had written since" if lost else text


def _moments(recording: Recording) -> Iterator[str]:
    lost = {(update.time, update.lane, update.object): update for update in recording.lost_updates}
    for event in recording.instants:
        text = clip(str(event.value), 300)
        if event.kind == LOG:
            text = f"log {event.object}: {text}"
        elif event.kind == PRINT:
            text = f"{'print' if event.object == 'stdout' else event.object}: {text}"
        elif event.kind in (READ, WRITE):
            text = access(event, lost.get((event.time, event.lane, event.object or "")))
        elif event.kind == EXCEPTION:
            text = f"exception {event.object}: {text}"
        elif event.kind == DEADLOCK:
            text = f"deadlock: {waits_words(event.object or '')} for ever" + (
                f", needs {listed(event.value)}" if event.value else ""
            )
        else:
            text = f"mark: {text}"
        yield f"  {duration(event.time)}  {event.lane}  {text}"
