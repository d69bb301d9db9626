"""Scheduled threads, their steps, and why a run may come to nothing."""

from __future__ import annotations

import threading
from _thread import LockType, allocate_lock
from types import FrameType
from typing import Any, Final, NamedTuple

from .histories import Op
from .models import Way
from .states import LaneState

__all__ = [
    "BEGUN_TASKS", "POLLED_FUTURES", "POLLED_THREADS", "SUBMITTERS", "TAKEN_TASKS", "WORKERS", "Actor", "Endless",
    "Refused", "Step",
]  # fmt: skip

POLLED_THREADS: Final = ("thread", "alive")
POLLED_FUTURES: Final = ("future", "done")
"""Learned if somebody asks whether a thread lives, or a future is done: then its end is a step."""

WORKERS: Final = ("pool", "workers")
"""Learned if a task asks which thread it is in: then which worker takes a task is a choice, and taking it a step."""

TAKEN_TASKS: Final = ("pool", "taken")
"""Learned if somebody takes tasks back from a pool: then it is a step that a worker takes one, whichever it is."""

BEGUN_TASKS: Final = ("future", "begun")
"""Learned if somebody cancels a task, or asks whether it runs: then its beginning is a step."""

SUBMITTERS: Final = ("pool", "submitters")
"""Learned if several threads submit tasks to one pool: then submitting is a step."""


class Refused(Exception):
    """Something happened that can't be controlled, and so nothing can be said of all orders."""


class Endless(Exception):
    """A thread went on and on: in steps that never end, or in none at all."""


class Actor(LaneState):
    """
    A scheduled thread.

    `gate` is held until it may go on; `history` is what it has done when it does, `way` how its operation
    ends. `effects` and `op` are its answer: what others may notice of what it did, and what it has come to. `middle`
    is where it carries out a step that may call own code: the frame, and its instruction from here to there.
    """

    __slots__ = (
        "clock",
        "effects",
        "gate",
        "history",
        "inside",
        "made",
        "met",
        "middle",
        "op",
        "root",
        "shown",
        "started",
        "tag",
        "way",
        "words",
    )

    def __init__(self, number: int, name: str, thread: threading.Thread, daemon: bool, root: int) -> None:
        super().__init__(number, name, thread, daemon)
        self.root = root
        self.history = root
        self.gate: LockType = allocate_lock()
        self.gate.acquire()
        self.effects: list[tuple[Any, ...]] = []
        self.made = 0
        self.started = 0
        self.met = 0
        self.middle: tuple[FrameType, range] | None = None
        self.inside = 1  # until it is up, and when it has ended
        self.clock = 0
        self.op: Op | None = None
        self.way: Way | None = None
        self.words: str | None = None
        self.tag: Any = None
        self.shown = False


class Step(NamedTuple):
    """A step of a run: the lane's name; the way, where there are several; what it was; whether it mattered."""

    lane: str
    word: str
    op: Op
    matters: bool
