"""
Measuring two or more things in turns, and the row that says what came out.

A *sample* is one measurement: seconds per operation, or bytes. A *round* takes one sample of each thing, so
that what slows the machine down slows down all of them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

__all__ = ["Row", "Sample", "Settings", "compare", "in_turns", "limit", "size", "skipped", "time_taken"]

Sample = Callable[[], float]


class Settings(NamedTuple):
    """
    How much is measured.

    Attributes:
        rounds: how many samples are taken of each thing.
        share: of the usual numbers of operations, events and the like; 1.0 for all of them.
    """

    rounds: int = 7
    share: float = 1.0

    def count(self, usual: int, least: int = 1) -> int:
        """The share of a usual number."""
        return max(least, int(usual * self.share))


class Row(NamedTuple):
    """A row of the table, as printed; `met` is empty where there is no goal."""

    what: str
    base: str = ""
    ours: str = ""
    ratio: str = ""
    spread: str = ""
    goal: str = ""
    met: str = ""


def in_turns(rounds: int, *samples: Sample, warm: bool = True) -> list[list[float]]:
    """
    Take samples of several things in turns.

    Args:
        rounds: how many samples of each.
        *samples: each takes one sample; the garbage of those before is collected first.
        warm: whether to begin with a round that doesn't count.

    Returns:
        list of samples, for each thing, in the same order.
    """
    taken: list[list[float]] = [[] for _ in samples]
    for number in range(-1 if warm else 0, rounds):
        order = range(len(samples))
        for which in order if number % 2 else reversed(order):
            gc.collect()
            value = samples[which]()
            if number >= 0:
                taken[which].append(value)
    return taken


def compare(
    what: str,
    base: list[float],
    ours: list[float],
    *,
    at_most: float | None = None,
    unit: Callable[[float], str] | None = None,
) -> Row:
    """
    Make the row of a comparison; its goal is a ratio.

    Args:
        what: the row's name.
        base: samples of what we compare with.
        ours: samples of ours, of the same rounds.
        at_most: the highest ratio that will do.
        unit: puts a sample into words; `time_taken` if not given.
    """
    words = unit or time_taken
    ratios = [our / other for our, other in zip(ours, base, strict=True)]
    ratio = median(ratios)
    return Row(
        what, words(median(base)), words(median(ours)), f"{ratio:.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}",
        "" if at_most is None else f"≤ {at_most:g} ×", _met(ratio, at_most),
    )  # fmt: skip


def limit(what: str, ours: list[float], at_most: float, *, worst: bool = False, base: list[float] | None = None) -> Row:
    """
    Make the row of something that has a limit in seconds.

    Args:
        what: the row's name.
        ours: samples.
        at_most: the limit.
        worst: whether it is for the worst sample; else it is for the median.
        base: samples of something to compare with, of the same rounds.
    """
    found = max(ours) if worst else median(ours)
    return Row(
        what, time_taken(median(base)) if base else "", time_taken(found),
        f"{median(our / other for our, other in zip(ours, base, strict=True)):.2f}" if base else "",
        f"{time_taken(min(ours))}–{time_taken(max(ours))}", f"≤ {time_taken(at_most)}", _met(found, at_most),
    )  # fmt: skip


def skipped(what: str, reason: str) -> Row:
    """Make the row of something that can't be measured here."""
    return Row(what, goal="skipped:", met=reason)


def _met(found: float, at_most: float | None) -> str:
    return "" if at_most is None else "yes" if found <= at_most else "NO"


def time_taken(seconds: float) -> str:
    """
    Put a time into words.

        >>> time_taken(2.5e-7)
        '250 ns'
    """
    for factor, unit in ((1e9, "ns"), (1e6, "µs"), (1e3, "ms")):
        if abs(seconds) * factor < 9999.5 or unit == "ms":
            value = seconds * factor
            return f"{value:,.1f} {unit}" if abs(value) < 100 else f"{value:,.0f} {unit}"
    raise AssertionError


def size(number: float) -> str:
    """
    Put a number of bytes into words.

        >>> size(176.0)
        '176 B'
    """
    return f"{number:,.0f} B"
