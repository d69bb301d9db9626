"""
Real runs: plain `threading`, nothing replaced, the operating system schedules.

They are made in another process, which reads programs from its input, one a line, and writes what runs of them came to.
Threads are made to take turns often: the interpreter switches every microsecond, and in most runs they pause at
instructions chosen at random. A run that hangs is left behind, and is told from one that is slow by waiting longer
where it must not hang.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Final

__all__ = ["HANGS", "Real"]

HANGS: Final = "hangs"
"""What a run came to that didn't end."""

_SOON: Final = 0.2
_LATE: Final = 30.0
"""Seconds after which a run is taken to hang, where it may and where it mustn't."""


class Real:
    """A process that makes real runs; a context manager."""

    def __enter__(self) -> Real:
        top = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.programs.real"],
            cwd=top, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def outcomes(self, text: str, times: int, may_hang: bool) -> set[str]:
        """
        Run a program.

        Args:
            text: the program.
            times: how often.
            may_hang: whether it is known to end in a deadlock sometimes.

        Returns:
            what runs came to: reprs of what `Interleavings.outcomes` would have, and `HANGS`.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([text, times, may_hang]) + "\n")
        self._process.stdin.flush()
        return set(json.loads(self._process.stdout.readline()))


def _restless(chance: Random, often: float) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that pauses at some instructions of the program."""

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != "<made up>":
            return None
        frame.f_trace_opcodes = True
        if chance.random() < often:
            time.sleep(chance.choice((0, 0, 0.00002, 0.0003)))
        return trace

    return trace


def _run(code: Any, chance: Random, patience: float) -> str:
    from course_utils.outcomes import outcome_of, public

    namespace: dict[str, Any] = {"__name__": "made_up"}
    exec(code, namespace)
    came_to: list[Any] = []

    def opener() -> None:
        try:
            came_to.append(outcome_of(namespace["scenario"](), None))
        except Exception as raised:
            came_to.append(outcome_of(None, raised))

    often = chance.choice((0.0, 0.03, 0.2))
    threading.settrace(_restless(chance, often) if often else None)
    before = {*threading.enumerate()}
    thread = threading.Thread(target=opener)
    thread.start()
    until = time.monotonic() + patience
    while time.monotonic() < until:  # a program ends when all its threads have ended but daemons
        thread.join(max(0.0, until - time.monotonic()))
        thread = next((other for other in threading.enumerate() if other not in before and not other.daemon), thread)
        if not thread.is_alive():
            return repr(public(came_to[0]))
    return HANGS


def main() -> None:
    """Run what comes in."""
    sys.setswitchinterval(1e-6)
    threading.excepthook = lambda failed: None  # that a thread fails is no outcome
    chance = Random(0)
    for line in sys.stdin:
        text, times, may_hang = json.loads(line)
        code = compile(text, "<made up>", "exec")
        found: dict[str, int] = {}
        for _ in range(times):
            outcome = _run(code, chance, _SOON if may_hang else _LATE)
            found[outcome] = found.get(outcome, 0) + 1
            if found.get(HANGS, 0) >= 2 or (HANGS in found and not may_hang):
                break  # what hangs is left behind, and there should not be many of them
        print(json.dumps(list(found)), flush=True)
    os._exit(0)  # without waiting for what hangs


if __name__ == "__main__":
    main()
