"""
Counting every interleaving without running every one.

From a world's histories follows what each thread does next (see `histories`), so a thread's path need be run only
once, in whichever interleaving; from then on it is looked up. Worlds that are equal have the same future, so each
is gone on from once, and the counts of its outcomes are added up wherever it is come to.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from random import Random
from typing import Any, Final, NamedTuple

from .actors import Refused
from .histories import Book, Stretch
from .models import Way
from .scheduler import Scheduler
from .sharing import Sharing
from .world import DEADLOCK, Counts, Move, Unknown, World

__all__ = ["MOST_STEPS", "Choice", "Explorer", "GaveUp", "follow"]

MOST_STEPS: Final = 2_000
"""Steps that an interleaving may have."""

_CHECKS: Final = 3
"""Runs that are made for nothing but to be compared."""

Outcomes = dict[Hashable, int]


class Choice(NamedTuple):
    """A move, told from the others of a world: whose, and in which way."""

    root: int
    wakes: tuple[int, ...]
    result: Hashable


def choice_of(move: Move) -> Choice:
    return Choice(move.root, move.way.wakes, move.way.result)


class GaveUp(Exception):
    """The exploration ended before all was accounted for."""


class _Node:
    """A world on the path from the beginning to where we are."""

    __slots__ = ("counts", "key", "moves", "next", "world")

    def __init__(self, world: World, key: Hashable, moves: list[Move]) -> None:
        self.world = world
        self.key = key
        self.moves = moves
        self.next = 0
        self.counts: Outcomes = {}


class Explorer:
    """
    Explore a scenario.

    Args:
        scheduler: runs it; its stand-ins are in place.
        scenario: takes no arguments.
        limit: how many runs there may be.
        tell: told runs, states and the limit, to show progress.
    """

    def __init__(
        self, scheduler: Scheduler, scenario: Callable[[], Any], limit: int, tell: Callable[[int, int, int], None]
    ) -> None:
        self.scheduler = scheduler
        self.scenario = scenario
        self.limit = limit
        self.tell = tell
        self.runs = 0
        self.book = Book()
        self.known: dict[Hashable, Outcomes] = {}
        self.path: list[_Node] = []
        self.why: str | None = None

    @property
    def sharing(self) -> Sharing:
        """What counts as shared."""
        return self.scheduler.sharing

    # Runs.

    def run(self, choices: list[Choice]) -> World:
        """Run the scenario: by these choices first, then wherever nobody has been."""
        if self.runs >= self.limit:
            raise GaveUp(f"gave up after {self.runs:,} runs")
        self.runs += 1
        self.tell(self.runs, len(self.known), self.limit)
        return self.scheduler.perform(self.book, self.scenario, self._policy(choices), MOST_STEPS)

    def _policy(self, choices: list[Choice]) -> Callable[[World, list[Move]], Move | None]:
        coming = iter(choices)

        def choose(world: World, moves: list[Move]) -> Move | None:
            chosen = next(coming, None)
            if chosen is not None:
                return follow(chosen, moves)
            stretches, after = self.book.stretches, self.book.after
            for move in moves:
                op = move.op
                if after(world.threads[move.root], (op.kind, op.on, move.way.result)) not in stretches:
                    return move
            return moves[0]

        return choose

    # Merged.

    def _look_up(self, root: int, history: int, way: Way) -> Stretch:
        found = self.book.stretches.get(history)
        if found is None:
            raise Unknown
        return found

    def _first(self) -> World:
        world = World(self.book, self.scheduler.timed)
        world.begin(self._look_up)
        return world

    def count(self) -> Outcomes:
        """
        Count every interleaving's outcome.

        Raises:
            GaveUp, Endless: not all were accounted for; `partial` has what was.
        """
        while True:
            try:
                return self._count()
            except Counts as more:
                self.sharing.learn(more.place)  # type: ignore[arg-type]  # a place is a pair

    def _count(self) -> Outcomes:
        self.book = Book()
        self.known = {}
        self.path = []
        self.run([])
        return self._descend()

    def _descend(self) -> Outcomes:
        known, path = self.known, self.path
        first = self._first()
        self._enter(first)
        while True:
            self.scheduler.check()
            node = path[-1]
            if node.next >= len(node.moves):
                known[node.key] = node.counts
                path.pop()
                if not path:
                    return node.counts
                _add(path[-1].counts, node.counts)
                continue
            move = node.moves[node.next]
            try:
                world = node.world.after(move, self._look_up)
            except Unknown:
                self.run(self._way_here(move))
                continue
            key = world.key()
            counts = known.get(key)
            if counts is None and len(path) >= MOST_STEPS:
                self.run(self._way_here(move))  # says where it goes round
            node.next += 1
            if counts is None:
                self._enter(world, key)
            else:
                _add(node.counts, counts)

    def _way_here(self, move: Move) -> list[Choice]:
        """The choices that lead to where we are, and one more."""
        return [*(choice_of(node.moves[node.next - 1]) for node in self.path[:-1]), choice_of(move)]

    def _enter(self, world: World, key: Hashable = None) -> None:
        node = _Node(world, world.key() if key is None else key, [] if world.over else world.moves())
        if not node.moves:
            node.counts = {world.outcome if world.over else DEADLOCK: 1}
        self.path.append(node)

    def check(self) -> None:
        """
        Run some interleavings again, chosen at random by a fixed seed, to see whether they do what was looked up.

        Raises:
            Differs: one took other steps, or ended otherwise.
        """
        chance = Random(1)
        for _ in range(_CHECKS):
            self.scheduler.perform(
                self.book, self.scenario, lambda world, moves: moves[chance.randrange(len(moves))], MOST_STEPS
            )

    def partial(self) -> Outcomes:
        """What has been accounted for when it gave up."""
        counts: Outcomes = {}
        for node in self.path:
            _add(counts, node.counts)
        return counts

    def example(self, outcome: Hashable) -> list[Choice]:
        """The choices that lead to one interleaving with this outcome."""
        world = self._first()
        choices: list[Choice] = []
        while not world.over and (moves := world.moves()):
            for move in moves:
                after = world.after(move, self._look_up)
                if outcome in self.known.get(after.key(), ()):
                    break
            else:
                raise KeyError(outcome)
            choices.append(choice_of(move))
            world = after
        return choices


def _add(counts: Outcomes, more: Outcomes) -> None:
    for outcome, number in more.items():
        counts[outcome] = counts.get(outcome, 0) + number


def follow(chosen: Choice, moves: list[Move]) -> Move:
    """Find a move again."""
    for move in moves:
        if choice_of(move) == chosen:
            return move
    raise Refused("run in the same order again, it could not make the same step")


class BruteForce(Explorer):
    """Count by running every interleaving."""

    def _count(self) -> Outcomes:
        self.book = Book()
        counts: Outcomes = {}
        self.found = counts
        self.examples: dict[Hashable, list[Choice]] = {}
        plan: list[tuple[list[Choice], int]] = []
        while True:
            made: list[tuple[list[Choice], int]] = []

            def choose(world: World, moves: list[Move], plan: Any = plan, made: Any = made) -> Move:
                options = [choice_of(move) for move in moves]
                at = len(made)
                index = plan[at][1] if at < len(plan) else 0
                made.append((options, index))
                return moves[index]

            if self.runs >= self.limit:
                raise GaveUp(f"gave up after {self.runs:,} runs")
            self.runs += 1
            self.tell(self.runs, len(self.known), self.limit)
            world = self.scheduler.perform(self.book, self.scenario, choose, MOST_STEPS)
            counts[world.outcome] = counts.get(world.outcome, 0) + 1
            self.examples.setdefault(world.outcome, [options[index] for options, index in made])
            plan = made
            while plan and plan[-1][1] + 1 >= len(plan[-1][0]):
                plan.pop()
            if not plan:
                return counts
            plan[-1] = (plan[-1][0], plan[-1][1] + 1)

    def partial(self) -> Outcomes:
        return getattr(self, "found", {})

    def example(self, outcome: Hashable) -> list[Choice]:
        return self.examples[outcome]
