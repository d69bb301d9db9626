"""
Where scheduled threads play: what they call when they come to an operation, and the driver behind the stand-ins.

Whoever comes to an operation that others can see, or for which it has to wait, says so with `reach` and stands still;
a `Scheduler` has one thread at a time go on.
"""

from __future__ import annotations

import sys
import threading
from _thread import LockType, allocate_lock
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial, wraps
from types import BuiltinMethodType, FrameType, FunctionType
from typing import Any, Final, NoReturn

from . import events as ev
from .actors import POLLED_THREADS, SUBMITTERS, WORKERS, Actor, Step
from .driver import Driver, Raw
from .histories import OPENER, Book, Op
from .models import Way
from .places import OURS, OWN, place
from .reaching import is_container, may_be_shared
from .sharing import VAGUE, Sharing, Touch
from .states import CutOff, Items, Known, LaneState, Operation, waiting_words
from .steps import CALL, CELL, GLOBAL, SLOT, WITH, Site, sites
from .tracing import Tracer
from .understood import Unknown, handed_over

__all__ = ["Stage"]


class Stage(Driver):
    """
    The driver of scheduled threads: each stands still until it may go on.

    Args:
        sharing: what counts as shared.
        timed: whether sleeps and timeouts keep their durations.
    """

    def __init__(self, sharing: Sharing, timed: bool) -> None:
        super().__init__()
        self.sharing = sharing
        self.timed = timed
        self.tracer = Tracer(self.meet, self.left)
        self.now = lambda: self._time
        self.append = self._append
        self.quiet = True
        self.counters: list[Any] = []
        self.old: list[Any] = []
        self.result: Any = None
        self.error: BaseException | None = None
        self._reset(Book())

    def _reset(self, book: Book) -> None:
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
        self.alone = True
        self.living = 0
        self.written: set[tuple[str, Any]] = set()
        self.aborting = False
        self.refusal: str | None = None
        self.endless: str | None = None
        self.actors: dict[int, Actor] = {}
        self.back: LockType = allocate_lock()
        self.back.acquire()
        self.steps: list[Step] = []
        self.labels: dict[int, tuple[Hashable, Any]] = {
            id(real): (("old", number), real) for number, real in enumerate(self.old)
        }
        self.sharing.forget()
        for counter in self.counters:
            counter.restart()

    # What threads call.

    def reach(self, actor: Actor, op: Op, tag: Any = None, words: str | None = None, *, quiet: bool = False) -> Way:
        """
        Stand before an operation until it may be carried out.

        Args:
            actor: the current thread's.
            op: the operation.
            tag: what a wait is for, and
            words: how that is said, if it has to wait.
            quiet: whether to go on even if the run is being ended.

        Returns:
            the way in which it goes on.

        Raises:
            CutOff: the run is being ended.
        """
        if self.aborting:
            if quiet:
                return Way({})
            raise CutOff
        patience = op.patience
        if not self.timed and patience is not None:
            op = op._replace(patience=None)
        actor.op, actor.tag, actor.words = op, tag, words
        actor.waiting = waiting_words(words, tag) if words else "its turn"
        self.back.release()
        actor.gate.acquire()
        if self.ends:
            if quiet:
                return Way({})
            raise CutOff
        assert actor.way is not None
        if patience is not None and (actor.way.result is False or op.kind == "sleep"):
            actor.clock += patience  # time as this thread knows it
        return actor.way

    @property
    def ends(self) -> bool:
        """Whether the run is being ended: somebody may have begun to while the thread stood still."""
        return self.aborting

    def meet(self, frame: FrameType, site: Site) -> None:
        """Come to an instruction that may touch something shared."""
        actor = self.local.lane
        if actor is None or self.alone or not isinstance(actor, Actor) or actor.aside:
            return
        if self.aborting:
            raise CutOff
        if self.sharing.hidden(frame, site):
            self.refuse(
                f"line {frame.f_lineno} of {frame.f_code.co_filename} goes behind attributes and variables (by "
                "__dict__, vars, exec or the like), where nobody sees what it shares"
            )
        if site.kind in (CALL, WITH) and self.sharing.unseen_lock(frame, site):
            self.refuse(
                f"line {frame.f_lineno} of {frame.f_code.co_filename} takes a lock that was made out of sight: make it "
                "in the scenario, by threading.Lock(), or load the extension (%load_ext course_utils) before it is made"
            )
        self.sharing.who, self.sharing.lone = actor.root, self.living == 0
        try:
            touched, more = self.sharing.touches(frame, site, actor.returned)
        except Unknown as unknown:
            self.refuse(
                f"line {frame.f_lineno} of {frame.f_code.co_filename} uses {unknown}: nobody sees what it does with "
                "what threads share. Use lists, dicts, sets, deques and your own classes, or do it before threads start"
            )
        if actor.worker_of is not None and self.sharing.of_thread(frame, site):
            self.tells_workers(actor)
        if actor.inside:
            if touched:
                self.refuse(
                    f"line {frame.f_lineno} of {frame.f_code.co_filename} is run by the standard library in the middle "
                    "of an operation on a lock or queue, and uses what threads share"
                )
            return
        if not more and not touched:
            self.quiet_for(actor, frame, site)
            return
        self.touch(actor, touched, more, (frame.f_code.co_filename, frame.f_lineno))

    def quiet_for(self, actor: Actor, frame: FrameType, site: Site) -> None:
        """
        Count what a thread meets without coming to a step.

        One that goes round and round may wait for a name to change that nobody has been seen to write yet, since
        nobody else gets his turn.
        """
        actor.met += 1
        if actor.met > _LONG:
            place = (site.kind, site.name)
            if site.kind in (SLOT, GLOBAL, CELL) and not site.writes and place in self.written:
                self.learn(place)
                self.reach(actor, Op("learn", None))

    def seen(self, function: Any) -> Any:
        """Make a container's own method, which the library is to call, come to the scheduler: `target=items.append`."""
        method = function
        while isinstance(method, partial):
            method = method.func
        try:
            handed_over(method)
        except Unknown as unknown:
            self.refuse(f"{unknown}: nobody sees what it does with what threads share; have it called by a function")
        if not isinstance(method, BuiltinMethodType) or not is_container(method.__self__):
            return function

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            actor = self.local.lane
            if isinstance(actor, Actor) and not actor.inside:
                self.touch(actor, *self.sharing.of_method(method), None)
            return function(*args, **kwargs)

        return call

    def touch(
        self, actor: Actor, touched: list[Touch], more: list[tuple[str, Any]], line: tuple[str, int] | None
    ) -> None:
        """Come to a touch of something shared."""
        if more:
            for what in more:
                actor.effects.append(("vague" if what[0] == VAGUE else "wrote", what))
            self.reach(actor, Op("learn", None))
        for kind, where in touched:
            self.reach(actor, Op(kind, where, None, None, line))

    def left(self, frame: FrameType, value: Any) -> None:
        """A function of own code returns: to whom and what, if it may be shared."""
        actor = self.local.lane
        if actor is not None and not self.alone and isinstance(actor, Actor):
            actor.returned[id(frame.f_back), frame.f_code] = value if may_be_shared(value) else None

    def refuse(self, why: str) -> NoReturn:
        """End the run: it did something that can't be controlled."""
        if self.refusal is None:
            self.refusal = why
        raise CutOff

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

    def tells_workers(self, actor: Actor) -> None:
        """A task asks which worker it is run by."""
        if WORKERS not in self.sharing.counted:
            self.learn(WORKERS)

    def submitting(self, pool: Any, actor: Actor, label: Hashable) -> None:
        """A pool is about to be given a task, or shut down: a step if several threads do so, as their order matters."""
        if getattr(pool, "_initializer", None) is not None:
            self.refuse(
                "a pool with an initializer: how many workers it starts depends on who is free; have the tasks do it"
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

    def learn(self, what: tuple[str, Any]) -> None:
        """Have the run end here, and begin again with this known."""
        actor = self.local.lane
        assert isinstance(actor, Actor)
        actor.effects.append(("vague", what))

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
            self.sharing.number([thread, *frames])
            self.written = {
                (site.kind, site.name)
                for _, each in self.sharing.numbers.values()
                if isinstance(each, FunctionType) and each.__name__ not in ("__init__", "__new__")
                for site in sites(each.__code__).values()
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
        if self.aborting:
            thread.run = lambda: None  # type: ignore[method-assign]  # for the one call that is to come
        before = self.tracer.enter()
        lane.inside = 0
        try:
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


_LONG: Final = 20_000
"""Instructions that a thread may meet without a step before it is asked what it waits for."""

_BUGS: Final = (TypeError, AttributeError, LookupError, AssertionError, NameError)
"""What an error of our own would be; what the stand-ins raise as the originals do is none of these."""
