"""
The bars of the lanes: what each thread did.

An interval narrower than `NARROW` pixels can't be seen. Where such intervals are, the bar is drawn in columns
of that width, and each column is divided from bottom to top by the share of time spent in each state: what
can't be shown one by one is shown in the right proportion. A single short interval thus becomes a column
of its own, wider than it was, rather than vanish.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .frame import Frame
from .metrics import drawable, width
from .model import Interval, State
from .scene import Label, Scene
from .units import duration
from .view import View

__all__ = ["NARROW", "bars", "hatch", "label_bars", "wait_words"]

NARROW: Final = 2.0
"""Pixels below which an interval is drawn as a share of a column."""

_HATCH: Final = 8.0
"""Pixels from one line of a hatch to the next, along the bar."""


def _fill(role: str) -> str:
    """The role of the ground that a wait's hatch is drawn on."""
    return f"{role} fill"


def bars(scene: Scene, frame: Frame, view: View, locks: dict[str, str]) -> None:
    """Draw every lane's intervals."""
    roles = ["active", "sleep", "wait", *dict.fromkeys(locks.values())]
    codes = {role: code for code, role in enumerate(roles)}
    of_lock = {name: codes[role] for name, role in locks.items()}
    rows: list[tuple[int, float, float, int]] = []
    for place, lane in enumerate(view.lanes):
        for state, start, end, on, _ in lane.intervals:
            which = 0 if state is State.ACTIVE else 1 if state is State.SLEEPING else of_lock.get(on or "", 2)
            rows.append((place, start, end, which))
    if not rows:
        return
    table = np.array(rows)
    row, code = table[:, 0].astype(int), table[:, 3].astype(int)
    left, right = frame.left + table[:, 1] * frame.scale, frame.left + table[:, 2] * frame.scale
    tops = np.array([frame.bar_top(number) for number in range(len(view.lanes))])
    wide = right - left >= NARROW
    for number, role in enumerate(roles):
        chosen = wide & (code == number)
        top = tops[row[chosen]]
        boxes = np.stack([_half(left[chosen]), top, _half(right[chosen]), top + frame.bar], axis=1)
        _draw(scene, role, boxes)
    narrow = ~wide
    if narrow.any():
        _columns(scene, frame, roles, tops, row[narrow], code[narrow], left[narrow], right[narrow])


def _half(x: np.ndarray) -> np.ndarray:
    """Round to half pixels, which are whole ones in a picture of twice the size."""
    return np.round(x * 2) / 2


def _draw(scene: Scene, role: str, boxes: np.ndarray) -> None:
    if role == "active":
        scene.boxes("bars", role, boxes)
    elif role == "sleep":
        scene.boxes("bars", role, boxes)
        scene.frames("edges", "sleep edge", 1.0, boxes)
    else:
        scene.boxes("bars", _fill(role), boxes)
        scene.strokes("hatch", role, 1.3, hatch(boxes, _HATCH))
        scene.frames("edges", role, 1.3, boxes)


def _columns(
    scene: Scene, frame: Frame, roles: list[str], tops: np.ndarray,
    row: np.ndarray, code: np.ndarray, left: np.ndarray, right: np.ndarray,
) -> None:  # fmt: skip
    """Draw narrow intervals as shares of columns. An interval is narrower than a column, so it meets two at most."""
    count = int((frame.right - frame.left) / NARROW) + 2
    first = ((left - frame.left) // NARROW).astype(int)
    border = frame.left + (first + 1) * NARROW
    inside = np.minimum(right, border) - left
    # What has no width at all still is there: a breath of it, to be seen if nothing else is in its column.
    inside = np.maximum(inside, 1e-9)
    beyond = np.maximum(right - border, 0.0)
    keys = np.concatenate([row * count + first, (row * count + first + 1)[beyond > 0]])
    shares = np.concatenate([inside, beyond[beyond > 0]])
    found, where = np.unique(keys, return_inverse=True)
    table = np.zeros((len(found), len(roles)))
    np.add.at(table, (where, np.concatenate([code, code[beyond > 0]])), shares)
    table *= frame.bar / table.sum(axis=1, keepdims=True)
    x = frame.left + (found % count) * NARROW
    bottom = tops[found // count] + frame.bar
    for number, role in enumerate(roles):
        tall = table[:, number]
        seen = tall > 0
        boxes = np.stack([x, bottom - tall, x + NARROW, bottom], axis=1)[seen]
        scene.boxes("edges", "sleep edge" if role == "sleep" else role, boxes)
        bottom = bottom - tall


def hatch(boxes: np.ndarray, step: float) -> np.ndarray:
    """
    Build the slanted lines that fill rectangles.

    They are worked out rather than left to a renderer's hatching, which depends on the resolution. The lines are
    those on which x + y is a multiple of `step`, cut off at the rectangle's edges.

    Args:
        boxes: array of shape (n, 4): left, top, right, bottom.
        step: pixels between lines.

    Returns:
        array of shape (m, 4): x, y to x, y.
    """
    if not len(boxes):
        return np.empty((0, 4))
    left, top, right, bottom = boxes.T
    first = np.floor((left + top) / step).astype(int) + 1
    last = np.ceil((right + bottom) / step).astype(int) - 1
    counts = np.maximum(last - first + 1, 0)
    of = np.repeat(np.arange(len(boxes)), counts)
    place = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    total = (first[of] + place) * step
    x0 = np.maximum(left[of], total - bottom[of])
    x1 = np.minimum(right[of], total - top[of])
    return np.stack([x0, total - x0, x1, total - x1], axis=1)


def wait_words(on: str | None, seconds: float) -> list[str]:
    """
    What to write in a wait's bar, from the longest to the shortest.

        >>> wait_words("_lock", 0.102)
        ['waiting for _lock  102 ms', 'waiting for _lock', '_lock']

    What waits in a call is named by it: "inbox.get", "join T0".
    """
    if not on:
        return [f"waiting  {duration(seconds)}", "waiting"]
    if on.startswith("join ") or ("." in on and " " not in on):
        return [f"{on}  {duration(seconds)}", on, *(["join"] if on.startswith("join ") else [])]
    return [f"waiting for {on}  {duration(seconds)}", f"waiting for {on}", on]


def _bar_words(interval: Interval, seconds: float) -> list[str]:
    if interval.state is State.SLEEPING:
        asked = seconds if interval.asked is None else interval.asked
        return [f"sleep {duration(asked)}", duration(asked)]
    return wait_words(interval.on, seconds) if interval.state is State.WAITING else []


def label_bars(scene: Scene, frame: Frame, view: View) -> None:
    """Write into bars what they are, where there is room."""
    size = frame.text
    if size < 7:
        return
    pad = 6.0
    least = 2 * pad + 12
    for row, lane in enumerate(view.lanes):
        base = frame.bar_top(row) + frame.bar / 2 + size * 0.34
        for interval in lane.intervals:
            if interval.state is State.ACTIVE or interval.duration * frame.scale < least:
                continue
            left, right = frame.x(interval.start) + pad, frame.x(interval.end) - pad
            for words in _bar_words(interval, view.seconds(interval.start, interval.end)):
                text = drawable(words)
                wide = width(text, size)
                if wide > right - left:
                    continue
                at = (left + right - wide) / 2
                waits = interval.state is State.WAITING
                if waits:
                    scene.rect("plates", "card", at - 5, frame.bar_top(row), at + wide + 5, frame.bar_bottom(row))
                scene.label(Label(at, base, text, size, "text" if waits else "muted", zone=f"bar {row}"))
                break
