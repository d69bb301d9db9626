"""
What stands for a control: `(1, 8)` is a slider, True a box to tick, a list a choice.

The abbreviations are those of `ipywidgets.interact`, but for one: a plain number or text is not a control, it
stays as it is. A range that can't be meant is refused in words that say what to write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from inspect import Parameter
from numbers import Integral, Real
from typing import Any, Final, Protocol

from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider, ValueWidget, Widget, fixed

from .shorten import clip, shorten

__all__ = ["Control", "control", "in_words", "is_duration"]


class Control(Protocol):
    """What has a value to call the scenario with: a widget, or `fixed`."""

    value: Any


_STEPS: Final = 20
"""How many steps a slider of fractions has at least, if the range doesn't say."""

_DURATIONS: Final = ("pause", "sleep", "seconds", "delay", "duration", "timeout", "wait", "interval")
"""A parameter with one of these words in its name is taken to be in seconds."""


def control(name: str, abbreviation: Any, default: Any = Parameter.empty) -> Control:
    """
    Build the control that an abbreviation stands for.

        >>> control("workers", (1, 8), default=4).value
        4

    Args:
        name: the scenario's parameter.
        abbreviation: (min, max) or (min, max, step) for a slider; True or False for a box to tick; a list, a
            range or a dict for a choice; a widget with a value; anything else is a value that stays.
        default: the parameter's own default; the control begins there if it can, else in the middle of its
            range or with its first choice.

    Returns:
        a widget with a `value`, or ipywidgets' `fixed`, which is not shown.

    Raises:
        TypeError: the range isn't made of numbers, or the widget has no value.
        ValueError: the range is negative, reversed, empty or not finite, or there is nothing to choose from.
    """
    if isinstance(abbreviation, ValueWidget | fixed):
        given: Control = abbreviation
        return given
    if isinstance(abbreviation, Widget):
        raise TypeError(
            f"{name}={shorten(abbreviation)}: a {type(abbreviation).__name__} has no value to call the scenario "
            f"with; give a range, as in {name}=(1, 8), or a widget with a value, as an IntSlider"
        )
    if isinstance(abbreviation, tuple):
        return _slider(name, abbreviation, default)
    if isinstance(abbreviation, bool):
        box: Control = Checkbox(value=default if isinstance(default, bool) else abbreviation, indent=False)
        return box
    if isinstance(abbreviation, list | range | Mapping):
        return _choice(name, abbreviation, default)
    stays: Control = fixed(abbreviation)
    return stays


def in_words(abbreviation: Any) -> str:
    """
    Write an abbreviation as the learner would, and the same in every process.

        >>> in_words((1, 8)), in_words({"none": nullcontext, "a lock": Lock})
        ('(1, 8)', "['none', 'a lock']")
    """
    if isinstance(abbreviation, Widget):
        return f"{type(abbreviation).__name__}()"
    if isinstance(abbreviation, fixed):
        abbreviation = abbreviation.value
    if isinstance(abbreviation, Mapping):
        abbreviation = list(abbreviation)
    if isinstance(abbreviation, list):
        # Texts as they are written; functions and the like by their names, since their repr has an address.
        named = [each if isinstance(each, str) else _option(each)[0] for each in abbreviation]
        words = [shorten(n) if isinstance(e, str) else n for n, e in zip(named, abbreviation, strict=True)]
        text = clip(f"[{', '.join(words)}]")
    else:
        text = shorten(abbreviation)
    return re.sub(" at 0x[0-9a-fA-F]+", "", text)


def is_duration(name: str) -> bool:
    """
    Tell whether a parameter is in seconds, by its name.

        >>> is_duration("pause"), is_duration("workers")
        (True, False)
    """
    return any(word in _DURATIONS for word in name.lower().split("_"))


def _slider(name: str, given: tuple[Any, ...], default: Any) -> Control:
    written = f"{name}={shorten(given)}"
    example = f"{name}=(1, 8) or {name}=(0.0, 0.3, 0.05)"
    if not all(map(_is_number, given)):
        choice = f"; for a choice write a list, as in {name}={shorten(list(given))}" if given else ""
        raise TypeError(f"{written}: a slider's range must be numbers, as in {example}{choice}")
    if len(given) not in (2, 3):
        raise ValueError(f"{written}: a slider's range is (min, max) or (min, max, step), as in {example}")
    if not all(math.isfinite(part) for part in given):
        raise ValueError(f"{written}: a slider's range must be finite, as in {example}")
    low, high = given[:2]
    step = given[2] if len(given) == 3 else None
    if low > high:
        raise ValueError(f"{written}: the range is reversed; write {name}=({high!r}, {low!r}{_rest(step)})")
    if low < 0:
        raise ValueError(
            f"{written}: the range can't be negative; begin it at 0 or more, or give the values as a list, "
            f"as in {name}=[{low!r}, 0, {high!r}]"
        )
    if low == high:
        raise ValueError(f"{written}: the range has one value only; write {name}={low!r}, which stays")
    if step is not None and not 0 < step <= high - low:
        raise ValueError(f"{written}: the step must be more than 0 and at most {high - low:g}, not {step!r}")
    whole = all(isinstance(part, Integral) for part in given)
    if whole:
        step = int(step or 1)
        start: Any = low + (high - low) // 2 // step * step
        slider: Control = IntSlider(value=start, min=low, max=high, step=step)
    else:
        step = float(_fine_step(high - low) if step is None else step)
        start = low + round((high - low) / 2 / step) * step
        slider = FloatSlider(value=start, min=low, max=high, step=step, readout_format=f".{_digits(low, step)}f")
    if _is_number(default) and low <= default <= high and (not whole or isinstance(default, Integral)):
        slider.value = default
    return slider


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and value is not True and value is not False


def _rest(step: Any) -> str:
    return "" if step is None else f", {step!r}"


def _fine_step(span: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that divides a span into at least 20 steps."""
    power = 10.0 ** math.floor(math.log10(span / _STEPS))
    return max(step * power for step in (1, 2, 5) if step * power <= span / _STEPS * (1 + 1e-9))


def _digits(low: float, step: float) -> int:
    """How many digits after the point tell a slider's values apart."""
    for digits in range(6):
        if all(abs(round(part, digits) - part) < step / 1000 for part in (low, step)):
            return digits
    return 6


def _choice(name: str, given: Any, default: Any) -> Control:
    options = given if isinstance(given, Mapping) else list(given)
    if not options:
        raise ValueError(f"{name}={shorten(given)}: there is nothing to choose from; give at least one value")
    if not isinstance(given, Mapping):
        options = [_option(each) for each in options]
    choice: Control = Dropdown(options=options)
    for value in given.values() if isinstance(given, Mapping) else [value for _, value in options]:
        if default is not Parameter.empty and _same(value, default):
            choice.value = value
    return choice


def _option(each: Any) -> tuple[str, Any]:
    """A choice's label and value; a pair that begins with a text is both already."""
    if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str):
        return each
    if isinstance(each, str):
        return each, each
    name = getattr(each, "__name__", None)  # a function or a class is known by its name
    return (name if isinstance(name, str) else shorten(each)), each


def _same(one: object, other: object) -> bool:
    try:
        return bool(one is other or one == other)
    except Exception:  # the learner's own __eq__, which may raise anything
        return False
