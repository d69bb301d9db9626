"""
The fresh interpreter that runs a program, and tells its parent what happened.

The script runs as `__main__`, with its own `sys.argv` and `sys.path`, to the interpreter's true exit: threads
that are no daemons are waited for by the interpreter itself, daemons are cut off by it. Events are passed on
every few milliseconds, so that a program that crashes or is killed leaves what it has done up to there.

What differs from a run without us: frames of ours in tracebacks that the program itself puts into words.
"""

from __future__ import annotations

import _thread
import atexit
import io
import os
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any, BinaryIO, Final

from . import events as ev
from .driver import Driver
from .instrument import install
from .places import OURS, consider_own, place
from .states import LaneState
from .texts import exception_text
from .turns import take_turn
from .wire import write

__all__ = ["main"]

INTERVAL: Final = 0.02
"""Seconds between two deliveries to the parent."""


class ProgramDriver(Driver):
    """Records the whole of a program, and changes nothing of what it does or says."""

    def passes_on(self, lane: LaneState) -> bool:
        """Everything goes where it would have gone."""
        return True

    def _tell_hook(self, raised: BaseException, thread: threading.Thread) -> None:
        """Report a thread's exception as the interpreter does, with the frames it would show."""
        traceback = cleaned(raised)
        frame = sys._getframe()
        while frame.f_back is not None and frame.f_code.co_name != "_bootstrap_inner":
            frame = frame.f_back
        while frame.f_back is not None and place(frame.f_code.co_filename) is OURS:
            frame = frame.f_back
        raised.__traceback__ = TracebackType(traceback, frame, frame.f_lasti, frame.f_lineno)
        lane, self.local.lane = self.local.lane, None
        try:
            thread._invoke_excepthook(thread)  # type: ignore[attr-defined]  # Thread has it
        finally:
            self.local.lane = lane


def cleaned(error: BaseException) -> TracebackType | None:
    """Take our frames out of an exception's traceback, and out of those it came from."""
    seen: set[int] = set()
    errors = [error]
    while errors:
        each = errors.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        kept = None
        frames = []
        traceback = each.__traceback__
        while traceback is not None:
            frames.append(traceback)
            traceback = traceback.tb_next
        for frame in reversed(frames):
            if not _ours(frame):
                frame.tb_next = kept
                kept = frame
        each.__traceback__ = kept
        errors += [other for other in (each.__cause__, each.__context__) if other is not None]
    return error.__traceback__


def _ours(traceback: TracebackType) -> bool:
    code = traceback.tb_frame.f_code
    # The outermost is the command that our parent gave the interpreter.
    return place(code.co_filename) is OURS or (traceback.tb_frame.f_back is None and code.co_filename == "<string>")


class Delivery:
    """Hands events to the parent, in the background and at the end."""

    def __init__(self, driver: Driver, file: BinaryIO) -> None:
        self._driver = driver
        self._file = file
        self._lock = _thread.allocate_lock()
        self._pid = os.getpid()

    def begin(self) -> None:
        """Deliver from now on, in a thread that nobody sees."""
        _thread.start_new_thread(self._deliver, ())

    def _deliver(self) -> None:
        sleep = time.sleep.__wrapped__  # type: ignore[attr-defined]  # the real one
        while True:
            sleep(INTERVAL)
            self.now()

    def now(self) -> None:
        """Deliver what there is."""
        if self._pid != os.getpid():
            return  # a forked child's events aren't the program's
        with self._lock:
            log = self._driver.log
            batch = log[: len(log)]
            write(self._file, batch, self._driver.now())
            del log[: len(batch)]


def main(events: str, buffering: str, script: str, name: str, *arguments: str) -> None:
    """
    Run a script as `python script` would, and record it.

    Args:
        events: path of the file for the events.
        buffering: "lines" if standard output is to pass on each line at once, as to a terminal.
        script: path of the script.
        name: what it is called in tracebacks.
        *arguments: the script's.
    """
    if buffering == "lines" and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    sys.argv[:] = [name, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    module = ModuleType("__main__")
    module.__dict__.update(
        __file__=os.path.abspath(script), __builtins__=sys.modules["builtins"], __cached__=None, __annotations__={}
    )
    sys.modules["__main__"] = module
    consider_own(name)
    take_turn(os.path.basename(name), whole=True)
    driver = ProgramDriver()
    delivery = Delivery(driver, open(events, "ab"))  # noqa: SIM115 - it is open until the process ends
    lane = driver.new_lane(threading.main_thread(), "main", False)
    program = _Program(driver, lane, delivery)
    error: BaseException | None = None
    try:
        with open(script, "rb") as file:
            code = compile(file.read(), name, "exec", dont_inherit=True)
        program.begin()
        exec(code, module.__dict__)
    except BaseException as raised:
        error = raised
    program.ran(error)
    if error is not None:
        _show_without_us(error, driver)
        raise error


class _Program:
    """The life of the program's main thread."""

    def __init__(self, driver: ProgramDriver, lane: LaneState, delivery: Delivery) -> None:
        self._driver = driver
        self._lane = lane
        self._delivery = delivery
        self._error: str | None = None

    def begin(self) -> None:
        # What was registered first is called last: at the very end, when only daemons are left.
        atexit.register(self.end)
        self._installed = install(self._driver)
        self._exit, os._exit = os._exit, self._exit_at_once
        self._driver.begin_lane(self._lane)
        self._delivery.begin()

    def _exit_at_once(self, status: int) -> Any:
        self._cut_off()
        self._delivery.now()
        self._exit(status)

    def ran(self, error: BaseException | None) -> None:
        """Take down how the script ended; the interpreter goes on to wait for other threads."""
        if error is not None and not isinstance(error, SystemExit):
            self._error = exception_text(error)
            self._driver.emit(self._lane, ev.EXCEPTION, type(error).__name__, self._error.partition(": ")[2])
        shutdown: Callable[[], None] = threading._shutdown  # type: ignore[attr-defined]  # it is there
        driver, lane = self._driver, self._lane

        def _shutdown() -> None:
            if any(not other.daemon and other.over.locked() for other in driver.lanes[1:]):
                driver.emit(lane, ev.WAIT, None, "threads to end")
                try:
                    shutdown()
                finally:
                    driver.emit(lane, ev.RESUME, None, True)
            else:
                shutdown()

        threading._shutdown = _shutdown  # type: ignore[attr-defined]  # the interpreter calls it by this name

    def end(self) -> None:
        """The last moment at which Python code runs: who still lives is a daemon, and is cut off."""
        self._driver.end_lane(self._lane, "failed" if self._error else "finished", self._error)
        self._cut_off()
        self._delivery.now()
        self._installed.remove()

    def _cut_off(self) -> None:
        for lane in self._driver.lanes:
            if lane.ending is None and lane.over.locked():
                lane.ending = "cut off"
                self._driver.emit(lane, ev.END, "cut off")


def _show_without_us(error: BaseException, driver: Driver) -> None:
    """Let the interpreter report what the script raised, without frames of ours."""
    hook = sys.excepthook

    def excepthook(kind: type[BaseException], value: BaseException, traceback: TracebackType | None) -> None:
        lane, driver.local.lane = driver.local.lane, None  # what it writes is a report, and no printed text
        try:
            hook(kind, value, cleaned(value))
        finally:
            driver.local.lane = lane

    if not isinstance(error, SystemExit):
        sys.excepthook = excepthook
