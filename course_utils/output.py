"""
What wraps the places where text comes out: the standard streams and logging.

Text of recorded threads becomes part of the recording, line by line. What the opener writes also goes
where it would have gone; others' text doesn't. In a kernel it would land under whichever cell or
slider asked last, or vanish.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TextIO

from .driver import Driver
from .events import LOG, PRINT
from .shorten import clip
from .states import CutOff

__all__ = ["Stream", "handler_emit", "logger_call_handlers", "standard_stream", "unraisable"]

Original = Callable[..., Any]


class Stream(io.TextIOBase):
    """Stands in for `sys.stdout` or `sys.stderr`; it is the real one for everything but writing."""

    def __init__(self, driver: Driver, real: TextIO, name: str) -> None:
        self._driver: Driver | None = driver
        self._real = real
        self._name = name

    def write(self, text: str, /) -> int:
        """Take the text down, line by line, and pass it on if its lane does."""
        driver = self._driver
        lane = None if driver is None else driver.local.lane
        if driver is None or lane is None or not isinstance(text, str):
            return self._real.write(text)
        lines = (lane.partial.get(self._name, "") + text).split("\n")
        lane.partial[self._name] = lines.pop()
        for line in lines:
            driver.emit(lane, PRINT, self._name, clip(line, 1000))
        if driver.passes_on(lane):
            return self._real.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:  # type: ignore[override]  # TextIOBase's takes any buffer
        """Write each."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the real stream, unless nothing of this thread's went there."""
        driver = self._driver
        lane = None if driver is None else driver.local.lane
        if driver is None or lane is None or driver.passes_on(lane):
            self._real.flush()

    def retire(self) -> None:
        """Listen no more: threads keep the stream they were made with, and need not keep the driver."""
        self._driver = None

    def close(self) -> None:
        """Leave the real stream open: it isn't ours."""

    def __del__(self) -> None:
        """Nothing to close."""

    def isatty(self) -> bool:
        """As the real stream."""
        return self._real.isatty()

    def fileno(self) -> int:
        """As the real stream."""
        return self._real.fileno()

    def readable(self) -> bool:
        """It isn't."""
        return False

    def writable(self) -> bool:
        """It is."""
        return True

    def __getattribute__(self, name: str) -> Any:
        # TextIOBase has attributes of its own for these, which know nothing.
        if name in ("encoding", "errors", "newlines", "buffer", "closed", "detach", "reconfigure"):
            return getattr(super().__getattribute__("_real"), name)
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def standard_stream(driver: Driver, original: TextIO | None) -> TextIO | None:
    """Stand in for a standard stream; there may be none (a program without a console)."""
    if original is None:
        return None
    return Stream(driver, original, "stderr" if original is sys.stderr else "stdout")  # type: ignore[return-value]  # it is one in all but its base class


def logger_call_handlers(driver: Driver, original: Original) -> Original:
    """Take down a log record of a recorded thread."""

    @wraps(original)
    def callHandlers(self: logging.Logger, record: logging.LogRecord) -> None:
        lane = driver.local.lane
        if lane is not None:
            lane.aside += 1  # the handlers put it into words for themselves
            try:
                text = record.getMessage()
            except Exception:  # a wrong format: logging's handlers report it, we only show the text
                text = str(record.msg)
            finally:
                lane.aside -= 1
            driver.emit(lane, LOG, record.levelname, clip(text, 1000))
        original(self, record)

    return callHandlers


def handler_emit(driver: Driver, original: Original) -> Original:
    """Keep other threads' records from the console; the learner's own handlers get them all the same."""

    @wraps(original)
    def emit(self: Any, record: logging.LogRecord) -> None:
        lane = driver.local.lane
        if lane is None or driver.passes_on(lane) or not _on_console(self.stream):
            if isinstance(self.stream, Stream) and lane is not None:
                # The record is taken down already; its text isn't printed text as well.
                driver.local.lane = None
                try:
                    return original(self, record)  # type: ignore[no-any-return]  # it is None
                finally:
                    driver.local.lane = lane
            return original(self, record)  # type: ignore[no-any-return]  # it is None
        return None

    return emit


def unraisable(driver: Driver, original: Original) -> Original:
    """
    Keep quiet of a `CutOff` that came while a callback of the garbage collector's or a weak reference's ran.

    The interpreter can't let it out of there; who wants the thread to end sends another.
    """

    @wraps(original)
    def unraisablehook(report: Any, /) -> None:
        if not isinstance(report.exc_value, CutOff):
            original(report)

    return unraisablehook


def _on_console(stream: Any) -> bool:
    consoles = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    reals = [getattr(each, "_real", None) for each in (sys.stdout, sys.stderr)]
    return isinstance(stream, Stream) or any(stream is each for each in (*consoles, *reals) if each is not None)
