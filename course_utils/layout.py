"""From a recording to a scene: everything that a chart shows, in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from . import marks
from .arrows import Rooms, arrows
from .bands import bands, lock_roles
from .bars import bars, hatch, label_bars
from .events import EXCEPTION, LOG, MARK, PRINT
from .frame import EDGE, WIDTH, Frame, frame
from .metrics import drawable, fit, width
from .model import State
from .scene import Label, Scene
from .units import ticks, unit_for
from .view import View, view
from .words import summary

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["layout"]

_LEGEND: Final = 11.5
_ARROWS: Final = {
    "lock": "hand-over", "semaphore": "hand-over", "queue": "item", "result": "result",
    "event": "wake-up", "condition": "wake-up", "barrier": "wake-up",
}  # fmt: skip
_SIGNS: Final = {MARK: "mark", LOG: "log", PRINT: "print", EXCEPTION: "exception"}


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
    rooms = Rooms(len(shown.lanes))

    _head(scene, shown.title, summary(recording))
    if longest > 0:
        _scale(scene, box, len(shown.lanes), axis)
    if before is not None:
        _behind(scene, box, shown, before)
    bars(scene, box, shown, locks)
    kinds = arrows(scene, box, shown, locks, rooms)
    bands(scene, box, shown, locks, rooms.under)
    moments = marks.moments(scene, box, shown, rooms)
    marks.tasks(scene, box, shown, rooms)
    marks.name_moments(scene, box, moments, rooms)
    label_bars(scene, box, shown)
    marks.write_ends(scene, box, shown)
    marks.sides(scene, box)
    signs = {moment.event.kind for moment in moments}
    _legend(scene, box, shown, locks, kinds, signs, before is not None)
    return scene, box


def _head(scene: Scene, title: str, sentence: str) -> None:
    room = WIDTH - 2 * EDGE
    scene.label(Label(EDGE, 28, fit(drawable(title), room, 16, bold=True), 16, "text", bold=True, zone="title"))
    scene.label(Label(EDGE, 51, fit(drawable(sentence), room, 13), 13, "muted", zone="summary"))


def _scale(scene: Scene, box: Frame, rows: int, axis: str) -> None:
    """The scale under the rows, and its lines through them."""
    y = box.bottom(rows)
    top = box.top
    if axis == "time":
        unit = unit_for((box.right - box.left) / box.scale)
        per, caption = unit.seconds, f"{unit.name} since the recording began"
    else:
        per, caption = 1.0, "events, in order"
    span = (box.right - box.left) / box.scale / per
    marked = ticks(span, 9, whole=axis == "step")
    for at, text in marked:
        x = round(2 * box.x(at * per)) / 2
        scene.line("grid", "grid", 1.0, (x, top), (x, y))
        wide = width(text, 11.5)
        left = min(x - wide / 2, WIDTH - 4 - wide)
        scene.line("marks", "axis", 1.0, (x, y), (x, y + 4))
        scene.label(Label(left, y + 17, text, 11.5, "muted", zone="scale"))
    scene.line("marks", "axis", 1.2, (box.left, y), (box.right, y))
    scene.label(Label(box.right, y + 41, caption, 11.5, "muted", "right", zone="caption"))


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


def _legend(
    scene: Scene, box: Frame, shown: View, locks: dict[str, str], kinds: set[str], signs: set[str], behind: bool
) -> None:
    """What occurs in this chart and nothing else, in two rows at most."""
    states = {interval.state for lane in shown.lanes for interval in lane.intervals}
    entries: list[tuple[str, str]] = []
    if State.ACTIVE in states:
        entries.append(("active", "active"))
    if State.SLEEPING in states:
        entries.append(("sleep", "sleeping"))
    if State.WAITING in states:
        entries.append(("wait", "waiting"))
    for name, role in locks.items():
        entries.append((role, f"holds / waits for {name}" if len(locks) == 1 else name))
    if kinds & _ARROWS.keys():
        words = list(dict.fromkeys(word for kind, word in _ARROWS.items() if kind in kinds))
        # Of several locks, or another kind, there is no one colour.
        role = next(iter(locks.values())) if len(locks) == 1 and words == ["hand-over"] else "flow"
        entries.append((f"arrow {role}", " / ".join(words) if len(words) < 3 else "cause and effect"))
    if kinds & {"start", "join", "submit"}:
        entries.append(("thin", " / ".join(kind for kind in ("start", "submit", "join") if kind in kinds)))
    entries += [(f"sign {kind}", text) for kind, text in _SIGNS.items() if kind in signs]
    if shown.tasks:
        entries.append(("task", "task"))
    if behind:
        entries.append(("behind", "the run before"))
    _place(scene, box, len(shown.lanes), entries)


def _place(scene: Scene, box: Frame, rows: int, entries: list[tuple[str, str]]) -> None:
    first = box.bottom(rows) + 41
    x, y, limit = float(EDGE), first, float(WIDTH - EDGE)
    for label in scene.labels:
        if label.zone == "caption":
            limit = label.box[0] - 24
    for number, (key, text) in enumerate(entries):
        text = fit(drawable(text), 200, _LEGEND)
        wide = 26 + width(text, _LEGEND)
        rest = len(entries) - number
        more = f"… and {rest} more"
        if y > first and rest > 1 and x + wide + 22 + 26 + width(more, _LEGEND) > limit and x + wide > limit - 110:
            scene.label(Label(x, y, more, _LEGEND, "muted", zone="legend"))
            return
        if x + wide > limit:
            x, y, limit = float(EDGE), first + 20, float(WIDTH - EDGE)
        _key(scene, key, x, y - 10)
        scene.label(Label(x + 26, y, text, _LEGEND, "text", zone="legend"))
        x += wide + 22


def _key(scene: Scene, key: str, x: float, y: float) -> None:
    """A small picture of what an entry of the legend stands for, 20 by 12 pixels."""
    area = np.array([[x, y, x + 20, y + 12]])
    if key == "active" or key.startswith("lock"):
        scene.boxes("bars", key, area)
    elif key == "sleep":
        scene.boxes("bars", key, area)
        scene.frames("edges", "sleep edge", 1.0, area)
    elif key == "wait":
        scene.boxes("bars", "wait fill", area)
        scene.strokes("hatch", key, 1.2, hatch(area, 6))
        scene.frames("edges", key, 1.2, area)
    elif key.startswith("arrow"):
        role = key.removeprefix("arrow ")
        scene.line("flows", role, 1.6, (x, y + 6), (x + 14, y + 6))
        scene.shape("flows", role, (x + 20, y + 6), (x + 12, y + 2.6), (x + 12, y + 9.4))
    elif key == "thin":
        scene.line("flows", "thin", 0.9, (x, y + 6), (x + 16, y + 6))
        scene.shape("flows", "thin", (x + 20, y + 6), (x + 14.5, y + 3.8), (x + 14.5, y + 8.2))
    elif key == "task":
        scene.line("marks", "task", 1.0, (x, y + 8), (x, y + 5.5), (x + 20, y + 5.5), (x + 20, y + 8))
    elif key == "behind":
        scene.frames("behind", "behind", 1.4, area)
    else:
        marks.sign(scene, key.removeprefix("sign "), x + 12, y + 8)
