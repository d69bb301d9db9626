"""What others take to write down as much as we do, each in its own way."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .loops import TIMES, calls, pairs, recorded, seen_lock
from .measure import Row, Settings, compare, in_turns, skipped

__all__ = ["rows"]


def rows(settings: Settings) -> list[Row]:
    return [*_logging(settings), *_threadle(settings), *_viztracer(settings)]


def _logging(settings: Settings) -> list[Row]:
    count, seen = settings.count(TIMES // 10), seen_lock()
    with _logger() as logger:
        line, pair = in_turns(
            settings.rounds, lambda: calls(lambda: logger.info("has the lock"), count),
            recorded(lambda: pairs(seen, count)),
        )  # fmt: skip
    return [compare("recorded pair, in lines of logging.info to a null stream", line, pair, at_most=1)]


@contextmanager
def _logger() -> Any:
    logger = logging.Logger("bench", logging.INFO)
    with open(os.devnull, "w") as nowhere:
        handler = logging.StreamHandler(nowhere)
        handler.setFormatter(logging.Formatter("%(asctime)s %(threadName)s %(message)s"))
        logger.addHandler(handler)
        yield logger


def _threadle(settings: Settings) -> list[Row]:
    """Compare with threadle's TrackedLock, which is acquired and released by name and has no `with`."""
    what = "threadle's TrackedLock"
    if find_spec("threadle") is None:
        return [skipped(what, "threadle is not installed")]
    threadle: Any = import_module("threadle")
    count, seen, tracked = settings.count(TIMES // 10), seen_lock(), threadle.TrackedLock("bench")

    def acquire_and_release() -> None:
        tracked.acquire()
        tracked.release()

    def traced() -> float:
        with threadle.Session():
            return calls(acquire_and_release, count)

    theirs_idle, theirs, idle, pair = in_turns(
        settings.rounds, lambda: calls(acquire_and_release, count), traced,
        lambda: pairs(seen, count), recorded(lambda: pairs(seen, count)),
    )  # fmt: skip
    threadle.clear_events()
    return [
        compare("stand-in lock, nothing recorded, in threadle's TrackedLock pairs", theirs_idle, idle, at_most=1),
        compare("recorded pair, in threadle's traced TrackedLock pairs", theirs, pair, at_most=1),
    ]


def _viztracer(settings: Settings) -> list[Row]:
    """Compare with two instants in viztracer, which sees no locks; its tracing of functions is kept out."""
    what = "recorded pair, in two of viztracer's log_instant"
    if find_spec("viztracer") is None:
        return [skipped(what, "viztracer is not installed")]
    viztracer: Any = import_module("viztracer")
    count, seen = settings.count(TIMES // 2), seen_lock()
    before = threading.getprofile()  # viztracer leaves its own there
    tracer = viztracer.VizTracer(
        tracer_entries=3 * count, verbose=0, register_global=False, include_files=["/none"], ignore_c_function=True
    )

    def instants() -> float:
        tracer.start()
        try:
            return 2 * calls(_instant(tracer), count)
        finally:
            tracer.stop()
            tracer.clear()

    try:
        theirs, pair = in_turns(settings.rounds, instants, recorded(lambda: pairs(seen, count)))
    finally:
        threading.setprofile(before)
    return [compare(what, theirs, pair, at_most=1)]


def _instant(tracer: Any) -> Callable[[], object]:
    log = tracer.log_instant
    return lambda: log("acquire")
