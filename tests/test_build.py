"""From events to lanes, intervals, holds, tasks and flows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.build import build
from course_utils.events import (
    ACQUIRE,
    ARRIVE,
    BEGIN,
    CLEAR,
    END,
    GET,
    GIVE,
    MARK,
    NOTIFY,
    PUT,
    RELEASE,
    RESUME,
    SET,
    SLEEP,
    START,
    TAKE,
    WAIT,
    WAKE,
    Event,
    Item,
)  # fmt: skip
from course_utils.model import Flow, Hold, Interval, State
from tests.examples import Log, deadlock, endings, handover, pool, queues

few = settings(max_examples=60, deadline=None)
ACTIVE, SLEEPING, WAITING = State.ACTIVE, State.SLEEPING, State.WAITING


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Event logs that threads could have made: in order of time, each lane's own in a sensible order."""
    lanes = [f"T{number}" for number in range(draw(st.integers(1, 4)))]
    state = dict.fromkeys(lanes, "unborn")
    holds: dict[str, list[str]] = {lane: [] for lane in lanes}
    events: list[Event] = []
    time = 0.0

    def add(lane: str, kind: str, name: str | None = None, value: object = None) -> None:
        nonlocal time
        time += draw(st.sampled_from([0.0, 0.0, 1e-6, 0.001, 0.5]))
        events.append(Event(time, lane, kind, name, value))

    add("T0", BEGIN, "T0", False)
    state["T0"] = "active"
    for _ in range(draw(st.integers(0, 40))):
        alive = [lane for lane in lanes if state[lane] in ("active", "asleep", "waiting")]
        if not alive:
            break
        lane = draw(st.sampled_from(alive))
        if state[lane] == "asleep":
            add(lane, WAKE)
            state[lane] = "active"
        elif state[lane] == "waiting":
            add(lane, RESUME, "lock", draw(st.booleans()))
            state[lane] = "active"
        else:
            act = draw(st.sampled_from(["sleep", "wait", "acquire", "release", "mark", "start", "begin", "end"]))
            if act == "sleep":
                add(lane, SLEEP, None, 0.1)
                state[lane] = "asleep"
            elif act == "wait":
                add(lane, WAIT, "lock", "lock")
                state[lane] = "waiting"
            elif act == "acquire":
                add(lane, ACQUIRE, f"lock of {lane}", 1)
                holds[lane].append(f"lock of {lane}")
            elif act == "release" and holds[lane]:
                add(lane, RELEASE, holds[lane].pop())
            elif act == "mark":
                add(lane, MARK, None, "here")
            elif act == "start":
                new = next((other for other in lanes if state[other] == "unborn"), None)
                if new is not None:
                    add(lane, START, new)
                    state[new] = "started"
            elif act == "begin":
                new = next((other for other in lanes if state[other] == "started"), None)
                if new is not None:
                    add(new, BEGIN, new, draw(st.booleans()))
                    state[new] = "active"
            elif act == "end":
                add(lane, END, draw(st.sampled_from(["finished", "failed", "cut off"])), None)
                state[lane] = "over"
    return events


@few
@given(logs())
def test_intervals_tile_their_lane(events: list[Event]):
    for lane in build(events).lanes:
        assert lane.started <= lane.ended
        assert all(interval.end > interval.start for interval in lane.intervals)
        assert all(before.end == after.start for before, after in pairwise(lane.intervals))
        if lane.intervals:
            assert lane.intervals[0].start == lane.started
            assert lane.intervals[-1].end == lane.ended
        else:
            begun = any(event.kind == BEGIN and event.lane == lane.name for event in events)
            assert lane.started == lane.ended or not begun
        assert sum(lane.total(state) for state in State) == pytest.approx(
            lane.ended - lane.started if lane.intervals else 0, abs=1e-9
        )


@few
@given(logs())
def test_holds_are_within_the_recording_and_in_order(events: list[Event]):
    holds = build(events).holds
    assert all(0 <= hold.start <= hold.end <= events[-1].time for hold in holds)
    assert [hold.start for hold in holds] == sorted(hold.start for hold in holds)
    outermost = len({event.object for event in events if event.kind == ACQUIRE})
    assert len(holds) >= outermost


@few
@given(logs())
def test_flows_go_forward_in_time_and_to_another_lane(events: list[Event]):
    built = build(events)
    names = {lane.name for lane in built.lanes}
    for flow in built.flows:
        assert flow.sent <= flow.received
        assert flow.source != flow.target
        assert {flow.source, flow.target} <= names


@few
@given(logs())
def test_lanes_are_in_order_of_creation(events: list[Event]):
    lanes = build(events).lanes
    assert [lane.number for lane in lanes] == list(range(len(lanes)))
    assert lanes[0].name == "T0"


def test_handover():
    recording = handover()
    t1 = recording.lane("T1")
    assert [interval.state for interval in t1.intervals] == [ACTIVE, WAITING, ACTIVE, SLEEPING, ACTIVE]
    assert t1.intervals[1].on == "_lock"
    assert t1.intervals[1].duration == pytest.approx(0.1021)
    assert t1.intervals[3].asked == 0.1
    assert [(hold.lane, hold.lock, hold.line) for hold in recording.holds] == [("T0", "_lock", 12), ("T1", "_lock", 12)]
    assert [(flow.kind, flow.source, flow.target) for flow in recording.flows] == [
        ("start", "main", "T0"), ("start", "main", "T1"), ("lock", "T0", "T1"), ("join", "T0", "main"),
        ("join", "T1", "main"),
    ]  # fmt: skip
    assert recording.finish_order == ("T0", "T1")


def test_what_was_never_released_is_held_to_the_end():
    assert [(hold.lock, hold.end) for hold in deadlock().holds] == [("a_lock", 0.062), ("b_lock", 0.062)]
    assert {lane.ending for lane in deadlock().lanes} == {"cut off"}


def test_a_lock_taken_again_by_its_holder_is_one_hold():
    log = Log()
    for time, kind in enumerate((ACQUIRE, ACQUIRE, RELEASE, RELEASE)):
        log(time, "main", kind, "rlock", 3 if kind == ACQUIRE else None)
    assert build(log).holds == (Hold("rlock", "main", 0.0, 3.0, 3),)


def test_a_lock_released_by_another_thread_ends_its_holders_hold():
    log = Log()
    log(0, "A", ACQUIRE, "lock", 1)
    log(2, "B", RELEASE, "lock")
    log(3, "B", RELEASE, "lock")  # nobody holds it: acquired before the recording began
    assert build(log).holds == (Hold("lock", "A", 0.0, 2.0, 1),)


def test_a_permit_given_by_another_thread_is_a_signal_and_no_hold():
    log = Log()
    log(0, "A", TAKE, "slots")
    log(1, "B", GIVE, "slots")
    log(2, "A", GIVE, "slots")
    assert build(log).holds == (Hold("slots", "A", 0.0, 2.0),)


@pytest.mark.parametrize(
    ("kind", "flow"),
    [(RELEASE, "lock"), (GIVE, "semaphore"), (SET, "event"), (NOTIFY, "condition"), (ARRIVE, "barrier")],
)
def test_a_wait_is_ended_by_the_last_signal_since_it_began(kind: str, flow: str):
    log = Log()
    for lane in "ABC":
        log(0, lane, BEGIN, lane, False)
    log(1, "B", kind, "it")  # too early
    log(2, "A", WAIT, "it", "it" if flow in ("lock", "semaphore") else "it.wait")
    log(3, "B", kind, "it")
    log(4, "C", kind, "it")
    log(4.5, "A", kind, "it")  # its own doesn't wake it
    log(5, "A", RESUME, "it", True)
    assert build(log).flows == (Flow(flow, "it", "C", 4.0, "A", 5.0),)


def test_a_wait_that_timed_out_has_no_cause():
    log = Log()
    log(1, "B", BEGIN, "B", False)
    log(1, "A", BEGIN, "A", False)
    log(2, "A", WAIT, "it", "it.wait")
    log(3, "B", SET, "it")
    log(3.5, "B", CLEAR, "it")
    log(4, "A", RESUME, "it", False)
    assert build(log).flows == ()


def test_items_are_followed_through_a_queue():
    flows = [flow for flow in queues(3).flows if flow.kind == "queue"]
    assert [(flow.source, flow.target) for flow in flows] == [("producer", "consumer")] * 3
    assert all(flow.received > flow.sent for flow in flows)


def test_equal_items_are_told_apart():
    log = Log()
    for lane in "AB":
        log(0, lane, BEGIN, lane, False)
    log(1, "A", PUT, "q", Item(1, "'x'"))
    log(2, "A", PUT, "q", Item(2, "'x'"))
    log(3, "B", GET, "q", Item(1, "'x'"))
    log(4, "B", GET, "q", Item(2, "'x'"))
    assert [(flow.sent, flow.received) for flow in build(log).flows] == [(1, 3), (2, 4)]


def test_tasks():
    tasks = {task.name: task for task in pool().tasks}
    assert [task.lane for task in tasks.values()] == ["worker-0", "worker-1", "worker-1", "worker-0", "worker-1"]
    assert tasks["fetch-1"].exception == "ValueError: no such page: /index/of/everything"
    assert not tasks["fetch-1"].asked
    assert tasks["fetch-3"].asked
    assert pool().finish_order == ("fetch-0", "fetch-2", "fetch-4")


def test_endings():
    lanes = {lane.name: lane for lane in endings().lanes}
    assert lanes["heartbeat"].daemon
    assert lanes["heartbeat"].ending == "cut off"
    failed = lanes["Thread-1 (parse_configuration_file)"]
    assert (failed.ending, failed.exception, failed.cpu) == ("failed", "KeyError: 'colour'", 0.0312)
    assert endings().finish_order == ("worker",)


def test_a_lane_that_has_not_ended_is_cut_off_where_the_recording_ends():
    log = Log()
    log(0, "main", BEGIN, "main", False)
    log(1, "main", START, "never")
    log(2, "main", WAIT, "x", "x")
    log(5, "main", MARK, None, "late")
    main, never = build(log).lanes
    assert (main.ended, main.ending) == (5.0, "cut off")
    assert main.intervals[-1] == Interval(WAITING, 2.0, 5.0, "x")
    assert never.intervals == ()
    assert never.started == 1.0
