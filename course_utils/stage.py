"""Where scheduled threads play: the driver behind the stand-ins, who knows what was made and who was started."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from types import FrameType, FunctionType
from typing import Any, Final

from . import events as ev
from .actors import POLLED_THREADS, SUBMITTERS, WORKERS, Actor, Step
from .driver import Raw
from .encounters import Encounters
from .histories import OPENER, Book, Op
from .leftovers import Beginnings
from .places import OURS, OWN, place
from .sharing import Sharing
from .states import CutOff, Items, Known, LaneState, Operation, waiting_words
from .steps import scanned
from .understood import Unknown

__all__ = ["Stage"]


class Stage(Encounters):
    """
    The driver of scheduled threads.

    Args:
        sharing: what counts as shared.
        timed: whether sleeps and timeouts keep their durations.
    """

    def __init__(self, sharing: Sharing, timed: bool) -> None:
        super().__init__(sharing, timed)
        self.now = lambda: self._time
        self.append = self._append
        self.quiet = True
        self.counters: list[Any] = []
        self.old: list[Any] = []
        self.result: Any = None
        self.error: BaseException | None = None
        self.beginnings = Beginnings()
        self._reset(Book())

    def _reset(self, book: Book) -> None:
        self._forget()
        self.book = book
        self.log.clear()
        self.items = Items()
        self.tags = Known()
        self.pools = Known()
        self.lanes = []
        self._names = {}
        self._starting = {}
        self._threads = Known()
        self._hook = threading.excepthook
        self._time = 0
        self._passed = 0
        self._dozing: set[str] = set()
        self._birth = OPENER
        self.submitters: dict[int, Actor] = {}
        self.draining: list[Any] = []
        self.actors: dict[int, Actor] = {}
        self.steps: list[Step] = []
        self.labels: dict[int, tuple[Hashable, Any]] = {
            id(real): (("old", number), real) for number, real in enumerate(self.old)
        }
        for counter in self.counters:
            counter.restart()

    # Locks, queues and the like.

    def made(self, actor: Actor, thing: Any, kind: str, *how: Any) -> Hashable:
        """Label an object that a thread has just made, and have the world know it."""
        actor.made += 1
        label = (actor.history, actor.made)
        actor.effects.append(("made", label, kind, how))
        self.labels[id(thing)] = (label, thing)
        return label

    def found(self, real: Any) -> Hashable:
        """Label a lock that was there before: all are free when a run begins."""
        self.old.append(real)
        label = ("old", len(self.old) - 1)
        self.labels[id(real)] = (label, real)
        return label

    def submitting(self, pool: Any, actor: Actor, label: Hashable) -> None:
        """A pool is about to be given a task, or shut down: a step if several threads do so, as their order matters."""
        if getattr(pool, "_initializer", None) is not None:
            self.refuse(
                "a pool with an initializer: how many workers it starts depends on who is free; have the tasks do it"
            )
        if pool in self.draining:
            self.refuse(
                "a pool that is being shut down with cancel_futures=True is used by a function that it calls back: it "
                "would wait for ever for itself"
            )
        first = self.submitters.setdefault(id(pool), actor)
        if first is not actor:
            for what in (SUBMITTERS, WORKERS):
                if what not in self.sharing.counted:
                    self.learn(what)
        if SUBMITTERS in self.sharing.counted:
            self.reach(actor, Op("update", ("pool", "tasks", label)))

    def label_of(self, thing: Any) -> Hashable:
        """The label of an object; one that was there before the run is learned, and the run begun again."""
        known = self.labels.get(id(thing))
        return None if known is None else known[0]

    # As a driver.

    def _append(self, entry: Raw) -> None:
        if entry[1] in self._dozing:
            self._wake(entry[1])
        self.log.append(entry)

    def _wake(self, name: str) -> None:
        self._dozing.discard(name)
        self.log.append((self._time, name, ev.WAKE, None, None))

    def new_lane(self, thread: threading.Thread, name: str, daemon: bool) -> LaneState:
        """Add a lane, which is an actor's."""
        count = self._names[name] = self._names.get(name, 0) + 1
        full = name if count == 1 else f"{name} #{count}"
        actor = Actor(len(self.lanes), full, thread, daemon, self._birth)
        self.lanes.append(actor)
        self.actors[actor.root] = actor
        self._threads.add(thread, actor)
        return actor

    def start_thread(
        self, lane: LaneState, thread: threading.Thread, start: Callable[[threading.Thread], None]
    ) -> None:
        """Start a thread, which stands still before its first line."""
        assert isinstance(lane, Actor)
        if self.aborting:
            raise CutOff
        if self.alone:
            self.alone = False
            frames: list[Any] = []
            frame: FrameType | None = sys._getframe(1)
            while frame is not None:
                if place(frame.f_code.co_filename) is OWN:
                    frames.append(frame)
                frame = frame.f_back
            try:
                self.sharing.number([thread, *frames])
            except Unknown as unknown:
                self.refuse(f"threads are started beside {unknown}{unknown.advice}")
            left = self.beginnings.differing(
                self.sharing.counted, self.sharing.numbers, [each for each in frames if isinstance(each, FrameType)]
            )
            if left:
                self.refuse(
                    f"{left}: the last run has changed it, and no other run is what the first one was. Make it in the "
                    "scenario, or set it there before threads start"
                )
            self.written = {
                (site.kind, site.name)
                for _, each in self.sharing.numbers.values()
                if isinstance(each, FunctionType) and each.__name__ not in ("__init__", "__new__")
                for sites in scanned(each.__code__).values()
                for site in sites.values()
                if site.writes
            }
        if "_target" in vars(thread):
            thread._target = self.seen(thread._target)  # type: ignore[attr-defined]  # Thread has it
        if isinstance(thread, threading.Timer):
            thread.function = self.seen(thread.function)
        self.living += 1
        lane.started += 1
        effect = ("start", lane.started, thread.daemon)
        self._birth = self.book.after(lane.history, effect)
        lane.effects.append(effect)
        lane.inside += 1
        try:
            super().start_thread(lane, thread, start)
        finally:
            lane.inside -= 1

    def _run_guarded(self, lane: LaneState, thread: threading.Thread) -> None:
        assert isinstance(lane, Actor)
        lane.gate.acquire()
        if self.passed_by is not None:
            with suppress(CutOff):
                self.reach(lane, Op("pause", None))  # others may be let in before its first instruction
        if self.aborting:
            thread.run = lambda: None  # type: ignore[method-assign]  # for the one call that is to come
        before = self.tracer.enter()
        lane.inside = 0
        try:
            if not self.aborting and not self.alone:
                with suppress(CutOff):
                    self.touch(lane, *self.sharing.of_arguments(thread), None)
            super()._run_guarded(lane, thread)
        finally:
            self.tracer.leave(before)
            lane.inside = 1
            if POLLED_THREADS in self.sharing.counted and not self.aborting:
                with suppress(CutOff):
                    self.reach(lane, Op("end", None))
            lane.op = None
            self.living -= 1
            if not self.aborting:
                self.back.release()

    def _tell_hook(self, raised: BaseException, thread: threading.Thread) -> None:
        traceback = raised.__traceback__
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        if traceback is not None and isinstance(raised, _BUGS):
            where = traceback.tb_frame.f_code.co_filename
            if place(where) is OURS and not self.aborting:
                self.refusal = f"course_utils itself failed, in line {traceback.tb_lineno} of {where}: {raised!r}"
        if not self.aborting:
            super()._tell_hook(raised, thread)

    def block(
        self, lane: LaneState, operation: Operation, attempt: Callable[[float], bool], timeout: float, **_: Any
    ) -> bool:
        """Wait for a thread to come up; any other wait has been chosen before it gets here."""
        if attempt(0.0):
            return True
        if operation.words is not None:
            self.refuse(
                f"{lane.name} waits in {waiting_words(operation.words, operation.tag)}, which can't be scheduled"
            )
        while not attempt(0.05):
            pass
        return True

    def sleep(self, lane: LaneState, seconds: float, real: Callable[[float], None]) -> None:
        """Sleep: for as long as the clock says, or until somebody lets it go on."""
        assert isinstance(lane, Actor)
        if lane.inside:
            return
        self.append((self._time, lane.name, ev.SLEEP, None, seconds))
        if not self.timed:
            self._dozing.add(lane.name)
        patience = int(min(seconds, threading.TIMEOUT_MAX) * 1e9)
        self.reach(lane, Op("sleep", None, None, patience))
        if self.timed:
            self._append((self._time, lane.name, ev.WAKE, None, None))


_BUGS: Final = (TypeError, AttributeError, LookupError, AssertionError, NameError)
"""What an error of our own would be; what the stand-ins raise as the originals do is none of these."""
