"""The judge of what is counted: a program's interleavings merged, one by one, replayed, and run for real."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from course_utils import Deadlock, interleavings, replay
from course_utils.interleaved import Interleavings

from .making import compiled
from .real import HANGS, Real

__all__ = ["Verdict", "judge"]

RUNS: Final = 200
"""Runs after which counting is given up."""

_NEVER: Final = ("none of the interleavings", "itself failed", "in the same order again")
"""What is said of mistakes of our own."""


class Verdict(NamedTuple):
    """
    What was found of a program.

    Attributes:
        total: how many interleavings it has; None if there are too many to count.
        outcomes: how many there are of each, by its repr.
        every: whether they were run one by one, too.
        wrong: what differs and must not.
        refused: why nothing can be said of it.
    """

    total: int | None
    outcomes: dict[str, int]
    every: bool
    wrong: list[str]
    refused: str | None = None


def named(every: Interleavings) -> dict[str, int]:
    """Outcomes by their repr."""
    return {"Deadlock" if each is Deadlock else repr(each): number for each, number in every.outcomes.items()}


def judge(text: str, most: int, real: Real | None = None, times: int = 0) -> Verdict:
    """
    Compare all that can be said of a program.

    Args:
        text: the program.
        most: as many interleavings are run one by one.
        real: makes real runs, and
        times: how many.
    """
    wrong: list[str] = []
    try:
        merged = interleavings(compiled(text), limit=RUNS)
    except RuntimeError as problem:
        if any(words in str(problem) for words in _NEVER):
            wrong.append(str(problem))
        return Verdict(None, {}, False, wrong, str(problem))
    outcomes = named(merged)
    one_by_one = merged.complete and merged.total <= most
    if not merged.complete:
        return Verdict(None, outcomes, False, wrong)
    if one_by_one:
        every = interleavings(compiled(text), merge=False, limit=most + 20)
        if not every.complete or every.outcomes != merged.outcomes:
            wrong.append(f"merged: {merged.outcomes}; one by one: {every.outcomes}, {every.note or 'all'}")
    wrong += _virtual(text, merged, most)
    for outcome in merged.outcomes:
        wrong += _replayed(text, merged, outcome)
    if real is not None:
        met = {"Deadlock" if each == HANGS else each for each in real.outcomes(text, times, "Deadlock" in outcomes)}
        wrong += [f"a real run came to {each}; known: {list(outcomes)}" for each in sorted(met - {*outcomes})]
    return Verdict(merged.total, outcomes, one_by_one, wrong)


def _virtual(text: str, merged: Interleavings, most: int) -> list[str]:
    """What a clock that keeps durations allows is allowed without one, and can be counted in both ways, too."""
    if not any(word in text for word in ("sleep(", "timeout=", "wait(0", "Timer(")):
        return []
    timed = interleavings(compiled(text), clock="virtual", limit=RUNS)
    if not timed.complete or timed.total > most:
        return []
    wrong = []
    every = interleavings(compiled(text), clock="virtual", merge=False, limit=most + 20)
    if not every.complete or every.outcomes != timed.outcomes:
        wrong.append(f"timed, merged: {timed.outcomes}; one by one: {every.outcomes}, {every.note or 'all'}")
    more = {*named(timed)} - {*named(merged)}
    if more:
        wrong.append(f"timed: {sorted(more)}, which can't be without a clock: {merged.outcomes}")
    return wrong


def _replayed(text: str, merged: Interleavings, outcome: Any) -> list[str]:
    """What an example comes to, and its schedule's text."""
    example = merged.example(outcome)
    again = replay(compiled(text), str(example.schedule))
    if again.events != example.events:
        return [f"replayed by its text, {example.schedule} goes another way"]
    if outcome is Deadlock:
        right = isinstance(example.error, Deadlock)
    elif example.error is not None:
        right = f"{type(example.error).__name__}: {example.error}".rstrip(": ") == outcome
    else:
        right = example.result == outcome or repr(example.result) == outcome
    return [] if right else [f"the example of {outcome} comes to {example.result!r}, {example.error!r}"]
