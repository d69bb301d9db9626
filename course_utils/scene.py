"""
What a chart is drawn from: shapes and labels in pixels, with roles in place of colours.

Layout fills a `Scene`, drawing turns it into a figure. Coordinates are pixels of a chart 960 wide, x to the
right and y down. Layers are drawn in the order of `LAYERS`.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np

from .metrics import ASCENT, DESCENT, width

__all__ = ["LAYERS", "Label", "Room", "Scene"]

LAYERS: Final = ("grid", "thin", "flows", "behind", "bars", "hatch", "plates", "edges", "bands", "marks")
"""From the bottom up; labels are above them all."""


class Label(NamedTuple):
    """A text: `x` is where it begins, or ends if `align` is "right"; `y` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    role: str = "text"
    align: Literal["left", "right"] = "left"
    bold: bool = False
    zone: str = "chart"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the text."""
        wide = width(self.text, self.size, bold=self.bold)
        left = self.x - wide if self.align == "right" else self.x
        return left, self.y - ASCENT * self.size, left + wide, self.y + DESCENT * self.size


@dataclass(slots=True)
class Scene:
    """
    The shapes and labels of one chart.

    Attributes:
        width: pixels.
        height: pixels.
        rects: by layer and role, arrays of shape (n, 4): left, top, right, bottom.
        lines: by layer, role, thickness and whether dashed, arrays of shape (n, 4): x, y to x, y.
        shapes: by layer and role, arrays of shape (corners, 2), to be filled.
        labels: the texts.
    """

    width: float
    height: float
    rects: dict[tuple[str, str], list[np.ndarray]] = field(default_factory=dict)
    lines: dict[tuple[str, str, float], list[np.ndarray]] = field(default_factory=dict)
    shapes: dict[tuple[str, str], list[np.ndarray]] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)

    def rect(self, layer: str, role: str, left: float, top: float, right: float, bottom: float) -> None:
        """Add a filled rectangle."""
        self.rects.setdefault((layer, role), []).append(np.array([[left, top, right, bottom]], dtype=float))

    def boxes(self, layer: str, role: str, array: np.ndarray) -> None:
        """Add filled rectangles, an array of shape (n, 4)."""
        if len(array):
            self.rects.setdefault((layer, role), []).append(array)

    def line(self, layer: str, role: str, thick: float, *points: tuple[float, float]) -> None:
        """Add a line through points."""
        pairs = [[*a, *b] for a, b in pairwise(points)]
        self.lines.setdefault((layer, role, thick), []).append(np.array(pairs, dtype=float))

    def strokes(self, layer: str, role: str, thick: float, array: np.ndarray) -> None:
        """Add lines, an array of shape (n, 4)."""
        if len(array):
            self.lines.setdefault((layer, role, thick), []).append(array)

    def shape(self, layer: str, role: str, *points: tuple[float, float]) -> None:
        """Add a filled polygon."""
        self.shapes.setdefault((layer, role), []).append(np.array(points, dtype=float))

    def frames(self, layer: str, role: str, thick: float, array: np.ndarray) -> None:
        """Add the outlines of rectangles, an array of shape (n, 4); the line is inside the rectangle."""
        if not len(array):
            return
        half = thick / 2
        left, top, right, bottom = (array + (half, half, -half, -half)).T
        # Up and down lines reach to the outer corners, so that no corner has a notch.
        sides = [
            (left - half, top, right + half, top), (left - half, bottom, right + half, bottom),
            (left, top, left, bottom), (right, top, right, bottom),
        ]  # fmt: skip
        self.strokes(layer, role, thick, np.concatenate([np.stack(side, axis=1) for side in sides]))

    def label(self, label: Label) -> None:
        """Add a text."""
        if label.text:
            self.labels.append(label)


class Room:
    """
    What is taken of a strip that runs along a lane, so that no two texts meet.

        >>> room = Room()
        >>> room.take(40, 60)
        >>> room.near(0, 100, 30, prefer=35)
        5
    """

    def __init__(self) -> None:
        self._taken: list[tuple[float, float]] = []

    def take(self, left: float, right: float) -> None:
        """Mark a stretch as taken."""
        insort(self._taken, (left, right))

    def give_back(self, left: float, right: float) -> None:
        """Undo `take`."""
        self._taken.remove((left, right))

    def free(self, left: float, right: float) -> bool:
        """Whether nothing in a stretch is taken."""
        return not any(a < right and b > left for a, b in self._taken)

    def near(self, left: float, right: float, wide: float, prefer: float) -> float | None:
        """
        Find room for a text.

        Args:
            left: where it may begin.
            right: where it must have ended.
            wide: its width.
            prefer: where it should begin.

        Returns:
            where it can begin, as near to `prefer` as there is room, or None.
        """
        best: float | None = None
        begin = left
        for a, b in [*((a, b) for a, b in self._taken if b > left and a < right), (right, right)]:
            if a - begin >= wide:
                at = min(max(prefer, begin), a - wide)
                if best is None or abs(at - prefer) < abs(best - prefer):
                    best = at
            begin = max(begin, b)
        return best
