"""
Draw a recording as a Gantt chart.

Where things are is worked out in `layout`; here shapes become a matplotlib figure. pyplot isn't used, and every
property that matplotlib would take from `rcParams` is given explicitly: a user's settings can't change the
look, and drawing, which sliders do from a thread of their own, doesn't change their settings.
"""

from __future__ import annotations

import io
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform
from PIL import Image

from .frame import WIDTH, Frame, height_of, shown_queues
from .layout import layout
from .metrics import outline
from .palette import Palette, palette
from .scene import LAYERS, Label, Scene
from .show import plain
from .words import describe

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["SHARPNESS", "Chart", "gantt", "png", "render", "size", "svg"]

SHARPNESS: Final = 2.0
"""Pixels of the picture for each of the chart's, so that it is sharp on fine screens."""

_DPI: Final = 100
_MANY: Final = 2000
"""Shapes in one path; Agg gives up on paths that are too long."""


class Chart(Figure):
    """A figure that shows itself in a notebook as it was drawn, whatever matplotlib's settings are there."""

    sharpness = SHARPNESS
    plain = "chart"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        wide = round(float(self.get_size_inches()[0]) * _DPI)
        image = b64encode(_picture(self, self.sharpness)).decode("ascii")
        data = {"image/png": image, "text/plain": self.plain}
        display(data, metadata={"image/png": {"width": wide}}, raw=True)  # type: ignore[no-untyped-call]


class _Lettering(Text):
    """A text drawn as the outlines of its letters, which is many times faster, and the same in every format."""

    def __init__(self, label: Label, colour: str, place: Transform) -> None:
        super().__init__(
            label.x, label.y, label.text, color=colour, parse_math=False, usetex=False,
            fontsize=label.size * 72 / _DPI, fontweight="bold" if label.bold else "normal", fontfamily="DejaVu Sans",
            horizontalalignment=label.align, verticalalignment="baseline", transform=place, antialiased=True,
        )  # fmt: skip
        self._path = outline(label.text, bold=label.bold)
        left = label.box[0]
        self._letters = Affine2D().scale(label.size, -label.size).translate(left, label.y) + place
        self._bounds = label.box

    def draw(self, renderer: Any) -> None:
        if not self.get_visible() or not len(self._path):
            return
        gc = renderer.new_gc()
        gc.set_linewidth(0)
        gc.set_foreground(self.get_color())
        gc.set_antialiased(True)
        gc.set_snap(False)
        renderer.draw_path(gc, self._path, self._letters, to_rgba(self.get_color()))
        gc.restore()
        self.stale = False

    def get_window_extent(self, renderer: Any = None, dpi: float | None = None) -> Bbox:
        left, top, right, bottom = self._bounds
        return Bbox(self.get_transform().transform([(left, bottom), (right, top)]))


def gantt(
    recording: Recording,
    *,
    axis: Literal["time", "step"] = "time",
    theme: str | None = None,
    behind: Recording | None = None,
) -> Figure:
    """
    Draw a recording.

        >>> gantt(recording, axis="step")

    The figure's one Axes lies over the bars, invisible, with the scale of the chart (seconds, or events) from
    left to right and the lanes' numbers from top to bottom: `figure.axes[0].axvline(0.1)` adds to a chart.

    Intervals narrower than two pixels are drawn as shares of a column (see `bars`); arrows and moments that fall on
    the same pixels are drawn once; what a label has no room for is left out. `describe` leaves nothing out.

    Args:
        recording: a finished `Recording`.
        axis: "time", or "step" to give every event the same width.
        theme: "light", "dark", or None for a light card that is legible on a page of either kind.
        behind: another recording, drawn in pale outline behind this one.

    Returns:
        a matplotlib `Figure`, 9.6 inches wide, not registered with pyplot.

    Raises:
        ValueError: the axis or the theme is none of these, or the recording is still open.
    """
    colours = palette(theme)
    scene, box = layout(recording, axis=axis, behind=behind)
    figure = _figure(scene, colours)
    figure.plain = plain(recording)
    _axes(figure, box, len(recording.lanes))
    return figure


def size(recording: Recording) -> tuple[int, int]:
    """The width and height of a recording's chart, in pixels; the number of lanes and of queues decides."""
    return WIDTH, height_of(len(recording.lanes), len(shown_queues(recording.fills, recording.flows)))


def png(
    recording: Recording,
    *,
    axis: Literal["time", "step"] = "time",
    theme: str | None = None,
    behind: Recording | None = None,
    sharpness: float = SHARPNESS,
) -> bytes:
    """
    Draw a recording into a PNG; the fast way to a picture.

    Args:
        recording: a finished `Recording`.
        axis: as for `gantt`.
        theme: as for `gantt`.
        behind: as for `gantt`.
        sharpness: pixels of the picture for each of the chart's, which is 960 wide.

    Returns:
        bytes of the PNG.

    Raises:
        ValueError: as for `gantt`.
    """
    palette(theme)  # a mistake in it is told before the work begins
    scene, _ = layout(recording, axis=axis, behind=behind)
    return render(scene, theme=theme, sharpness=sharpness)


def render(scene: Scene, *, theme: str | None = None, sharpness: float = SHARPNESS) -> bytes:
    """
    Draw a scene into a PNG.

    Args:
        scene: what `layout` or `panels` made.
        theme: as for `gantt`.
        sharpness: as for `png`.

    Returns:
        bytes of the PNG.

    Raises:
        ValueError: the theme is none of those there are.
    """
    return _picture(_figure(scene, palette(theme)), sharpness)


def svg(recording: Recording, *, axis: Literal["time", "step"] = "time", theme: str | None = None) -> bytes:
    """
    Draw a recording into an SVG; letters are outlines, so that it looks the same everywhere.

    Returns:
        bytes of the SVG, the same for the same recording; its description is the recording's words.
    """
    colours = palette(theme)
    scene, _ = layout(recording, axis=axis)
    data = io.BytesIO()
    metadata = {"Title": plain(recording), "Description": describe(recording), "Date": None, "Creator": None}
    # Not by `savefig`, which asks the user's settings how much to cut off.
    FigureCanvasSVG(_figure(scene, colours)).print_svg(data, metadata=metadata)  # type: ignore[no-untyped-call]
    return data.getvalue()


def _picture(figure: Figure, sharpness: float) -> bytes:
    """
    Render a figure.

    It has few colours, apart from the edges of shapes: with a palette of 256 the picture is a third of the
    size and takes half the time to pack.
    """
    dpi = figure.dpi
    canvas = FigureCanvasAgg(figure)
    try:
        figure.dpi = _DPI * sharpness
        canvas.draw()  # type: ignore[no-untyped-call]
        pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    finally:
        figure.dpi = dpi
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    few = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The commonest colour is the card's; it was mixed with what is close to it, and would show on a white page.
    colours, card = few.getpalette() or [], int(np.asarray(few)[0, 0])
    colours[3 * card : 3 * card + 3] = pixels[0, 0, :3].tolist()
    few.putpalette(colours)
    packed = io.BytesIO()
    few.save(packed, "png", compress_level=6)
    return packed.getvalue()


def _figure(scene: Scene, colours: Palette) -> Chart:
    figure = Chart(
        figsize=(scene.width / _DPI, scene.height / _DPI), dpi=_DPI, linewidth=0.0,
        facecolor=colours["card"], edgecolor=colours["card"], frameon=True,
    )  # fmt: skip
    figure.set_layout_engine("none")
    figure.patch.set_sketch_params(None)
    figure.patch.set_path_effects([])
    FigureCanvasAgg(figure)
    place = Affine2D().scale(1 / _DPI, -1 / _DPI).translate(0, scene.height / _DPI) + figure.dpi_scale_trans
    for layer in LAYERS:
        for (on, role), boxes in scene.rects.items():
            if on == layer:
                for part in _parts(np.concatenate(boxes)):
                    _add(figure, _rectangles(part), place, facecolor=colours[role], linewidth=0)
        for (on, role, thick), ends in scene.lines.items():
            if on == layer:
                for part in _parts(np.concatenate(ends)):
                    _add(
                        figure, _lines(part), place, fill=False, edgecolor=colours[role],
                        linewidth=thick * 72 / _DPI, capstyle="butt",
                    )  # fmt: skip
        for (on, role), shapes in scene.shapes.items():
            if on == layer:
                for number in range(0, len(shapes), _MANY):
                    path = Path.make_compound_path(*(Path(p, closed=False) for p in shapes[number : number + _MANY]))
                    _add(figure, path, place, facecolor=colours[role], linewidth=0)
    for label in scene.labels:
        text = _Lettering(label, colours[label.role], place)
        text.set_path_effects([])
        figure.add_artist(text)
    return figure


def _parts(array: np.ndarray) -> list[np.ndarray]:
    return [array[number : number + _MANY] for number in range(0, len(array), _MANY)]


def _add(figure: Figure, path: Path, place: Transform, **style: Any) -> None:
    path.should_simplify = False
    patch = PathPatch(path, transform=place, antialiased=True, joinstyle="miter", **style)
    patch.set_snap(False)
    patch.set_path_effects([])
    patch.set_sketch_params(None)
    figure.add_artist(patch)


def _rectangles(boxes: np.ndarray) -> Path:
    """One path of many rectangles, an array of shape (n, 4): left, top, right, bottom."""
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]].reshape(-1, 2)
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]), len(boxes))
    return Path(corners, codes)


def _lines(ends: np.ndarray) -> Path:
    """One path of many lines, an array of shape (n, 4): x, y to x, y."""
    return Path(ends.reshape(-1, 2), np.tile(np.array([Path.MOVETO, Path.LINETO]), len(ends)))


def _axes(figure: Figure, box: Frame, rows: int) -> None:
    """Lay an invisible Axes over the bars, for what a user may want to add."""
    high = box.height
    bottom = box.rows_bottom(rows)
    axes = figure.add_axes(
        (box.left / WIDTH, 1 - bottom / high, (box.right - box.left) / WIDTH, (bottom - box.top) / high)
    )
    axes.set_axis_off()
    axes.set_xlim(0, (box.right - box.left) / box.scale)
    axes.set_ylim(max(rows, 1) - 0.5, -0.5)
    axes.set_autoscale_on(False)
