"""
Recording real runs: the operating system schedules, the wall clock times.

`record()` records a block, `run()` a call; both give a `Recording`. What is recorded is what own code does
in the thread that opened the recording and in those that these start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any

from .deadlock import Deadlock
from .events import MARK
from .recording import Recording
from .session import Session, open_driver
from .shorten import LIMIT, clip, shorten
from .states import CutOff, in_words
from .turns import Abandoned, Turn, take_turn
from .watchlist import Wanted, wanted

__all__ = [
    "Watch",
    "call_title",
    "check_call",
    "check_watch",
    "mark",
    "record",
    "run",
    "run_in_background",
    "watch_words",
]

Watch = Mapping[type, str | Collection[str]]
"""Classes, and the names of their attributes to watch."""


def record(title: str | None = None, *, watch: Watch | None = None, cpu: bool = False, timeout: float = 30.0) -> _Block:
    """
    Record what the block's code does, in this thread and those it starts.

        >>> with record("two sleepers") as recording:
        ...     for name in ("T0", "T1"):
        ...         threading.Thread(target=time.sleep, args=(0.1,), name=name).start()
        >>> recording.finish_order
        ('T0', 'T1')

    At the block's end it waits for ordinary threads as the interpreter would; daemons are cut off. What
    the block raises goes through unchanged, and other threads are cut off there. Threads that would wait for
    ever (in a circle, or since everything stands still) get `Deadlock`, all of them at once; so does the block,
    where it waits for one of them or at its end, when the others have ended.

    It doesn't see: locks made before the recording by code that ran without `%load_ext course_utils`, threads
    of `_thread.start_new_thread`, waits inside C extensions, who has the GIL; of a watched attribute, what
    goes through `__dict__` or is set on the class itself. Watching makes `self.value += 1` two calls, between
    which the interpreter may switch threads: it loses updates more often than it does unwatched.

    Args:
        title: what stands above the chart.
        watch: classes and the names of attributes whose reads and writes are to be shown:
            `{FakeDatabase: "value"}`, or a tuple of names. Only instances' attributes can be watched.
        cpu: whether to measure the CPU time of each lane.
        timeout: seconds to wait for ordinary threads at the block's end; then they are cut off, with a warning.

    Returns:
        a context manager that gives the `Recording`, to be read after the block.

    Raises:
        ValueError, TypeError: the timeout isn't a number of seconds, the title isn't a text, or an attribute
            can't be watched. That no instance ever got one is said at the block's end.
        RuntimeError: a recording is open already.
        Deadlock: at the block's end: threads waited for each other, and the block hasn't been told.
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(f"the title must be a text, not {shorten(title)}; did you mean run({shorten(title)})?")
    return _Block(title or "recording", cpu, _seconds(timeout), wanted(watch))


def run(
    scenario: Callable[..., Any],
    *,
    watch: Watch | None = None,
    cpu: bool = False,
    timeout: float = 30.0,
    **parameters: Any,
) -> Recording:
    """
    Call a scenario and record it.

        >>> recording = run(lost_update, workers=2)
        >>> recording.result
        1

    What the scenario raises is `recording.error`, `Deadlock` included, and the chart shows the run up to there;
    only what isn't an `Exception`, as KeyboardInterrupt, goes through. For what isn't seen, see `record`.

    Args:
        scenario: a function that builds what it uses, runs its threads and returns a small value.
        watch: classes and the names of attributes whose reads and writes are to be shown; see `record`.
        cpu: whether to measure the CPU time of each lane.
        timeout: seconds to wait, when the scenario has returned, for threads it has left behind.
        **parameters: the scenario's own.

    Returns:
        the `Recording`, with `result` and `error`.

    Raises:
        TypeError: the scenario can't be called, or not with these parameters.
        ValueError: the timeout isn't a number of seconds, or an attribute can't be watched; if no instance ever
            got it, after the scenario has returned.
        RuntimeError: a recording is open already.
    """
    title = call_title(scenario, parameters)
    check_call(scenario, parameters)
    if timeout != 30.0 or cpu:
        _not_ambiguous(scenario, {"timeout": timeout != 30.0, "cpu": cpu}, "run")
    seconds, watched = _seconds(timeout), check_watch(scenario, watch, "run")
    return _perform(Session(take_turn(title), cpu, seconds, watched), scenario, parameters)


def run_in_background(
    scenario: Callable[..., Any],
    parameters: dict[str, Any],
    *,
    watch: tuple[Wanted, ...] = (),
    watched: bool = False,
    timeout: float = 30.0,
    began: Callable[[Turn], None] = lambda turn: None,
    wanted: Callable[[], bool] = lambda: True,
    warn: Callable[[str], None] = lambda message: None,
) -> Recording:
    """
    Call a scenario and record it, but give way to others; for sliders.

    What the scenario prints is in the recording only: there is no cell it would belong to.

    Args:
        scenario: checked by `check_call` before.
        parameters: the scenario's own.
        watch: what to watch, as `check_watch` returned it.
        watched: whether an earlier run has shown that it can be; if this one can't show it, `warn` is told then.
        timeout: as for `run`.
        began: told the `Turn`, whose `abandon` ends this run.
        wanted: asked while it waits for its turn.
        warn: told of threads that had to be cut off, or couldn't be.

    Raises:
        Abandoned: something newer came.
        ValueError: an attribute can't be watched, or no instance ever got it.
    """
    turn = take_turn(call_title(scenario, parameters), background=True, wanted=wanted)
    began(turn)
    return _perform(Session(turn, False, timeout, watch, warn, forgiving=watched), scenario, parameters)


def mark(text: str) -> None:
    """
    Put an instant with a text on the caller's lane.

        >>> mark("halfway")

    Outside a recording, or in a thread that isn't recorded, it does nothing.

    Args:
        text: what stands there; anything else is put into words.
    """
    driver = open_driver()
    if driver is not None:
        lane = driver.local.lane
        if lane is not None:
            driver.append(
                (driver.now(), lane.name, MARK, None, text if isinstance(text, str) else in_words(lane, text, LIMIT))
            )


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


def check_watch(scenario: Callable[..., Any], watch: Watch | None, caller: str) -> tuple[Wanted, ...]:
    """
    Make sure of a `watch=` as far as it can be done before anything is run.

    Args:
        scenario: what is to be run.
        watch: what was given.
        caller: to whom: "run" or "tweak".

    Returns:
        tuple of what to watch, empty for None.

    Raises:
        TypeError: the scenario has a parameter of that name, or there are no classes and names of attributes.
        ValueError: an attribute can't be watched, or none is named.
    """
    if watch is not None:
        _not_ambiguous(scenario, {"watch": True}, caller)
    return wanted(watch)


def watch_words(watch: Collection[Wanted]) -> str:
    """
    Write a `watch=` as the learner would, and the same in every process.

        >>> watch_words(check_watch(lost_update, {FakeDatabase: {"value", "lock"}}, "run"))
        "watch={FakeDatabase: ('lock', 'value')}"
    """
    names: dict[type, list[str]] = {}
    for each in watch:
        names.setdefault(each.owner, []).append(each.said)
    parts = [f"{owner.__name__}: {(said[0] if len(said) == 1 else tuple(said))!r}" for owner, said in names.items()]
    return f"watch={{{clip(', '.join(parts))}}}"


def _not_ambiguous(scenario: Callable[..., Any], given: dict[str, bool], caller: str) -> None:
    """Refuse to guess whom an argument is meant for."""
    import inspect

    try:
        names = inspect.signature(scenario).parameters
    except (TypeError, ValueError):
        return
    for name in given:
        if given[name] and name in names:
            raise TypeError(
                f"{getattr(scenario, '__name__', 'the scenario')} has a parameter {name!r}, and so has {caller}(), "
                f"which would keep it: give the scenario's another name"
            )


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout must be a number of seconds, not {shorten(timeout)}")
    if not 0 <= timeout <= threading.TIMEOUT_MAX:
        raise ValueError(f"timeout must be a number of seconds, 0 or more, not {timeout}")
    return float(timeout)


class _Block:
    """What `record()` returns."""

    def __init__(self, title: str, cpu: bool, timeout: float, watch: tuple[Wanted, ...]) -> None:
        self._title = title
        self._cpu = cpu
        self._timeout = timeout
        self._watch = watch
        self._session: Session | None = None

    def __enter__(self) -> Recording:
        if self._session is not None:
            raise RuntimeError("this record() has been used already: call record() anew for each block")
        self._session = Session(take_turn(self._title), self._cpu, self._timeout, self._watch)
        return self._session.recording

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._session is not None
        self._session.close(error)


def _perform(session: Session, scenario: Callable[..., Any], parameters: dict[str, Any]) -> Recording:
    """Call the scenario in an open session, and close it."""
    result: Any = None
    raised: BaseException | None = None
    session.recording.called = True
    try:
        session.enter()
        result = scenario(**parameters)
    except BaseException as error:
        raised = error
    while True:
        try:
            session.leave()
            break
        except BaseException as error:  # one that was on its way when the scenario returned
            raised = raised or error
    try:
        session.close(raised, result, depth=4)
    except (CutOff, Deadlock) as error:
        raised = error
    if session.turn.abandoned:
        raise Abandoned(session.turn.title) from None
    if raised is not None and not isinstance(raised, Exception):
        raise raised
    return session.recording
