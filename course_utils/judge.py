"""
Telling a deadlock from a wait.

Threads that wait without a timeout look, between two slices, whether they wait for ever. What a lock's `with`
has taken, an RLock, a thread's end and a task's result come from somebody in particular; everything else may
come from anybody, so only a standstill of all makes it a deadlock. A lock taken by a bare `acquire()` belongs
to nobody: it may be given back in another thread, on purpose.

A verdict needs two looks that find the same waits. Whoever is in both has waited all the time between them,
and whatever could have woken one of them would have been seen at the second. All concerned learn of it at
once, before any of them goes on: so none of them gets what another lets go on its way out.

What it doesn't see: circles through locks of C extensions or through other processes; whoever waits there
counts as active. Threads that aren't recorded may always end a wait, except the host's own.
"""

from __future__ import annotations

import _thread
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from types import FrameType, FunctionType
from typing import Any, Final, NamedTuple

from . import events as ev
from .deadlock import Member, circle, sentence, stuck
from .driver import ENTER, RESULT, SLICE, Driver
from .places import FOREIGN, OURS, OWN, place
from .resolve import final_names
from .states import LaneState, Tag, Wait

__all__ = ["Judge"]

PATIENCE: Final = 2 * SLICE
"""Seconds that a thread waits before it looks."""

COMING_UP: Final = 1.0
"""Seconds that a thread of `_thread` is given for its first line, before which it can't be seen."""

_HOSTS: Final = frozenset({"IPython", "debugpy", "execnet", "ipykernel", "jupyter_client", "tornado", "zmq"})
"""Packages whose threads a kernel, or pytest-xdist, has for itself. They don't act unless own code runs in them."""

_RealRLock: Final = type(_thread.RLock())


class _Taken(NamedTuple):
    """That a lane took a lock: in which line, and whether by `with`."""

    line: int | None
    entered: bool


class _Task:
    """A submitted call: its pool, and the lane that runs it."""

    __slots__ = ("done", "lane", "pool")

    def __init__(self, pool: Tag) -> None:
        self.pool = pool
        self.lane: str | None = None
        self.done = False


class _Known:
    """What the log tells of locks and tasks; read as it grows, so that recording a lock costs no more for it."""

    def __init__(self, log: list[Any]) -> None:
        self._log = log
        self._read = 0
        self.taken: defaultdict[Any, dict[str, list[_Taken]]] = defaultdict(dict)
        self.tasks: dict[Any, _Task] = {}

    def read_on(self) -> None:
        """Read what has come."""
        log, end = self._log, len(self._log)
        taken = self.taken
        for position in range(self._read, end):
            _, lane, kind, about, value = log[position]
            if kind == ENTER or kind == ev.ACQUIRE:  # a million times: no tuple, no set
                taken[about].setdefault(lane, []).append(_Taken(value, kind == ENTER))
            elif kind == ev.RELEASE:
                holders = taken[about]
                holder = lane if lane in holders else next(iter(holders), None)
                if holder is not None:
                    holders[holder].pop()
                    if not holders[holder]:
                        del holders[holder]
            elif kind == ev.SUBMIT:
                self.tasks[about] = _Task(value)
            elif kind == ev.TASK and about in self.tasks:
                self.tasks[about].lane = lane
            elif kind == ev.DONE and about in self.tasks:
                self.tasks[about].done = True
        self._read = end


class _Look(NamedTuple):
    """Who waits, and for whom, at one moment; `anyone` tells whether somebody else could act."""

    waits: dict[LaneState, Wait]
    needs: dict[LaneState, tuple[LaneState, ...] | None]
    anyone: bool


class Judge:
    """
    Finds deadlocks among the lanes of a driver.

    Attributes:
        settling: held while those concerned get their verdicts.
        ending: whether the opener has reached the recording's end, where it only waits for the others.
        verdicts: what was found, in words.
        told: whether `Deadlock` was raised in the opener.
    """

    def __init__(self, driver: Driver) -> None:
        self.settling = _thread.allocate_lock()
        self.ending = False
        self.verdicts: list[str] = []
        self.told = False
        self._driver = driver
        self._known = _Known(driver.log)
        self._waking: dict[LaneState, Wait] = {}
        self._looking = _thread.allocate_lock()
        self._next = 0.0

    def look(self, lane: LaneState, since: int) -> None:
        """
        Look whether anybody waits for ever, unless somebody has just done so.

        Args:
            lane: the current thread's, between two slices of a wait.
            since: when its wait began (ns).
        """
        now = time.monotonic()
        if self._driver.now() - since < PATIENCE * 1e9 or now < self._next or not self._looking.acquire(False):
            return
        try:
            self._judge()
        finally:
            self._next = time.monotonic() + SLICE
            self._looking.release()

    def tell(self, lane: LaneState) -> None:
        """
        Have a lane learn of its verdict when all the others have.

        The opener lets them go first: they end together, and not as their slices happen to lie. It isn't ended:
        it has been told, and goes on from there.
        """
        with self.settling:
            if lane.number:
                return
            lane.verdict = None
            self.told = True
        deadline = time.monotonic() + 2 * SLICE
        while any(other.wait is wait for other, wait in self._waking.items()) and time.monotonic() < deadline:
            if lane.bell.acquire(True, 0.001):
                lane.bell.release()
                return

    def _judge(self) -> None:
        # Most of the time somebody gets on, and that can be told without reading what was taken down since.
        quick = self._look(logged=False)
        if not stuck(quick.needs, quick.anyone):
            return
        self._known.read_on()
        first = self._look()
        found = self._members(first, others=False)
        if not found:
            return
        # Who has nobody in particular to wait for may be helped by somebody we don't know.
        others = any(first.needs[lane] is None for lane in found) and _others_could_act(self._driver)
        found = self._members(first, others)
        if not found:
            return
        self._known.read_on()
        second = self._look()
        if all(first.waits[lane] is second.waits.get(lane) for lane in found) and found == self._members(
            second, others
        ):
            self._settle(found, second)

    def _look(self, *, logged: bool = True) -> _Look:
        """See who waits and for whom; without the log, as far as that can be told, and who has waited for long."""
        waits: dict[LaneState, Wait] = {}
        needs: dict[LaneState, tuple[LaneState, ...] | None] = {}
        alive = self._alive()
        latest = self._driver.now() - int(PATIENCE * 1e9)
        for lane in alive:
            wait = lane.wait
            if wait is None or wait.timed or lane.stop or lane.verdict is not None:
                continue
            if not logged and wait.since > latest:
                continue
            needed = self._needed(wait, alive) if logged else _needed_at_first_sight(wait)
            if not wait.ready() and lane.wait is wait:
                waits[lane] = wait
                needs[lane] = needed
        return _Look(waits, needs, len(waits) < len(alive))

    def _alive(self) -> list[LaneState]:
        opener = [] if self.ending else self._driver.lanes[:1]
        return opener + [lane for lane in self._driver.lanes[1:] if lane.over.locked() and not lane.retired]

    def _needed(self, wait: Wait, alive: list[LaneState]) -> tuple[LaneState, ...] | None:
        """Those of whom one must go on first; None if anybody may do."""
        if wait.child is not None:
            return (wait.child,)
        if wait.lock is not None:
            if isinstance(wait.lock, _RealRLock):
                owner = _owner(wait.lock)
                owners = tuple(lane for lane in alive if lane.ident == owner)
                return owners or None
            holders = self._known.taken.get(wait.operation.tag, {})
            if holders and all(taken[-1].entered for taken in list(holders.values())):
                return tuple(lane for lane in alive if lane.name in holders) or None
            return None
        task = self._known.tasks.get(wait.operation.tag)
        if task is not None and not task.done:
            if task.lane is not None:
                return tuple(lane for lane in alive if lane.name == task.lane) or None
            return tuple(lane for lane in alive if lane.worker_of == task.pool) or None
        return None

    def _members(self, look: _Look, others: bool) -> set[LaneState]:
        """Those concerned: idle workers are not, nor are daemons that nobody needs."""
        left = stuck(look.needs, others or look.anyone)
        needed = {each for lane in left for each in look.needs[lane] or self._takers(look.waits[lane])}
        return {
            lane for lane in left
            if not look.waits[lane].idle and not (lane.daemon and look.needs[lane] is None and lane not in needed)
        }  # fmt: skip

    def _takers(self, wait: Wait) -> list[LaneState]:
        """The lanes that took the lock that somebody waits for, as far as they live."""
        holders = self._known.taken.get(wait.operation.tag, {}) if wait.lock is not None else {}
        return [lane for lane in self._alive() if lane.name in holders]

    def _wanted(self, look: _Look, lane: LaneState, found: set[LaneState]) -> list[LaneState]:
        """Whom a lane needs, as a reader would say it: who shuts a pool down waits for all of its workers."""
        needed = list(look.needs[lane] or self._takers(look.waits[lane]))
        child = look.waits[lane].child
        if child is not None and child.worker_of is not None and child.worker_of == look.waits[lane].operation.tag:
            needed = sorted((each for each in found if each.worker_of == child.worker_of), key=lambda each: each.number)
        return needed

    def _settle(self, found: set[LaneState], look: _Look) -> None:
        driver = self._driver
        needs = {lane: self._wanted(look, lane, found) for lane in found}
        around = circle(needs)
        # First whom it is about, then who only waits for one of those.
        members = sorted(found, key=lambda lane: (lane not in around and bool(needs[lane]), lane.number))
        names = final_names(driver.log[:])
        frames = sys._current_frames()
        wanted = {look.waits[lane].operation.tag for lane in members}
        told = sentence([self._member(lane, look, names, frames, wanted) for lane in members])
        self.verdicts.append(told)
        at = driver.now()
        with self.settling:
            self._waking = {lane: look.waits[lane] for lane in members if lane.number}
            for lane in members:
                operation = look.waits[lane].operation
                value = (operation.words or "", tuple(each.name for each in needs[lane]))
                driver.emit(lane, ev.DEADLOCK, operation.tag, value, at=at)
                lane.verdict = "; ".join(self.verdicts)

    def _member(
        self, lane: LaneState, look: _Look, names: dict[Any, str | None], frames: dict[int, FrameType], wanted: set[Any]
    ) -> Member:
        wait = look.waits[lane]
        tag = wait.operation.tag
        held = [
            (names.get(lock) or "", holders[lane.name][0].line)
            for lock, holders in self._known.taken.items()
            if lane.name in holders and lock in wanted
        ]
        because = [
            f"which {name} acquired"
            + ("" if taken[-1].line is None else f" in line {taken[-1].line}")
            + " and never released"
            for name, taken in self._known.taken.get(tag, {}).items()
            if wait.lock is not None and name not in {each.name for each in self._alive()}
        ]
        task = self._known.tasks.get(tag)
        if task is not None and task.lane is None:
            because.append(f"which no worker of {names.get(task.pool)} is free to run")
        frame = frames.get(lane.ident or 0)
        while frame is not None and place(frame.f_code.co_filename) is not OWN:
            frame = frame.f_back
        words = (wait.operation.words or "").format(names.get(tag, tag))
        return Member(lane.name, words, frame and frame.f_lineno, tuple(held), ", ".join(because))


def _needed_at_first_sight(wait: Wait) -> tuple[LaneState, ...] | None:
    """As far as the log needn't be read: who waits for a lock or a result may need somebody who never goes on."""
    if wait.child is not None:
        return (wait.child,)
    return () if wait.lock is not None or wait.operation.words == RESULT else None


def _owner(lock: Any) -> int | None:
    """The ident of an RLock's owner; nothing but its repr tells."""
    text = repr(lock)
    return int(text.split("owner=")[1].split()[0]) if text.startswith("<locked") else None


def _others_could_act(driver: Driver) -> bool:
    """Whether somebody not recorded could end a wait: a thread of own code or of a package, a signal handler."""
    if driver.now() - driver.stranger_at < COMING_UP * 1e9:
        return True
    handlers = map(signal.getsignal, signal.valid_signals())
    if any(isinstance(handler, FunctionType) and place(handler.__code__.co_filename) is OWN for handler in handlers):
        return True
    recorded = {lane.ident for lane in driver.lanes if lane.number == 0 or lane.over.locked()}
    frames = sys._current_frames()
    if _thread._count() >= len(frames):
        return True  # the main thread isn't among the former: one of them runs nothing in Python
    return any(_could_act(frame) for ident, frame in frames.items() if ident not in recorded)


def _could_act(frame: FrameType) -> bool:
    files = [each.f_code.co_filename for each in _stack(frame)]
    places = {place(file) for file in files}
    if OWN in places:
        return True
    if OURS in places or any(place(file) is FOREIGN and _package(file) in _HOSTS for file in files):
        return False
    return frame.f_code is not _WORKER


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _package(file: str) -> str:
    parts = file.replace("\\", "/").rpartition("/site-packages/")[2].split("/")
    return parts[0].removesuffix(".py")


def _worker_code() -> Any:
    from concurrent.futures.thread import _worker

    return _worker.__code__


_WORKER: Final = _worker_code()
"""Where an idle worker of a pool is: somebody else must act before it does."""
