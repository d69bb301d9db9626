"""
What the stand-ins talk to.

A `Driver` is who listens while stand-ins are installed: it knows which threads are its own, takes
down events and decides how a thread waits. The recorder is one, with the operating system's scheduler
and the wall clock; another may run one thread at a time on a clock of its own.

The stand-ins tell it three things: what the caller does (an `Operation`, the outermost call of the
standard library that can wait), that something happened (`emit`), and that the thread is blocked now
(`block`). Only the innermost primitives know the last; only the outermost know in whose name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter_ns, thread_time_ns
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from .deadlock import Deadlock
from .events import BEGIN, CPU, END, EXCEPTION, PRINT, RESUME, SLEEP, START, WAIT, WAKE
from .naming import assigned_name, creator, found_name
from .places import OWN, own_frame, place
from .shorten import clip
from .states import CutOff, Items, Known, LaneState, Local, Operation, Tag, Wait, new_tag, waiting_words
from .stopping import wait_until_up, withdraw
from .texts import exception_text

if TYPE_CHECKING:
    from .judge import Judge

__all__ = ["ENTER", "RESULT", "SLICE", "Driver", "Raw"]

Raw = tuple[int, str, str, str | None, Any]
"""An event as it is taken down: time (ns), the lane's name, kind, object (a name or a `Tag`), value."""

ENTER: Final = "enter"
"""The kind of a raw event: an acquire by `with`, whose lock is given back where the block ends."""

RESULT: Final = "result of {}"
"""The words of a wait for a task, whose tag stands for the braces."""

SLICE: Final = 0.05
"""Seconds: waits are taken in slices of this length, so that a thread can be stopped in one."""


DOZE: Final = 0.5
"""Seconds: likewise for sleeps, which nobody but a signal to the main thread has to end so."""


class Driver:
    """
    Record with the wall clock, and wait as the operating system does.

    Attributes:
        log: list of raw events `(ns, lane's name, kind, object, value)`; appended to by every thread,
            in an order that times decide.
        local: the current thread's lane.
        in_order: whether whatever happens is taken down in its order, so that times need not tell it.
        quiet: whether the opener's text, too, is only taken down; for runs that belong to no cell.
        tags: the objects of the standard library's Python classes that are the learner's.
        judge: looks out for deadlocks; None for whoever would rather see threads hang.
        stranger_at: when a recorded thread last began one that gets no lane (ns).
    """

    in_order = False

    def __init__(self) -> None:
        self.log: list[Raw] = []
        self.append = self.log.append
        self.local = Local()
        self.now: Callable[[], int] = perf_counter_ns
        self.cpu = False
        self.quiet = False
        self.items = Items()
        self.tags: Known[Tag] = Known()
        self.pools: Known[Tag] = Known()
        self.judge: Judge | None = None
        self.stranger_at = -(10**12)  # long ago
        self.lanes: list[LaneState] = []
        self._names: dict[str, int] = {}
        self._starting: dict[int, LaneState] = {}
        self._threads: Known[LaneState] = Known()
        self._hook = threading.excepthook

    # Lanes: a thread's life.

    def new_lane(self, thread: threading.Thread, name: str, daemon: bool) -> LaneState:
        """Add a lane; a second one of the same name becomes "name #2"."""
        count = self._names[name] = self._names.get(name, 0) + 1
        lane = LaneState(len(self.lanes), name if count == 1 else f"{name} #{count}", thread, daemon)
        self.lanes.append(lane)
        self._threads.add(thread, lane)
        return lane

    def lane_of(self, thread: threading.Thread) -> LaneState | None:
        """The lane of a thread, if it is recorded."""
        return self._threads.get(thread)

    def begin_lane(self, lane: LaneState) -> None:
        """Make the current thread a lane's."""
        lane.ident = threading.get_ident()
        self.emit(lane, BEGIN, lane.name, lane.daemon)
        if self.cpu:
            lane.cpu = thread_time_ns()
        self.local.lane = lane

    def end_lane(self, lane: LaneState, ending: str, error: str | None = None) -> None:
        """Take down the end of the current thread's lane, unless somebody cut it off before."""
        self.local.lane = None
        for stream, text in lane.partial.items():
            if text:  # written since its last line's end
                self.emit(lane, PRINT, stream, clip(text, 1000))
        if self.cpu:
            self.emit(lane, CPU, None, (thread_time_ns() - lane.cpu) / 1e9)
        if lane.ending is None:
            lane.ending = ending
            self.emit(lane, END, ending, error)

    def start_thread(
        self, lane: LaneState, thread: threading.Thread, start: Callable[[threading.Thread], None]
    ) -> None:
        """Start a thread from a recorded one, and give it a lane."""
        before = lane.waiting
        try:
            # Who wants this thread to stop leaves it alone while it waits: an exception from outside, in the
            # middle of Thread.start, would leave a thread that nobody knows, or one that never comes up.
            with lane.guard:
                lane.waiting = waiting_words(None, None)
            _checkpoint()
            self._start_child(lane, thread, start)
        finally:
            lane.waiting = before
        if lane.stop:
            raise CutOff

    def _start_child(
        self, lane: LaneState, thread: threading.Thread, start: Callable[[threading.Thread], None]
    ) -> None:
        child = self.new_lane(thread, thread.name, thread.daemon)
        self._starting[id(thread)] = child
        outer = lane.operation
        operation = outer or self.begin(lane, None, None)
        worker = None
        if lane.submitting is not None:
            worker, child.worker_of = "worker", lane.submitting[1]
        at = self.now()
        try:
            start(thread)
        except RuntimeError:
            raise
        except BaseException:
            wait_until_up(thread)  # interrupted: it comes up all the same
            raise
        finally:
            if outer is None:
                self.end(lane, operation)
            if self._starting.pop(id(thread), None) is None:
                self.emit(lane, START, child.name, worker, at=at)  # it came up, even if we were interrupted here
            else:
                self.lanes.remove(child)  # there is no such thread: it couldn't be started
                self._names[thread.name] -= 1

    def take_starting(self, thread: threading.Thread) -> LaneState | None:
        """Claim the lane of a thread that is coming up."""
        return self._starting.pop(id(thread), None)

    def run_thread(
        self, lane: LaneState, thread: threading.Thread, bootstrap: Callable[[threading.Thread], None]
    ) -> None:
        """Run a recorded thread from its first moment to the end of its `run`."""
        self.begin_lane(lane)
        own_run = vars(thread).get("run")

        def run() -> None:
            if own_run is None:
                del thread.run
            else:
                thread.run = own_run  # type: ignore[method-assign]  # as it was
            self._run_guarded(lane, thread)

        thread.run = run  # type: ignore[method-assign]  # for the one call that bootstrap makes
        try:
            bootstrap(thread)
        finally:
            lane.over.release()

    def _run_guarded(self, lane: LaneState, thread: threading.Thread) -> None:
        """
        Call a thread's `run`, and let nothing out of it.

        Beyond it lies the interpreter's own bookkeeping, which an exception raised from outside must
        not reach: `done` says so to whoever would raise one, and one on its way is taken back.
        """
        ending, error = "finished", None
        try:
            try:
                lane.done = False
                if lane.stop:
                    raise CutOff
                thread.run()
            except CutOff:
                pass
            except SystemExit as raised:
                self._tell_hook(raised, thread)  # threading, too, takes it for an orderly end
            except BaseException as raised:
                if not lane.stop:
                    ending, error = "failed", exception_text(raised)
                    self.emit(lane, EXCEPTION, type(raised).__name__, error.partition(": ")[2])
                    self._tell_hook(raised, thread)
        except CutOff:
            pass
        while True:
            try:
                with lane.guard:
                    lane.done = True
                if lane.stop:
                    ending, error = "cut off", None
                    withdraw(lane)
                self.end_lane(lane, ending, error)
                return
            except CutOff:
                continue

    def _tell_hook(self, raised: BaseException, thread: threading.Thread) -> None:
        """Call the learner's own `threading.excepthook`, if they have set one since the recording began."""
        hook = threading.excepthook
        if hook is not self._hook:
            try:
                hook(threading.ExceptHookArgs((type(raised), raised, raised.__traceback__, thread)))
            except Exception as another:
                lane = self.lane_of(thread)
                if lane is not None:
                    self.emit(lane, EXCEPTION, type(another).__name__, f"in threading.excepthook: {another}")

    def passes_on(self, lane: LaneState) -> bool:
        """Tell whether what a lane writes also goes where it would have gone."""
        return lane.number == 0 and not self.quiet

    def emit(self, lane: LaneState, kind: str, about: Any = None, value: Any = None, at: int | None = None) -> None:
        """Take an event down, at `at` (ns) or now."""
        self.append((self.now() if at is None else at, lane.name, kind, about, value))

    # What the caller does.

    def tag_made(self, made: object, kind: str, frame: FrameType | None) -> Tag | None:
        """Name a new object after what its own code's caller stores it to; None if somebody else makes it."""
        frame = creator(made, frame)
        if frame is None or place(frame.f_code.co_filename) is not OWN:
            return None
        tag = new_tag(assigned_name(frame), kind)
        self.tags.add(made, tag)
        return tag

    def task_tag(self, name: str) -> Tag:
        """Make the tag of a submitted call."""
        return new_tag(name, "task")

    def tag_used(self, used: object, kind: str, frame: FrameType) -> Tag | None:
        """Look up an object's tag; one used by own code for the first time is named as the caller knows it."""
        tag = self.tags.get(used)
        if tag is None and place(frame.f_code.co_filename) is OWN:
            tag = new_tag(found_name(used, frame), kind)
            self.tags.add(used, tag)
        return tag

    def begin(self, lane: LaneState, tag: Any, words: str | None) -> Operation:
        """Begin an operation of the lane; end it with `end`, whatever happens."""
        lane.operation = operation = Operation(tag, words)
        return operation

    def end(self, lane: LaneState, operation: Operation) -> None:
        """End an operation: if it waited, its wait ends when it last went on."""
        lane.operation = None
        if operation.waited:
            self.append((operation.resumed, lane.name, RESUME, operation.tag, operation.got))

    def library_operation(self, lane: LaneState, frame: FrameType) -> Operation | None:
        """
        Name a wait deep in the standard library after the function that own code called.

        Returns:
            None if it is not on behalf of own code.
        """
        own, outermost = own_frame(frame)
        if not own or outermost is None:
            return None
        name = outermost.f_code.co_qualname.replace(".<locals>", "")
        return Operation(None, _LIBRARY_WAITS.get(name, name))

    # How a lane waits.

    def block(
        self,
        lane: LaneState,
        operation: Operation,
        attempt: Callable[[float], bool],
        timeout: float,
        *,
        ready: Callable[[], bool],
        lock: Any = None,
        child: LaneState | None = None,
        idle: bool = False,
    ) -> bool:
        """
        Wait until an attempt succeeds.

        Args:
            lane: the current thread's.
            operation: in whose name it waits.
            attempt: tries for so many seconds, and tells whether it succeeded. One that takes something away
                from others must not succeed once the lane has a verdict.
            timeout: seconds; negative for none.
            ready: tells, to other threads too, whether an attempt would succeed now.
            lock: the real lock that is waited for, if it is one.
            child: the lane whose end is waited for, if it is that.
            idle: whether it is a worker that waits for something to do.

        Returns:
            False if the timeout came first.

        Raises:
            CutOff: the thread is to stop.
            Deadlock: it would wait for ever.
        """
        began = self.now()
        if not operation.waited and operation.words is not None:
            operation.waited = True
            self.append((began, lane.name, WAIT, operation.tag, operation.words))
        outer, before = lane.wait, lane.waiting
        lane.wait = Wait(operation, began, timeout >= 0, ready, lock, child, idle)
        lane.waiting = waiting_words(operation.words, operation.tag)
        operation.got = False
        deadline = began + int(timeout * 1e9)
        try:
            while True:
                left = SLICE if timeout < 0 else min(SLICE, (deadline - self.now()) / 1e9)
                if lane.stop:
                    raise CutOff
                if lane.verdict is not None:
                    self._halt(lane, lane.verdict)
                if attempt(max(left, 0.0)):
                    if lane.verdict is not None:
                        self._halt(lane, lane.verdict)
                    operation.got = True
                    return True
                if timeout < 0:
                    if self.judge is not None:
                        self.judge.look(lane, began)
                elif self.now() >= deadline:
                    return False
        finally:
            lane.wait = outer
            lane.waiting = before
            operation.resumed = self.now()

    def _halt(self, lane: LaneState, verdict: str) -> NoReturn:
        """End a wait that would last for ever, once all concerned know of it."""
        assert self.judge is not None
        self.judge.tell(lane)
        raise Deadlock(verdict)

    def sleep(self, lane: LaneState, seconds: float, real: Callable[[float], None]) -> None:
        """Sleep, but wake when the thread is to stop."""
        if lane.stop:
            raise CutOff
        lane.waiting = "sleep"
        self.append((self.now(), lane.name, SLEEP, None, seconds))
        try:
            if 0 < seconds < threading.TIMEOUT_MAX:
                deadline = self.now() + int(seconds * 1e9)
                # In slices, since a signal that comes just before a wait doesn't end it.
                while (left := (deadline - self.now()) / 1e9) > 0:
                    if lane.bell.acquire(True, min(left, DOZE)):
                        lane.bell.release()
                        raise CutOff
            else:
                real(seconds)
        finally:
            lane.waiting = None
            self.append((self.now(), lane.name, WAKE, None, None))


def _checkpoint() -> None:
    """Take an exception that is on its way: the interpreter looks for one at every call."""


_LIBRARY_WAITS: Final = {
    "Timer.run": "the timer's interval",
    "Executor.map.result_iterator": "the next result",
}
"""The standard library's functions in which own code may wait unawares, where their name says too little."""
