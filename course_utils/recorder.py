"""
Recording real runs: the operating system schedules, the wall clock times.

`record()` records a block, `run()` a call; both give a `Recording`. What is recorded is what own code does
in the thread that opened the recording and in those that these start.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from operator import itemgetter
from types import TracebackType
from typing import Any, Final

from . import events as ev
from .driver import Driver
from .events import Event
from .instrument import Installed, install
from .recording import Recording
from .shorten import shorten
from .states import CutOff, LaneState, Tag
from .stopping import stop, withdraw
from .texts import exception_text
from .turns import Abandoned, Turn, take_turn

__all__ = ["mark", "record", "run", "run_in_background"]

OPENER: Final = "main"

_open: Driver | None = None


def record(title: str | None = None, *, cpu: bool = False, timeout: float = 30.0) -> _Block:
    """
    Record what the block's code does, in this thread and those it starts.

        >>> with record("two sleepers") as recording:
        ...     for name in ("T0", "T1"):
        ...         threading.Thread(target=time.sleep, args=(0.1,), name=name).start()
        >>> recording.finish_order
        ('T0', 'T1')

    At the block's end it waits for ordinary threads as the interpreter would; daemons are cut off. What
    the block raises goes through unchanged, and other threads are cut off there.

    It doesn't see: locks made before the recording by code that ran without `%load_ext course_utils`, threads
    of `_thread.start_new_thread`, waits inside C extensions, who has the GIL.

    Args:
        title: what stands above the chart.
        cpu: whether to measure the CPU time of each lane.
        timeout: seconds to wait for ordinary threads at the block's end; then they are cut off, with a warning.

    Returns:
        a context manager that gives the `Recording`, to be read after the block.

    Raises:
        ValueError, TypeError: the timeout isn't a number of seconds, or the title isn't a text.
        RuntimeError: a recording is open already.
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(f"the title must be a text, not {shorten(title)}; did you mean run({shorten(title)})?")
    return _Block(title or "recording", cpu, _seconds(timeout))


def run(scenario: Callable[..., Any], *, cpu: bool = False, timeout: float = 30.0, **parameters: Any) -> Recording:
    """
    Call a scenario and record it.

        >>> recording = run(lost_update, workers=2)
        >>> recording.result
        1

    What the scenario raises is `recording.error`, and the chart shows the run up to there; only what isn't
    an `Exception`, as KeyboardInterrupt, goes through. For what isn't seen, see `record`.

    Args:
        scenario: a function that builds what it uses, runs its threads and returns a small value.
        cpu: whether to measure the CPU time of each lane.
        timeout: seconds to wait, when the scenario has returned, for threads it has left behind.
        **parameters: the scenario's own.

    Returns:
        the `Recording`, with `result` and `error`.

    Raises:
        TypeError: the scenario can't be called, or not with these parameters.
        ValueError: the timeout isn't a number of seconds.
        RuntimeError: a recording is open already.
    """
    title = call_title(scenario, parameters)
    check_call(scenario, parameters)
    return _perform(_Session(take_turn(title), cpu, _seconds(timeout)), scenario, parameters)


def run_in_background(
    scenario: Callable[..., Any],
    parameters: dict[str, Any],
    *,
    timeout: float = 30.0,
    began: Callable[[Turn], None] = lambda turn: None,
    wanted: Callable[[], bool] = lambda: True,
) -> Recording:
    """
    Call a scenario and record it, but give way to others; for sliders.

    Args:
        scenario: checked by `check_call` before.
        parameters: the scenario's own.
        timeout: as for `run`.
        began: told the `Turn`, whose `abandon` ends this run.
        wanted: asked while it waits for its turn.

    Raises:
        Abandoned: something newer came.
    """
    turn = take_turn(call_title(scenario, parameters), background=True, wanted=wanted)
    began(turn)
    return _perform(_Session(turn, False, timeout), scenario, parameters)


def mark(text: str) -> None:
    """
    Put an instant with a text on the caller's lane.

        >>> mark("halfway")

    Outside a recording, or in a thread that isn't recorded, it does nothing.

    Args:
        text: what stands there; anything else is put into words.
    """
    driver = _open
    if driver is not None:
        lane = driver.local.lane
        if lane is not None:
            driver.append((driver.now(), lane, ev.MARK, None, text if isinstance(text, str) else shorten(text)))


def call_title(scenario: Any, parameters: dict[str, Any]) -> str:
    """
    Write a call as the learner would.

        >>> call_title(lost_update, {"workers": 2})
        'lost_update(workers=2)'
    """
    name = getattr(scenario, "__name__", None) or shorten(scenario)
    return f"{name}({', '.join(f'{key}={shorten(value)}' for key, value in parameters.items())})"


def check_call(scenario: Any, parameters: dict[str, Any]) -> None:
    """
    Make sure that a scenario can be called with these parameters, before anything is replaced.

    Raises:
        TypeError: it can't; the message says what it takes.
    """
    import inspect  # heavy, and not needed to import the package

    if not callable(scenario):
        raise TypeError(
            f"a scenario must be a function, not {shorten(scenario)}: write its name without parentheses, "
            "as in run(lost_update, workers=2)"
        )
    try:
        signature = inspect.signature(scenario)
    except (TypeError, ValueError):
        return  # a builtin, which doesn't say what it takes
    try:
        signature.bind(**parameters)
    except TypeError as problem:
        name = getattr(scenario, "__name__", shorten(scenario))
        raise TypeError(
            f"{name}{signature} can't be called with {', '.join(parameters) or 'no parameters'}: {problem}"
        ) from None


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout must be a number of seconds, not {shorten(timeout)}")
    if not 0 <= timeout <= threading.TIMEOUT_MAX:
        raise ValueError(f"timeout must be a number of seconds, 0 or more, not {timeout}")
    return float(timeout)


class _Session:
    """One recording, from its opening to its end."""

    def __init__(self, turn: Turn, cpu: bool, timeout: float) -> None:
        global _open
        self.turn = turn
        self.timeout = timeout
        self.recording = Recording(turn.title)
        try:
            self.driver = Driver()
            self.driver.cpu = cpu
            self.installed: Installed = install(self.driver)
        except BaseException:
            turn.give_back()
            raise
        self.opener = self.driver.new_lane(threading.current_thread(), OPENER, False)
        _open = turn.driver = self.driver
        self.driver.begin_lane(self.opener)
        self.began = self.driver.log[0][0]

    def close(self, raised: BaseException | None, result: Any = None, *, depth: int = 3) -> None:
        """
        End the recording, whatever happens.

        Args:
            raised: what the block or the scenario raised; then nobody is waited for.
            result: what the scenario returned.
            depth: how many frames up the learner's code is, for warnings.
        """
        global _open
        late: list[LaneState] = []
        waits: dict[LaneState, str | None] = {}
        stuck: list[LaneState] = []
        try:
            try:
                if raised is None:
                    self._wait_for_threads()
                    late = [lane for lane in self._alive() if not lane.daemon]
                    waits = {lane: lane.waiting for lane in late}
            except BaseException as interruption:
                raised = interruption
                raise
            finally:
                self._end_opener(raised)
                stuck = self._cut_off()
        finally:
            _open = None
            self.installed.remove()
            driver, began = self.driver, self.began
            self.recording.close(lambda: final_events(driver, began), result=result, error=raised)
            self.turn.give_back()
        if late:
            warnings.warn(_late_message(self.timeout, late, waits), RuntimeWarning, stacklevel=depth)
        if stuck:
            warnings.warn(_stuck_message(stuck), RuntimeWarning, stacklevel=depth)

    def _alive(self) -> list[LaneState]:
        return [lane for lane in self.driver.lanes[1:] if lane.thread.is_alive()]

    def _wait_for_threads(self) -> None:
        """Do as the interpreter does at its exit: tell pools to stop, and wait for all but daemons."""
        driver, opener = self.driver, self.opener
        for pool, _ in driver.pools.values():
            pool.shutdown(wait=False)
        operation = driver.begin(opener, None, "threads to end")
        try:
            deadline = driver.now() + int(self.timeout * 1e9)
            while ordinary := [lane for lane in self._alive() if not lane.daemon]:
                left = (deadline - driver.now()) / 1e9
                if left <= 0 or not driver.block(opener, operation, _ended(ordinary[0].thread), left):
                    return
        finally:
            driver.end(opener, operation)

    def _end_opener(self, error: BaseException | None) -> None:
        opener = self.opener
        with opener.guard:
            opener.done = True
        if opener.stop:
            withdraw(opener)
            self.driver.end_lane(opener, "cut off")
        elif error is None:
            self.driver.end_lane(opener, "finished")
        else:
            self.driver.emit(opener, ev.EXCEPTION, type(error).__name__, exception_text(error).partition(": ")[2])
            self.driver.end_lane(opener, "failed", exception_text(error))

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


def _ended(thread: threading.Thread) -> Callable[[float], bool]:
    # Thread.join on the opener's lane would be taken for the learner's own.
    join: Any = getattr(threading.Thread.join, "__wrapped__", threading.Thread.join)

    def attempt(seconds: float) -> bool:
        join(thread, seconds)
        return not thread.is_alive()

    return attempt


def _late_message(timeout: float, late: list[LaneState], waits: dict[LaneState, str | None]) -> str:
    each = [f"{lane.name} " + (f"waits for {waits[lane]}" if waits[lane] else "is still active") for lane in late]
    return (
        f"{timeout:g} s after the block's end these threads had not ended, and were cut off: {'; '.join(each)}. "
        "Join them, make them daemons, or give a longer timeout="
    )


def _stuck_message(stuck: list[LaneState]) -> str:
    return (
        f"these threads could not be stopped, since they are inside a C call that has not returned: "
        f"{', '.join(lane.name for lane in stuck)}. They go on unrecorded until it returns"
    )


class _Block:
    """What `record()` returns."""

    def __init__(self, title: str, cpu: bool, timeout: float) -> None:
        self._title = title
        self._cpu = cpu
        self._timeout = timeout
        self._session: _Session | None = None

    def __enter__(self) -> Recording:
        if self._session is not None:
            raise RuntimeError("this record() has been used already: call record() anew for each block")
        self._session = _Session(take_turn(self._title), self._cpu, self._timeout)
        return self._session.recording

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._session is not None
        self._session.close(error)


def _perform(session: _Session, scenario: Callable[..., Any], parameters: dict[str, Any]) -> Recording:
    """Call the scenario in an open session, and close it."""
    recording = session.recording
    recording.called = True
    try:
        result = scenario(**parameters)
    except Exception as error:
        session.close(error)
    except BaseException as error:
        session.close(error)
        if session.turn.abandoned and isinstance(error, CutOff):
            raise Abandoned(session.turn.title) from None
        raise
    else:
        try:
            session.close(None, result, depth=4)
        except CutOff:
            raise Abandoned(session.turn.title) from None
    if session.turn.abandoned:
        raise Abandoned(session.turn.title)
    return recording


def final_events(driver: Driver, began: int) -> list[Event]:
    """
    Turn a driver's log into events: in order of time, in seconds, with final names.

    Of locks, queues and the like with one name, the one made first keeps it; the second is "name #2". What a
    thread still did after it was cut off is left out.

    Args:
        driver: whose threads have ended, or been given up.
        began: the moment (ns) that counts as 0.
    """
    log = sorted(driver.log, key=itemgetter(0))
    names: dict[Any, str | None] = {None: None}
    counts: dict[str, int] = {}
    tags = {entry[3] for entry in log if isinstance(entry[3], Tag)}
    tags |= {entry[4] for entry in log if isinstance(entry[4], Tag)}
    for tag in sorted(tags, key=lambda each: each.number):
        count = counts[tag.name] = counts.get(tag.name, 0) + 1
        names[tag] = tag.name if count == 1 else f"{tag.name} #{count}"
    for lane in driver.lanes:
        names[lane] = lane.name
    ended: set[LaneState] = set()
    events: list[Event] = []
    for at, lane, kind, about, value in log:
        if lane in ended:
            continue
        if kind == ev.END:
            ended.add(lane)
        name = names[about] if about in names else about
        if kind == ev.WAIT:
            value = value.format(name)
        elif kind == ev.SUBMIT:
            value = names[value]
        events.append(Event((at - began) / 1e9, lane.name, kind, name, value))
    return events
