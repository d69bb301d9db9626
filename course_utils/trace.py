"""
A recording as trace events: the JSON that Perfetto, chrome://tracing and VizTracer's viewer open.

The format is that of the Trace Event Format document [1]; what Perfetto makes of it is said in its
guide to other formats [2]. Three of their rules decide what is done here:

- Slices on one track lie within each other or apart. A lane's intervals tile it, but its tasks and
  holds begin and end where they like: they get tracks of their own, right under the lane's.
- An arrow belongs to slices: Perfetto draws it from the end of one to the start of the other. So each
  end of a flow gets a slice without length, at its very moment, that says what was done there.
- Times are in microseconds, whatever `displayTimeUnit` says. Perfetto keeps nanoseconds, and so do we.

[1] https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
[2] https://perfetto.dev/docs/getting-started/other-formats
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .events import EXCEPTION, GET, LOG, PRINT, PUT, READ, WRITE, Event
from .model import Fill, Flow, Interval, Lane, LostUpdate, State
from .shorten import clip, shorten
from .words import access, task_failure

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["trace"]

_PROCESS: Final = 1
_NAME: Final = 120
_TEXT: Final = 2000
"""Characters that a name may take, and a text that is shown when something is selected."""

_ABREAST: Final = 8
"""How many tracks of holds a lane has before what doesn't fit there gets a track of its lock's."""

# Of what happens at one time, what is written first: a slice before what lies within it.
_SLICE, _FLOW, _INSTANT, _COUNTER = range(4)

_VERBS: Final = {
    "start": ("start", "begin"), "join": ("end", "join"), "lock": ("release", "get"), "semaphore": ("release", "get"),
    "event": ("set", "see"), "condition": ("notify", "see"), "barrier": ("arrive at", "pass"),
    "submit": ("submit", "begin"), "result": ("end", "see"),
}  # fmt: skip
"""By a flow's kind, what its source and its target did. For queues it depends: see `_Trace.flow`."""


class _Piece(NamedTuple):
    """A slice to be: times in nanoseconds; `args` are shown when it is selected."""

    start: int
    end: int
    name: str
    args: dict[str, object]


def trace(recording: Recording) -> dict[str, Any]:
    """
    Turn a recording into trace events.

        >>> trace(recording)
        {'displayTimeUnit': 'ms', 'traceEvents': [{'ph': 'M', 'pid': 1, 'tid': 1, 'name': 'process_name', ...

    Each lane is a track of slices (active, sleeping, waiting for what), with its tasks and its holds on
    tracks under it. Flows are arrows; what was logged, printed, marked, raised, read or written are instants,
    and so are the ends of lanes that didn't finish. How many items a queue holds is a counter; of what was in
    it before the recording began, it counts what was seen to come out.

    Not shown: tasks that no worker began, and a lane's CPU time. What happened at one and the same time keeps
    its order in the file, but a viewer draws it in one place.

    Args:
        recording: a finished `Recording`.

    Returns:
        dict of what JSON has: every number is finite, every text prints.

    Raises:
        ValueError: the recording is still open.
    """
    made = _Trace(recording.title)
    tasks, holds = _tasks(recording), _holds(recording)
    for lane in recording.lanes:
        made.lane(lane)
        made.beside(lane.name, "tasks", tasks[lane.name])
        made.beside(lane.name, "holds", holds[lane.name])
    made.queues(recording.events, recording.fills)
    for flow in recording.flows:
        made.flow(flow)
    lost = {(update.time, update.lane, update.object): update for update in recording.lost_updates}
    for event in recording.instants:
        update = lost.get((event.time, event.lane, event.object or ""))
        made.instant(event.time, event.lane, event.kind, _moment(event, update), event.value)
    return {"displayTimeUnit": "ms", "traceEvents": made.events()}


def _ns(seconds: float) -> int:
    """Whole nanoseconds, so that what meets in the recording meets in the trace: sums of floats need not."""
    return round(seconds * 1e9)


def _text(value: object, limit: int = _NAME) -> str:
    """One printable line, and never a blank one: a viewer would say "[No name]", or take it for an error."""
    return clip(value, limit) if isinstance(value, str) and value.strip() else shorten(value, limit)


def _tasks(recording: Recording) -> defaultdict[str, list[_Piece]]:
    ends = {lane.name: lane.ended for lane in recording.lanes}
    found: defaultdict[str, list[_Piece]] = defaultdict(list)
    for task in recording.tasks:
        if task.lane is None or task.started is None:
            continue
        ended = ends[task.lane] if task.ended is None else task.ended
        args: dict[str, object] = {"pool": task.pool}
        name = task.name
        if task.ended is None:
            args["outcome"] = "cut off"
        elif task.exception is not None:
            name = f"{name} ✕"
            args["outcome"] = task_failure(task)
        found[task.lane].append(_Piece(_ns(task.started), _ns(ended), name, args))
    return found


def _holds(recording: Recording) -> defaultdict[str, list[_Piece]]:
    found: defaultdict[str, list[_Piece]] = defaultdict(list)
    for hold in recording.holds:
        args: dict[str, object] = {} if hold.line is None else {"taken in line": hold.line}
        found[hold.lane].append(_Piece(_ns(hold.start), _ns(hold.end), hold.lock, args))
    return found


def _moment(event: Event, lost: LostUpdate | None) -> str:
    if event.kind in (READ, WRITE):
        return access(event, lost)
    text = _text(event.value)
    if event.kind == LOG:
        return f"log {event.object}: {text}"
    if event.kind == PRINT:
        return f"{'print' if event.object == 'stdout' else event.object}: {text}"
    return f"{event.object}: {text}" if event.kind == EXCEPTION else text


def _state(interval: Interval) -> _Piece:
    name = str(interval.state)
    if interval.state is State.WAITING and interval.on is not None:
        name = f"waiting: {interval.on}"
    asked: dict[str, object] = {} if interval.asked is None else {"asked for": f"{shorten(interval.asked)} s"}
    return _Piece(_ns(interval.start), _ns(interval.end), name, asked)


def _fits(ends: list[int], piece: _Piece) -> bool:
    """Tell whether a piece lies within the slices of a track that are still open, given their ends; close the rest."""
    while ends and ends[-1] <= piece.start:
        ends.pop()
    return not ends or piece.end <= ends[-1]


class _Trace:
    """Tracks in the order in which they are to be shown, and what is on them."""

    def __init__(self, title: str) -> None:
        self.head: list[dict[str, Any]] = []
        self.body: list[tuple[tuple[int, int, int], list[dict[str, Any]]]] = []
        self.tracks = 0
        self.lanes: dict[str, int] = {}
        self.puts: set[tuple[float, str, str | None]] = set()
        self.gets: set[tuple[float, str, str | None]] = set()
        self.flows = 0
        self.sources: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
        self.describe("process_name", 1, name=_text(title))

    def describe(self, what: str, tid: int, **args: object) -> None:
        self.head.append({"ph": "M", "pid": _PROCESS, "tid": tid, "name": what, "args": args})

    def add(self, time: int, rank: int, event: dict[str, Any], length: int = 0) -> list[dict[str, Any]]:
        """Put an event in its place; what is added to the list returned comes right after it."""
        together = [{**event, "ts": time / 1000, "pid": _PROCESS}]
        self.body.append(((time, rank, -length), together))
        return together

    def events(self) -> list[dict[str, Any]]:
        self.body.sort(key=itemgetter(0))
        return [*self.head, *(event for _, events in self.body for event in events)]

    def track(self, name: str) -> int:
        # Viewers that don't heed the index sort by tid; that of the first is the process's, as of a main thread.
        self.tracks += 1
        self.describe("thread_name", self.tracks, name=name)
        self.describe("thread_sort_index", self.tracks, sort_index=self.tracks)
        return self.tracks

    def slice(self, tid: int, category: str, piece: _Piece) -> None:
        length = piece.end - piece.start
        event: dict[str, Any] = {
            "ph": "X", "tid": tid, "name": _text(piece.name), "cat": category, "dur": length / 1000,
        }  # fmt: skip
        if piece.args:
            event["args"] = {key: _text(value, _TEXT) for key, value in piece.args.items()}
        self.add(piece.start, _SLICE, event, length=length)

    def lane(self, lane: Lane) -> None:
        name = _text(lane.name)
        self.lanes[lane.name] = self.track(f"{name} (daemon)" if lane.daemon else name)
        for interval in lane.intervals:
            self.slice(self.lanes[lane.name], "state", _state(interval))
        if lane.ending != "finished":
            text = f"{lane.ending}: {lane.exception}" if lane.exception else lane.ending
            self.instant(lane.ended, lane.name, "end", text, text)

    def beside(self, lane: str, what: str, pieces: Iterable[_Piece]) -> None:
        """Lay slices on as few tracks as they need: each on the first where it lies within others or apart."""
        rows: list[tuple[int, list[int]]] = []
        own: dict[str, int] = {}
        for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
            row = next((row for row in rows if _fits(row[1], piece)), None)
            if row is None and len(rows) < _ABREAST:
                row = self.track(f"{_text(lane)} {what}" + (f" {len(rows) + 1}" if rows else "")), []
                rows.append(row)
            if row is not None:
                row[1].append(piece.end)
                self.slice(row[0], what, piece)
            else:
                # One lane's holds of one lock fit on one track, and to look through ever more would be slow.
                if piece.name not in own:
                    own[piece.name] = self.track(f"{_text(lane)} {what} {_text(piece.name)}")
                self.slice(own[piece.name], what, piece)

    def instant(self, time: float, lane: str, category: str, name: str, text: object) -> None:
        args = {"text": _text(text, _TEXT)}
        event = {"ph": "i", "s": "t", "tid": self.lanes[lane], "name": _text(name), "cat": category, "args": args}
        self.add(_ns(time), _INSTANT, event)

    def queues(self, events: Iterable[Event], fills: Iterable[Fill]) -> None:
        for event in events:
            if event.kind in (PUT, GET):
                (self.puts if event.kind == PUT else self.gets).add((event.time, event.lane, event.object))
        for fill in fills:
            name = f"queue {_text(fill.queue)}"
            for time, items in fill.levels:
                self.add(_ns(time), _COUNTER, {"ph": "C", "tid": 1, "name": name, "args": {"items": items}})

    def flow(self, flow: Flow) -> None:
        if flow.kind == "queue":
            sent, received = (flow.sent, flow.source, flow.object), (flow.received, flow.target, flow.object)
            verbs = ("put" if sent in self.puts else "get", "get" if received in self.gets else "put")
        else:
            verbs = _VERBS.get(flow.kind, ("cause", "effect"))
        self.flows += 1
        name = _text(flow.object)
        arrow = {"id": self.flows, "name": f"{flow.kind} {name}", "cat": flow.kind}
        # What sets many threads going is one slice with many arrows.
        key = _ns(flow.sent), flow.source, f"{verbs[0]} {name}"
        if key not in self.sources:
            self.sources[key] = self.end(*key, flow.kind)
        source, target = self.sources[key], self.end(_ns(flow.received), flow.target, f"{verbs[1]} {name}", flow.kind)
        for phase, near in (({"ph": "s"}, source), ({"ph": "f", "bp": "e"}, target)):
            # Next to the slice: Perfetto takes what began last on the track for the one around the arrow's end.
            near.append({**phase, **arrow, **{what: near[0][what] for what in ("tid", "ts", "pid")}})

    def end(self, time: int, lane: str, name: str, category: str) -> list[dict[str, Any]]:
        return self.add(time, _FLOW, {"ph": "X", "tid": self.lanes[lane], "name": name, "cat": category, "dur": 0})
