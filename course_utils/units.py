"""Time in the unit that fits, for words and for scales."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

__all__ = ["Unit", "duration", "ticks", "unit_for"]


class Unit(NamedTuple):
    """A unit of time: its name, and how many seconds it has."""

    name: str
    seconds: float


_UNITS: Final = (Unit("µs", 1e-6), Unit("ms", 1e-3), Unit("s", 1.0), Unit("min", 60.0))
_UPTO: Final = (1e-3, 2.0, 180.0, math.inf)
"""The longest time, in seconds, for which each unit is used on a scale."""


def unit_for(seconds: float) -> Unit:
    """
    Choose the unit for a scale that goes up to a time.

        >>> unit_for(0.2).name
        'ms'
    """
    return next(unit for unit, upto in zip(_UNITS, _UPTO, strict=True) if seconds < upto)


def duration(seconds: float) -> str:
    """
    Put a length of time into words, to two or three figures.

        >>> duration(0.10234), duration(1.5), duration(15e-6), duration(150)
        ('102 ms', '1.5 s', '15 µs', '2 min 30 s')

    Args:
        seconds: float, not negative.

    Returns:
        str: a number and a unit; minutes and seconds from a minute on.
    """
    if seconds <= 0:
        return "0 s"
    if seconds >= 59.95:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    for unit, factor in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * factor:
            return f"{_figures(seconds / factor)} {unit}"
    return f"{_figures(seconds / 1e-6)} µs"


def _figures(number: float) -> str:
    """Three figures above 100, two below 10, without zeros at the end of a fraction."""
    digits = 0 if number >= 9.95 else 1 if number >= 0.995 else 2
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ticks(span: float, count: int, *, whole: bool = False) -> list[tuple[float, str]]:
    """
    Choose round numbers for a scale that begins at 0.

        >>> ticks(225, 9)
        [(0.0, '0'), (25.0, '25'), (50.0, '50'), (75.0, '75'), (100.0, '100'), ...]

    Args:
        span: where the scale ends, in its unit; positive.
        count: the most steps that there is room for, at least 1.
        whole: whether only whole numbers will do.

    Returns:
        list of number and text, from 0 to `span`.
    """
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    # A quarter needs a digit more than its tens: 25 is rounder than 2.5.
    factors = (1, 2, 5, 10) if power == 1 or whole else (1, 2, 2.5, 5, 10)
    step = next(power * factor for factor in factors if power * factor >= rough * (1 - 1e-9))
    if whole:
        step = max(1.0, step)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if not math.isclose(round(step, digits), step, rel_tol=1e-6):
        digits += 1
    return [(k * step, f"{k * step:.{digits}f}") for k in range(math.floor(span / step * (1 + 1e-9)) + 1)]
