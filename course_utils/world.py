"""
Every thread, every place and every object at one moment, in numbers.

A `World` is what the future follows from: each thread's history, each place's last write, each object's state. No
value is in it: a value follows from the history of who wrote it. `World.moves` are the steps that could be next,
`World.after` the world after one. Between steps, `settle` has threads run through what concerns nobody else, up to
their next operation: in a real run by running them, otherwise by looking it up.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple

from .completion import FUTURES, gave_up, stopped
from .histories import OPENER, Book, Op, Stretch
from .models import MODELS, START, TIMED, WAIT, States, Way

__all__ = ["DEADLOCK", "Counts", "Move", "Unknown", "World"]

DEADLOCK: Final = ("deadlock",)
"""The outcome of a world in which nobody can go on."""

CONTENTS: Final = "contents"
"""The kind of a place that a write changes a part of."""

EAGER: Final = frozenset({"join", "timed join", "learn", "leave", "open", "work", "sleep"})
"""Operations that are no steps: who can go on with one does so at once."""

IDLE: Final = frozenset({"work", "task", "any task"})
"""What a pool's worker waits for."""


class Unknown(Exception):
    """A history was met that nobody has run yet."""


class Counts(Exception):
    """A place was written while several threads lived, so reads and writes of it are steps."""

    def __init__(self, place: Hashable) -> None:
        super().__init__(place)
        self.place = place


class Move(NamedTuple):
    """A step that could be next: whose, of what, and in which way."""

    root: int
    op: Op
    way: Way


Run = Callable[[int, int, Way], Stretch]
"""Has a thread, by its root, go on from a history, in a way, to its next operation."""


class World:
    """
    One moment.

    Attributes:
        threads: the history of each thread that lives, by its root: the history it began with.
        memory: the last write of each place.
        objects: the state of each object, by label.
        daemons: the roots of daemons.
        left: ns until a thread's sleep, or its patience, is over, or a waiter's time is up; with a virtual clock alone.
        passed: ns that passed in sleeps and waits, with a virtual clock.
        passing: told of it before time passes, and of how much, if the run is made and not looked up.
        asleep: the roots of threads that wait for an event for sure, as time has passed since they came to it, and
        awake: of those among them that `set` has woken, whatever has become of the event since.
        outcome: what came of the scenario, once its opener has ended.
    """

    __slots__ = (
        "asleep", "awake", "book", "daemons", "left", "memory", "objects", "outcome", "passed", "passing",
        "threads", "timed",
    )  # fmt: skip

    def __init__(self, book: Book, timed: bool) -> None:
        self.book = book
        self.timed = timed
        self.threads: dict[int, int] = {}
        self.memory: dict[Hashable, int] = {}
        self.objects: States = {}
        self.daemons: frozenset[int] = frozenset()
        self.left: dict[Hashable, int] = {}
        self.passed = 0
        self.passing: Callable[[World, int], None] | None = None
        self.asleep: frozenset[int] = frozenset()
        self.awake: frozenset[int] = frozenset()
        self.outcome: Hashable = None

    def copy(self) -> World:
        """The same moment once more."""
        other = World.__new__(World)
        other.book, other.timed = self.book, self.timed
        other.threads, other.memory, other.objects = self.threads.copy(), self.memory.copy(), self.objects.copy()
        other.daemons, other.left, other.outcome = self.daemons, self.left.copy(), self.outcome
        other.passed, other.asleep, other.awake = self.passed, self.asleep, self.awake
        other.passing = self.passing
        return other

    def key(self) -> Hashable:
        """What tells it from worlds with another future."""
        return (
            frozenset(self.threads.items()), frozenset(self.memory.items()), frozenset(self.objects.items()),
            self.outcome, frozenset(self.left.items()), self.asleep, self.awake,
        )  # fmt: skip

    def begin(self, run: Run) -> None:
        """Have the opener run to its first operation."""
        self.threads[OPENER] = OPENER
        self._stretch(OPENER, _PLAIN[0], run)
        self.settle(run)

    # What could be next.

    def pending(self, root: int) -> Op:
        """The operation that a living thread stands before."""
        then = self.book.stretches[self.threads[root]].then
        assert then is not None
        return then

    def ways(self, root: int, op: Op) -> list[Way]:
        """The ways in which a thread could go on now."""
        kind = op.kind
        if kind == "read":
            return [Way({}, self.memory.get(op.on, -1))]
        if kind == "write":
            return _WRITE
        if kind == "update":
            return [Way({}, self.memory.get(op.on, -1))]
        if kind == "join":
            return [] if op.on in self.threads else _PLAIN
        if kind == "timed join":
            if self.timed and op.on in self.threads and self.left.get(root, 1) > 0:
                return []
            return [Way({}, op.on not in self.threads)]
        if kind == "sleep":
            return _PLAIN if not self.timed or self.left.get(root, 1) <= 0 else []
        if kind == "alive":
            return [Way({}, op.on in self.threads)]
        if kind == "any task" and any(
            other < root and (idle := self.pending(other)).kind == kind and idle.on == op.on for other in self.threads
        ):
            return []  # idle workers are alike: the first takes it
        if kind in ("work", "task", "any task", "drain"):
            return _MODELS["get"](self.objects, op, root, lambda result: 0)
        if kind in ("end", "learn", "pause"):
            return _PLAIN
        if kind == "return":
            return [Way({}, (frozenset(self.memory.items()), frozenset(self.objects.items())))]
        if root in self.awake:
            return [Way({}, None if op.how == WAIT else True)]
        if op.on not in self.objects and isinstance(op.on, tuple) and op.on[0] == "old":
            self.objects[op.on] = None  # a lock that was there before, free as all are
        history = self.threads[root]
        after = self.book.after
        ways = _MODELS[kind](self.objects, op, root, lambda result: after(history, (kind, op.on, result)))
        if self.timed and (self.left.get(root, 0) > 0 or (len(ways) > 1 and ways[0].result is True)):
            return [way for way in ways if way.result is not False and way.result != "broken"]
        if self.timed and kind == "next futures" and op.how == TIMED:
            due = self.left.get(("due", op.on), 0)
            return [way for way in ways if (due <= 0 if way.result is False else due >= 0)]
        return ways

    def moves(self) -> list[Move]:
        """The steps that could be next, in an order that depends on nothing but the threads."""
        found = []
        for root in sorted(self.threads):
            op = self.pending(root)
            if not self._at_once(op):
                found += [Move(root, op, way) for way in self.ways(root, op)]
        return found

    def _at_once(self, op: Op) -> bool:
        """Whether an operation is no step. That a worker is told of its pool's end is none, either."""
        if op.kind != "any task":
            return op.kind in EAGER
        inside: Any = self.objects[op.on][2]
        return bool(inside) and inside[0] is None

    @property
    def over(self) -> bool:
        """Whether nobody is left but daemons and workers without work."""
        if OPENER in self.threads:
            return False
        return all(root in self.daemons or self.pending(root).kind in IDLE for root in self.threads)

    # What comes of it.

    def after(self, move: Move, run: Run) -> World:
        """The world after a step."""
        world = self.copy()
        world._do(move.root, move.op, move.way, run)
        world.settle(run)
        return world

    def _do(self, root: int, op: Op, way: Way, run: Run) -> None:
        history = self.book.after(self.threads[root], (op.kind, op.on, way.result))
        self.threads[root] = history
        if op.kind in ("write", "update"):
            place: Any = op.on
            if place[2] is None or place[0] == CONTENTS:
                self.memory[place] = self.book.after(history, ("over", self.memory.get(place, -1)))
            else:
                self.memory[place] = history
        else:
            self.objects.update(way.changes)
        self.left.pop(root, None)
        if op.kind == "look at futures" and op.patience is not None and way.changes:
            self.left["due", op.on] = op.patience
        elif stopped(self.objects, op):
            self.left.pop(("due", op.on), None)
        if self.asleep:
            if op.kind == "event set" and op.how:
                self.awake |= {each for each in self.asleep if self.pending(each).on == op.on}
            self.asleep, self.awake = self.asleep - {root}, self.awake - {root}
        self._stretch(root, way, run)

    def _stretch(self, root: int, way: Way, run: Run) -> None:
        """Have a thread run on, and take in what others notice of it."""
        history = self.threads[root]
        stretch = run(root, history, way)
        born = []
        for effect in stretch.effects:
            what = effect[0]
            if what == "start":
                child = self.book.after(history, effect)
                self.threads[child] = child
                if effect[2]:
                    self.daemons |= {child}
                born.append(child)
            elif what == "made":
                self.objects[effect[1]] = START[effect[2]](*effect[3])
            elif what == "wrote":
                # What is written when the opener has ended could have been written before: nobody waited for it.
                if len(self.threads) > 1 or OPENER not in self.threads:
                    raise Counts(effect[1])
            elif what == "vague":
                raise Counts(effect[1])
            elif what == "settled":
                self.objects[effect[1]] = self.book.after(history, effect)
            elif what == "pooled":
                kind, size, inside, count = self.objects[effect[1]]
                self.objects[effect[1]] = (kind, size, (*inside, effect[2]), count)
            elif what == "used":
                self.objects["past", root] = None
            elif what == "outcome":
                self.outcome = effect[1]
            else:
                raise AssertionError(effect)
        if stretch.then is None:
            del self.threads[root]
            if ("past", root) in self.objects:
                self.objects["past", root] = history
        elif self.timed and stretch.then.patience is not None:
            self.left[root] = stretch.then.patience
        for child in born:
            self._stretch(child, _PLAIN[0], run)

    def settle(self, run: Run) -> None:
        """Let those go on that stand before what is no step, until all others stand before a step."""
        while not self.over:
            for root in sorted(self.threads):
                if root not in self.threads or not self._at_once(op := self.pending(root)):
                    continue
                if ways := self.ways(root, op):
                    self._do(root, op, ways[0], run)
                    break
            else:
                if not (self.timed and self.left and not self.moves() and self._jump()):
                    return

    def _jump(self) -> bool:
        """Let time pass until the first sleep or patience is over."""
        waits = [left for left in self.left.values() if left > 0]
        if not waits:
            return False
        passed = min(waits)
        if self.passing is not None:
            self.passing(self, passed)
        self.left = {root: left - passed for root, left in self.left.items()}
        self.passed += passed
        for root in self.threads:
            op = self.pending(root)
            if op.kind == "wait for futures" and self.left.get(root, 1) <= 0:
                gave_up(self.objects, op)
        self.asleep = frozenset(root for root in self.threads if self.pending(root).kind == "event wait")
        return True


_MODELS: Final = {**MODELS, **FUTURES}
_PLAIN: Final = [Way({})]
_WRITE: Final = [Way({})]
