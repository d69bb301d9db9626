"""What stands on the lanes: moments, and how each lane ended."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from .arrows import Rooms
from .circles import died_of_it, needs, verdicts, wait_at
from .events import DEADLOCK, EXCEPTION, LOG, MARK, PRINT, READ, WRITE, Event
from .frame import Frame
from .metrics import drawable, fit, width
from .model import Lane
from .scene import Label, Scene
from .shorten import clip
from .view import View
from .words import ordinal

__all__ = ["TOLD", "ends_of", "moments", "name_moments", "sides", "sign", "write", "write_ends"]

_RANK: Final = {MARK: 0, DEADLOCK: 1, EXCEPTION: 1, LOG: 2, PRINT: 3}
TOLD: Final = (MARK, EXCEPTION, DEADLOCK)
"""Signs with words beside them."""

_ACCESSES: Final = (READ, WRITE, "lost")


def write(scene: Scene, label: Label) -> None:
    """Write a text on a plate that interrupts the lines behind it."""
    left, top, right, bottom = label.box
    scene.rect("plates", "card", left - 2, top, right + 2, bottom)
    scene.label(label)


class Moment(NamedTuple):
    """A sign that was drawn: its lane's row, where it is, and what happened."""

    row: int
    x: float
    event: Event


def moments(
    scene: Scene, frame: Frame, view: View, rooms: Rooms, others: Mapping[int, Sequence[float]]
) -> list[Moment]:
    """
    Draw what was marked, logged and printed, and exceptions: a small sign on the bar's upper edge.

    Args:
        scene: to be added to.
        frame: where.
        view: the recording.
        rooms: to be added to.
        others: by row, where signs of reads and writes stand, which say more than a line that was printed.

    Returns:
        list of `Moment`, one for each sign drawn.
    """
    rows = {lane.name: row for row, lane in enumerate(view.lanes)}
    died, stuck = {lane.name for lane in view.lanes if died_of_it(lane)}, verdicts(view)
    failures = {(lane.name, lane.exception) for lane in view.lanes if lane.exception}
    taken: dict[int, list[float]] = {}
    drawn: list[Moment] = []
    # Where signs would cover each other, the one that says most is drawn.
    for event in sorted((event for event in view.instants if event.kind in _RANK), key=lambda event: _RANK[event.kind]):
        row = rows.get(event.lane)
        if row is None or (event.kind == EXCEPTION and (event.lane, f"{event.object}: {event.value}") in failures):
            continue  # what a lane failed of stands at its end
        if event.kind == DEADLOCK and event.lane in died:
            continue
        if event.kind == EXCEPTION and event.object == "Deadlock" and event.lane in stuck:
            continue  # the verdict says it
        # A verdict strikes a lane where its wait ends.
        time = wait_at(view.lanes[row], event.time)[1] if event.kind == DEADLOCK else event.time
        x, y = frame.x(time), frame.bar_top(row)
        nearby = taken.setdefault(row, [])
        if _any_near(nearby, x, 3.0 if event.kind == MARK else 7.0):
            continue
        if event.kind not in TOLD and _any_near(others.get(row, ()), x, 8.0):
            continue
        insort(nearby, x)
        drawn.append(Moment(row, x, event))
        sign(scene, event.kind, x, y)
        if event.kind in TOLD:
            rooms.above[row].take(x - 5, x + 5)
    return drawn


def _any_near(places: Sequence[float], x: float, reach: float) -> bool:
    """Tell whether one of some places, in order, is within reach."""
    place = bisect_left(places, x)
    return any(abs(x - other) < reach for other in places[max(place - 1, 0) : place + 1])


def name_moments(scene: Scene, frame: Frame, found: list[Moment], rooms: Rooms) -> None:
    """Write beside the signs of marks and exceptions what they say, where there is room."""
    size = min(10.5, frame.above - 5)
    named = [moment for moment in found if moment.event.kind in TOLD]
    if size < 8:
        return
    ahead: dict[int, float] = {}
    limits = []
    for row, x, _ in sorted(named, key=lambda moment: -moment.x):
        limits.append(min(ahead.get(row, frame.right) - 12, 220 + x))
        ahead[row] = x
    for (row, x, event), limit in zip(sorted(named, key=lambda moment: moment.x), reversed(limits), strict=True):
        bad = event.kind != MARK
        whole = drawable(clip(_words(event), 60))
        # In full on either side of the sign, else as much as there is room for up to the next.
        for text in (fit(whole, 220, size), fit(whole, limit - x, size) if limit - x >= 24 else ""):
            wide = width(text, size)
            at = rooms.above[row].near(max(x - wide - 8, frame.left), min(x + wide + 10, frame.right), wide, x + 6)
            if text and at is not None:
                rooms.above[row].take(at - 3, at + wide + 5)
                y = frame.bar_top(row) - 5.5
                write(scene, Label(at, y, text, size, "bad" if bad else "text", zone=f"above {row}"))
                break


def _words(event: Event) -> str:
    if event.kind == DEADLOCK:
        return needs(event)
    return f"{event.object}: {event.value}" if event.kind == EXCEPTION else str(event.value)


def sign(scene: Scene, kind: str, x: float, y: float) -> None:
    """Draw the sign of a moment; its tip is at (x, y)."""
    if kind == LOG:
        scene.shape("marks", "card", (x - 3.5, y - 5), (x + 3.5, y - 5), (x + 3.5, y + 2), (x - 3.5, y + 2))
        scene.shape("marks", "flow", (x - 2.5, y - 4), (x + 2.5, y - 4), (x + 2.5, y + 1), (x - 2.5, y + 1))
    elif kind == PRINT:
        circle = [(math.cos(k * math.pi / 6), math.sin(k * math.pi / 6)) for k in range(12)]
        scene.shape("marks", "card", *((x + 3.8 * c, y - 1.5 + 3.8 * s) for c, s in circle))
        scene.shape("marks", "flow", *((x + 2.8 * c, y - 1.5 + 2.8 * s) for c, s in circle))
    elif kind in (EXCEPTION, DEADLOCK):
        for a, b in (((x - 3.5, y - 6), (x + 3.5, y + 1)), ((x - 3.5, y + 1), (x + 3.5, y - 6))):
            scene.line("marks", "bad", 1.8, a, b)
    elif kind in _ACCESSES:
        _access(scene, kind, x, y)
    else:
        y -= 3.5
        for role, reach in (("card", 5.4), ("text", 4.2)):
            scene.shape("marks", role, (x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach))


def _access(scene: Scene, kind: str, x: float, y: float) -> None:
    """A triangle astride the bar's edge: hollow and upright for a read, solid and pointing down for a write."""
    up = 1 if kind == READ else -1
    role = "bad" if kind == "lost" else "text"

    def triangle(reach: float) -> list[tuple[float, float]]:
        tip, base = y - 0.6 - up * 1.16 * reach, y - 0.6 + up * 0.84 * reach
        return [(x, tip), (x + 1.02 * reach, base), (x - 1.02 * reach, base)]

    scene.shape("marks", "card", *triangle(6.0))
    outer, inner = triangle(4.4), triangle(2.4)
    if kind == READ:
        # The inner triangle runs the other way round, which leaves it out.
        scene.shape("marks", role, *outer, outer[0], inner[0], inner[2], inner[1], inner[0], outer[0])
    else:
        scene.shape("marks", role, *outer)


def ends_of(view: View) -> list[list[tuple[str, str]]]:
    """What to write at each lane's end: its place among those that finished, or how else it ended."""
    pooled = {task.lane for task in view.tasks}
    places = {name: ordinal(place) for place, name in enumerate(view.finish_order, 1)}
    stuck = verdicts(view)
    found = []
    for lane in view.lanes:
        if lane.ending == "cut off":
            pieces = [("cut off", "bad")]
        elif lane.ending == "failed" and died_of_it(lane):
            pieces = [(f"✕ {needs(stuck[lane.name])}" if lane.name in stuck else "✕ Deadlock", "bad")]
        elif lane.ending == "failed":
            pieces = [(f"✕ {clip(lane.exception or 'failed', 80)}", "bad")]
        elif lane.name in places and lane.name not in pooled:
            pieces = [(places[lane.name], "muted")]
        else:
            pieces = []
        found.append(pieces)
    return found


def write_ends(scene: Scene, frame: Frame, view: View) -> None:
    """Write how each lane ended, and tear the bars of those cut off."""
    for row, (lane, end) in enumerate(zip(view.lanes, frame.ends, strict=True)):
        x = frame.x(lane.ended)
        middle = frame.bar_top(row) + frame.bar / 2
        scene.line("grid", "grid", 1.0, (frame.left, middle), (x, middle))
        if lane.ending == "cut off":
            _tear(scene, frame, row, lane, x)
        at = x + 8
        base = middle + end.size * 0.36
        if end.pieces:
            half, right = end.size * 0.7, at + end.width - width("  ", end.size)
            scene.rect("plates", "card", at - 3, middle - half, right + 3, middle + half)
        for text, role in end.pieces:
            scene.label(Label(at, base, text, end.size, role, zone=f"end {row}"))
            at += width(text + "  ", end.size)


def _tear(scene: Scene, frame: Frame, row: int, lane: Lane, x: float) -> None:
    """A zigzag in place of the straight end of a bar."""
    top, bottom = frame.bar_top(row), frame.bar_bottom(row)
    teeth = max(2, round(frame.bar / 5.5))
    deep = min(5.0, frame.x(lane.ended) - frame.x(lane.started))
    step = (bottom - top) / (2 * teeth)
    edge = [(x if k % 2 else x - deep, top + k * step) for k in range(2 * teeth + 1)]
    scene.shape("bands", "card", *edge, (x + 1.5, bottom + 0.5), (x + 1.5, top - 0.5))
    scene.line("marks", "bad", 1.3, *edge)


def sides(scene: Scene, frame: Frame) -> None:
    """Write the lanes' names, and under or beside them that they are daemons and the CPU time they used."""
    right = frame.left - 10
    size, small = frame.name, max(frame.name - 3, 7.0)
    below = frame.pitch >= 34
    for row, (name, note) in enumerate(frame.sides):
        middle = frame.bar_top(row) + frame.bar / 2
        scene.label(Label(right, middle + size * 0.36, name, size, "text", "right", zone=f"side {row}"))
        if not note:
            continue
        if below:
            scene.label(Label(right, middle + size * 0.4 + small * 1.15, note, small, "muted", "right", zone="note"))
        else:
            at = right - width(name, size) - 8
            scene.label(Label(at, middle + size * 0.36, note, small, "muted", "right", zone="note"))
