"""An exploration stays on one processor, tells nobody, and leaves no trace of it."""

import os
import threading
from typing import Any

import pytest

from course_utils import interleavings
from course_utils.processor import OneProcessor

needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps threads anywhere")


def processors_of() -> Any:
    """Which processors this thread may use, and what tells it so."""
    asked = getattr(os, "sched_getaffinity", None)
    return asked and (asked, asked(0))


@needs_affinity
def test_threads_started_inside_stay_on_it():
    asked, before, found = os.sched_getaffinity, processors_of(), []
    with OneProcessor():
        thread = threading.Thread(target=lambda: found.append(asked(0)))
        thread.start()
        thread.join()
        assert os.sched_getaffinity(0) == os.sched_getaffinity(os.getpid()) == before[1]
    assert len(found[0]) == 1
    assert processors_of() == before


@needs_affinity
def test_a_scenario_is_told_what_it_would_be_told_otherwise():
    def scenario():
        allowed = len(os.sched_getaffinity(0))
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        return allowed

    assert interleavings(scenario).outcomes == {len(os.sched_getaffinity(0)): 1}


@needs_affinity
def test_a_system_that_refuses_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    def refuse(pid: int, processors: set[int]) -> None:
        raise PermissionError("not here")

    before = processors_of()
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with OneProcessor():
        assert processors_of() == before
    assert processors_of() == before


def test_it_is_given_up_whatever_is_raised():
    before = processors_of()
    with pytest.raises(KeyError), OneProcessor():
        raise KeyError
    assert processors_of() == before
