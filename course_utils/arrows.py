"""
Causes and effects between lanes, as arrows.

Arrows pass behind the bars of the lanes between, so that they cross no label in them. The other texts keep
clear of them: what an arrow takes of the strips between the bars is marked in `Rooms`.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

from .frame import Frame
from .scene import Room, Scene
from .view import View

__all__ = ["Rooms", "Style", "arrow", "arrows", "draw"]

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
        the kinds drawn; "place" where a get made room for a put, "freed" where a lock was released by another lane.
    """
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    close = _CLOSE if len(view.flows) < _CROWD else 2 * _CLOSE
    places = _places(view)
    freed = {(hold.lock, hold.released_by, hold.end) for hold in view.holds if hold.released_by is not None}
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
        kind = "place" if (flow.object, flow.target, flow.received) in places else flow.kind
        lock = locks.get(flow.object)
        key = (thin, lock, kind == "place", source, target, x0 // close, x1 // close)
        if key in drawn:
            continue
        drawn.add(key)
        kinds.add(kind)
        trunk = (kind, source, target > source, x0 // _CLOSE) if thin else None
        band = frame.gap + frame.band if lock else 0.0
        # One that released what it didn't hold has no band of it that the arrow could leave from.
        leave = 0.0 if target > source and (flow.object, flow.source, flow.sent) in freed else band
        place = kind == "place"
        style = Style(
            "thin" if thin else "wait" if place else lock or "flow",
            "thin" if thin else "place" if place else "full", close > _CLOSE, thin and trunk in drawn, leave,
        )  # fmt: skip
        before = _BEFORE if lock else 0.0
        arrow(scene, frame, (source, x0 - before), (target, x1 - before), style, rooms)
        if trunk is not None:
            drawn.add(trunk)
    if freed:
        kinds |= _freed(scene, frame, view, locks, rooms)
    return kinds


def _places(view: View) -> set[tuple[str, str, float]]:
    """Where waits for a place in a queue ended: queue, lane and when."""
    return {
        (each.on[:-4], lane.name, each.end)
        for lane in view.lanes
        for each in lane.intervals
        if each.on is not None and each.on.endswith(".put")
    }


def _freed(scene: Scene, frame: Frame, view: View, locks: dict[str, str], rooms: Rooms) -> set[str]:
    """Draw who released a lock that another lane had taken, where no hand-over between the two says so."""
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    told = {(flow.object, flow.source, flow.target, flow.sent) for flow in view.flows if flow.kind == "lock"}
    drawn: set[tuple[object, ...]] = set()
    for hold in view.holds:
        if hold.released_by is None or (hold.lock, hold.released_by, hold.lane, hold.end) in told:
            continue
        x = frame.x(hold.end)
        key = (hold.lock, hold.released_by, hold.lane, x // _CLOSE)
        if key not in drawn and {hold.released_by, hold.lane} <= rows.keys():
            drawn.add(key)
            style = Style(locks[hold.lock], "light", leave=0.0, reach=frame.gap + frame.band)
            arrow(scene, frame, (rows[hold.released_by], x - 0.5), (rows[hold.lane], x - 0.5), style, rooms)
    return {"freed"} if drawn else set()


class Style(NamedTuple):
    """
    How an arrow is drawn.

    Attributes:
        role: of its colour.
        weight: "full", "light", "place" for a broken one with a hollow head, or "thin" for one that texts may hide.
        crowded: whether there are so many that each must be slight.
        stub: whether only its end is drawn.
        leave: pixels under the source's bar, and the target's, at which it begins or ends.
        reach: the same for the target alone.
    """

    role: str
    weight: Literal["full", "light", "place", "thin"] = "full"
    crowded: bool = False
    stub: bool = False
    leave: float = 0.0
    reach: float = 0.0


_WEIGHTS: Final = {"full": (1.6, 8.5), "light": (1.0, 6.5), "place": (1.2, 8.0), "thin": (0.9, 5.5)}
"""Thickness, and length of the head."""

_DASH, _SPACE = 3.0, 2.0


def arrow(
    scene: Scene, frame: Frame, begin: tuple[int, float], end: tuple[int, float], style: Style, rooms: Rooms
) -> None:
    """
    Draw an arrow between two lanes, and take its place in the strips that it crosses.

    Args:
        scene: to be added to.
        frame: where.
        begin: the row it begins at, and x.
        end: the row it ends at, and x.
        style: how.
        rooms: to be added to.
    """
    (source, x0), (target, x1) = begin, end
    down = target > source
    if down:
        y0, y1 = frame.bar_bottom(source) + style.leave, frame.bar_top(target)
    else:
        y0, y1 = frame.bar_top(source), frame.bar_bottom(target) + max(style.leave, style.reach) + 1
    if style.stub:
        share = min(1.0, 10 / abs(y1 - y0))
        x0, y0 = x1 + (x0 - x1) * share, y1 + (y0 - y1) * share
    layer = "thin" if style.weight == "thin" else "flows"
    thick, head = _WEIGHTS[style.weight]
    if style.weight == "full" and style.crowded:
        thick, head = 1.0, 6.0
    if frame.pitch < 34:
        thick, head = min(thick, 1.3), min(head, 6.0)
    length = math.hypot(x1 - x0, y1 - y0)
    head = min(head, length)
    hollow = style.weight == "place"
    draw(scene, layer, style.role, thick, (x0, y0), (x1, y1), head, hollow=hollow)
    if style.weight == "thin":
        # Texts may hide its line, but not its head.
        (rooms.above if down else rooms.under)[target].take(x1 - 4.5, x1 + 4.5)
    else:
        _occupy(frame, rooms, (source, x0, y0), (target, x1, y1))


def draw(
    scene: Scene, layer: str, role: str, thick: float, begin: tuple[float, float], end: tuple[float, float],
    head: float, *, hollow: bool = False,
) -> None:  # fmt: skip
    """Draw a line with a head; if that is to be hollow, the line is broken."""
    (x0, y0), (x1, y1) = begin, end
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    to = length - (head if hollow else head * 0.8)
    step = _DASH + _SPACE if hollow else max(to, 1.0)
    at = to - math.ceil(to / step) * step
    while at < to:
        # Counted from the head, so that the last dash is whole.
        a, b = max(at + (_SPACE if hollow else 0.0), 0.0), at + step
        if b > a:
            scene.line(layer, role, thick, (x0 + ux * a, y0 + uy * a), (x0 + ux * b, y0 + uy * b))
        at += step

    def triangle(tip: float, long: float, side: float) -> list[tuple[float, float]]:
        tx, ty = x1 - ux * tip, y1 - uy * tip
        bx, by = tx - ux * long, ty - uy * long
        return [(tx, ty), (bx - uy * side, by + ux * side), (bx + uy * side, by - ux * side)]

    scene.shape(layer, role, *triangle(0, head, head * 0.4))
    if hollow and head > 5:
        scene.shape(layer, "card", *triangle(2.6, head - 3.8, (head - 3.8) * 0.4))


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
