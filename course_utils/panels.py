"""
From several recordings to one scene: small charts side by side, all on one scale.

A panel is a chart without its own legend. Up to three stand in one row; four in two rows of two, where their
labels have room that they wouldn't have in one; more in rows of three. A second is equally long in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from .bands import lock_roles
from .frame import EDGE, STRIP, WIDTH, End, Frame, remark, row_parts, small_size, strips_of
from .layout import draw_lanes, draw_scale
from .legend import legend
from .marks import ends_of
from .metrics import drawable, fit, width
from .scene import Label, Scene
from .view import View, view
from .words import summary

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["columns", "panels"]

_GUTTER: Final = 34
"""Pixels between panels, side by side."""

_HEAD: Final = 62
_UNDER: Final = 34
"""Pixels under a panel's rows, for its scale and the gap to the next."""

_FOOT: Final = 56
_LANES: Final = 14
"""Rows are as low as those of a chart of so many lanes, or lower."""

_GAP: Final = 8
_TICK: Final = 52
"""Pixels from one number of the scale to the next, at least."""


def columns(count: int) -> int:
    """
    Choose how many panels stand side by side.

        >>> [columns(count) for count in (1, 2, 3, 4, 5, 6)]
        [1, 2, 3, 2, 3, 3]
    """
    return 2 if count == 4 else min(count, 3)


def panels(recordings: Sequence[Recording]) -> Scene:
    """
    Lay several recordings out as one picture.

    Args:
        recordings: finished ones, at least one.

    Returns:
        the `Scene` to draw.
    """
    views = [view(recording, "time") for recording in recordings]
    across = columns(len(views))
    frames = _frames(views, across)
    locks = lock_roles(chain.from_iterable(shown.holds for shown in views))
    bottom = max(box.bottom(len(shown.lanes)) for shown, box in zip(views, frames, strict=True))
    scene = Scene(WIDTH, bottom + _UNDER + _FOOT)
    wide = _wide(across)
    steps = max(2, int((frames[0].right - frames[0].left) // _TICK))
    longest = max(shown.span for shown in views)
    kinds: set[str] = set()
    signs: set[str] = set()
    for place, (recording, shown, box) in enumerate(zip(recordings, views, frames, strict=True)):
        x, y = _corner(place, across)[0], box.top - _HEAD
        title = fit(drawable(shown.title), wide, 14, bold=True)
        scene.label(Label(x, y + 28, title, 14, "text", bold=True, zone="title"))
        scene.label(Label(x, y + 47, fit(drawable(summary(recording)), wide, 12), 12, "muted", zone="summary"))
        if longest > 0:
            caption = draw_scale(scene, box, len(shown.lanes), steps=steps)
        some_kinds, some_signs = draw_lanes(scene, box, shown, locks)
        kinds |= some_kinds
        signs |= some_signs
    first = bottom + 47
    if longest > 0:
        said = f"{caption}, the same scale in all" if len(views) > 1 else caption
        scene.label(Label(WIDTH - EDGE, first, said, 11.5, "muted", "right", zone="caption"))
    legend(scene, views, locks, kinds, signs, first)
    return scene


def _wide(across: int) -> float:
    """The width of a panel."""
    return (WIDTH - 2 * EDGE - (across - 1) * _GUTTER) / across


def _corner(place: int, across: int) -> tuple[float, int]:
    """Where a panel begins, in pixels, and in which row of panels it stands."""
    return EDGE + (place % across) * (_wide(across) + _GUTTER), place // across


def _frames(views: Sequence[View], across: int) -> list[Frame]:
    """Give each recording its place: rows as high as the highest of them, one scale for all."""
    wide = _wide(across)
    most = max(len(shown.lanes) for shown in views)
    pitch, above, bar, gap, band = row_parts(max(most, _LANES))
    size = min(13.5, bar - 1)
    small = small_size(size)
    sides = [
        [(fit(drawable(lane.name), wide * 0.3, size, middle=True), remark(lane, lane.ended - lane.started))
         for lane in shown.lanes]
        for shown in views
    ]  # fmt: skip
    widest = 30.0
    for name, note in chain.from_iterable(sides):
        beside, under = width(name, size), width(note, small)
        widest = max(widest, max(beside, under) if pitch >= 34 else beside + (under + 8 if note else 0))
    queues = [strips_of(shown, wide * 0.3, size, wide * 0.2) for shown in views]
    widest = max(widest, *(width(strip.name, size) for strip in chain.from_iterable(queues)), 0)
    left = widest + 10
    room = wide - left
    ends = [[End(pieces, min(12.0, size), room * 0.42) for pieces in ends_of(shown)] for shown in views]
    longest = max(shown.span for shown in views)
    scale = room / longest if longest > 0 else 1.0
    for shown, written in zip(views, ends, strict=True):
        for lane, end in zip(shown.lanes, written, strict=True):
            if lane.ended > 0:
                scale = min(scale, (room - (end.width + _GAP if end.pieces else 0)) / lane.ended)
    for shown, strips in zip(views, queues, strict=True):
        for strip in strips:
            scale = min(scale, (room - strip.end.width - _GAP) / shown.span) if shown.span > 0 else scale
    top = 0.0
    frames: list[Frame] = []
    for begin in range(0, len(views), across):
        here = views[begin : begin + across]
        for place in range(begin, begin + len(here)):
            x, _ = _corner(place, across)
            frames.append(
                Frame(
                    0, x + left, x + wide, top + _HEAD, pitch, above, bar, gap, band, scale, tuple(sides[place]),
                    tuple(ends[place]), queues[place],
                )
            )  # fmt: skip
        lanes = max(1, *(len(shown.lanes) for shown in here))
        top += _HEAD + pitch * lanes + STRIP * max(map(len, queues[begin : begin + across])) + _UNDER
    return frames
