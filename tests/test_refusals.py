"""What can't be explored, and what is said of it: what differed, or what to write instead."""

import asyncio
import itertools
import logging
import os
import queue
import random
import secrets
import socket
import subprocess
import sys
import threading
import time
import uuid
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from course_utils import interleavings, replay
from course_utils.refusals import unseen


class Counter:
    def __init__(self):
        self.value = 0

    def update(self):
        temp = self.value
        self.value = temp + 1


def in_thread(work):
    """Make a scenario that does work in one of two threads, and returns what it brought."""

    def scenario():
        made, brought = Counter(), []

        def first():
            brought.append(work())
            made.update()

        threads = [threading.Thread(target=target, name=target.__name__) for target in (first, made.update)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return str(brought[0])

    return scenario


NUMBERS = itertools.count()
KEPT = {"total": 0}
INBOX: "queue.Queue[int]" = queue.Queue()
GO = threading.Event()


def left_in_a_default(kept=[]):  # noqa: B006 - what is left from the last run is what this is about
    kept.append(1)
    return len(kept)


def left_in_a_dict():
    KEPT["total"] += 1
    return KEPT["total"]


def make_up():
    """Make another number of steps in each run."""
    made = Counter()
    for _ in range(next(NUMBERS) % 3 + 1):
        made.update()
    return "done"


DIFFER = {
    "random": random.random,
    "own generator": random.Random(5).random,
    "uuid4": uuid.uuid4,
    "get_ident": threading.get_ident,
    "count": lambda: next(NUMBERS),
}
LEFT = {"default": left_in_a_default, "dict": left_in_a_dict}


@pytest.mark.parametrize("name", DIFFER)
def test_what_differs_is_named(name):
    with pytest.raises(RuntimeError, match=r"run in the same order again, it first .* and then .*\. Random numbers"):
        interleavings(in_thread(DIFFER[name]))


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_is_named(name):
    with pytest.raises(
        RuntimeError, match=f"a {'list' if name == 'default' else 'dict'} is .* when threads start, and"
    ):
        interleavings(in_thread(LEFT[name]))


PROCESS = [sys.executable, "-c", ""]
REFUSED: dict[str, tuple[Any, str]] = {
    "urandom": (lambda: os.urandom(2), r"uses \w+.urandom, .*: give the scenario fixed numbers"),
    "token": (secrets.token_hex, "uses secrets.token_hex, .*: give the scenario fixed numbers"),
    "date.today": (date.today, "uses date.today, which reads the clock, .*: leave it out of the scenario"),
    "datetime.now": (lambda: datetime.now(), "uses datetime.now, which reads the clock"),
    "localtime": (lambda: time.localtime().tm_year, r"reads the clock \(time.localtime\)"),
    "strftime": (lambda: time.strftime("%Y"), r"reads the clock \(time.strftime\)"),
    "time": (lambda: time.time(), r"reads the clock \(time.time\)"),
    "perf_counter": (lambda: time.perf_counter(), r"reads the clock \(time.perf_counter\)"),
    "monotonic": (lambda: time.monotonic(), r"reads the clock \(time.monotonic\)"),
    "open": (lambda: open(__file__), "opens a file, .*: give the scenario the text"),  # noqa: SIM115 - it never opens
    "Path": (lambda: Path(__file__).read_text(encoding="utf-8"), "opens a file|uses pathlib|uses Path"),
    "listdir": (lambda: os.listdir("."), r"uses \w+.listdir, .*: give the scenario what would come of it"),
    "socket": (lambda: socket.socket(), "uses socket.socket, and what comes of that isn't known"),
    "subprocess": (lambda: subprocess.run(PROCESS, check=True), "uses subprocess.run, and what comes of that"),
    "input": (lambda: input("?"), "asks the user, .*: give the scenario the answer"),
    "asyncio": (lambda: asyncio.run(asyncio.sleep(0)), "uses asyncio"),
    "queue": (lambda: INBOX.put(1), "uses a queue that was made before the run"),
    "event": (lambda: GO.set(), "uses an event that was made before the run"),
    "enumerate": (lambda: threading.enumerate(), "asks which threads live, .* is_alive"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore:coroutine")
def test_what_cannot_be_known_is_refused(name):
    work, said = REFUSED[name]
    with pytest.raises(RuntimeError, match=rf"^nothing can be said of scenario\(\): line \d+ of .*{said}"):
        interleavings(in_thread(lambda: work()))


@pytest.mark.parametrize("make", [object, threading.Lock, Counter])
def test_value_with_an_address(make):
    with pytest.raises(RuntimeError, match="another object in each run"):
        interleavings(lambda: [make()])


def test_other_steps_of_what_made_numbers_up():
    with pytest.raises(RuntimeError, match="run in the same order again"):
        interleavings(in_thread(make_up))


def test_what_is_told_the_time_reads_no_clock():
    assert interleavings(in_thread(lambda: time.strftime("%Y", time.gmtime(0)))).outcomes == {"1970": 10}


def test_logging_is_no_reading_of_the_clock(caplog):
    def scenario():
        made = Counter()

        def update():
            logging.getLogger("course").warning("reads")
            made.update()

        threads = [threading.Thread(target=update) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return made.value

    assert interleavings(scenario).outcomes == {1: 4, 2: 2}


def generator():
    yield 1


async def coroutine():
    return 1


@pytest.mark.parametrize(
    ("scenario", "said"), [(generator, "is a generator function"), (coroutine, "is a coroutine function")]
)
def test_scenarios_that_calling_does_not_run(scenario, said):
    for explore in (interleavings, lambda scenario: replay(scenario, "")):
        with pytest.raises(TypeError, match=said):
            explore(scenario)


@pytest.mark.parametrize(
    ("error", "outcome"), [(SystemExit(3), "SystemExit: 3"), (KeyboardInterrupt(), "KeyboardInterrupt")]
)
def test_whatever_a_scenario_raises_is_an_outcome(error, outcome):
    def scenario():
        raise error

    every = interleavings(scenario)
    assert every.outcomes == {outcome: 1}
    assert every.complete


def test_replay_that_cannot_be_controlled():
    with pytest.raises(RuntimeError, match=r"scenario\(\): line \d+ of .* opens a file"):
        replay(in_thread(lambda: open(__file__)), "")  # noqa: SIM115 - it never opens


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a random.Random that several threads use", "fixed numbers"),
        ("posix.listdir", "as a parameter"),
        ("multiprocessing.context.Process", "aren't threads of this program"),
        ("functools.partial", "Use lists, dicts"),
    ],
)
def test_words(what, said):
    assert unseen(what).startswith(what)
    assert said in unseen(what)
