"""
CPython's own tests of its locks, run on the stand-ins.

Three ways: nothing records; a recording is open in the testing thread; and all the tests' threads belong to
the recording too. The threads of `test.lock_tests` are of `_thread.start_new_thread`, which no recording
sees; in the third way they are `threading.Thread`s.
"""

import threading
import unittest
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from course_utils import record
from course_utils.instrument import always_see_locks
from course_utils.standins import SeenLock, SeenRLock

lock_tests: Any = pytest.importorskip("test.lock_tests", reason="this Python is installed without its tests")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


# Looked up when a test asks for one, from a file outside the standard library.
FACTORIES: dict[str, tuple[str, Callable[..., Any]]] = {
    "LockTests": ("locktype", lambda: threading.Lock()),
    "RLockTests": ("locktype", lambda: threading.RLock()),
    "EventTests": ("eventtype", lambda: threading.Event()),
    "ConditionTests": ("condtype", lambda *args, **kwargs: threading.Condition(*args, **kwargs)),
    "SemaphoreTests": ("semtype", lambda *args, **kwargs: threading.Semaphore(*args, **kwargs)),
    "BoundedSemaphoreTests": ("semtype", lambda *args, **kwargs: threading.BoundedSemaphore(*args, **kwargs)),
    "BarrierTests": ("barriertype", lambda *args, **kwargs: threading.Barrier(*args, **kwargs)),
}


def as_thread(function: Callable[..., object], args: tuple[Any, ...]) -> int:
    def run() -> None:
        # A recording names the exception on the lane; the tests' own threads expect it to be silent.
        function(*args)

    # From here, outside the standard library, so that it belongs to the recording.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread.ident or 0


def suite() -> unittest.TestSuite:
    tests = unittest.TestSuite()
    for name, (attribute, factory) in FACTORIES.items():
        case = type(name, (getattr(lock_tests, name),), {attribute: staticmethod(factory)})
        tests.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    as_rlock = {"locktype": staticmethod(lambda: threading.Condition()), "test_recursion_count": None}
    case = type("ConditionAsRLockTests", (lock_tests.RLockTests,), as_rlock)  # CPython leaves out that one, too
    tests.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    return tests


@pytest.fixture
def seen() -> Iterator[None]:
    always_see_locks(True)
    try:
        made: tuple[Any, Any] = threading.Lock(), threading.RLock()
        assert tuple(type(lock) for lock in made) == (SeenLock, SeenRLock)
        yield
    finally:
        always_see_locks(False)


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("way", ["nothing records", "recording", "recorded threads"])
def test_the_stand_ins_pass(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "recorded threads":
        monkeypatch.setattr(lock_tests, "start_new_thread", as_thread)
    result = unittest.TestResult()
    recording = None
    warnings.simplefilter("ignore")  # they call deprecated names on purpose; pytest undoes it after the test
    with ExitStack() as stack:
        if way != "nothing records":
            recording = stack.enter_context(record())
        suite().run(result)
    problems = "\n".join(text for _, text in result.failures + result.errors)
    assert not problems, problems
    assert result.testsRun > 90
    if recording is not None:
        assert (len(recording.lanes) > 100) == (way == "recorded threads")
        assert any(event.kind == "acquire" for event in recording.events)
