"""A bound on how long a learner's code may take, where Python lets one be set."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from types import TracebackType

__all__ = ["Patience"]


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

    Whoever takes a KeyboardInterrupt for itself, as `interleavings` does, has as much time again. What runs in a C
    call isn't interrupted before that returns, and nothing is unless the block runs in the main thread.

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
            self._thread.start()

    def _wait(self, ident: int) -> None:
        while not self._over.wait(self.seconds):
            with self._turn:
                if not self._over.is_set():
                    self.lost = True
                    _interrupt(ident)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None:
            return
        try:
            with self._turn:
                self._over.set()
            if self.lost and error is None:
                time.sleep(0.01)  # one that is on its way arrives here, and not after the block
        finally:
            self._over.set()
            self._thread.join()


def _interrupt(ident: int) -> None:
    """Raise KeyboardInterrupt in the main thread, if need be out of a wait."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(ident, signal.SIGINT)
    else:
        _thread.interrupt_main()
