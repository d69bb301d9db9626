"""A bound on how long a learner's code may take, where Python lets one be set."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from types import TracebackType
from typing import Final

__all__ = ["Patience"]

_AGAIN: Final = 1.0
"""Seconds between two interrupts at least: one is to be over before the next."""


class Patience:
    """
    Interrupt a block that takes too long, as the stop button would.

        >>> patience = Patience(20.0)
        >>> try:
        ...     with patience:
        ...         function()
        ... except KeyboardInterrupt:
        ...     if not patience.lost:
        ...         raise

    Whoever takes a KeyboardInterrupt for itself, as `interleavings` does, has as much time again, and a second at
    least. What runs in a C call isn't interrupted before that returns, and nothing is unless the block runs in the
    main thread.

    Args:
        seconds: how long the block may take.

    Attributes:
        seconds: the same.
        lost: whether it was interrupted.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.lost = False
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        main = threading.main_thread()
        if threading.current_thread() is main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._thread = threading.Thread(target=self._wait, args=(main.ident,), name="patience", daemon=True)
            try:
                self._thread.start()
            except KeyboardInterrupt:
                self._over.set()
                raise

    def _wait(self, ident: int) -> None:
        patience = self.seconds
        while not self._over.wait(patience):
            with self._turn:
                if not self._over.is_set():
                    self.lost = True
                    _interrupt(ident)
            patience = max(self.seconds, _AGAIN)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None:
            return
        late = None
        while True:
            try:
                with self._turn:
                    self._over.set()
                self._thread.join()
                time.sleep(0)  # an interrupt that is on its way arrives here, and not after the block
                break
            except KeyboardInterrupt as interrupt:
                late = interrupt
        if late is not None and error is None:
            raise late


def _interrupt(ident: int) -> None:
    """Raise KeyboardInterrupt in the main thread, if need be out of a wait."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(ident, signal.SIGINT)
    else:
        _thread.interrupt_main()
