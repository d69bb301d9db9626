"""
A recording as trace events, held against the format's rules and against the recording.

`Tracks` is the format's rules: it reads a trace as a viewer would, and fails on what one would drop,
cut or put elsewhere.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.events import (
    ACQUIRE,
    ARRIVE,
    ASK,
    BEGIN,
    DONE,
    END,
    EXCEPTION,
    GET,
    GIVE,
    LOG,
    MARK,
    NOTIFY,
    PRINT,
    PUT,
    RELEASE,
    RESUME,
    SET,
    SLEEP,
    START,
    SUBMIT,
    TAKE,
    TASK,
    WAIT,
    WAKE,
    Event,
    Item,
)  # fmt: skip
from course_utils.recording import Recording
from course_utils.trace import trace
from tests.examples import EXAMPLES, Log, dense, endings, handover, nested, pool, queues, strange_names

few = settings(max_examples=80, deadline=None)

REQUIRED = {
    "M": {"pid", "tid", "name", "args"},
    "X": {"pid", "tid", "name", "cat", "ts", "dur"},
    "i": {"pid", "tid", "name", "cat", "ts", "s"},
    "s": {"pid", "tid", "name", "cat", "ts", "id"},
    "f": {"pid", "tid", "name", "cat", "ts", "id", "bp"},
    "C": {"pid", "tid", "name", "ts", "args"},
}
METADATA = {"process_name": "name", "thread_name": "name", "thread_sort_index": "sort_index"}


class Slice(NamedTuple):
    """Times in nanoseconds; `depth` is 0 for a slice that lies in no other."""

    start: int
    end: int
    name: str
    depth: int
    args: dict[str, Any]


def ns(microseconds: float) -> int:
    """What Perfetto keeps of a time."""
    return round(microseconds * 1000)


class Tracks:
    """A trace as a viewer understands it, from the JSON that it would be given."""

    def __init__(self, made: dict[str, Any]) -> None:
        text = json.dumps(made, allow_nan=False, ensure_ascii=False)
        text.encode()
        assert made.keys() == {"displayTimeUnit", "traceEvents"}
        assert made["displayTimeUnit"] in ("ms", "ns")
        self.events: list[dict[str, Any]] = json.loads(text)["traceEvents"]
        self.names: dict[int, str] = {}
        self.order: dict[int, int] = {}
        self.slices: defaultdict[int, list[Slice]] = defaultdict(list)
        self.arrows: defaultdict[int, list[tuple[dict[str, Any], Slice]]] = defaultdict(list)
        self.counters: defaultdict[str, list[int]] = defaultdict(list)
        self.instants: list[dict[str, Any]] = []
        self.process = ""
        open_slices: defaultdict[int, list[Slice]] = defaultdict(list)
        latest = 0
        for event in self.events:
            phase = event["ph"]
            assert event.keys() - {"ph", "args"} == REQUIRED[phase] - {"args"}, event
            assert REQUIRED[phase] <= event.keys()
            assert isinstance(event["name"], str)
            assert event["name"].strip()
            assert event["name"].isprintable()
            assert type(event["tid"]) is int
            assert event["tid"] > 0
            assert event["pid"] == 1
            if phase == "M":
                self._describe(event)
                continue
            assert event["tid"] in self.names, "a track is named before it is used"
            assert ns(event["ts"]) >= latest, "in order of time, on every track"
            latest = ns(event["ts"])
            if phase == "X":
                self._slice(event, open_slices[event["tid"]])
            elif phase in "sf":
                # Perfetto takes the slice that began last on the track; it must be one that holds the moment.
                around = open_slices[event["tid"]][-1]
                assert around.start <= latest <= around.end
                self.arrows[event["id"]].append((event, around))
            elif phase == "C":
                assert all(type(value) is int for value in event["args"].values())
                self.counters[event["name"]].append(event["args"]["items"])
            else:
                assert event["s"] == "t"
                self.instants.append(event)
        for texts in (event["args"] for event in self.events if event["ph"] in "Xi" and "args" in event):
            assert all(isinstance(value, str) and value.isprintable() for value in texts.values())

    def _describe(self, event: dict[str, Any]) -> None:
        value = event["args"][METADATA[event["name"]]]
        if event["name"] == "process_name":
            self.process = value
        elif event["name"] == "thread_name":
            assert event["tid"] not in self.names
            assert value.strip()
            assert value.isprintable()
            self.names[event["tid"]] = value
        else:
            assert type(value) is int
            self.order[event["tid"]] = value

    def _slice(self, event: dict[str, Any], inside: list[Slice]) -> None:
        assert event["dur"] >= 0
        start = ns(event["ts"])
        end = start + ns(event["dur"])
        # A slice begins with its first moment and ends before its last; one without length is that moment.
        while inside and inside[-1].end <= start and not inside[-1].start == start == end:
            inside.pop()
        assert not inside or end <= inside[-1].end, "slices of a track lie within each other or apart"
        inside.append(Slice(start, end, event["name"], len(inside), event.get("args", {})))
        self.slices[event["tid"]].append(inside[-1])

    def track(self, name: str) -> list[Slice]:
        return self.slices[next(tid for tid, given in self.names.items() if given == name)]

    def hops(self) -> list[tuple[str, str, str, str]]:
        """Every arrow: track and slice that it leaves, track and slice that it reaches."""
        return [
            (self.names[s["tid"]], source.name, self.names[f["tid"]], target.name)
            for (s, source), (f, target) in self.arrows.values()
        ]


def held_to(recording: Recording) -> Tracks:
    """Hold a recording's trace against the format and against the recording; return it as understood."""
    tracks = Tracks(trace(recording))
    assert list(tracks.order.values()) == sorted(tracks.order.values())
    assert tracks.names.keys() == tracks.order.keys()
    for both in tracks.arrows.values():
        (s, _), (f, _) = both
        assert (s["ph"], f["ph"], f["bp"]) == ("s", "f", "e")
        assert (s["name"], s["cat"]) == (f["name"], f["cat"])
        assert s["tid"] != f["tid"]
    assert len(tracks.arrows) == len(recording.flows)
    assert all(min(sizes) >= 0 for sizes in tracks.counters.values())
    lanes = {lane.name: tid for lane, tid in zip(recording.lanes, _lane_tids(tracks), strict=True)}
    for lane in recording.lanes:
        told = [
            (each.start, each.end)
            for each in tracks.slices[lanes[lane.name]]
            if each.depth == 0 and each.end > each.start
        ]
        assert told == [
            (round(i.start * 1e9), round(i.end * 1e9))
            for i in lane.intervals
            if round(i.end * 1e9) > round(i.start * 1e9)
        ]
    categories = Counter(event["cat"] for event in tracks.events if event["ph"] == "X")
    assert categories["holds"] == len(recording.holds)
    assert categories["tasks"] == sum(task.lane is not None for task in recording.tasks)
    ends = sum(lane.ending != "finished" for lane in recording.lanes)
    assert len(tracks.instants) == len(recording.instants) + ends
    return tracks


def _lane_tids(tracks: Tracks) -> list[int]:
    beside = {event["tid"] for event in tracks.events if event.get("cat") in ("holds", "tasks")}
    return [tid for tid in tracks.names if tid not in beside]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_keep_to_the_format(name: str):
    recording = EXAMPLES[name]()
    tracks = held_to(recording)
    assert tracks.process == recording.title


def test_handover():
    tracks = held_to(handover())
    assert list(tracks.names.values()) == ["main", "T0", "T0 holds", "T1", "T1 holds"]
    assert tracks.hops() == [
        ("main", "start T0", "T0", "begin T0"),
        ("main", "start T1", "T1", "begin T1"),
        ("T0", "release _lock", "T1", "get _lock"),
        ("T0", "end T0", "main", "join T0"),
        ("T1", "end T1", "main", "join T1"),
    ]
    assert [piece.name for piece in tracks.track("T1") if not piece.depth] == [
        "active", "waiting: _lock", "active", "sleeping", "active", "end T1",
    ]  # fmt: skip
    assert tracks.track("T1")[-2].args == {}
    assert next(piece for piece in tracks.track("T1") if piece.name == "sleeping").args == {"asked for": "0.1 s"}
    assert tracks.track("T0 holds") == [Slice(2_500_000, 105_500_000, "_lock", 0, {"taken in line": "12"})]
    assert [(event["name"], event["ts"]) for event in tracks.instants] == [("half way", 150_000)]


def test_tasks_have_a_track_and_a_hidden_exception_is_in_its_name():
    tracks = held_to(pool())
    assert list(tracks.names.values()) == ["main", "worker-0", "worker-0 tasks", "worker-1", "worker-1 tasks"]
    zero, one = tracks.track("worker-0 tasks"), tracks.track("worker-1 tasks")
    assert [piece.name for piece in zero + one] == ["fetch-0", "fetch-3 ✕", "fetch-1 ✕", "fetch-2", "fetch-4"]
    assert zero[0].args == {"pool": "executor"}
    assert zero[1].args["outcome"] == "TimeoutError: too slow"
    assert one[0].args["outcome"] == "ValueError: no such page: /index/of/everything, kept in the future"
    assert ("main", "submit fetch-2", "worker-1", "begin fetch-2") in tracks.hops()


def test_a_task_that_was_cut_off_lasts_as_long_as_its_worker_and_one_never_begun_is_left_out():
    log = Log()
    log(0, "main", BEGIN, "main", False)
    log(0, "worker", BEGIN, "worker", False)
    log(1, "main", SUBMIT, "endless", "pool")
    log(1, "main", SUBMIT, "never", "pool")
    log(2, "worker", TASK, "endless")
    log(9, "worker", END, "cut off")
    tracks = Tracks(trace(Recording("cut", log)))
    assert [(piece.end, piece.args["outcome"]) for piece in tracks.track("worker tasks")] == [(9e9, "cut off")]


def test_instants_and_endings():
    tracks = held_to(endings())
    assert list(tracks.names.values()) == [
        "main",
        "heartbeat (daemon)",
        "Thread-1 (parse_configuration_file)",
        "worker",
    ]
    assert [(tracks.names[event["tid"]].split()[0], event["cat"], event["name"]) for event in tracks.instants] == [
        ("main", "log", "log INFO: all threads started"),
        ("worker", "print", "print: working"),
        ("Thread-1", "log", "log WARNING: unknown key\\nin line 3"),
        ("Thread-1", "print", "print: giving up"),
        ("Thread-1", "end", "failed: KeyError: 'colour'"),
        ("worker", "mark", "half done"),
        ("main", "log", "log INFO: done"),
        ("heartbeat", "end", "cut off"),
    ]


def test_a_queue_is_counted():
    tracks = held_to(queues(3))
    assert tracks.counters == {"queue inbox": [0, 1, 0, 1, 0, 1, 0]}
    assert ("producer", "put inbox", "consumer", "get inbox") in tracks.hops()


def test_a_queue_filled_before_counts_what_was_seen_to_come_out():
    log = Log()
    log(0, "main", BEGIN, "main", False)
    for number, (kind, item) in enumerate([(GET, 7), (PUT, 1), (GET, 8), (GET, 1)]):
        log(1 + number, "main", kind, "jobs", Item(item, "'job'"))
    assert held_to(Recording("filled", log)).counters == {"queue jobs": [2, 1, 2, 1, 0]}


def test_a_get_that_lets_a_put_go_on_is_told_from_a_put():
    log = Log()
    for lane in ("main", "other"):
        log(0, lane, BEGIN, lane, False)
    log(1, "main", WAIT, "jobs", "jobs.put")
    log(2, "other", GET, "jobs", Item(0, "'first'"))
    log(3, "main", RESUME, "jobs", True)
    log(3, "main", PUT, "jobs", Item(1, "'second'"))
    assert held_to(Recording("full", log)).hops() == [("other", "get jobs", "main", "put jobs")]


def test_what_wakes_many_is_one_slice_with_many_arrows():
    log = Log()
    lanes = [f"T{number}" for number in range(600)]
    for lane in ("main", *lanes):
        log(0, lane, BEGIN, lane, False)
    for lane in lanes:
        log(1, lane, WAIT, "ready", "ready.wait")
    log(2, "main", SET, "ready")
    for lane in lanes:
        log(2, lane, RESUME, "ready", True)
    tracks = held_to(Recording("go", log))
    assert [piece.name for piece in tracks.track("main")] == ["active", "set ready"]
    assert tracks.hops() == [("main", "set ready", lane, "see ready") for lane in lanes]


def test_holds_that_nest_share_a_track():
    tracks = held_to(nested())
    assert [(piece.name, piece.depth) for piece in tracks.track("main holds")] == [
        ("accounts", 0), ("ledger", 1), ("audit", 2),
    ]  # fmt: skip


def hand_over_hand(locks: int, together: int = 2) -> Recording:
    """Each lock is let go only when the next has been taken."""
    log = Log()
    log(0, "main", BEGIN, "main", False)
    for number in range(locks + together):
        if number < locks:
            log(number + 0.1, "main", ACQUIRE, f"node {number}", 1)
        if number >= together - 1 and number - together + 1 < locks:
            log(number + 0.2, "main", RELEASE, f"node {number - together + 1}")
    log(locks + together, "main", END, "finished")
    return Recording("walk()", log)


def test_holds_that_overlap_take_turns_on_two_tracks():
    tracks = held_to(hand_over_hand(6))
    assert [piece.name for piece in tracks.track("main holds")] == ["node 0", "node 2", "node 4"]
    assert [piece.name for piece in tracks.track("main holds 2")] == ["node 1", "node 3", "node 5"]


def test_when_very_many_holds_overlap_each_lock_gets_a_track():
    tracks = held_to(hand_over_hand(30, together=12))
    assert list(tracks.names.values())[:10] == [
        "main", "main holds", *(f"main holds {number}" for number in range(2, 9)), "main holds node 8",
    ]  # fmt: skip


def test_names_that_trip_others():
    tracks = held_to(strange_names())
    assert "two\\nlines" in tracks.names.values()
    assert "\\ud800" in tracks.names.values()


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", '"}],', "\u2028", "x" * 1_000_000, "</script>"])
def test_odd_texts_become_short_printable_names(text: str):
    log = Log()
    log(0, "main", BEGIN, "main", False)
    log(1, "main", LOG, text, text)
    log(1, "main", MARK, None, text)
    log(1, "main", EXCEPTION, "Error", text)
    log(1, "main", SLEEP, None, float("nan"))
    log(2, "main", WAKE)
    log(2, "main", ACQUIRE, text, None)
    log(2, "main", WAIT, text, text)
    tracks = held_to(Recording(text, log))
    assert all(len(event["name"]) <= 150 for event in tracks.events)
    assert len(json.dumps(tracks.events)) < 50_000


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Recordings of every kind of event, in an order that threads could have made."""
    names = draw(st.sampled_from([["T0", "T1", "T2"], ["", "\ud800", "T0 holds"]]))
    texts = st.text(max_size=5)
    events: list[Event] = []
    now = 0.0

    def add(lane: str, kind: str, name: str | None = None, value: object = None) -> None:
        nonlocal now
        now += draw(st.sampled_from([0.0, 0.0, 1e-9, 1e-7, 0.1, 1 / 3]))
        events.append(Event(now, lane, kind, name, value))

    born = names[:1]
    add(names[0], BEGIN, names[0], False)
    doing: dict[str, tuple[str, Any]] = {}
    inside: dict[str, list[Item]] = {"q": [], "p": []}
    waiting_tasks: list[str] = []
    running: dict[str, str] = {}
    for number in range(draw(st.integers(0, 60))):
        lane = draw(st.sampled_from(born))
        if lane in doing:
            kind, name = doing.pop(lane)
            add(lane, kind, name, draw(st.booleans()) if kind == RESUME else None)
            continue
        act = draw(
            st.sampled_from([START, SLEEP, WAIT, ACQUIRE, RELEASE, TAKE, GIVE, PUT, GET, SUBMIT, TASK, MARK, SET])
        )
        if act == START and len(born) < len(names):
            new = names[len(born)]
            add(lane, START, new)
            add(new, BEGIN, new, draw(st.booleans()))
            born.append(new)
        elif act == SLEEP:
            add(lane, SLEEP, None, draw(st.floats()))
            doing[lane] = (WAKE, None)
        elif act == WAIT:
            what = draw(st.sampled_from(["a", "b", "sem", "event", "q", "p"]))
            add(lane, WAIT, what, draw(st.sampled_from([what, f"{what}.wait"])))
            doing[lane] = (RESUME, what)
        elif act in (ACQUIRE, RELEASE):
            add(lane, act, draw(st.sampled_from("abc")), 1 if act == ACQUIRE else None)
        elif act in (TAKE, GIVE):
            add(lane, act, "sem")
        elif act == SET:
            add(lane, draw(st.sampled_from([SET, NOTIFY, ARRIVE])), "event")
        elif act == PUT:
            where = draw(st.sampled_from(["q", "p"]))
            inside[where].append(Item(number, draw(texts)))
            add(lane, PUT, where, inside[where][-1])
        elif act == GET:
            where = draw(st.sampled_from(["q", "p"]))
            add(lane, GET, where, inside[where].pop(0) if inside[where] else Item(number, "before"))
        elif act == SUBMIT:
            waiting_tasks.append(f"task {number}")
            add(lane, SUBMIT, waiting_tasks[-1], "pool")
        elif act == TASK:
            if lane in running:
                task = running.pop(lane)
                add(lane, DONE, task, draw(st.none() | texts))
                add(draw(st.sampled_from(born)), ASK, task)
            elif waiting_tasks:
                running[lane] = waiting_tasks.pop(0)
                add(lane, TASK, running[lane])
        elif act == MARK:
            add(lane, draw(st.sampled_from([MARK, LOG, PRINT, EXCEPTION])), "stdout", draw(texts))
    for lane in draw(st.permutations(born)):
        if draw(st.booleans()):
            add(lane, END, draw(st.sampled_from(["finished", "failed", "cut off"])), draw(st.none() | texts))
    return Recording(draw(texts), events)


@few
@given(recordings())
def test_every_recording_keeps_to_the_format(recording: Recording):
    held_to(recording)


@few
@given(recordings())
def test_a_queue_holds_what_went_in_and_not_yet_out(recording: Recording):
    tracks = Tracks(trace(recording))
    for name in ("q", "p"):
        moves = [event for event in recording.events if event.object == name and event.kind in (PUT, GET)]
        if moves:
            sizes = tracks.counters[f"queue {name}"]
            assert [after - before for before, after in pairwise(sizes)] == [
                1 if event.kind == PUT else -1 for event in moves
            ]
            assert sizes[0] == sum(event.kind == GET and event.value.text == "before" for event in moves)


@few
@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**9))
def test_what_meets_to_the_nanosecond_meets_in_the_file(start: int, first: int, second: int):
    times = [start, start + first, start + first + second]
    log = Log(1e-9)
    log(0, "main", BEGIN, "main", False)
    log(times[0], "main", SLEEP, None, 1)
    log(times[1], "main", WAKE)
    log(times[2], "main", END, "finished")
    held_to(Recording("meets", log))


def test_an_open_recording_says_so():
    with pytest.raises(ValueError, match="still open"):
        trace(Recording("open"))


def test_the_file_holds_the_trace_an_event_a_line(tmp_path: Path):
    path = tmp_path / "names.json"
    assert strange_names().save(path) == path
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == trace(strange_names())
    first, *lines, last = text.splitlines()
    assert (first, last) == ('{"displayTimeUnit": "ms", "traceEvents": [', "]}")
    assert len(lines) == len(trace(strange_names())["traceEvents"])
    assert "线程一号" in text


def test_nothing_recorded_is_a_trace_all_the_same(tmp_path: Path):
    path = EXAMPLES["empty"]().save(tmp_path / "empty.json")
    assert [event["name"] for event in json.loads(path.read_bytes())["traceEvents"]] == ["process_name"]


def lines_run(recording: Recording) -> int:
    """How many lines a trace runs through: a measure of its work that no load on the machine changes."""
    assert recording.lanes
    assert recording.instants is not None
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        trace(recording)
    finally:
        sys.settrace(before)
    return lines


def beside_each_other(events: int) -> Recording:
    return dense(events // 2)


def all_at_once(events: int) -> Recording:
    """Locks without end that are all held at once, and let go in the order in which they were taken."""
    return hand_over_hand(events // 2, together=events // 2)


@pytest.mark.parametrize("make", [beside_each_other, all_at_once])
def test_ten_times_the_events_take_about_ten_times_as_long(make: Callable[[int], Recording]):
    assert lines_run(make(5_000)) < 12 * lines_run(make(500))


@pytest.mark.slow
@pytest.mark.parametrize("make", [beside_each_other, all_at_once])
def test_a_hundred_thousand_events_are_no_matter(make: Callable[[int], Recording]):
    recording = make(100_000)
    assert len(recording.events) >= 100_000
    assert len(trace(recording)["traceEvents"]) > 100_000
