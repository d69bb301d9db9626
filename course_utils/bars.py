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
from .model import Fill, Interval, State
from .scene import Label, Scene
from .units import duration
from .view import View

__all__ = ["NARROW", "PUT", "bars", "hatch", "label_bars", "wait_words"]

NARROW: Final = 2.0
"""Pixels below which an interval is drawn as a share of a column."""

_HATCH: Final = 8.0
"""Pixels from one line of a hatch to the next, along the bar."""


PUT: Final = "wait to put"
"""What a wait for a place in a queue is drawn as: hatched the other way."""

_COLUMN: Final = {"sleep": "sleep edge", PUT: "wait"}
"""The role of what is too narrow for an edge or a hatch."""

_PAD: Final = {State.SLEEPING: 6.0, State.WAITING: 9.0}
"""Free pixels on either side of a text in a bar; beside a wait's plate some of its hatch must be seen."""


def _fill(role: str) -> str:
    """The role of the ground that a wait's hatch is drawn on."""
    return f"{role} fill"


def bars(scene: Scene, frame: Frame, view: View, locks: dict[str, str]) -> None:
    """Draw every lane's intervals."""
    roles = ["active", "sleep", "wait", PUT, *dict.fromkeys(locks.values())]
    codes = {role: code for code, role in enumerate(roles)}
    of_lock = {name: codes[role] for name, role in locks.items()}
    rows: list[tuple[int, float, float, int]] = []
    for place, lane in enumerate(view.lanes):
        for state, start, end, on, _ in lane.intervals:
            which = 0 if state is State.ACTIVE else 1 if state is State.SLEEPING else of_lock.get(on or "", 2)
            if which == 2 and on is not None and on.endswith(".put"):
                which = 3
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
        back, role = role == PUT, "wait" if role == PUT else role
        scene.boxes("bars", _fill(role), boxes)
        scene.strokes("hatch", role, 1.3, hatch(boxes, _HATCH, back=back))
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
        scene.boxes("edges", _COLUMN.get(role, role), boxes)
        bottom = bottom - tall


def hatch(boxes: np.ndarray, step: float, *, back: bool = False) -> np.ndarray:
    """
    Build the slanted lines that fill rectangles.

    They are worked out rather than left to a renderer's hatching, which depends on the resolution. The lines are
    those on which x + y is a multiple of `step`, cut off at the rectangle's edges.

    Args:
        boxes: array of shape (n, 4): left, top, right, bottom.
        step: pixels between lines.
        back: whether the lines slant the other way.

    Returns:
        array of shape (m, 4): x, y to x, y.
    """
    if not len(boxes):
        return np.empty((0, 4))
    if back:
        return hatch(boxes[:, (2, 1, 0, 3)] * (-1, 1, -1, 1), step) * (-1, 1, -1, 1)
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


def wait_words(on: str | None, seconds: float, why: str = "") -> list[str]:
    """
    What to write in a wait's bar, from the longest to the shortest.

        >>> wait_words("_lock", 0.102)
        ['waiting for _lock  102 ms', 'waiting for _lock', '_lock']
        >>> wait_words("inbox.put", 0.102, "full")
        ['inbox.put: full  102 ms', 'inbox.put: full', 'full']

    What waits in a call is named by it: "inbox.get", "join T0".
    """
    if not on:
        return [f"waiting  {duration(seconds)}", "waiting"]
    if why:
        return [f"{on}: {why}  {duration(seconds)}", f"{on}: {why}", why]
    if on.startswith("join ") or ("." in on and " " not in on):
        return [f"{on}  {duration(seconds)}", on, *(["join"] if on.startswith("join ") else [])]
    return [f"waiting for {on}  {duration(seconds)}", f"waiting for {on}", on]


def _why(interval: Interval, fills: dict[str, Fill]) -> str:
    """
    Why a thread waited at a queue: it was full, or empty.

    Where the numbers don't say so, it may have waited for another thread that was at the queue just then.
    """
    queue, _, call = (interval.on or "").rpartition(".")
    fill = fills.get(queue)
    if fill is None or call not in ("put", "get"):
        return ""
    levels = fill.during(interval.start, interval.end)
    if call == "get":
        return "empty" if 0 in levels else ""
    return "full" if fill.capacity is not None and max(levels, default=0) >= fill.capacity else ""


def _bar_words(interval: Interval, seconds: float, fills: dict[str, Fill]) -> list[str]:
    if interval.state is State.SLEEPING:
        asked = seconds if interval.asked is None else interval.asked
        return [f"sleep {duration(asked)}", duration(asked)]
    return wait_words(interval.on, seconds, _why(interval, fills))


def label_bars(scene: Scene, frame: Frame, view: View) -> None:
    """Write into bars what they are, where there is room."""
    size = frame.text
    if size < 7:
        return
    least = 2 * min(_PAD.values()) + 12
    fills = {fill.queue: fill for fill in view.fills}
    for row, lane in enumerate(view.lanes):
        base = frame.bar_top(row) + frame.bar / 2 + size * 0.34
        for interval in lane.intervals:
            if interval.state is State.ACTIVE or interval.duration * frame.scale < least:
                continue
            pad = _PAD[interval.state]
            left, right = frame.x(interval.start) + pad, frame.x(interval.end) - pad
            for words in _bar_words(interval, view.seconds(interval.start, interval.end), fills):
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
