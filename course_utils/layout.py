"""From a recording to a scene: everything that a chart shows, in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import marks
from .arrows import Rooms, arrows
from .bands import bands, lock_roles
from .bars import bars, label_bars
from .brackets import brackets
from .circles import circles
from .frame import EDGE, WIDTH, Frame, frame
from .legend import legend
from .metrics import drawable, fit, width
from .readings import draw_readings, place_readings
from .scene import Label, Scene
from .strips import strips
from .units import ticks, unit_for
from .view import View, view
from .words import summary

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["draw_lanes", "draw_scale", "layout"]


def layout(recording: Recording, *, axis: str = "time", behind: Recording | None = None) -> tuple[Scene, Frame]:
    """
    Lay a recording out.

    Args:
        recording: a finished `Recording`.
        axis: "time" or "step".
        behind: another recording, to be drawn in pale outline behind this one, on the same scale.

    Returns:
        the `Scene` to draw, and the `Frame` it was laid out in.
    """
    shown = view(recording, axis)
    before = None if behind is None else view(behind, axis)
    longest = max(shown.span, before.span if before else 0.0)
    box = frame(shown, marks.ends_of(shown), longest)
    scene = Scene(WIDTH, box.height)
    locks = lock_roles(shown.holds)

    _head(scene, shown.title, summary(recording))
    if longest > 0:
        caption = draw_scale(scene, box, len(shown.lanes), axis)
        scene.label(
            Label(box.right, box.bottom(len(shown.lanes)) + 41, caption, 11.5, "muted", "right", zone="caption")
        )
    if before is not None:
        _behind(scene, box, shown, before)
    kinds, signs = draw_lanes(scene, box, shown, locks)
    legend(scene, [shown], locks, kinds, signs, box.bottom(len(shown.lanes)) + 41, behind=before is not None)
    return scene, box


def draw_lanes(scene: Scene, box: Frame, shown: View, locks: dict[str, str]) -> tuple[set[str], set[str]]:
    """
    Lay out the lanes, and all that stands on and between them.

    Args:
        scene: to be added to.
        box: where.
        shown: the recording.
        locks: the role of each lock's colour.

    Returns:
        the kinds of flows and the kinds of moments that were drawn, for the legend.
    """
    rooms = Rooms(len(shown.lanes))
    bars(scene, box, shown, locks)
    kinds = arrows(scene, box, shown, locks, rooms)
    kinds |= circles(scene, box, shown, rooms)
    bands(scene, box, shown, locks, rooms.under)
    placed = place_readings(box, shown)
    others = {row: [x for group in groups for x in group.places] for row, groups in placed.items()}
    moments = marks.moments(scene, box, shown, rooms, others)
    accesses = draw_readings(scene, box, placed, rooms)
    brackets(scene, box, shown, rooms)
    marks.name_moments(scene, box, moments, rooms)
    label_bars(scene, box, shown)
    marks.write_ends(scene, box, shown)
    marks.sides(scene, box)
    strips(scene, box, shown)
    return kinds, {moment.event.kind for moment in moments} | accesses


def _head(scene: Scene, title: str, sentence: str) -> None:
    room = WIDTH - 2 * EDGE
    scene.label(Label(EDGE, 28, fit(drawable(title), room, 16, bold=True), 16, "text", bold=True, zone="title"))
    scene.label(Label(EDGE, 51, fit(drawable(sentence), room, 13), 13, "muted", zone="summary"))


def draw_scale(scene: Scene, box: Frame, rows: int, axis: str = "time", *, steps: int = 9) -> str:
    """
    Draw the scale under the rows, and its lines through them.

    Args:
        scene: to be added to.
        box: where; what it shows must have lasted.
        rows: how many lanes there are.
        axis: "time" or "step".
        steps: the most that there is room for.

    Returns:
        what the numbers are, in words.
    """
    y = box.bottom(rows)
    top = box.top
    if axis == "time":
        unit = unit_for((box.right - box.left) / box.scale)
        per, caption = unit.seconds, f"{unit.name} since the recording began"
    else:
        per, caption = 1.0, "events, in order"
    span = (box.right - box.left) / box.scale / per
    for at, text in ticks(span, steps, whole=axis == "step"):
        x = round(2 * box.x(at * per)) / 2
        scene.line("grid", "grid", 1.0, (x, top), (x, y))
        wide = width(text, 11.5)
        left = min(x - wide / 2, WIDTH - 4 - wide)
        scene.line("marks", "axis", 1.0, (x, y), (x, y + 4))
        scene.label(Label(left, y + 17, text, 11.5, "muted", zone="scale"))
    scene.line("marks", "axis", 1.2, (box.left, y), (box.right, y))
    return caption


def _behind(scene: Scene, box: Frame, shown: View, before: View) -> None:
    """The run before, in pale outline: lanes of the same name, or else of the same place."""
    names = {lane.name: row for row, lane in enumerate(shown.lanes)}
    for place, lane in enumerate(before.lanes):
        row = names.get(lane.name, place)
        if row >= len(shown.lanes):
            continue
        top, bottom = box.bar_top(row) - 3, box.bar_bottom(row) + 3
        scene.frames("behind", "behind", 1.4, np.array([[box.x(lane.started), top, box.x(lane.ended), bottom]]))
        last = -9.0
        for interval in lane.intervals[1:]:
            x = box.x(interval.start)
            if x - last >= 4:
                scene.line("behind", "behind", 1.4, (x, top), (x, bottom))
                last = x
