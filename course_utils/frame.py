"""
The frame of a chart: its size, its rows, its scale.

The size depends on the number of lanes and of queues alone, so that a chart redrawn by a slider stays where it is. A
row has, from the top: a strip for task names and marks, the bar, the bands of the locks held, and a strip for those
locks' names. Rows get lower as lanes get more, and the strips for names vanish first. Under the rows stands a strip
for each queue between lanes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from .metrics import drawable, fit, width
from .model import Fill, Flow, Lane
from .units import duration
from .view import View

__all__ = [
    "EDGE", "STRIP", "WIDTH", "End", "Frame", "Strip",
    "frame", "height_of", "remark", "row_parts", "shown_queues", "small_size", "strips_of",
]  # fmt: skip

WIDTH: Final = 960
EDGE: Final = 18
"""Free pixels to the left and right of everything."""

_HEAD: Final = 66
_FOOT: Final = 80
_SIDE: Final = 236
"""The most that a lane's name may take; longer ones lose their middle."""

_GAP: Final = 8
"""Between a lane's end and what is written there."""

STRIP: Final = 36
"""The height of a queue's strip."""

_STRIPS: Final = 3
"""How many queues have one."""


class End:
    """What is written at a lane's end: pieces of text, each with its role."""

    def __init__(self, pieces: list[tuple[str, str]], size: float, room: float) -> None:
        self.pieces: list[tuple[str, str]] = []
        self.size = size
        self.width = 0.0
        for text, role in pieces:
            text = fit(drawable(text), room - self.width, size)
            if text:
                self.pieces.append((text, role))
                self.width += width(text + "  ", size)


class Strip(NamedTuple):
    """A queue under the lanes: its name, how full it was, and what stands at the end of the curve."""

    name: str
    fill: Fill
    end: End


@dataclass(frozen=True, slots=True)
class Frame:
    """
    Where things are, in pixels.

    Attributes:
        height: of the chart.
        left: where the scale begins.
        right: where it ends.
        top: where the first row begins.
        pitch: a row's height.
        above: the height of the strip above a bar.
        bar: a bar's height.
        gap: between a bar and the bands under it.
        band: the height for the bands.
        scale: pixels per second, or per event.
        sides: what stands left of each lane: name and remark.
        ends: what stands at each lane's end.
        strips: of the queues shown under the lanes.
    """

    height: float
    left: float
    right: float
    top: float
    pitch: float
    above: float
    bar: float
    gap: float
    band: float
    scale: float
    sides: tuple[tuple[str, str], ...]
    ends: tuple[End, ...]
    strips: tuple[Strip, ...] = ()

    def x(self, position: float) -> float:
        """Where a second, or an event, is."""
        return self.left + position * self.scale

    def bar_top(self, row: int) -> float:
        """The upper edge of a lane's bar."""
        return round(self.top + row * self.pitch + self.above)

    def bar_bottom(self, row: int) -> float:
        """The lower edge of a lane's bar."""
        return self.bar_top(row) + self.bar

    def rows_bottom(self, rows: int) -> float:
        """Where the rows end."""
        return round(self.top + max(rows, 1) * self.pitch) + 6

    def bottom(self, rows: int) -> float:
        """Where the rows and the strips of queues end, and the scale is drawn."""
        return self.rows_bottom(rows) + STRIP * len(self.strips)

    @property
    def names(self) -> float:
        """The height of the strip for the names of locks."""
        return self.pitch - self.above - self.bar - self.gap - self.band

    @property
    def text(self) -> float:
        """The size of text in bars."""
        return min(12.0, (self.bar - 2) / 1.2)  # from an underscore to a capital, 1.2 of the size

    @property
    def name(self) -> float:
        """The size of lanes' names."""
        return min(13.5, self.bar - 1)


def row_parts(lanes: int) -> tuple[float, float, float, float, float]:
    """The height of a row and of its parts, in a chart of so many lanes: above, bar, gap, band."""
    pitch = 56.0 if lanes <= 11 else max(24.0, 640 / lanes) if lanes <= 60 else max(12.0, 1440 / lanes)
    if pitch >= 50:
        return pitch, 16.0, 22.0, 2.0, 5.0
    if pitch >= 34:
        return pitch, 14.0, float(round(pitch - 24)), 2.0, 4.0
    above, band = max(2.0, round(pitch / 6)), max(2.0, round(pitch / 8))
    return pitch, above, float(round(pitch - above - band - 4)), 1.0, band


def height_of(lanes: int, queues: int = 0) -> int:
    """The height of a chart of so many lanes, and strips of queues, in pixels."""
    return round(_HEAD + max(lanes, 1) * row_parts(lanes)[0] + STRIP * queues + _FOOT)


def shown_queues(fills: Iterable[Fill], flows: Iterable[Flow]) -> list[Fill]:
    """Choose the queues to be shown: the first few through which something went from one lane to another."""
    between = {flow.object for flow in flows if flow.kind == "queue"}
    return [fill for fill in fills if fill.queue in between][:_STRIPS]


def strips_of(view: View, side: float, size: float, room: float) -> tuple[Strip, ...]:
    """
    Prepare the strips of a recording's queues.

    Args:
        view: the recording.
        side: the room for a name.
        size: the size of text.
        room: for what stands at the end of a curve.
    """
    return tuple(
        Strip(
            fit(drawable(fill.queue), side, size, middle=True), fill,
            End([(_most(fill, size - 1, room), "muted")], size - 1, room),
        )
        for fill in shown_queues(view.fills, view.flows)
    )  # fmt: skip


def _most(fill: Fill, size: float, room: float) -> str:
    """Say how full a queue was at most, in full or as shortly as there is room for."""
    texts = [f"max {fill.most}", str(fill.most)]
    if fill.capacity is not None:
        texts = [f"max {fill.most} of {fill.capacity}", f"{fill.most} of {fill.capacity}", *texts]
    return next((text for text in texts if width(text, size) <= room), texts[-1])


def frame(view: View, ends: list[list[tuple[str, str]]], longest: float) -> Frame:
    """
    Fit a recording into a chart.

    Args:
        view: the recording.
        ends: what is to be written at each lane's end: pieces of text and their roles.
        longest: a position that the scale must reach; for what is drawn behind.
    """
    lanes = len(view.lanes)
    pitch, above, bar, gap, band = row_parts(lanes)
    size = min(13.5, bar - 1)
    small = small_size(size)
    sides = tuple(
        (fit(drawable(lane.name), _SIDE, size, middle=True), remark(lane, view.seconds(lane.started, lane.ended)))
        for lane in view.lanes
    )
    below = pitch >= 34  # whether a remark has room under its name
    widest = 40.0
    for name, note in sides:
        beside, under = width(name, size), width(note, small)
        widest = max(widest, max(beside, under) if below else beside + (under + 8 if note else 0))
    strips = strips_of(view, _SIDE, size, 160)
    widest = max(widest, *(width(strip.name, size) for strip in strips), 0)
    left = EDGE + 20.0 * -(-(widest + 10) // 20)  # in steps, so that T9 and T10 look alike
    right = float(WIDTH - EDGE)
    placed = tuple(End(pieces, min(12.0, size), (right - left) * 0.42) for pieces in ends)
    scale = (right - left) / longest if longest > 0 else 0.0
    for lane, end in zip(view.lanes, placed, strict=True):
        if lane.ended > 0:
            scale_here = (right - left - (end.width + _GAP if end.pieces else 0)) / lane.ended
            scale = min(scale, scale_here) if scale else scale_here
    for strip in strips:
        scale = min(scale, (right - left - strip.end.width - _GAP) / view.span) if view.span > 0 else scale
    return Frame(
        height_of(lanes, len(strips)), left, right, float(_HEAD), pitch, above, bar, gap, band, scale or 1.0, sides,
        placed, strips,
    )  # fmt: skip


def small_size(size: float) -> float:
    """The size of a remark beside text of a size."""
    return max(size - 3, 7.0)


def remark(lane: Lane, seconds: float) -> str:
    """What stands with a lane's name: that it is a daemon, and the CPU time it used."""
    parts = ["daemon"] if lane.daemon else []
    if lane.cpu is not None:
        parts.append(f"cpu {duration(lane.cpu)} of {duration(seconds)}")
    return ", ".join(parts)
