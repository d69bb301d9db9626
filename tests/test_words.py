"""A recording in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from course_utils.deadlock import Deadlock
from course_utils.events import ACQUIRE, BEGIN, DEADLOCK, END, LOG, RESUME, WAIT
from course_utils.recording import Recording
from course_utils.units import duration
from course_utils.words import describe, ordinal, summary
from tests.examples import EXAMPLES, Log, deadlock, endings, handover, many, nested, pipeline, pool, queues, reentrant


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (2.5e-7, "0.25 µs"),
        (15e-6, "15 µs"),
        (0.000999, "999 µs"),
        (0.0009996, "1 ms"),
        (0.10234, "102 ms"),
        (0.0075, "7.5 ms"),
        (0.99951, "1 s"),
        (1.5, "1.5 s"),
        (12.34, "12 s"),
        (59.9, "60 s"),
        (60, "1 min"),
        (150, "2 min 30 s"),
        (7200, "120 min"),
    ],
)
def test_duration(seconds: float, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
        (102, "102nd"), (111, "111th"),
    ],
)  # fmt: skip
def test_ordinal(number: int, text: str):
    assert ordinal(number) == text


@pytest.mark.parametrize(
    ("recording", "text"),
    [
        (handover(), "returned 2  ·  T1 waited 102 ms for _lock, then T0 handed it over"),
        (deadlock(), "main, T0 and T1 were cut off"),
        (nested(), "clerk waited 12 ms for audit, then main handed it over"),
        (queues(), "returned 6  ·  producer and consumer finished in this order"),
        (
            pool(),
            "returned ['ok', None, 'ok']  ·  fetch-1 failed: ValueError: no such page: /index/of/everything,"
            " kept in the future  ·  fetch-3 failed",
        ),
        (
            endings(),
            "returned None  ·  Thread-1 (parse_configuration_file) failed: KeyError: 'colour'"
            "  ·  heartbeat was cut off",
        ),
        (many(1), "returned None  ·  one thread, 27 ms"),
        (Recording("nothing", []), "nothing was recorded"),
        (Recording("x.py", [], note="exit status 1"), "exit status 1  ·  nothing was recorded"),
    ],
    ids=lambda value: value.title if isinstance(value, Recording) else "",
)
def test_summary(recording: Recording, text: str):
    assert summary(recording) == text


def with_error(error: BaseException) -> Recording:
    return Recording("scenario()", handover().events, error=error, called=True)


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "begin"),
    [
        (ValueError("no such name"), "raised ValueError: no such name  ·  "),
        (KeyError(), "raised KeyError  ·  "),
        (ValueError("two\nlines"), "raised ValueError: two\\nlines  ·  "),
        (Silent(), "raised Silent: <its message raised RuntimeError>  ·  "),
        (Deadlock("T0 holds a_lock and waits for b_lock"), "Deadlock: T0 holds a_lock and waits for b_lock"),
    ],
)
def test_an_error_comes_first(error: BaseException, begin: str):
    assert summary(with_error(error)).startswith(begin)


def test_a_thread_that_failed_of_the_same_error_is_not_news():
    log = Log()
    log(0, "main", BEGIN, "main", False)
    log(1, "main", END, "failed", "ValueError: no")
    assert summary(Recording("x", log, error=ValueError("no"))) == "raised ValueError: no  ·  one thread, 1 s"


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_lane_is_described(example: Callable[[], Recording]):
    recording = example()
    text = describe(recording)
    assert summary(recording) == text.splitlines()[1]
    lines = text.split("logged, printed")[0].removesuffix("read, written, ").splitlines()[2:]
    headlines = [line for line in lines if line and not line.startswith(" ")]
    assert len(headlines) == len(recording.lanes)
    assert text.replace("\n", "").isprintable()


HANDOVER = """\
locked_update(workers=2)
returned 2  ·  T1 waited 102 ms for _lock, then T0 handed it over

main: from 0 s to 214 ms, finished
  active for 5.7 ms in 3 parts
  waited 104 ms to join T0
  waited 104 ms to join T1
T0: from 1.5 ms to 107 ms, finished 1st
  active for 5.5 ms in 2 parts
  slept for 100 ms
  held _lock for 103 ms (taken in line 12)
T1: from 3 ms to 211 ms, finished 2nd
  active for 5.9 ms in 3 parts
  waited 102 ms for _lock
  slept for 100 ms
  held _lock for 104 ms (taken in line 12)

logged, printed and marked:
  150 ms  T1  mark: half way"""


def test_description():
    assert describe(handover()) == HANDOVER


def test_endings_and_moments_are_described():
    text = describe(endings())
    for wanted in (
        "heartbeat (daemon): from 1.5 ms to 90 ms, cut off",
        "failed: KeyError: 'colour'; used the processor for 31 ms of 38 ms",
        "  6 ms  main  log INFO: all threads started",
        "  30 ms  Thread-1 (parse_configuration_file)  log WARNING: unknown key\\nin line 3",
        "  35 ms  Thread-1 (parse_configuration_file)  print: giving up",
    ):
        assert wanted in text
    moments = text.split("logged, printed and marked:\n")[1].splitlines()
    assert len(moments) == len(endings().instants)


def test_tasks_are_described():
    text = describe(pool())
    assert "  ran fetch-0 from 1 ms to 40 ms, finished 1st" in text
    assert "failed: ValueError: no such page: /index/of/everything, kept in the future" in text
    assert "  ran fetch-3 from 40 ms to 90 ms, failed: TimeoutError: too slow\n" in text


def test_a_task_that_never_began_is_described():
    events = [event for event in pool().events if not (event.object == "fetch-4" and event.kind in ("task", "done"))]
    assert "fetch-4: submitted to executor at 1.3 ms, never begun" in describe(Recording("pool", events))


def test_very_many_moments_are_counted():
    log = Log(1e-3)
    log(0, "main", BEGIN, "main", False)
    for number in range(1000):
        log(number, "main", LOG, "INFO", f"line {number}")
    text = describe(Recording("chatty", log))
    assert text.endswith("… and 600 more")
    assert len(text) < 20_000


def test_holds_tell_their_depth_and_who_released_them():
    assert "held rlock for 60 ms, up to 3 times at once (taken in line 3)" in describe(reentrant())
    text = describe(pipeline())
    assert "held producer_lock for 32 ms in 4 parts (taken in line 12, released by consumer)" in text
    assert "released by" not in describe(handover())


def test_a_wait_that_ran_out_of_time_and_a_lock_never_released():
    log = Log(1.0)
    for lane in ("main", "T0", "T1"):
        log(0, lane, BEGIN, lane, False)
    log(1, "T0", ACQUIRE, "_lock", 3)
    log(2, "T0", END, "failed", "ValueError: no")
    log(2, "T1", WAIT, "_lock", "_lock")
    log(4, "T1", RESUME, "_lock", False)
    log(5, "T1", END, "finished")
    log(5, "main", END, "finished")
    recording = Recording("scenario()", log, called=True)
    assert summary(recording) == (
        "returned None  ·  T0 failed: ValueError: no  ·  T0 ended without releasing _lock  ·  "
        "T1 gave up waiting for _lock after 2 s"
    )


def test_a_deadlock_without_a_circle_names_who_never_released():
    log = Log(1.0)
    for lane in ("main", "T0"):
        log(0, lane, BEGIN, lane, False)
    log(1, "T0", ACQUIRE, "_lock", 3)
    log(2, "T0", END, "finished")
    log(3, "main", WAIT, "_lock", "_lock")
    log(4, "main", DEADLOCK, "_lock", ())
    log(4, "main", RESUME, "_lock", False)
    log(4, "main", END, "failed", "Deadlock: …")
    recording = Recording("scenario()", log, error=Deadlock("…"), called=True)
    assert summary(recording) == "Deadlock: main waits for _lock, which T0 never released"
    assert "4 s  main  deadlock: waits for _lock for ever" in describe(recording)
