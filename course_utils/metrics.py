"""
The font: how wide a text is, what it lacks, and the outlines of its letters.

Text is the slowest thing in a chart: matplotlib renders it letter by letter, each time anew, about a
millisecond or two a label. Here the outline of each letter is read once; the width of a text is then
a sum, and drawing it is one path. The font is the one that comes with matplotlib, so that a chart is the same
everywhere. Kerning is left out.
"""

from __future__ import annotations

import threading
from pathlib import Path as File
from typing import Final, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path

from .shorten import one_line

__all__ = ["ASCENT", "DESCENT", "drawable", "fit", "outline", "width"]

ASCENT: Final = 0.76
"""How far capitals and ascenders reach above the baseline, as a share of the size."""

DESCENT: Final = 0.24
"""How far the deepest letters reach below it."""

_FILES: Final = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_SIZE: Final = 64
_INSTEAD: Final = "\N{WHITE SQUARE}"


class _Glyph(NamedTuple):
    advance: float
    vertices: np.ndarray
    codes: np.ndarray


class _Font:
    """One font file and what was read from it so far; sizes are shares of the font's size."""

    def __init__(self, name: str) -> None:
        self._font = FT2Font(str(File(mpl.get_data_path(), "fonts", "ttf", name)))
        self._font.set_size(_SIZE, 72)
        self._lock = threading.Lock()  # an FT2Font holds one letter at a time
        self._glyphs: dict[str, _Glyph] = {}

    def has(self, char: str) -> bool:
        return bool(self._font.get_char_index(ord(char)))

    def glyph(self, char: str) -> _Glyph:
        found = self._glyphs.get(char)
        if found is None:
            with self._lock:
                read = self._font.load_char(ord(char), flags=LoadFlags.NO_HINTING)
                vertices, codes = self._font.get_path()
            found = _Glyph(read.linearHoriAdvance / 65536 / _SIZE, np.array(vertices) / _SIZE, np.array(codes))
            self._glyphs[char] = found
        return found


_fonts: dict[bool, _Font] = {}


def _font(bold: bool) -> _Font:
    font = _fonts.get(bold)
    if font is None:
        font = _fonts[bold] = _Font(_FILES[bold])
    return font


def drawable(text: str) -> str:
    """
    Replace what the font can't draw.

        >>> drawable("worker 线程")
        'worker □□'

    Line ends and control characters are escaped, as in a `repr`.
    """
    font = _font(False)
    return "".join(char if font.has(char) else _INSTEAD for char in one_line(text))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """
    Measure a text.

    Args:
        text: a drawable text.
        size: of the font.
        bold: whether it is drawn bold.

    Returns:
        float: its width, in the unit of `size`.
    """
    font = _font(bold)
    return size * sum(font.glyph(char).advance for char in text)


def fit(text: str, room: float, size: float, *, bold: bool = False, middle: bool = False) -> str:
    """
    Shorten a text to the room there is.

        >>> fit("Thread-1 (some_function)", 90, 12, middle=True)
        'Thread…ction)'

    Args:
        text: a drawable text.
        room: in the unit of `size`.
        size: of the font.
        bold: whether it is drawn bold.
        middle: whether to leave out the middle rather than the end, for names that differ at the end.

    Returns:
        str: the text, or as much of it as fits with "…" for the rest; "" if not even two letters fit.
    """
    if width(text, size, bold=bold) <= room:
        return text
    advances = [_font(bold).glyph(char).advance * size for char in text]
    room -= width("…", size, bold=bold)
    first, last, front = 0, len(text), True
    while first < last:
        take = advances[first] if front or not middle else advances[last - 1]
        if take > room:
            break
        room -= take
        if front or not middle:
            first += 1
        else:
            last -= 1
        front = not front
    end = text[last:] if middle else ""
    return text[:first].rstrip() + "…" + end.lstrip() if first + len(end) >= 2 else ""


def outline(text: str, *, bold: bool = False) -> Path:
    """
    Build the outline of a text: baseline at 0, y upwards, for a font of size 1.

    Args:
        text: a drawable text.
        bold: whether it is drawn bold.

    Returns:
        matplotlib `Path`, to be filled.
    """
    font = _font(bold)
    x = 0.0
    vertices, codes = [], []
    for char in text:
        glyph = font.glyph(char)
        if len(glyph.codes):
            vertices.append(glyph.vertices + (x, 0.0))
            codes.append(glyph.codes)
        x += glyph.advance
    if not codes:
        return Path(np.empty((0, 2)))
    path = Path(np.concatenate(vertices), np.concatenate(codes))
    path.should_simplify = False
    return path
