"""
How full the queues were: a step curve for each, under the lanes and along the same scale.

Where a curve goes up and down too often to be followed, the area between its highs and lows is darker instead.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Final, NamedTuple

import numpy as np

from .frame import STRIP, Frame, Strip
from .metrics import width
from .model import Fill
from .scene import Label, Scene
from .view import View

__all__ = ["strips"]

_HIGH: Final = 18.0
"""Pixels for as many items as there were at most, or as there may be."""

_FAR: Final = 4
"""A capacity of more than so many times what a queue ever held has no line: the curve would be flat."""

_DASH: Final = 5.0
_NARROW: Final = 0.5
"""Pixels below which a step is put together with the next."""

_SLOT: Final = 6.0
_TURNS: Final = 2
"""How many times a curve may turn within that many pixels; of one that turns more often, only the limits are drawn."""


def strips(scene: Scene, frame: Frame, view: View) -> None:
    """Draw under the lanes how many items the queues held."""
    top = frame.rows_bottom(len(view.lanes))
    for number, strip in enumerate(frame.strips):
        _strip(scene, frame, strip, top + (number + 1) * STRIP - 8, frame.x(view.span), number)


def _strip(scene: Scene, frame: Frame, strip: Strip, base: float, end: float, number: int) -> None:
    fill = strip.fill
    most = max(fill.most, 1)
    limit = fill.capacity if fill.capacity is not None and fill.capacity <= _FAR * most else None
    tall = _HIGH / max(most, limit or 0)
    steps = _steps(frame, fill, end)
    boxes = [(step.x, base - step.held * tall, step.end, base) for step in steps if step.held]
    scene.boxes("bars", "sleep", np.array(boxes))
    between = [(step.x, base - step.high * tall, step.end, base - step.low * tall) for step in steps if step.crowded]
    scene.boxes("bars", "sleep edge", np.array(between))
    corners = [(x, base - step.shown * tall) for step in steps for x in (step.x, step.end)]
    scene.line("edges", "flow", 1.2, *corners)
    peaks = [(step.x, base - step.low * tall, step.x, base - step.high * tall) for step in steps if not step.crowded]
    scene.strokes("edges", "flow", 1.2, np.array([peak for peak in peaks if peak[1] != peak[3]]))
    if limit is not None:
        y = base - limit * tall
        starts = np.arange(frame.left, end, 2 * _DASH)
        ends = np.minimum(starts + _DASH, end)
        scene.strokes("hatch", "wait", 1.0, np.stack([starts, np.full_like(starts, y), ends,
                                                      np.full_like(starts, y)], axis=1))  # fmt: skip
    zone = f"queue {number}"
    scene.label(Label(frame.left - 10, base - _HIGH / 2 + frame.name * 0.36, strip.name, frame.name, "text", "right",
                      zone=zone))  # fmt: skip
    at = end + 8
    for text, role in strip.end.pieces:
        scene.label(Label(at, base - _HIGH / 2 + strip.end.size * 0.36, text, strip.end.size, role, zone=zone))
    _numbers(scene, steps, base, tall, zone)


class _Step(NamedTuple):
    """
    A stretch of the curve.

    Where it begins, the queue held from `low` to `high` items within a pixel; or all along it, if it is crowded.
    """

    x: float
    end: float
    level: int
    low: int
    high: int
    crowded: bool = False

    @property
    def held(self) -> int:
        """How many items the queue held at least, but for the moment where it begins."""
        return self.low if self.crowded else self.level

    @property
    def shown(self) -> int:
        """How high the line is."""
        return self.high if self.crowded else self.level


def _steps(frame: Frame, fill: Fill, end: float) -> list[_Step]:
    """Take a curve apart, up to `end`; changes on one pixel begin one step, and of a crowd only the limits are left."""
    slots = [
        (slot, list(moves))
        for slot, moves in groupby(fill.levels, lambda move: (frame.x(move[0]) - frame.left) // _SLOT)
    ]
    before = [fill.levels[0][1], *(moves[-1][1] for _, moves in slots)]
    turns = {
        slot: _turns([level, *(after for _, after in moves)])
        for level, (slot, moves) in zip(before, slots, strict=False)
    }
    found: list[_Step] = []
    for level, (slot, moves) in zip(before, slots, strict=False):
        here = [(frame.x(time), after) for time, after in moves]
        # One that turns just often enough is drawn as those beside it.
        if max(turns[slot], *(turns.get(slot + side, 0) for side in (-1, 1))) > _TURNS <= turns[slot]:
            levels = [level, *(after for _, after in here)]
            left, right = frame.left + slot * _SLOT, frame.left + (slot + 1) * _SLOT
            if found and found[-1].x >= left:
                found.pop()  # what the crowd before it left, and nobody sees
            found.append(_Step(left, left, levels[-1], min(levels), max(levels), crowded=True))
            here = [(right, levels[-1])] if right < end else []
        for x, after in here:
            if found and not found[-1].crowded and x - found[-1].x < _NARROW:
                last = found[-1]
                found[-1] = last._replace(level=after, low=min(last.low, after), high=max(last.high, after))
            else:
                found.append(_Step(x, x, after, after, after))
    ends = [*(step.x for step in found[1:]), max(end, found[-1].x)]
    return [step._replace(end=following) for step, following in zip(found, ends, strict=True)]


def _turns(levels: list[int]) -> int:
    """Count how many times a curve turns, up or down."""
    moves = [after > before for before, after in pairwise(levels) if after != before]
    return sum(one != other for one, other in pairwise(moves))


def _numbers(scene: Scene, steps: list[_Step], base: float, tall: float, zone: str) -> None:
    """Write how many items they are into the steps that are wide enough, over those that are too low."""
    size = 8.5
    for step in steps:
        text = str(step.level)
        wide = width(text, size)
        if step.level and not step.crowded and step.end - step.x >= wide + 6:
            x, y = (step.x + step.end - wide) / 2, base - step.level * tall
            y += size * 0.73 + 2.5 if step.level * tall >= size else -2.5
            scene.label(Label(x, y, text, size, "muted", zone=zone))
