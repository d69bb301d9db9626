"""The stop button, held back to where it does no harm: what is half in place, nobody could take away again."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interrupts"]


class Interrupts:
    """
    Note interrupts while a block runs; `check` raises what has come, and so does the block's end.

    Outside of the main thread there are none, and nothing is held back.
    """

    def __init__(self) -> None:
        self._came = False
        self._before: Any = None

    def __enter__(self) -> Self:
        before = signal.getsignal(signal.SIGINT)
        if callable(before) and threading.current_thread() is threading.main_thread():
            self._before = before
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if error is None:
            self.check()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came = True

    def check(self) -> None:
        """
        Be interrupted here.

        Raises:
            KeyboardInterrupt: an interrupt has come since the last check.
        """
        if self._came:
            self._came = False
            raise KeyboardInterrupt
