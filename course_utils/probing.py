"""
Runs in which threads are switched anywhere, to catch what was taken for a thread's own and is shared.

What a step is follows from a scan of byte code, and from what is known of built-in types. If that misses something,
orders are missing from what was counted, and an outcome may be. So before a count is believed the scenario is run some
dozens of times more, and these runs are switched before any instruction: at each place of the code in turn, as far as
they go, and at two places at once. An outcome that none of the counted interleavings has disproves the count.

The same runs are made wherever the scenario is explored: places are drawn by a fixed seed, and how many there are
depends on nothing but the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from random import Random
from typing import Any, Final

from .actors import Refused
from .encounters import Instant
from .histories import Book, Op
from .outcomes import in_words
from .scheduler import Scheduler
from .world import Move, World

__all__ = ["probe"]

_FEWEST: Final = 16
_MOST: Final = 48
"""Runs that are switched at one place; as many as the exploration took, between these."""

_TWICE: Final = 4
"""Runs that are switched at two."""

_LONGEST: Final = 200_000
"""Instructions that these runs may come by, all in all: scenarios that compute much are run less often."""

_STEPS: Final = 4_000

Plan = tuple[int, frozenset[int]]
"""A seed, and before which of the instructions that a run comes by it is switched."""


class _Switching:
    """
    A policy: who was let in goes on until he can't, or has come to where the run is to be switched.

    Args:
        scheduler: runs the scenario.
        seed: who is let in then is drawn by it.
        restless: whether one that goes on may be made to wait at any step, too.
    """

    def __init__(self, scheduler: Scheduler, seed: int, restless: bool) -> None:
        self._scheduler = scheduler
        self._chance = Random(seed)
        self._restless = restless
        self._on: int | None = None
        self.switches: list[tuple[str, Op, str]] = []

    def __call__(self, world: World, moves: list[Move]) -> Move:
        able = sorted({move.root for move in moves})
        on = self._on if self._on in able else None
        if on is not None:
            paused = world.pending(on).kind == "pause"
            if (paused or (self._restless and self._chance.random() < 0.5)) and len(able) > 1:
                able.remove(on)
                on = None
        if on is None:
            on = able[self._chance.randrange(len(able))]
            if self._on in world.threads:
                names = self._scheduler.actors
                self.switches.append((names[self._on].name, world.pending(self._on), names[on].name))
        self._on = on
        ways = [move for move in moves if move.root == on]
        return ways[self._chance.randrange(len(ways))]


class _Prober:
    """Makes the runs."""

    def __init__(
        self, scheduler: Scheduler, scenario: Callable[[], Any], outcomes: Collection[Hashable], runs: int
    ) -> None:
        self.scheduler = scheduler
        self.scenario = scenario
        self.outcomes = outcomes
        self.runs = runs
        self.passed = 0
        self.waiting: dict[Instant, Plan] = {}
        self.met: set[Instant] = set()

    def run(self, plan: Plan, restless: bool = False) -> int:
        """Make one, look which places of the code it comes by, and tell how many instructions there were."""
        seed, stops = plan
        scheduler = self.scheduler
        scheduler.stops, scheduler.passed_by = stops, []
        policy = _Switching(scheduler, seed, restless)
        world = scheduler.perform(Book(), self.scenario, policy, _STEPS)
        passed = scheduler.passed_by
        if world.outcome not in self.outcomes:
            raise Refused(self._said(world.outcome, policy.switches))
        chance = Random(seed)
        for number in chance.sample(range(len(passed)), len(passed)):
            instant = passed[number]
            if instant not in self.met:
                self.met.add(instant)
                self.waiting[instant] = (seed, stops | {number + 1})
        self.passed += len(passed)
        return len(passed)

    def probe(self) -> None:
        """Make them all."""
        chance = Random(2)
        length = self.run((1, frozenset()))
        for _ in range(self.runs):
            if not self.waiting or self.passed > _LONGEST:
                break
            # What a thread does while others live comes first; the opener does little but start and wait.
            some = [each for each in self.waiting if not each[2]] or list(self.waiting)
            self.run(self.waiting.pop(some[chance.randrange(len(some))]))
        for number in range(_TWICE):
            if length < 2 or self.passed > _LONGEST:
                break
            self.run((number, frozenset(chance.sample(range(1, length + 1), 2))), number % 2 == 1)

    def _said(self, outcome: Hashable, switches: list[tuple[str, Op, str]]) -> str:
        told = [
            f"from {one}{f' in line {op.line[1]} of {op.line[0]}' if op.line else ''} to {other}"
            for one, op, other in switches
            if op.kind != "join"
        ]
        known = ", ".join(map(in_words, self.outcomes))
        how = f"switched {', '.join(told[:6])}{', …' if len(told) > 6 else ''}" if told else "begun in another order"
        return (
            f"{how}, a run came to {in_words(outcome)}, which "
            f"none of the interleavings that were counted comes to (they come to {known}). Something that these lines "
            "use is shared by threads and was taken for one thread's own. That is a mistake of course_utils: please "
            "report it. Until then, keep what threads share in attributes of your own classes, in lists and dicts"
        )


def probe(scheduler: Scheduler, scenario: Callable[[], Any], outcomes: Collection[Hashable], explored: int) -> None:
    """
    Look for an outcome that isn't among those counted.

    Args:
        scheduler: runs the scenario; its stand-ins are in place.
        scenario: takes no arguments.
        outcomes: of all interleavings.
        explored: how many runs the count took.

    Raises:
        Refused: there is one.
        Counts: a place is shared that nobody knew of.
        Endless: a run didn't end.
    """
    prober = _Prober(scheduler, scenario, outcomes, max(_FEWEST, min(explored, _MOST)))
    scheduler.tracer.everywhere(True)
    try:
        prober.probe()
    finally:
        scheduler.tracer.everywhere(False)
        scheduler.stops, scheduler.passed_by = frozenset(), None
