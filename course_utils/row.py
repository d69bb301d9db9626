"""Several recordings side by side, as one picture."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

from .frame import WIDTH
from .gantt import SHARPNESS, render
from .panels import panels
from .recording import Recording
from .shorten import shorten
from .show import PLAIN_WORDS, plain, words_html
from .words import summary

__all__ = ["Comparison", "compare"]

MOST: Final = 24
"""More charts than this are no picture any more."""


class Comparison:
    """Recordings side by side; as the last line of a cell it shows their charts, and their words folded under them."""

    def __init__(self, recordings: tuple[Recording, ...]) -> None:
        self.recordings = recordings

    def png(self, *, theme: str | None = None, sharpness: float = SHARPNESS) -> bytes:
        """
        Draw the charts into one PNG.

        Args:
            theme: "light", "dark" or None for one that is legible on both.
            sharpness: pixels of the picture for each of the charts', which are 960 wide together.
        """
        return render(panels(self.recordings), theme=theme, sharpness=sharpness)

    def bundles(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Build the two outputs, as those of one recording: data and metadata of the picture, then of the words."""
        image = b64encode(self.png()).decode("ascii")
        alt = "; ".join(f"{plain(recording)}: {summary(recording)}" for recording in self.recordings)
        return [
            ({"image/png": image, "text/plain": repr(self)}, {"image/png": {"width": WIDTH, "alt": alt}}),
            ({"text/html": words_html(*self.recordings), "text/plain": PLAIN_WORDS}, {}),
        ]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for data, metadata in self.bundles():
            display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return "\n".join(plain(recording) for recording in self.recordings)


def compare(*recordings: Recording) -> Comparison:
    """
    Put several recordings' charts side by side, in one picture and on one scale.

        >>> compare(run(lost_update, workers=2), run(lost_update, workers=4))
        lost_update(workers=2) · 3 lanes
        lost_update(workers=4) · 5 lanes

    A second is equally long in all of them, and a lock has the same colour. Four stand in two rows of two, more in
    rows of three.

    Args:
        *recordings: finished ones, from one to 24.

    Returns:
        a `Comparison`, which as the last line of a cell shows itself.

    Raises:
        TypeError: there is nothing to compare, or something that is no recording.
        ValueError: a recording is still open, or there are too many.
    """
    if not recordings:
        raise TypeError("there is nothing to compare: name the recordings, as in compare(first, second)")
    for place, each in enumerate(recordings, 1):
        if isinstance(each, list | tuple):
            raise TypeError(f"compare takes recordings, not a {type(each).__name__} of them: put a * before it")
        if not isinstance(each, Recording):
            raise TypeError(
                f"no. {place} is {shorten(each)}, not a recording: compare takes what run() returns, or record()"
            )
        if each.open:
            raise ValueError(f"no. {place}, {each.title!r}, is still open: compare it after its block has ended")
    if len(recordings) > MOST:
        raise ValueError(f"{len(recordings)} charts are too many for one picture: compare at most {MOST}")
    return Comparison(recordings)
