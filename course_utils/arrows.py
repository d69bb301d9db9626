"""
Causes and effects between lanes, as arrows.

Arrows pass behind the bars of the lanes between, so that they cross no label in them. The other texts keep
clear of them: what an arrow takes of the strips between the bars is marked in `Rooms`.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from .frame import Frame
from .scene import Room, Scene
from .view import View

__all__ = ["Rooms", "arrows"]

_THIN: Final = frozenset({"start", "submit", "join"})
"""Flows that say when a thread or task began or was joined: many, and seldom the point."""

_CLOSE: Final = 3.0
"""Arrows nearer than this many pixels, of one kind and between the same lanes, are drawn as one."""

_BEFORE: Final = 4.0
"""Pixels by which a lock's hand-over is drawn before its time, at the wait's end: what follows is often a mark."""

_CROWD: Final = 120
"""From so many arrows on, they are thinner, and nearer ones are drawn as one."""


class Rooms:
    """The strips of every lane that texts share with arrows: above the bar and under it."""

    def __init__(self, rows: int) -> None:
        self.above = [Room() for _ in range(rows)]
        self.under = [Room() for _ in range(rows)]


def arrows(scene: Scene, frame: Frame, view: View, locks: dict[str, str], rooms: Rooms) -> set[str]:
    """
    Draw causes and effects between lanes.

    Returns:
        the kinds drawn.
    """
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    close = _CLOSE if len(view.flows) < _CROWD else 2 * _CLOSE
    drawn: set[tuple[object, ...]] = set()
    kinds: set[str] = set()
    # The longest first: shorter ones that begin at the same place share its line.
    for flow in sorted(view.flows, key=lambda flow: -abs(rows.get(flow.source, 0) - rows.get(flow.target, 0))):
        source, target = rows.get(flow.source), rows.get(flow.target)
        if source is None or target is None or source == target:
            continue
        x0, x1 = frame.x(flow.sent), frame.x(flow.received)
        thin = flow.kind in _THIN
        if flow.kind == "submit" and x1 - x0 > 24:
            continue  # it waited in the pool's queue: a line across the chart would say so at too high a price
        lock = locks.get(flow.object)
        key = (thin, lock, source, target, x0 // close, x1 // close)
        if key in drawn:
            continue
        drawn.add(key)
        kinds.add(flow.kind)
        trunk = (flow.kind, source, target > source, x0 // _CLOSE) if thin else None
        style = _Style(thin, lock, close > _CLOSE, thin and trunk in drawn)
        _arrow(scene, frame, (source, x0), (target, x1), style, rooms)
        if trunk is not None:
            drawn.add(trunk)
    return kinds


class _Style(NamedTuple):
    thin: bool
    lock: str | None
    crowded: bool
    stub: bool


def _arrow(
    scene: Scene, frame: Frame, begin: tuple[int, float], end: tuple[int, float], style: _Style, rooms: Rooms
) -> None:
    (source, x0), (target, x1) = begin, end
    down = target > source
    if style.lock:
        x0, x1 = x0 - _BEFORE, x1 - _BEFORE
    under = frame.gap + frame.band if style.lock else 0
    if down:
        y0, y1 = frame.bar_bottom(source) + under, frame.bar_top(target)
    else:
        y0, y1 = frame.bar_top(source), frame.bar_bottom(target) + under + 1
    if style.stub:
        share = min(1.0, 10 / abs(y1 - y0))
        x0, y0 = x1 + (x0 - x1) * share, y1 + (y0 - y1) * share
    layer = "thin" if style.thin else "flows"
    role = "thin" if style.thin else style.lock or "flow"
    thick, head = (0.9, 5.5) if style.thin else (1.0, 6.0) if style.crowded else (1.6, 8.5)
    if frame.pitch < 34:
        thick, head = min(thick, 1.3), min(head, 6.0)
    length = math.hypot(x1 - x0, y1 - y0)
    head = min(head, length)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    neck = x1 - ux * head * 0.8, y1 - uy * head * 0.8
    scene.line(layer, role, thick, (x0, y0), neck)
    side = head * 0.4
    bx, by = x1 - ux * head, y1 - uy * head
    scene.shape(layer, role, (x1, y1), (bx - uy * side, by + ux * side), (bx + uy * side, by - ux * side))
    if style.thin:
        # Texts may hide its line, but not its head.
        (rooms.above if down else rooms.under)[target].take(x1 - 3, x1 + 3)
    else:
        _occupy(frame, rooms, (source, x0, y0), (target, x1, y1))


def _occupy(frame: Frame, rooms: Rooms, begin: tuple[int, float, float], end: tuple[int, float, float]) -> None:
    """Take what an arrow crosses between the bars, so that texts keep clear of it."""
    (source, x0, y0), (target, x1, y1) = begin, end
    step = 1 if target > source else -1
    for row in range(source, target + step, step):
        top = frame.bar_top(row)
        for room, upper, lower in (
            (rooms.above[row], top - frame.above, top),
            (rooms.under[row], top + frame.bar, top + frame.pitch - frame.above),
        ):
            a, b = max(min(y0, y1), upper), min(max(y0, y1), lower)
            if b - a > 1:
                xa, xb = x0 + (x1 - x0) * (a - y0) / (y1 - y0), x0 + (x1 - x0) * (b - y0) / (y1 - y0)
                room.take(min(xa, xb) - 4, max(xa, xb) + 4)
