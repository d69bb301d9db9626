"""
Runs a scenario in a chosen order, for a stepper to walk through.

The scenario is run once for every walk. Wherever a step is to be chosen, all threads stand still, and a `Witness`
looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from .histories import Book
from .moments import Choice, Moment, Walk
from .outcomes import do, does, in_words, outcome_of
from .schedule import Schedule
from .states import waiting_words
from .steps import LOOK
from .witness import Seen, Witness
from .witness import in_words as value_in_words
from .world import DEADLOCK, Counts, Move, World

if TYPE_CHECKING:
    from .interleaved import Rerun
    from .scheduler import Scheduler

__all__ = ["ScheduledWalker"]

_ACCESSES: Final = {"read": "read {}", "write": "write {}", "update": "change {}"}

_OPERATIONS: Final = {
    "acquire": "acquire {}",
    "acquire again": "acquire {}",
    "release": "release {}",
    "release again": "release {}",
    "locked": "look at {}",
    "wait": "{}.wait: let go of the lock",
    "wake": "{}.wait: take the lock again",
    "notify": "{}.notify",
    "take": "acquire {}",
    "give": "release {}",
    "event wait": "{}.wait",
    "event look": "{}.is_set",
    "arrive": "{}.wait",
    "open": "{}.wait: the action",
    "leave": "leave {}",
    "leave or not": "leave {}",
    "abort": "{}.abort",
    "put": "{}.put",
    "get": "{}.get",
    "task done": "{}.task_done",
    "queue join": "{}.join",
    "queue look": "look at {}",
    "result": "result of {}",
    "future look": "look at {}",
    "settle": "end its task",
    "begin": "begin a task",
    "any task": "take a task",
    "drain": "shutdown: take a task back",
    "cancel": "{}.cancel",
    "add callback": "{}.add_done_callback",
    "look at futures": "look which futures are done",
    "wait for futures": "wait",
    "all futures": "wait",
    "next futures": "as_completed: the next",
    "order of futures": "go through a set of futures",
    "task": "take a task",
    "alive": "ask who lives",
    "end": "end",
    "return": "return the result",
}
"""Operations in words; what isn't here is called by its kind."""


class ScheduledWalker:
    """
    A `Walker` that runs a scenario.

    Args:
        rerun: runs it.
        title: the call that made it.
        counts: the exact number of interleavings by outcome; empty if it isn't known.
    """

    def __init__(self, rerun: Rerun, title: str, counts: Mapping[Hashable, int]) -> None:
        self._rerun = rerun
        self._counts = counts
        self.title = title

    def walk(self, keys: Sequence[str]) -> Walk:
        """
        Run the scenario: make the steps with these keys, and then any until the end.

        Raises:
            ValueError: one of them can't be made.
            RuntimeError: the run did something that can't be controlled.
        """
        scheduler, plan = self._rerun.scheduler, Schedule(keys)
        with self._rerun.opened():
            while True:
                run = _Run(scheduler, self._rerun.by_name(plan))
                scheduler.at_end = run.ended
                try:
                    world = self._rerun.perform(Book(), run.choose)
                    break
                except Counts as more:
                    scheduler.sharing.learn(more.place)  # type: ignore[arg-type]  # a place is a pair
                finally:
                    scheduler.at_end = None
            outcome = DEADLOCK if world.outcome == DEADLOCK else outcome_of(scheduler.result, scheduler.error)
            lanes = tuple(actor.name for actor in scheduler.actors.values())
        return Walk(tuple(run.moments), lanes, among(outcome, self._counts))


class _Run:
    """Takes down the moments of a run while it is made."""

    def __init__(self, scheduler: Scheduler, policy: Callable[[World, list[Move]], Move]) -> None:
        self._scheduler = scheduler
        self._policy = policy
        self._witness = Witness(scheduler.sharing)
        self._labels: dict[Hashable, str] = {}
        self._kinds: dict[Hashable, str] = {}
        self._made: Choice | None = None
        self.moments: list[Moment] = []

    def choose(self, world: World, moves: list[Move]) -> Move:
        """Look, and choose."""
        if not self._scheduler.matters(world, moves):
            return moves[0]
        seen = self._look(world)
        move = self._policy(world, moves)
        choices = {id(each): self._choice(each, moves) for each in moves}
        self._take_down(world, seen, tuple(choices.values()))
        self._made = choices[id(move)]
        return move

    def ended(self, world: World) -> None:
        """Look once more: nobody makes another step."""
        self._take_down(world, self._look(world), ())

    def _look(self, world: World) -> Seen:
        actors = self._scheduler.actors
        for root in world.threads:
            actor = actors[root]
            op = actor.op
            if op is not None and actor.tag is not None and actor.words is not None and op.on not in self._labels:
                self._labels[op.on] = waiting_words("{}", actor.tag)
                self._kinds[op.on] = op.kind
        seen = self._witness.look([actors[root] for root in world.threads])
        for on, name in self._labels.items():
            state = self._state(world, on)
            if state is not None:
                seen.watched.setdefault(name, state)
        return seen

    def _state(self, world: World, on: Hashable) -> str | None:
        """What a lock, queue and the like looks like to all."""
        kind, state = self._kinds[on], world.objects.get(on)
        if kind.startswith("acquire"):
            return "free" if state is None else f"held by {self._scheduler.actors[state[0]].name}"
        if kind in ("put", "get"):
            for label, thing in self._scheduler.labels.values():
                if label == on and hasattr(thing, "queue"):
                    return value_in_words(list(thing.queue))
        if kind == "event wait":
            return "set" if state else "not set"
        if kind == "take" and state is not None:
            return f"{state[0]} left"
        return None

    def _take_down(self, world: World, seen: Seen, choices: tuple[Choice, ...]) -> None:
        acting = {choice.lane for choice in choices}
        idle: dict[str, str] = {}
        for root, actor in self._scheduler.actors.items():
            if root not in world.threads:
                idle[actor.name] = "has ended"
            elif actor.name not in acting:
                words = waiting_words(actor.words, actor.tag) if actor.words else "its turn"
                idle[actor.name] = f"waits for {words}"
        self.moments.append(Moment(self._made, seen.positions, seen.locals, seen.watched, choices, idle))

    def _choice(self, move: Move, moves: list[Move]) -> Choice:
        name = self._scheduler.actors[move.root].name
        word = self._scheduler.word(move, moves)
        what = self._what(move)
        return Choice(f"{name} ({word})", name, f"{what}, {word}") if word else Choice(name, name, what)

    def _what(self, move: Move) -> str:
        kind, on = move.op.kind, move.op.on
        if kind in _ACCESSES and isinstance(on, tuple):
            place: Any = on
            return _ACCESSES[kind].format(self._witness.name_of(place[0], place[2] if place[0] == LOOK else place[1]))
        if kind == "event set":
            return f"{self._label(on)}.{'set' if move.op.how else 'clear'}"
        return _OPERATIONS.get(kind, kind).format(self._label(on))

    def _label(self, on: Hashable) -> str:
        """How code calls a lock, a queue and the like."""
        known = self._labels.get(on)
        if known is None:
            for label, thing in self._scheduler.labels.values():
                tag = self._scheduler.tags.get(thing) if label == on else None
                if tag is not None:
                    known = waiting_words("{}", tag)
        return known or "it"


def step_title(call: str, outcome: str | None) -> str:
    """
    Write down the call that shows a stepper.

        >>> step_title("lost_update(workers=3)", "1")
        'interleavings(lost_update, workers=3).step(outcome=1)'
    """
    name, _, arguments = call.partition("(")
    given = ", ".join(filter(None, [name, arguments.removesuffix(")")]))
    return f"interleavings({given}).step({'' if outcome is None else f'outcome={outcome}'})"


def among(outcome: Hashable, counts: Mapping[Hashable, int]) -> str:
    """
    Say what an interleaving comes to, and how many others do.

        >>> among(outcome_of(1, None), every)
        'in one of the 4 interleavings (of 6) that return 1'

    Args:
        outcome: what it comes to.
        counts: the exact number of interleavings by outcome; empty if it isn't known.
    """
    total, number = sum(counts.values()), counts.get(outcome, 0)
    one, many = f"{does(outcome)} {in_words(outcome)}", f"{do(outcome)} {in_words(outcome)}"
    if not number:
        return f"which {one}"
    if total == 1:
        return f"in the only interleaving, which {one}"
    if number == total:
        return f"in one of the {total:,} interleavings, which all {many}"
    if number == 1:
        return f"in the only one of {total:,} interleavings that {one}"
    return f"in one of the {number:,} interleavings (of {total:,}) that {many}"
