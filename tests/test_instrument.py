"""The seam: who gets a stand-in, who doesn't, and that all of it goes away."""

import _thread
import contextlib
import copy
import dataclasses
import gc
import logging
import pickle
import queue
import sys
import threading
import time
import types
import weakref
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from course_utils import instrument, load_ipython_extension, record, run, unload_ipython_extension
from course_utils.driver import Driver
from course_utils.output import Stream
from course_utils.standins import SeenLock, SeenRLock
from tests.leaks import Snapshot


def current() -> list[Any]:
    return [vars(row.where)[row.name] for row in instrument.TABLE]


def test_everything_in_the_table_is_replaced_and_put_back() -> None:
    before = current()
    with record():
        during = current()
    assert all(new is not old for new, old in zip(during, before, strict=True))
    assert all(new is old for new, old in zip(current(), before, strict=True))


def test_each_row_says_whom_it_concerns() -> None:
    assert all(row.whom for row in instrument.TABLE)
    assert len({(id(row.where), row.name) for row in instrument.TABLE}) == len(instrument.TABLE)


def test_if_one_cannot_be_put_in_place_none_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(driver: Driver, original: Any) -> Any:
        raise OSError("no stand-in today")

    rows = (*instrument.TABLE, instrument.Row(time, "monotonic", fail, "nobody"))
    monkeypatch.setattr(instrument, "TABLE", rows)
    snapshot = Snapshot()
    with pytest.raises(OSError, match="no stand-in today"), record():
        pytest.fail("it must not begin")
    assert snapshot.leaks() == []
    monkeypatch.undo()
    with record():
        pass  # the next recording has its turn


def test_what_somebody_else_has_replaced_meanwhile_stays() -> None:
    def mine(seconds: float) -> None:
        """Sleep not at all."""

    module: Any = time
    real = time.sleep
    try:
        with record():
            module.sleep = mine
        assert time.sleep is mine
    finally:
        time.sleep = real


def test_names_in_own_modules_are_replaced_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("somebodys_own")
    module.__file__ = str(Path(__file__).with_name("somebodys_own.py"))
    module.pause, module.Lock = time.sleep, threading.Lock  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "somebodys_own", module)
    before = dict(vars(module))
    with record():
        assert module.pause is time.sleep is not before["pause"]
        assert isinstance(module.Lock(), SeenLock)
        module.later = time.sleep  # type: ignore[attr-defined]  # as a cell that imports it would
    assert module.later is before["pause"]
    assert {name: vars(module)[name] for name in before} == before
    assert sleep is time.sleep


def test_modules_imported_meanwhile_keep_no_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    source = (
        "import threading\nfrom threading import Lock, RLock\nfrom time import sleep\nfrom queue import SimpleQueue\n"
        "lock, box = Lock(), SimpleQueue()\n"
        "done = threading.Event()\n"
        "monitor = threading.Thread(target=done.wait, daemon=True)\nmonitor.start()\n"
    )
    (packages / "a_package_of_others.py").write_text(source)
    monkeypatch.syspath_prepend(str(packages))
    with record() as recording:
        import a_package_of_others as theirs  # type: ignore[import-not-found]  # made above

        with theirs.lock:
            theirs.sleep(0)
        theirs.box.put(1)
    try:
        assert theirs.sleep is time.sleep
        assert theirs.Lock is threading.Lock
        assert theirs.SimpleQueue is queue.SimpleQueue
        assert not isinstance(theirs.lock, SeenLock)
        assert type(theirs.box) is queue.SimpleQueue
        assert theirs.monitor.is_alive()
        assert [lane.name for lane in recording.lanes] == ["main"]
        assert not recording.holds
    finally:
        theirs.done.set()
        theirs.monitor.join()
        del sys.modules["a_package_of_others"]


def test_other_threads_get_the_real_thing() -> None:
    made: list[Any] = []
    go, done = threading.Event(), threading.Event()

    def outsider() -> None:
        go.wait()
        made.extend([threading.Lock(), threading.RLock(), queue.SimpleQueue()])
        time.sleep(0)
        print(end="")
        done.set()

    thread = threading.Thread(target=outsider, name="outsider")
    thread.start()
    with record() as recording:
        go.set()
        done.wait()
    thread.join()
    assert [type(each) for each in made] == [type(threading.Lock()), type(threading.RLock()), queue.SimpleQueue]
    assert [lane.name for lane in recording.lanes] == ["main"]


def test_a_stand_in_is_a_lock_like_any_other() -> None:
    with record():
        lock: Any = threading.Lock()
        rlock: Any = threading.RLock()
        box = queue.SimpleQueue[int]()
        factory: Any = threading.Lock  # a class from 3.13 on
        assert isinstance(box, queue.SimpleQueue)
        assert isinstance(lock, factory)
        assert not isinstance(rlock, factory)
        assert not isinstance(3, factory)
        assert factory.__name__ in ("allocate_lock", "lock")
        assert pickle.loads(pickle.dumps(len)) is len
    assert type(lock) is SeenLock
    assert type(rlock) is SeenRLock
    assert repr(lock).startswith("<unlocked _thread.lock object at 0x")
    checked: Any = lock
    with checked:
        assert checked.locked()
        assert repr(checked).startswith("<locked _thread.lock")
    del checked
    for unable in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot pickle"):
            unable(lock)
    with pytest.raises(RuntimeError, match="release unlocked lock"):
        lock.release()
    with pytest.raises(RuntimeError, match="un-acquired"):
        rlock.release()
    assert isinstance(queue.SimpleQueue(), type(box).__bases__[0])
    gone = weakref.ref(lock)
    del lock
    gc.collect()
    assert gone() is None


def test_while_nothing_records_a_stand_in_has_the_c_methods() -> None:
    with record():
        lock: Any = threading.Lock()
        assert lock.acquire is not lock._real.acquire
    plain: Any = threading.Lock()
    assert type(lock.acquire) is type(plain.acquire)


def test_locks_of_earlier_cells_are_seen_with_the_extension() -> None:
    load_ipython_extension(None)
    try:
        early = threading.Lock()
        with record() as recording:
            with early:
                pass
        assert [hold.lock for hold in recording.holds] == ["early"]
        assert isinstance(threading.Lock(), SeenLock)

        @dataclasses.dataclass
        class Account:
            guard: Any = dataclasses.field(default_factory=threading.Lock)

        assert isinstance(Account().guard, SeenLock)
        # The library's own stay real.
        assert not isinstance(queue.Queue[int]().mutex, SeenLock)
        assert not isinstance(threading.Event()._cond._lock, SeenLock)  # type: ignore[attr-defined]
    finally:
        unload_ipython_extension(None)
    assert not isinstance(threading.Lock(), SeenLock)


def test_a_lock_may_be_held_across_the_beginning_and_the_end() -> None:
    load_ipython_extension(None)
    try:
        lock = threading.Lock()
    finally:
        unload_ipython_extension(None)
    lock.acquire()
    with record() as recording:
        lock.release()
        lock.acquire()
    lock.release()
    assert [hold.lane for hold in recording.holds] == ["main"]


def test_output_of_threads_is_part_of_the_recording(capsys: pytest.CaptureFixture[str]) -> None:
    def chatter() -> None:
        print("one\ntwo", "three")
        print("no line's end", end="")
        sys.stderr.write("an error\n")

    with record() as recording:
        print("from the opener")
        threading.Thread(target=chatter, name="T0").start()
    texts = [(event.lane, event.object, event.value) for event in recording.instants]
    assert texts == [
        ("main", "stdout", "from the opener"),
        ("T0", "stdout", "one"),
        ("T0", "stdout", "two three"),
        ("T0", "stderr", "an error"),
        ("T0", "stdout", "no line's end"),
    ]
    assert capsys.readouterr() == ("from the opener\n", "")


def test_logging_of_threads_is_part_of_the_recording(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    logger = logging.getLogger("course.test")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    console, file = logging.StreamHandler(), logging.FileHandler(tmp_path / "log")
    handlers: list[logging.Handler] = [console, file]
    try:
        with record() as recording:
            late: Any = logging.StreamHandler()  # has our stream, and must not keep it
            handlers.append(late)
            for handler in handlers:
                logger.addHandler(handler)
            logger.info("opened %d", 1)

            def work() -> None:
                logger.debug("hidden")
                logger.warning("in %s", "T0")

            thread = threading.Thread(target=work, name="T0")
            thread.start()
            thread.join()
        assert not isinstance(late.stream, Stream)
        texts = [(event.lane, event.kind, event.object, event.value) for event in recording.instants]
        assert texts == [("main", "log", "INFO", "opened 1"), ("T0", "log", "WARNING", "in T0")]
        # The learner's own handlers get them all; the console gets the opener's.
        assert (tmp_path / "log").read_text() == "opened 1\nin T0\n"
        assert capsys.readouterr().err == "opened 1\nopened 1\n"
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


def test_a_stream_is_otherwise_the_real_one() -> None:
    real = sys.stdout
    with record():
        assert sys.stdout is not real
        assert sys.stdout.encoding == real.encoding
        assert sys.stdout.closed is False
        assert sys.stdout.writable()
        assert sys.stdout.isatty() == real.isatty()
        sys.stdout.writelines(["", ""])
        sys.stdout.flush()
        sys.stdout.close()
    assert not sys.stdout.closed


def test_default_names_are_those_of_the_recording() -> None:
    def scenario() -> list[str]:
        seen: list[str] = []
        for _ in range(2):
            thread = threading.Thread(target=lambda: seen.append(threading.current_thread().name))
            thread.start()
            thread.join()
        return seen

    outside = threading.Thread().name
    recording = run(scenario)
    assert recording.result == ["Thread-1 (<lambda>)", "Thread-2 (<lambda>)"]
    assert [lane.name for lane in recording.lanes[1:]] == recording.result
    # Outside, numbering goes on where it was.
    assert int(threading.Thread().name.split("-")[1]) == int(outside.split("-")[1]) + 1


def test_error_messages_call_a_lock_a_lock() -> None:
    with record():
        lock = threading.Lock()
        with pytest.raises(TypeError, match="instances of 'lock' and 'lock'"):
            sorted([lock, lock])  # type: ignore[type-var]  # that it can't be is the point
        kind = type(_thread.allocate_lock).__name__ if sys.version_info < (3, 13) else "type"
        with pytest.raises(TypeError, match=f"'{kind}' object does not support the context manager protocol"):
            with threading.Lock:  # type: ignore[attr-defined]  # nor this
                pass


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_a_lock_may_be_entered_by_an_exit_stack(kind: str) -> None:
    with record() as recording:
        lock = getattr(threading, kind)()
        with contextlib.ExitStack() as stack:
            stack.enter_context(lock)
            line = sys._getframe().f_lineno - 1
    (hold,) = recording.holds
    assert (hold.lock, hold.lane, hold.line) == ("lock", "main", line)
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock)
    assert repr(lock).startswith("<unlocked")
