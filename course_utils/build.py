"""
From events to lanes, intervals, holds, tasks, flows and fills, in one pass.

Time is linear in the number of events. Each part has a small builder that looks at the kinds it
needs and at no others; `build` feeds every event to those that want its kind. `holds` and `fills` have theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from . import events as ev
from .accesses import LostUpdates
from .events import Event
from .fills import Fills
from .holds import Holds
from .model import Built, Ending, Flow, Interval, Lane, State, Task

__all__ = ["build"]


def build(events: Iterable[Event]) -> Built:
    """
    Work out the parts of a recording.

    Args:
        events: in order of time; within a lane, in order of happening.

    Returns:
        a `Built`: lanes in order of creation, holds by start, flows by effect, tasks as submitted,
        lost updates by their moment, fills by first use.
    """
    lanes, holds, tasks = _Lanes(), Holds(), _Tasks()
    flows, lost, fills = _Flows(lanes), LostUpdates(), Fills()
    wanted: defaultdict[str, list[Callable[[Event], None]]] = defaultdict(list)
    for builder in (lanes, holds, tasks, flows, lost, fills):
        for kind, handler in builder.handlers().items():
            wanted[kind].append(handler)
    last = 0.0
    for event in events:
        last = event.time
        for handler in wanted.get(event.kind, ()):
            handler(event)
    return Built(
        lanes.finish(last), holds.finish(last), tuple(flows.found), tuple(tasks.found.values()), tuple(lost.found),
        fills.finish(),
    )  # fmt: skip


class _Draft:
    """A lane in the making: the interval it is in, and those before."""

    def __init__(self, name: str, number: int, created: float) -> None:
        self.name = name
        self.number = number
        self.created = created
        self.started: float | None = None
        self.ended: float | None = None
        self.daemon = False
        self.worker = False
        self.ending: Ending = "cut off"
        self.exception: str | None = None
        self.cpu: float | None = None
        self.since = 0.0
        self.state = State.ACTIVE
        self.on: str | None = None
        self.asked: float | None = None
        self.intervals: list[Interval] = []

    def turn(self, time: float, state: State, on: str | None = None, asked: float | None = None) -> None:
        if time > self.since:
            self.intervals.append(Interval(self.state, self.since, time, self.on, self.asked))
            self.since = time
        self.state, self.on, self.asked = state, on, asked

    def lane(self, last: float) -> Lane:
        started = self.created if self.started is None else self.started
        ended = self.ended
        if ended is None:
            ended = max(last, started)
            if self.started is not None:
                self.turn(ended, State.ACTIVE)
        return Lane(
            self.name, self.number, self.daemon, started, ended, self.ending, self.exception,
            tuple(self.intervals), self.cpu, self.worker,
        )  # fmt: skip


class _Lanes:
    """Lanes and their intervals."""

    def __init__(self) -> None:
        self.drafts: dict[str, _Draft] = {}

    def handlers(self) -> dict[str, Callable[[Event], None]]:
        return {
            ev.START: self.start, ev.BEGIN: self.begin, ev.END: self.end, ev.CPU: self.cpu,
            ev.SLEEP: self.sleep, ev.WAIT: self.wait, ev.WAKE: self.go_on, ev.RESUME: self.go_on,
        }  # fmt: skip

    def draft(self, name: str, time: float) -> _Draft:
        if name not in self.drafts:
            self.drafts[name] = _Draft(name, len(self.drafts), time)
        return self.drafts[name]

    def start(self, event: Event) -> None:
        assert event.object is not None
        self.draft(event.object, event.time).worker = event.value == "worker"

    def begin(self, event: Event) -> None:
        draft = self.draft(event.lane, event.time)
        draft.started = draft.since = event.time
        draft.daemon = event.value

    def end(self, event: Event) -> None:
        draft = self.draft(event.lane, event.time)
        if draft.started is not None:
            draft.turn(event.time, State.ACTIVE)
        draft.ended = event.time
        draft.ending = event.object  # type: ignore[assignment]  # the kind's object is an Ending
        draft.exception = event.value

    def cpu(self, event: Event) -> None:
        self.drafts[event.lane].cpu = event.value

    def sleep(self, event: Event) -> None:
        self.drafts[event.lane].turn(event.time, State.SLEEPING, asked=event.value)

    def wait(self, event: Event) -> None:
        self.drafts[event.lane].turn(event.time, State.WAITING, on=event.value)

    def go_on(self, event: Event) -> None:
        self.drafts[event.lane].turn(event.time, State.ACTIVE)

    def finish(self, last: float) -> tuple[Lane, ...]:
        return tuple(draft.lane(last) for draft in self.drafts.values())


class _Tasks:
    """The calls submitted to pools."""

    def __init__(self) -> None:
        self.found: dict[str, Task] = {}

    def handlers(self) -> dict[str, Callable[[Event], None]]:
        return {ev.SUBMIT: self.submit, ev.TASK: self.begin, ev.DONE: self.done, ev.ASK: self.ask}

    def submit(self, event: Event) -> None:
        assert event.object is not None
        self.found[event.object] = Task(event.object, event.value, event.time)

    def change(self, event: Event, **values: Any) -> None:
        if event.object in self.found:
            self.found[event.object] = self.found[event.object]._replace(**values)

    def begin(self, event: Event) -> None:
        self.change(event, lane=event.lane, started=event.time)

    def done(self, event: Event) -> None:
        self.change(event, ended=event.time, exception=event.value)

    def ask(self, event: Event) -> None:
        self.change(event, asked=True)


_SIGNALS = {
    ev.RELEASE: "lock", ev.GIVE: "semaphore", ev.SET: "event", ev.NOTIFY: "condition", ev.ARRIVE: "barrier",
    ev.PUT: "queue", ev.GET: "queue", ev.DONE: "result",
}  # fmt: skip
"""What can wake a waiting lane, and the kind of flow that it makes."""


_HANDING_OVER = frozenset({ev.RELEASE, ev.GIVE})
"""Signals that a wait for the object itself ends: "_lock", and not "cond.wait"."""


_ANY_RESULT = frozenset({"as_completed", "wait"})
"""Waits that the next task to end may end, whichever it is."""


class _Flows:
    """
    Causes and effects.

    A wait that got what it waited for was ended by the last signal on the same object, by another
    lane, since it began to wait. Items are followed from their put to their get.
    """

    def __init__(self, lanes: _Lanes) -> None:
        self.found: list[Flow] = []
        self.signals: dict[tuple[str, bool], list[Event]] = {}
        self.ends: dict[str, float] = {}
        self.ended_last: tuple[str, float] | None = None
        self.last_done: Event | None = None
        self.waits: dict[str, Event] = {}
        self.once: dict[tuple[str, object], Event] = {}

    def handlers(self) -> dict[str, Callable[[Event], None]]:
        return {
            ev.START: self.remember, ev.BEGIN: self.begin, ev.END: self.end, ev.WAIT: self.wait,
            ev.RESUME: self.resume, ev.SUBMIT: self.remember, ev.TASK: self.task,
            **dict.fromkeys(_SIGNALS, self.signal), ev.DONE: self.done, ev.PUT: self.put, ev.GET: self.get,
        }  # fmt: skip

    def add(self, kind: str, name: str, cause: Event, effect: Event) -> None:
        if cause.lane != effect.lane:
            self.found.append(Flow(kind, name, cause.lane, cause.time, effect.lane, effect.time))

    def remember(self, event: Event) -> None:
        self.once[event.kind, event.object] = event

    def begin(self, event: Event) -> None:
        cause = self.once.pop((ev.START, event.lane), None)
        if cause is not None:
            self.add("start", event.lane, cause, event)

    def task(self, event: Event) -> None:
        cause = self.once.pop((ev.SUBMIT, event.object), None)
        if cause is not None:
            self.add("submit", event.object or "", cause, event)

    def end(self, event: Event) -> None:
        self.ends[event.lane] = event.time
        self.ended_last = (event.lane, event.time)

    def done(self, event: Event) -> None:
        self.signal(event)
        self.last_done = event

    def any_result(self, wait: Event, event: Event) -> None:
        cause = self.last_done
        if cause is not None and cause.time >= wait.time:
            self.add("result", cause.object or "", cause, event)

    def wait(self, event: Event) -> None:
        self.waits[event.lane] = event

    def signal(self, event: Event) -> None:
        # The last two lanes' signals suffice: one of them is not the waiting lane's own. A condition and its
        # lock have one name: who waits for the lock is not woken by a notification, nor the other way round.
        seen = self.signals.setdefault((event.object or "", event.kind in _HANDING_OVER), [])
        if seen and seen[-1].lane == event.lane:
            seen[-1] = event
        else:
            seen[:] = [*seen[-1:], event]

    def put(self, event: Event) -> None:
        self.signal(event)
        self.once[ev.PUT, (event.object, event.value)] = event

    def get(self, event: Event) -> None:
        self.signal(event)
        cause = self.once.pop((ev.PUT, (event.object, event.value)), None)
        if cause is not None:
            self.add("queue", event.object or "", cause, event)

    def resume(self, event: Event) -> None:
        wait = self.waits.pop(event.lane, None)
        if wait is None or not event.value:
            return
        if wait.value == "threads to end" and self.ended_last is not None:
            name, ended = self.ended_last
            if ended >= wait.time:
                self.found.append(Flow("join", name, name, ended, event.lane, event.time))
            return
        if wait.value in _ANY_RESULT:
            self.any_result(wait, event)
            return
        if wait.value == f"join {event.object}" and event.object in self.ends:
            ended = self.ends[event.object]
            if ended >= wait.time:
                self.found.append(Flow("join", event.object, event.object, ended, event.lane, event.time))
            return
        for cause in reversed(self.signals.get((event.object or "", wait.value == event.object), ())):
            # A get that waited has its arrow from the put of its own item.
            if cause.lane != event.lane and cause.time >= wait.time and cause.kind != ev.PUT:
                self.add(_SIGNALS[cause.kind], event.object or "", cause, event)
                return
