"""
Every order in which a scenario's threads could make their steps: counted, proven, replayed.

Terms:

step
    one visible operation: a read or a write of something that threads share, a call of a list's or dict's method, an
    operation on a lock, condition, event, queue, barrier or future; starting, joining and sleeping are none
interleaving
    a distinct sequence of steps
outcome
    what the scenario returned, the exception it raised, or `Deadlock`
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from . import session
from .actors import Endless, Refused
from .controlled import table
from .controls import acquiring
from .counting import MOST_STEPS, BruteForce, Choice, Explorer, GaveUp, follow
from .histories import Book, Differs
from .instrument import install
from .interleaved import Expected, Interleavings
from .interrupts import Interrupts
from .probing import probe
from .processor import OneProcessor
from .progress import Progress
from .recorder import call_title, check_call
from .recording import Recording
from .refusals import difference
from .resolve import final_events
from .schedule import Schedule
from .scheduler import Policy, Scheduler
from .sharing import Sharing
from .shorten import shorten
from .turns import take_turn
from .watching import Watching
from .watchlist import Wanted, wanted
from .world import Counts, Move, World

__all__ = ["Interleavings", "interleavings", "replay"]

_NOTHING: Final = object()


def interleavings(
    scenario: Callable[..., Any],
    *,
    expect: Any = _NOTHING,
    watch: Any = None,
    limit: int = 20_000,
    clock: str = "any",
    merge: bool = True,
    **parameters: Any,
) -> Interleavings:
    """
    Account for every interleaving of a scenario's threads.

        >>> interleavings(lost_update, workers=2).outcomes
        {1: 4, 2: 2}

    The scenario is run again and again, one thread at a time, in orders that are chosen; what follows from these
    runs is counted without running it. It must do the same whenever it is run in the same order: what reads a
    clock, a file or a socket is refused, and what takes other steps in the same order is found out.

    While several threads live, own code may use objects of its own classes, lists, dicts, sets, bytearrays and
    deques, what can't change, and locks, queues, pools and the like. The rest is refused, since nobody sees what it
    does with what threads share: `lru_cache`, `operator.itemgetter`, `vars`, `__dict__` and `exec`; arrays,
    generators, streams, random numbers and other objects of C or of the library that more than one thread uses; own
    code called in the middle of `sort` or `min`; what a lock, queue, barrier or future keeps inside, as `n_waiting`
    or `locked()`.

    Before a count is believed, the scenario is run some dozens of times more, switched at any instruction. An outcome
    that wasn't counted disproves the count, and is refused.

    Futures that are done when `as_completed` begins, and those that `wait` returns, are in a set: in every order that
    it may have, or refused if there are more than five.

    It doesn't see: the order of lines that are printed; what C extensions share behind own classes.

    Args:
        scenario: a function that builds what it uses, runs its threads and returns a small value.
        expect: the outcome that every interleaving should have; the result says whether it has.
        watch: classes and the names of attributes to show in examples; see `record`.
        limit: runs after which to give up.
        clock: "any" if a sleep may last any time and a timed wait may time out or not; "virtual" if they take the
            time they say, and everything else none.
        merge: False to run every interleaving.
        **parameters: the scenario's own.

    Returns:
        `Interleavings`, with `outcomes`, `total`, `complete` and `runs`; `example(outcome)` replays one.

    Raises:
        TypeError, ValueError: an argument isn't what it must be.
        RuntimeError: nothing can be said of all orders, since a run did something that can't be controlled, or
            something else than a run in the same order before; or a recording is open.
    """
    title = call_title(scenario, parameters)
    check_call(scenario, parameters)
    _check_kind(scenario)
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"limit must be a number of runs, not {shorten(limit)}")
    if limit < 1:
        raise ValueError(f"limit must be a number of runs, 1 or more, not {limit}")
    if not isinstance(merge, bool):
        raise TypeError(f"merge must be True or False, not {shorten(merge)}")
    expected = None if expect is _NOTHING else Expected(expect)
    workshop = _Workshop(title, partial(scenario, **parameters), clock, wanted(watch))
    return _explore(workshop, expected, limit, merge)


def replay(
    scenario: Callable[..., Any], schedule: Any, *, watch: Any = None, clock: str = "any", **parameters: Any
) -> Recording:
    """
    Run a scenario in one order again.

        >>> replay(lost_update, "value | T0, T1, T0, T1").result
        1

    Args:
        scenario: as for `interleavings`.
        schedule: `recording.schedule` of an example, its text, or the names of the threads in the order of their steps;
            where it ends, the threads go on one after the other.
        watch: classes and the names of attributes to show; see `record`.
        clock: as for `interleavings`.
        **parameters: the scenario's own.

    Returns:
        the `Recording`, with `schedule`.

    Raises:
        ValueError: the schedule doesn't fit the code; the message says from which step on.
        TypeError, RuntimeError: as for `interleavings`.
    """
    title = call_title(scenario, parameters)
    check_call(scenario, parameters)
    _check_kind(scenario)
    plan = Schedule.read(schedule)
    workshop = _Workshop(title, partial(scenario, **parameters), clock, wanted(watch))
    return workshop.replayed(plan)


class _Workshop:
    """What running a scenario in chosen orders takes."""

    def __init__(self, title: str, scenario: Callable[[], Any], clock: str, watch: tuple[Wanted, ...]) -> None:
        if clock not in ("any", "virtual"):
            raise ValueError(f'clock must be "any" or "virtual", not {shorten(clock)}')
        self.title = title
        self.scenario = scenario
        self.clock = clock
        self.watch = watch
        self.scheduler = Scheduler(Sharing(), clock == "virtual")
        self.scheduler.lock_operations = acquiring  # type: ignore[attr-defined]  # what stand-ins ask a driver for

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Put the stand-ins in place, and take them away; interrupted where the scheduler checks, or at the end."""
        with Interrupts() as interrupts, OneProcessor():
            turn = take_turn(self.title)
            scheduler = self.scheduler
            turn.driver = scheduler
            collecting = gc.isenabled()
            installed = None
            watching = False
            try:
                scheduler.check = interrupts.check
                installed = install(scheduler, table())
                scheduler.tracer.install()
                watching = True
                gc.disable()  # so that no `__del__` runs where chance has it
                session.now_open(scheduler)
                yield
            finally:
                session.now_open(None)
                if watching:
                    scheduler.tracer.remove()
                if installed is not None:
                    installed.remove()
                turn.give_back()
                if collecting:
                    gc.enable()

    # One run, recorded.

    def replayed(self, schedule: Schedule) -> Recording:
        """Run by a schedule, from outside."""
        with self.opened():
            return self.follow(schedule)

    def follow(self, plan: Schedule) -> Recording:
        """Run by a schedule."""
        sharing = self.scheduler.sharing
        for place, vague in plan.shared:
            sharing.counted.add(place)
            if vague:
                sharing.vague.add(place)
        while True:
            try:
                recording = self.record(Book(), self.by_name(plan))
                break
            except Counts as more:
                sharing.learn(more.place)  # type: ignore[arg-type]  # a place is a pair

        steps = len(self.schedule())
        if len(plan) > steps:
            raise ValueError(
                f"the schedule doesn't fit from step {steps + 1} on: {plan[steps]} can't make a step there; the run "
                f"has come to its end{_hint(plan)}"
            )
        return recording

    def by_name(self, plan: Schedule) -> Callable[[World, list[Move]], Move]:
        coming = iter(enumerate(plan))
        scheduler = self.scheduler

        def choose(world: World, moves: list[Move]) -> Move:
            if not scheduler.matters(world, moves):
                return moves[0]
            at, step = next(coming, (0, None))
            if step is None:
                return moves[0]
            could = []
            for move in moves:
                word = scheduler.word(move, moves)
                name = scheduler.actors[move.root].name
                could.append(f"{name} ({word})" if word else name)
                if could[-1] == step:
                    return move
            raise ValueError(
                f"the schedule doesn't fit from step {at + 1} on: {step} can't make a step there; "
                f"{' or '.join(dict.fromkeys(could))} can{_hint(plan)}"
            )

        return choose

    def record(self, book: Book, policy: Policy) -> Recording:
        """Run once, and make a recording of it."""
        scheduler = self.scheduler
        watching = Watching(scheduler, self.watch)
        watching.install()
        try:
            self.perform(book, policy)
        finally:
            watching.remove()
        events = final_events(list(scheduler.log), scheduler.log[0][0])
        recording = Recording(self.title, events, result=scheduler.result, error=scheduler.error, called=True)
        recording.schedule = self.schedule()
        return recording

    def perform(self, book: Book, policy: Policy) -> World:
        """Run once, from inside; result and error are the scheduler's."""
        self.scheduler.result, self.scheduler.error = None, None
        try:
            return self.scheduler.perform(book, self.scenario, policy, MOST_STEPS)
        except (Refused, Endless) as problem:
            raise RuntimeError(f"{self.title}: {problem}") from None
        except Differs as differs:
            raise RuntimeError(f"{self.title}: {difference(differs)}") from None

    def schedule(self) -> Schedule:
        """What the run that was made last did."""
        sharing = self.scheduler.sharing
        return Schedule(
            [f"{step.lane} ({step.word})" if step.word else step.lane for step in self.scheduler.steps if step.matters],
            [(place, place in sharing.vague) for place in sharing.counted],
        )

    def by_choices(self, choices: list[Choice]) -> Callable[[World, list[Move]], Move]:
        """A policy that makes these choices."""
        coming = iter(choices)

        def choose(world: World, moves: list[Move]) -> Move:
            return follow(next(coming), moves)

        return choose


def _hint(plan: Schedule) -> str:
    """What may be missing in a schedule that doesn't fit."""
    return "" if plan.shared else ". The text of recording.schedule says, too, what counts as a step"


def _check_kind(scenario: Any) -> None:
    """Make sure that calling a scenario runs it."""
    import inspect  # heavy, and not needed to import the package

    for told, kind in (
        (inspect.isgeneratorfunction, "a generator function"), (inspect.iscoroutinefunction, "a coroutine function"),
        (inspect.isasyncgenfunction, "an async generator function"),
    ):  # fmt: skip
        if told(scenario):
            raise TypeError(
                f"{shorten(scenario)} is {kind}, and calling it runs nothing: the scenario must be a function that "
                "starts threads, joins them and returns a value"
            )


def _explore(workshop: _Workshop, expected: Expected | None, limit: int, merge: bool) -> Interleavings:
    progress = Progress(workshop.title)
    explorer = (Explorer if merge else BruteForce)(workshop.scheduler, workshop.scenario, limit, progress)
    why = None
    counts: dict[Hashable, int] = {}
    schedules: dict[Hashable, Schedule] = {}
    try:
        with workshop.opened():
            try:
                while True:
                    counts = {}
                    counts = explorer.count()
                    explorer.check()
                    try:
                        probe(workshop.scheduler, workshop.scenario, counts, explorer.runs)
                        break
                    except Counts as more:
                        workshop.scheduler.sharing.learn(more.place)  # type: ignore[arg-type]  # a place is a pair
                for outcome in counts:
                    workshop.record(explorer.book, workshop.by_choices(explorer.example(outcome)))
                    schedules[outcome] = workshop.schedule()
            except (GaveUp, Endless) as stopped:
                counts, why = counts or explorer.partial(), str(stopped)
            except KeyboardInterrupt:
                counts, why = counts or explorer.partial(), "interrupted"
            except Refused as problem:
                raise RuntimeError(f"nothing can be said of {workshop.title}: {problem}") from None
            except Differs as differs:
                raise RuntimeError(f"nothing can be said of {workshop.title}: {difference(differs)}") from None
            finally:
                progress.close()
    except KeyboardInterrupt:
        why = why or "interrupted"  # when everything was being taken away
    return Interleavings(workshop, counts, schedules, explorer.runs, why, expected)
