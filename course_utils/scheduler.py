"""
One thread at a time, in an order that somebody chooses, on a virtual clock.

Real threads run the learner's own code and pass a baton: whoever comes to an operation that others can see, or for
which it has to wait, says so and stands still, and the one who chooses lets a thread go on. What can be chosen
and what follows from it is worked out in a `World`; here it is carried out, and taken down as any other
recording is.

Terms, as in the CHESS, loom and shuttle line of work:

step
    one visible operation and all that its thread does up to the next
schedule
    the threads' names in the order in which they make steps
policy
    who chooses: a function of the world and its moves that returns one of them
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any, Final

from . import events as ev
from .actors import Actor, Endless, Refused, Step
from .driver import SLICE
from .histories import Book, Op, Stretch
from .models import Way
from .outcomes import in_words, outcome_of, public
from .places import OWN, place
from .stage import Stage
from .standstill import show_deadlock
from .states import CutOff, LaneState, tag_parts
from .stopping import stop
from .world import DEADLOCK, IDLE, Move, World

__all__ = ["Policy", "Scheduler"]

Policy = Callable[[World, list[Move]], Move | None]
"""Chooses one of several moves; None ends the run."""

STEP: Final = 1_000_000
"""ns of the virtual clock that a step takes, where sleeps take as long as they like."""

BRIEF: Final = 1_000
"""ns that a step takes where sleeps keep their durations."""

PATIENCE: Final = 10.0
"""Seconds that a thread may compute between two steps."""

_REPLACEABLE: Final = (
    (sys, "stdout"), (sys, "stderr"), (sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"),
)  # fmt: skip
"""What scenarios replace for all threads at once; it is there again for the next run."""

_OF_FUTURES: Final = frozenset({"look at futures", "wait for futures", "next futures", "order of futures"})

_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+>")

_UNSAID: Final = frozenset({ev.PRINT, ev.LOG, ev.EXCEPTION})
"""Not taken down of threads that are being ended."""

ROUNDS: Final = 5_000
"""How often threads may sleep and the like between two steps."""


class Scheduler(Stage):
    """
    Run scenarios in chosen orders.

    Args:
        sharing: what counts as shared.
        timed: whether sleeps and timeouts keep their durations.

    Attributes:
        check: called where a run may be interrupted; raises if it is.
        at_end: called with the world when a run has come to its end, before those that wait for ever are ended.
    """

    at_end: Callable[[World], None] | None = None

    in_order = True

    check: Callable[[], None] = staticmethod(lambda: None)

    # A run.

    def perform(self, book: Book, scenario: Callable[[], Any], policy: Policy, most: int) -> World:
        """
        Run a scenario from its beginning to its end.

        Args:
            book: what is known of histories; added to.
            scenario: takes no arguments.
            policy: who chooses.
            most: how many steps the run may have.

        Returns:
            the world at its end; the outcome is there too.

        Raises:
            Refused, Endless, Counts, Differs: there is nothing to say of it.
        """
        self._reset(book)
        self._rounds = 0
        world = World(book, self.timed)
        world.passing = self._pass
        before = [(where, name, getattr(where, name)) for where, name in _REPLACEABLE]
        try:
            self._start_opener(scenario)
            world.begin(self._go_on)
            while not world.over:
                self.check()
                moves = world.moves()
                self._show_waits(world)
                if not moves:
                    world.outcome = DEADLOCK
                    self._tick(world)
                    self.error = show_deadlock(self, world)
                    break
                move = policy(world, moves)
                if move is None:
                    break
                if len(self.steps) >= most:
                    raise Endless(self._spinning(most))
                self._tick(world)
                self._rounds = 0
                actor = self.actors[move.root]
                self.steps.append(Step(actor.name, self.word(move, moves), move.op, self.matters(world, moves)))
                world = world.after(move, self._go_on)
                self._tick(world, 0)
            if self.at_end is not None:
                self.at_end(world)
            return world
        finally:
            self._finish(world)
            for where, name, value in before:  # a run that is ended may not come to put back what it replaced
                setattr(where, name, value)

    def emit(self, lane: LaneState, kind: str, about: Any = None, value: Any = None, at: int | None = None) -> None:
        """Take an event down; a start, which is known of only when the thread has come up, before that."""
        super().emit(lane, kind, about, value, at)
        if kind == ev.START:
            log = self.log
            up = len(log) - 1
            while up and log[up][1:3] != (about, ev.BEGIN):
                up -= 1
            log[up:] = [*log[up + 1 :], log[up]]

    def _tick(self, world: World, step: int | None = None) -> None:
        if step is None:
            step = BRIEF if self.timed else STEP
        self._time += step + world.passed - self._passed
        self._passed = world.passed

    def _pass(self, world: World, passed: int) -> None:
        """Let time pass while nobody can make a step: those that wait have begun to before that."""
        self._show_waits(world)
        self._time += passed
        self._passed += passed

    @staticmethod
    def matters(world: World, moves: list[Move]) -> bool:
        """Whether a step belongs into a schedule: what the only thread alive does goes without saying."""
        return len(world.threads) > 1 or len(moves) > 1

    def word(self, move: Move, moves: list[Move]) -> str:
        """What tells a move from the same thread's others."""
        if sum(other.root == move.root for other in moves) < 2:
            return ""
        if move.op.kind in _OF_FUTURES:
            return self._word_of_futures(move, moves)
        if move.way.wakes:
            return f"wakes {' and '.join(self.actors[root].name for root in move.way.wakes)}"
        return "gives up" if move.way.result is False else ""

    def _word_of_futures(self, move: Move, moves: list[Move]) -> str:
        """What tells an order of futures from others, or some from more."""
        if move.way.result is False:
            return "gives up"
        chosen = _labels(move)
        every = {label: None for other in moves if other.root == move.root for label in _labels(other)}
        if len(every) > len(chosen):
            return f"misses {' and '.join(self._name_of(each, every) for each in every if each not in chosen)}"
        if move.op.kind in ("wait for futures", "next futures"):
            return ""
        return " before ".join(self._name_of(each, every) for each in chosen)

    def _name_of(self, label: Hashable, among: dict[Any, None]) -> str:
        """What a future's task is called; a number tells it from others that are called the same."""
        names = {other: self._task_name(other) for other in sorted(among)}
        same = [other for other in names if names[other] == names[label]]
        return names[label] if len(same) == 1 else f"{names[label]} #{same.index(label) + 1}"

    def _task_name(self, label: Hashable) -> str:
        future = next(thing for known, thing in self.labels.values() if known == label)
        tag = self.tags.get(future)
        return "a task" if tag is None else tag_parts(tag)[1]

    def _spinning(self, most: int) -> str:
        last = Counter((step.lane, step.op.line) for step in self.steps[-100:] if step.op.line is not None)
        at = ""
        for (name, (file, line)), _ in last.most_common(1):
            at = (
                f": {name} goes round at line {line} of {file}. Such a loop has endlessly many orders: have it stop "
                "after some rounds, or wait for an event, a condition or a queue"
            )
        return f"a run had not ended after {most:,} steps{at}"

    def _start_opener(self, scenario: Callable[[], Any]) -> None:
        thread = threading.Thread(target=self._open, args=(scenario,), name="MainThread")
        actor = self.new_lane(thread, "main", False)
        assert isinstance(actor, Actor)
        self._starting[id(thread)] = actor
        thread.start()

    def _open(self, scenario: Callable[[], Any]) -> None:
        """The opener's whole life."""
        actor = self.local.lane
        assert isinstance(actor, Actor)
        self.result, self.error = None, None
        try:
            self.result = scenario()
            self.returned(actor)
        except BaseException as raised:
            if not (self.aborting or isinstance(raised, CutOff)):
                self.error = raised
                self.failed(actor, raised)
            raise

    def returned(self, actor: Actor) -> None:
        """The scenario has returned `result`."""
        if not _is_plain(self.result):
            self.reach(actor, Op("return", None))  # what is in it is read now
        outcome = outcome_of(self.result, None)  # own code's `__repr__` may make steps, after which effects begin anew
        self._tell_outcome(actor, outcome, "returns")

    def failed(self, actor: Actor, error: BaseException) -> None:
        """The scenario has raised."""
        if not all(map(_is_plain, error.args)):
            self.reach(actor, Op("return", None))
        self._tell_outcome(actor, outcome_of(None, error), "raises")

    def _tell_outcome(self, actor: Actor, outcome: Hashable, does: str) -> None:
        if _ADDRESS.search(repr(public(outcome))):
            self.refuse(
                f"it {does} {in_words(outcome)}, another object in each run, which doesn't tell what is in it: have it "
                "return a small value, such as a number, a text or a tuple of these, or give the class a __repr__"
            )
        actor.effects.append(("outcome", outcome))

    def _go_on(self, root: int, history: int, way: Way) -> Stretch:
        """Let a thread go on until it comes to its next operation."""
        actor = self.actors[root]
        actor.history, actor.way = history, way
        actor.effects, actor.made, actor.started, actor.met = [], 0, 0, 0
        if actor.shown:
            actor.shown = False
            self.append((self._time, actor.name, ev.RESUME, actor.tag, way.result is not False))
        elif actor.name in self._dozing:
            self._wake(actor.name)
        actor.waiting = None
        actor.gate.release()
        until = None
        while not self.back.acquire(timeout=SLICE):
            self.check()
            now = time.monotonic()
            until = until or now + PATIENCE
            if now > until:
                self._give_up(actor)
        if self.refusal is not None:
            raise Refused(self.refusal)
        self._rounds += 1
        if self._rounds > ROUNDS:
            raise Endless(
                f"{actor.name} had slept or waited {ROUNDS:,} times without a step in between, {_where(actor)}: it "
                "waits for something that nobody changes"
            )
        stretch = Stretch(tuple(actor.effects), actor.op)
        self.book.learn(history, stretch)
        return stretch

    def _give_up(self, actor: Actor) -> None:
        """A thread computes and computes, or waits where it can't be seen."""
        raise Endless(
            f"{actor.name} has not come to its next step for {PATIENCE:g} s, {_where(actor)}: it computes without end, "
            "or waits for something that can't be scheduled, such as a lock made before, a file or a socket"
        )

    def _show_waits(self, world: World) -> None:
        """Take down who can't go on."""
        for root in world.threads:
            actor = self.actors[root]
            op = world.pending(root)
            if not actor.shown and actor.words is not None and not world.ways(root, op):
                actor.shown = True
                self._append((self._time, actor.name, ev.WAIT, actor.tag, actor.words))

    # Its end.

    def _finish(self, world: World) -> None:
        """End what still lives: daemons, idle workers, whoever is in a deadlock."""
        alive = [actor for actor in self.actors.values() if actor.over.locked()]
        if alive:
            self.aborting = True
            for pool, _ in self.pools.values():
                pool.shutdown(wait=False, cancel_futures=True)
            for actor in alive:
                if actor.ending is None:
                    idle = actor.op is not None and actor.op.kind in IDLE and world.outcome != DEADLOCK
                    actor.ending = "finished" if idle else "cut off"
                    self._append((self._time, actor.name, ev.END, actor.ending, None))
            said = len(self.log)
            for actor in alive:
                if actor.op is not None:
                    actor.aside += 1  # its `finally` blocks do their work unseen, up to what they would wait for
                actor.gate.release()
                if not actor.ends(1.0):
                    actor.waiting = None
                    stop([actor])
            self.log[said:] = [entry for entry in self.log[said:] if entry[2] not in _UNSAID]
        for actor in self.actors.values():
            thread = actor.thread()
            if thread is not None and not actor.over.locked():
                threading.Thread.join(thread, 1.0)
        for real in self.old:
            if getattr(real, "locked", bool)():
                real.release()  # the run was ended, or forgot to


def _labels(move: Move) -> tuple[Hashable, ...]:
    """The futures that an operation on several of them brings."""
    result: Any = move.way.result
    return () if result is False else result[0] if move.op.kind == "look at futures" else result


def _where(actor: Actor) -> str:
    """The line of own code that a thread is at."""
    frame = sys._current_frames().get(actor.ident or 0)
    while frame is not None and place(frame.f_code.co_filename) is not OWN:
        frame = frame.f_back
    return f"at line {frame.f_lineno} of {frame.f_code.co_filename}" if frame else "in a library"


def _is_plain(value: object) -> bool:
    """Whether a value can't change any more."""
    if isinstance(value, tuple | frozenset):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, int | float | complex | str | bytes | type)
