"""
One recording, from its opening to its end.

A `Session` puts the stand-ins in place and takes them away again, whatever happens in between: an exception,
an interruption, a slider moved on, threads that don't end.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final

from . import events as ev
from .deadlock import Deadlock
from .driver import Driver
from .instrument import Installed, install
from .judge import Judge
from .recording import Recording
from .resolve import final_events
from .states import CutOff, LaneState
from .stopping import stop, withdraw
from .texts import exception_text
from .turns import Turn
from .watching import Watching
from .watchlist import Wanted

__all__ = ["Session", "now_open", "open_driver"]

OPENER: Final = "main"

_open: Driver | None = None


def open_driver() -> Driver | None:
    """The driver of the recording that is open, if one is."""
    return _open


def now_open(driver: Driver | None) -> None:
    """Say whose recording is open, for those who open one without a session."""
    global _open
    _open = driver


class Session:
    """
    An open recording.

    Args:
        turn: the right to record; given back at the end.
        cpu: whether to measure the CPU time of each lane.
        timeout: seconds to wait at the end for ordinary threads.
        watch: attributes to watch.
        warn: told of threads that had to be cut off, or couldn't be; None for Python's warnings.
        forgiving: whether `warn` is to be told of an attribute that could not be watched, instead of `ValueError`.
    """

    def __init__(
        self,
        turn: Turn,
        cpu: bool,
        timeout: float,
        watch: Iterable[Wanted] = (),
        warn: Callable[[str], None] | None = None,
        forgiving: bool = False,
    ) -> None:
        global _open
        self.turn = turn
        self.timeout = timeout
        self.warn = warn
        self.forgiving = forgiving
        self.recording = Recording(turn.title)
        self.driver = Driver()
        self.driver.cpu = cpu
        self.driver.quiet = turn.background
        self.judge = self.driver.judge = Judge(self.driver)
        self._installed: Installed | None = None
        self._watching: Watching | None = None
        try:
            self._watching = Watching(self.driver, watch)
            self._watching.install()
            self._installed = install(self.driver)
            self.opener = self.driver.new_lane(threading.current_thread(), OPENER, False)
            self.opener.done = turn.background  # who abandons it lets it alone until `enter`
            _open = turn.driver = self.driver
            self.driver.begin_lane(self.opener)
        except BaseException:
            self._take_away()
            raise

    def _take_away(self) -> None:
        global _open
        _open = None
        if self._installed is not None:
            self._installed.remove()
        if self._watching is not None:
            self._watching.remove()
        self.turn.give_back()

    def enter(self) -> None:
        """
        Begin the learner's code: from now on a background run can be abandoned where it is.

        Raises:
            CutOff: it was abandoned before.
        """
        self.opener.done = False
        if self.turn.abandoned:
            raise CutOff

    def leave(self) -> None:
        """Leave the learner's code: from now on nobody raises `CutOff` here from outside."""
        with self.opener.guard:
            self.opener.done = True
        if self.opener.stop:
            withdraw(self.opener)

    def close(self, raised: BaseException | None, result: Any = None, *, depth: int = 3) -> None:
        """
        End the recording, whatever happens.

        Args:
            raised: what the block or the scenario raised; then nobody is waited for, unless it was `Deadlock`:
                those that are not part of it go on.
            result: what the scenario returned.
            depth: how many frames up the learner's code is, for warnings.

        Raises:
            BaseException: what came while it waited for threads: KeyboardInterrupt, or CutOff; Deadlock, if
                there was one of which the opener hasn't been told.
            ValueError: an attribute could not be watched, as only the run could tell.
        """
        late: dict[LaneState, str | None] = {}
        stuck: list[LaneState] = []
        came: BaseException | None = None
        if raised is None or isinstance(raised, Deadlock):
            try:
                self._wait_for_threads()
                late = {lane: lane.waiting for lane in self._alive() if not lane.daemon}
            except BaseException as interruption:
                raised = came = interruption
        if raised is None and self.judge.verdicts and not self.judge.told:
            raised = came = Deadlock("; ".join(self.judge.verdicts))
        ending = raised

        def cut_off() -> None:
            nonlocal stuck
            self._end_opener(ending)
            stuck = self._cut_off()
            self._join()
            if self._watching is not None:
                self._watching.look()

        interrupted = _despite_interrupts(cut_off) or _despite_interrupts(self._take_away)
        log, began = self.driver.log, self.driver.log[0][0]
        self.recording.close(lambda: final_events(log, began), result=result, error=raised)
        if came is not None:
            raise came
        if interrupted is not None:
            raise interrupted
        messages = [_late_message(self.timeout, late)] if late else []
        messages += [_stuck_message(stuck)] if stuck else []
        problem = self._watching.problem() if self._watching is not None and ending is None else None
        if problem is not None and self.forgiving:
            messages.append(problem)
        for message in messages:
            if self.warn is None:
                warnings.warn(message, RuntimeWarning, stacklevel=depth)
            else:
                self.warn(message)
        if problem is not None and not self.forgiving:
            raise ValueError(problem)

    def _alive(self) -> list[LaneState]:
        return [lane for lane in self.driver.lanes[1:] if lane.over.locked()]

    def _wait_for_threads(self) -> None:
        """Do as the interpreter does at its exit: tell pools to stop, and wait for all but daemons."""
        driver, opener = self.driver, self.opener
        for pool, _ in driver.pools.values():
            pool.shutdown(wait=False)
        self.judge.ending = True
        operation = driver.begin(opener, None, "threads to end")
        try:
            deadline = driver.now() + int(self.timeout * 1e9)
            while ordinary := [lane for lane in self._alive() if not lane.daemon]:
                left = (deadline - driver.now()) / 1e9
                first = ordinary[0]
                if left <= 0 or not driver.block(opener, operation, first.ends, left, ready=first.over.locked):
                    return
        finally:
            driver.end(opener, operation)

    def _end_opener(self, raised: BaseException | None) -> None:
        opener = self.opener
        if opener.stop:
            self.driver.end_lane(opener, "cut off")
        elif raised is None:
            self.driver.end_lane(opener, "finished")
        elif opener.ending is None:
            text = exception_text(raised)
            self.driver.emit(opener, ev.EXCEPTION, type(raised).__name__, text.partition(": ")[2])
            self.driver.end_lane(opener, "failed", text)

    def _cut_off(self) -> list[LaneState]:
        alive = self._alive()
        if not alive:
            return []
        for lane in alive:
            if lane.ending is None:
                lane.ending = "cut off"
                self.driver.emit(lane, ev.END, "cut off")
        for pool, _ in self.driver.pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        return stop(alive)

    def _join(self) -> None:
        """Let the interpreter finish with threads whose end we have seen."""
        for lane in self.driver.lanes[1:]:
            thread = lane.thread()
            if thread is not None and not lane.over.locked():
                threading.Thread.join(thread, 1.0)


def _despite_interrupts(step: Callable[[], None]) -> KeyboardInterrupt | None:
    """Do a step that must be done; an interruption has it begun again, and is returned."""
    interrupted = None
    while True:
        try:
            step()
            return interrupted
        except KeyboardInterrupt as interruption:
            interrupted = interruption


def _late_message(timeout: float, late: dict[LaneState, str | None]) -> str:
    each = [f"{lane.name} {f'waits for {words}' if words else 'is still active'}" for lane, words in late.items()]
    return (
        f"{timeout:g} s after the block's end these threads had not ended, and were cut off: {'; '.join(each)}. "
        "Join them, make them daemons, or give a longer timeout="
    )


def _stuck_message(stuck: list[LaneState]) -> str:
    return (
        f"these threads could not be stopped, since they are inside a C call that has not returned: "
        f"{', '.join(lane.name for lane in stuck)}. They go on unrecorded until it returns"
    )
