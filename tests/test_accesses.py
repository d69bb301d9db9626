"""Which writes destroyed an update, against the definition written out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.build import build
from course_utils.events import BEGIN, DELETED, END, READ, WRITE, Event
from course_utils.model import LostUpdate
from course_utils.recording import Recording
from course_utils.trace import trace
from course_utils.view import view
from course_utils.words import describe, summary
from tests.examples import Log

PLACE = "database.value"


def lost(accesses: str, place: str = PLACE) -> list[LostUpdate]:
    """Find the lost updates of "rA rB wA": reads and writes by lanes, one a second."""
    log = Log()
    for time, access in enumerate(accesses.split()):
        log(time, access[1:], READ if access[0] == "r" else WRITE, place, "0")
    return list(build(log).lost)


@pytest.mark.parametrize(
    ("accesses", "found"),
    [
        ("", []),
        ("rA wA rB wB", []),
        ("rA rB wA wB", [("B", 1, "A", 2, 3)]),
        ("rA rB wB wA", [("A", 0, "B", 2, 3)]),
        ("rA wB rA wA", []),  # read again
        ("wB wA", []),  # blind
        ("rA wA wB wA", []),  # blind since its own last write
        ("rA wA rA wB wA", [("A", 2, "B", 3, 4)]),
        ("wB rA wA", []),  # before the read
        ("rA wB wC wA", [("A", 0, "C", 2, 3)]),  # the last is what was overwritten
        ("rA rB rC wA wB wC", [("B", 1, "A", 3, 4), ("C", 2, "B", 4, 5)]),
        ("rA rB wB rB wB wA", [("A", 0, "B", 4, 5)]),
    ],
)
def test_lost_updates(accesses: str, found: list[tuple[str, int, str, int, int]]):
    assert lost(accesses) == [LostUpdate(PLACE, *each) for each in found]


def test_places_are_told_apart():
    log = Log()
    log(0, "A", READ, "one.value", "0")
    log(1, "B", WRITE, "two.value", "1")
    log(2, "A", WRITE, "one.value", "1")
    log(3, "A", READ, "two.value", "1")
    log(4, "B", WRITE, "one.value", "2")
    log(5, "A", WRITE, "two.value", "2")
    assert build(log).lost == ()


def test_accesses_at_one_time_count_in_their_order():
    log = Log()
    for lane, kind in (("A", READ), ("B", READ), ("B", WRITE), ("A", WRITE)):
        log(1, lane, kind, PLACE, "0")
    assert build(log).lost == (LostUpdate(PLACE, "A", 1, "B", 1, 1),)


def by_definition(events: list[Event]) -> list[LostUpdate]:
    """
    Find for each write the writer's latest access of the place before it.

    If that was a read, and others have written since, the last of them lost its update.
    """
    found = []
    for here, write in enumerate(events):
        if write.kind != WRITE:
            continue
        before = [event for event in events[:here] if event.object == write.object]
        own = [at for at, event in enumerate(before) if event.lane == write.lane]
        if not own or before[own[-1]].kind != READ:
            continue
        others = [event for event in before[own[-1] :] if event.kind == WRITE and event.lane != write.lane]
        if others:
            read = before[own[-1]]
            found.append(
                LostUpdate(write.object or "", write.lane, read.time, others[-1].lane, others[-1].time, write.time)
            )
    return found


logs = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.001]), st.sampled_from("ABC"), st.sampled_from([READ, WRITE]), st.sampled_from("xy")
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(logs)
def test_what_is_found_is_what_the_definition_says(accesses: list[tuple[float, str, str, str]]):
    events: list[Event] = []
    time = 0.0
    for step, lane, kind, place in accesses:
        time += step
        events.append(Event(time, lane, kind, place, "0"))
    assert list(build(events).lost) == by_definition(events)


def race() -> Recording:
    """Two threads read 0, and both write 1."""
    log = Log(1e-3)
    for lane in ("main", "T0", "T1"):
        log(0, lane, BEGIN, lane, False)
    log(1, "T0", READ, PLACE, "0")
    log(2, "T1", READ, PLACE, "0")
    log(3, "T0", WRITE, PLACE, "1")
    log(4, "T1", WRITE, PLACE, "1")
    for lane in ("T0", "T1", "main"):
        log(5, lane, END, "finished")
    return Recording("lost_update()", log, result=1, called=True)


def test_a_recording_and_both_its_views_have_them():
    recording = race()
    assert recording.lost_updates == (LostUpdate(PLACE, "T1", 0.002, "T0", 0.003, 0.004),)
    assert [event.kind for event in recording.instants] == [READ, READ, WRITE, WRITE]
    assert view(recording, "time").lost == recording.lost_updates
    assert view(recording, "step").lost == (LostUpdate(PLACE, "T1", 4.0, "T0", 5.0, 6.0),)


WORDS = """\
lost_update()
returned 1  ·  lost update: T1 overwrote what T0 had written since T1 read

main: from 0 s to 5 ms, finished
  active for 5 ms
T0: from 0 s to 5 ms, finished 1st
  active for 5 ms
T1: from 0 s to 5 ms, finished 2nd
  active for 5 ms

read, written, logged, printed and marked:
  1 ms  T0  read database.value: 0
  2 ms  T1  read database.value: 0
  3 ms  T0  wrote database.value: 1
  4 ms  T1  wrote database.value: 1, lost update: overwrote what T0 had written since"""


def test_words():
    assert describe(race()) == WORDS


def test_several_lost_updates_are_counted():
    log = Log(1e-3)
    for lane in ("main", "T0", "T1", "T2"):
        log(0, lane, BEGIN, lane, False)
    for lane in ("T0", "T1", "T2"):
        log(1, lane, READ, PLACE, "0")
    for time, lane in enumerate(("T0", "T1", "T2"), 2):
        log(time, lane, WRITE, PLACE, "1")
    log(5, "T2", WRITE, PLACE, DELETED)
    for lane in ("T0", "T1", "T2", "main"):
        log(6, lane, END, "finished")
    recording = Recording("three", log)
    assert summary(recording) == "2 lost updates, the first: T1 overwrote what T0 had written since T1 read"
    assert describe(recording).endswith("  5 ms  T2  deleted database.value")


def test_trace_events_say_what_was_read_and_written():
    instants = [event for event in trace(race())["traceEvents"] if event["ph"] == "i" and event["cat"] in (READ, WRITE)]
    assert [event["name"] for event in instants] == [
        "read database.value: 0", "read database.value: 0", "wrote database.value: 1",
        "wrote database.value: 1, lost update: overwrote what T0 had written since",
    ]  # fmt: skip
    assert [event["args"]["text"] for event in instants] == ["0", "0", "1", "1"]


@pytest.mark.parametrize("axis", ["time", "step"])
def test_a_chart_can_be_drawn(axis: str):
    assert race().gantt(axis=axis).axes is not None  # type: ignore[arg-type]  # one of the two
