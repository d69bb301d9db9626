"""The stop button, at any moment of an exploration: what was found is returned, and nothing is left."""

import gc
import signal
import sys
import threading
import time

import pytest

from course_utils import interleavings, replay
from course_utils.places import OURS, place
from tests.test_processor import processors_of


def scenario():
    value = [0]

    def update():
        temp = value[0]
        value[0] = temp + 1

    threads = [threading.Thread(target=update) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return value[0]


class Interrupt:
    """Interrupt this thread at the nth line of ours that it comes to, as the stop button would."""

    def __init__(self, at):
        self.at = at
        self.lines = 0

    def __call__(self, frame, event, argument):
        if place(frame.f_code.co_filename) is not OURS or frame.f_code.co_name == "__del__":
            return None  # whatever is raised in a `__del__` Python itself swallows
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                signal.raise_signal(signal.SIGINT)
        return self


def explored(at):
    """Explore the scenario, interrupted at the nth line; say what came of it, and how many lines there were."""
    interrupt = Interrupt(at)
    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        found = interleavings(scenario)
    except KeyboardInterrupt:
        found = None  # before anything was put in place
    finally:
        sys.settrace(before)
    return found, interrupt.lines


LINES: dict[str, int] = {}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_interrupted_at_any_moment(part):
    lock, sleep, handler = threading.Lock, time.sleep, signal.getsignal(signal.SIGINT)
    processors = processors_of()
    if not LINES:
        LINES["all"] = explored(0)[1]
    # Many at the beginning, where things are put in place; some wherever it runs; many at the end.
    early, late = range(part, 600, 20), range(LINES["all"] - 400 + part, LINES["all"], 40)
    for at in (*early, part * LINES["all"] // 20 + 601, *late):
        every, lines = explored(at)
        assert threading.Lock is lock
        assert time.sleep is sleep
        assert processors_of() == processors
        assert signal.getsignal(signal.SIGINT) is handler
        assert gc.isenabled()
        if every is None:
            continue
        if lines >= at and not every.complete:
            assert every.note == "interrupted"
            assert every.proven is None
        assert set(every.outcomes) <= {1, 2}
        assert every.total <= 6


def test_interrupted_in_the_middle():
    every, _ = explored(20_000)
    assert every is not None
    assert every.note == "interrupted"
    assert not every.complete
    assert interleavings(scenario).outcomes == {1: 4, 2: 2}


def test_interrupted_replay_goes_on_as_an_interrupt():
    def stopped():
        signal.raise_signal(signal.SIGINT)
        return scenario()

    with pytest.raises(KeyboardInterrupt):
        replay(stopped, "")
    assert replay(scenario, "").result == 2


@pytest.mark.slow
def test_interrupted_while_a_thread_computes():
    def endless():
        signal.raise_signal(signal.SIGINT)
        while True:
            pass

    every = interleavings(endless)
    assert every.note == "interrupted"
    assert every.verdict == "no interleaving has come to its end: interrupted"


def test_outside_of_the_main_thread_nothing_is_held_back():
    found = []
    thread = threading.Thread(target=lambda: found.append(interleavings(scenario).outcomes))
    thread.start()
    thread.join()
    assert found == [{1: 4, 2: 2}]
