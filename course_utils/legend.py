"""The legend of a chart: a small picture and a word for each thing that occurs in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from . import marks
from .arrows import draw
from .bars import PUT, hatch
from .events import DEADLOCK, EXCEPTION, LOG, MARK, PRINT, READ, WRITE
from .frame import EDGE, WIDTH
from .metrics import drawable, fit, width
from .model import State
from .scene import Label, Scene
from .view import View

__all__ = ["legend"]

_SIZE: Final = 11.5
_ROWS: Final = 3
_RAISED: Final = 6.0
"""Pixels by which all rows are higher if there are three."""

_BETWEEN: Final = 22.0
_MORE: Final = 100.0
"""Pixels for "… and 12 more"."""

_ARROWS: Final = {
    "lock": "hand-over", "semaphore": "hand-over", "queue": "item", "result": "result",
    "event": "wake-up", "condition": "wake-up", "barrier": "wake-up",
}  # fmt: skip
_SIGNS: Final = {
    READ: "read", WRITE: "write", "lost": "lost update", MARK: "mark", LOG: "log", PRINT: "print",
    EXCEPTION: "exception",
}  # fmt: skip


def legend(
    scene: Scene, views: Sequence[View], locks: dict[str, str], kinds: set[str], signs: set[str], first: float,
    *, behind: bool = False,
) -> None:  # fmt: skip
    """
    Write the legend: what occurs in these charts and nothing else, in three rows at most.

    Args:
        scene: to be added to; a caption in it keeps its place.
        views: the recordings shown.
        locks: the role of each lock's colour.
        kinds: of the flows that were drawn.
        signs: kinds of the moments that were drawn.
        first: the baseline of the first row.
        behind: whether the run before is drawn as well.
    """
    states = {interval.state for view in views for lane in view.lanes for interval in lane.intervals}
    entries: list[tuple[str, str]] = []
    if State.ACTIVE in states:
        entries.append(("active", "active"))
    if State.SLEEPING in states:
        entries.append(("sleep", "sleeping"))
    waits = {interval.on for view in views for lane in view.lanes for interval in lane.intervals if interval.on}
    if any(not on.endswith(".put") for on in waits):
        entries.append(("wait", "waiting"))
    if any(on.endswith(".put") for on in waits):
        entries.append((PUT, "waiting to put"))
    for name, role in locks.items():
        entries.append((role, f"holds / waits for {name}" if len(locks) == 1 else name))
    if kinds & _ARROWS.keys():
        words = list(dict.fromkeys(word for kind, word in _ARROWS.items() if kind in kinds))
        # Of several locks, or another kind, there is no one colour.
        role = next(iter(locks.values())) if len(locks) == 1 and words == ["hand-over"] else "flow"
        entries.append((f"arrow {role}", " / ".join(words) if len(words) < 3 else "cause and effect"))
    if "place" in kinds:
        entries.append(("place", "place freed"))
    if "freed" in kinds:
        entries.append(("light", "released by another thread"))
    if kinds & {"circle", "needs"}:
        entries.append(("arrow bad", "waits for each other" if "circle" in kinds else "needs"))
    if kinds & {"start", "join", "submit"}:
        entries.append(("thin", " / ".join(kind for kind in ("start", "submit", "join") if kind in kinds)))
    signs = {EXCEPTION if kind == DEADLOCK else kind for kind in signs}
    entries += [(f"sign {kind}", text) for kind, text in _SIGNS.items() if kind in signs]
    if any(view.tasks for view in views):
        entries.append(("task", "task"))
    if behind:
        entries.append(("behind", "the run before"))
    _place(scene, first, entries)


def _place(scene: Scene, first: float, entries: list[tuple[str, str]]) -> None:
    """Lay the entries out in rows."""
    limit = float(WIDTH - EDGE)
    captions = [place for place, label in enumerate(scene.labels) if label.zone == "caption"]
    short = min([scene.labels[place].box[0] - 24 for place in captions], default=limit)
    texts = [fit(drawable(text), 200, _SIZE) for _, text in entries]
    rows = _rows([26 + width(text, _SIZE) for text in texts], [short, *[limit] * (_ROWS - 1)])
    apart = 20.0
    if len(rows) > 2:
        # A chart's height doesn't depend on what occurs in it: three rows move together.
        first, apart = first - _RAISED, 16.0
        for place in captions:
            scene.labels[place] = scene.labels[place]._replace(y=scene.labels[place].y - _RAISED)
    for row, places in enumerate(rows):
        y = first + row * apart
        for number, x in places:
            _key(scene, entries[number][0], x, y - 10)
            scene.label(Label(x + 26, y, texts[number], _SIZE, "text", zone="legend"))
    shown = sum(map(len, rows))
    if shown < len(entries):
        x, y = limit - _MORE + 10, first + (_ROWS - 1) * apart
        scene.label(Label(x, y, f"… and {len(entries) - shown} more", _SIZE, "muted", zone="legend"))


def _rows(wides: list[float], limits: list[float]) -> list[list[tuple[int, float]]]:
    """
    Fill rows with entries, as many as there is room for.

    Args:
        wides: the entries' widths.
        limits: where each row ends.

    Returns:
        list of rows, each a list of an entry's number and where it begins.
    """
    rows: list[list[tuple[int, float]]] = [[]]
    x = float(EDGE)
    for number, wide in enumerate(wides):
        last = len(rows) == len(limits)
        whole = x + sum(wides[number:]) + _BETWEEN * (len(wides) - number - 1) <= limits[-1]
        if x + wide > limits[len(rows) - 1] - (_MORE if last and not whole else 0):
            if last:
                break
            rows.append([])
            x = float(EDGE)
        rows[-1].append((number, x))
        x += wide + _BETWEEN
    return rows


def _key(scene: Scene, key: str, x: float, y: float) -> None:
    """A small picture of what an entry of the legend stands for, 20 by 12 pixels."""
    area = np.array([[x, y, x + 20, y + 12]])
    if key == "active" or key.startswith("lock"):
        scene.boxes("bars", key, area)
    elif key == "sleep":
        scene.boxes("bars", key, area)
        scene.frames("edges", "sleep edge", 1.0, area)
    elif key in ("wait", PUT):
        scene.boxes("bars", "wait fill", area)
        scene.strokes("hatch", "wait", 1.2, hatch(area, 6, back=key == PUT))
        scene.frames("edges", "wait", 1.2, area)
    elif key == "place":
        draw(scene, "flows", "wait", 1.2, (x, y + 6), (x + 20, y + 6), 8.0, hollow=True)
    elif key == "light":
        scene.line("flows", "flow", 1.0, (x, y + 6), (x + 16, y + 6))
        scene.shape("flows", "flow", (x + 20, y + 6), (x + 13.5, y + 3.4), (x + 13.5, y + 8.6))
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
