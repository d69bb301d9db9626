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
    QUEUE,
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
from course_utils.model import Fill, Flow, Hold, Interval, State
from tests.examples import Log, deadlock, endings, handover, pipeline, pool, queues

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
    (hold,) = build(log).holds
    assert hold == Hold("rlock", "main", 0.0, 3.0, 3, ((1.0, 2), (2.0, 1)))
    assert hold.depth == 2
    assert Hold("lock", "main", 0.0, 3.0, 3).depth == 1


def test_a_lock_never_released_is_as_deep_as_it_was():
    log = Log()
    for time in range(3):
        log(time, "main", ACQUIRE, "rlock", 3)
    log(5, "main", MARK, None, "here")
    assert build(log).holds == (Hold("rlock", "main", 0.0, 5.0, 3, ((1.0, 2), (2.0, 3))),)


@few
@given(st.lists(st.booleans(), max_size=30))
def test_depths_go_up_and_down_by_one_and_tell_every_change_within_a_hold(steps: list[bool]):
    log, depth = Log(), 0
    expected: list[list[int]] = []
    for time, up in enumerate(steps):
        if not up and not depth:
            continue
        log(time, "main", ACQUIRE if up else RELEASE, "rlock", 3 if up else None)
        depth += 1 if up else -1
        if depth == 1 and up:
            expected.append([])
        elif depth:
            expected[-1].append(depth)
    holds = build(log).holds
    assert [[level for _, level in hold.levels] for hold in holds] == expected
    for hold in holds:
        times = [time for time, _ in hold.levels]
        assert times == sorted(times)
        assert all(hold.start < time <= hold.end for time in times)


def test_a_lock_released_by_another_thread_ends_its_holders_hold():
    log = Log()
    log(0, "A", ACQUIRE, "lock", 1)
    log(2, "B", RELEASE, "lock")
    log(3, "B", RELEASE, "lock")  # nobody holds it: acquired before the recording began
    assert build(log).holds == (Hold("lock", "A", 0.0, 2.0, 1, (), "B"),)


def test_of_the_pipelines_locks_it_is_said_who_released_them():
    released = {(hold.lock, hold.lane, hold.released_by) for hold in pipeline().holds if hold.end < 0.11}
    assert released == {
        ("consumer_lock", "main", "producer"), ("consumer_lock", "consumer", "producer"),
        ("producer_lock", "producer", "consumer"),
    }  # fmt: skip


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


# Fills


def moved(*moves: tuple[float, str, int]) -> Log:
    """A queue's puts and gets: when, which of the two, and the item's number."""
    log = Log()
    for time, kind, number in moves:
        log(time, "A" if kind == PUT else "B", kind, "inbox", Item(number, str(number)))
    return log


def test_a_fill_counts_what_is_in_the_queue():
    log = moved((1, PUT, 1), (2, PUT, 2), (3, GET, 1), (3, PUT, 3), (5, GET, 2))
    assert build(log).fills == (Fill("inbox", ((0.0, 0), (1, 1), (2, 2), (3, 1), (3, 2), (5, 1))),)
    assert build(log).fills[0].most == 2
    assert build([Event(0.5, "A", QUEUE, "inbox", 3), *log]).fills[0].capacity == 3


def test_what_was_in_a_queue_before_the_recording_counts_from_its_begin():
    log = moved((1, GET, 7), (2, PUT, 8), (3, GET, 9), (4, GET, 8))
    assert build(log).fills[0].levels == ((0.0, 2), (1, 1), (2, 2), (3, 1), (4, 0))


def test_puts_and_gets_seen_out_of_order_leave_neither_bound():
    early = moved((1, GET, 1), (2, PUT, 1))
    assert build(early).fills[0].levels == ((0.0, 0), (1, 0), (2, 0))
    full = [Event(0, "A", QUEUE, "inbox", 1), *moved((1, PUT, 1), (2, PUT, 2), (3, GET, 1), (4, GET, 2))]
    assert build(full).fills[0].levels == ((0.0, 0), (1, 1), (2, 1), (3, 1), (4, 0))


def test_a_queue_that_nothing_went_through_has_no_fill():
    assert build([Event(0, "A", QUEUE, "inbox", 1)]).fills == ()


def test_what_a_fill_was_during_a_stretch():
    fill = Fill("inbox", ((0.0, 0), (1.0, 1), (2.0, 2), (3.0, 1)))
    assert fill.during(0.5, 0.9) == [0]
    assert fill.during(0.5, 2.0) == [0, 1]
    assert fill.during(2.0, 9.0) == [2, 1]
    assert fill.during(1.5, 1.5) == [1]


@few
@given(
    moves=st.lists(st.tuples(st.sampled_from([PUT, GET]), st.integers(0, 12), st.booleans()), max_size=40),
    capacity=st.none() | st.integers(1, 4),
)
def test_fills_stay_within_bounds_in_any_log(moves: list[tuple[str, int, bool]], capacity: int | None):
    """Even one that no queue could have made."""
    log, time = Log(), 1.0
    if capacity is not None:
        log(0, "A", QUEUE, "inbox", capacity)
    for kind, number, same in moves:
        time += 0.0 if same else 1.0
        log(time, "A", kind, "inbox", Item(number, str(number)))
    for fill in build(log).fills:
        times = [at for at, _ in fill.levels]
        assert times == sorted(times)
        assert times[0] == 0.0
        assert len(times) == 1 + len(moves)
        assert all(0 <= level <= (capacity or len(moves)) for _, level in fill.levels)
        assert fill.during(0.0, time + 1) == [level for _, level in fill.levels]


@few
@given(st.integers(0, 5), st.lists(st.booleans(), max_size=40))
def test_fills_are_those_of_a_real_queue(before: int, steps: list[bool]):
    inside: list[int] = list(range(before))
    log, sizes = Log(), []
    came_out = 0
    for time, put in enumerate(steps, 1):
        if put:
            inside.append(100 + time)
            log(time, "A", PUT, "inbox", Item(inside[-1], "x"))
        elif inside:
            number = inside.pop(0)
            came_out += number < 100
            log(time, "B", GET, "inbox", Item(number, "x"))
        else:
            continue
        sizes.append(len(inside))
    fills = build(log).fills
    # What was there before and never came out can't be known of.
    hidden = before - came_out
    assert [level for fill in fills for _, level in fill.levels[1:]] == [size - hidden for size in sizes]


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
