"""
How a recording shows in a notebook: its chart, and its words folded under it.

They are two outputs. Both have a `text/plain` that doesn't change from run to run, so that stored
outputs can be compared; the words, which do change, are inside `WORDS_BEGIN` … `WORDS_END`, which a comparison
can leave out: `(?s)<details class="course-words">.*?</details>`. The words are also what a screen reader
reads, as JupyterLab has no alternative text for an image.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any, Final

from .shorten import one_line

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["PLAIN_WORDS", "WORDS_BEGIN", "WORDS_END", "bundles", "plain", "show", "words_html"]

WORDS_BEGIN: Final = '<details class="course-words">'
WORDS_END: Final = "</details>"
PLAIN_WORDS: Final = "the chart in words"

_SUMMARY: Final = '<summary style="cursor:pointer">the chart in words</summary>'
_STYLE: Final = (
    "white-space:pre-wrap;max-height:30em;overflow:auto;margin:0.4em 0 0;padding:0.6em 0.8em;"
    "border-left:3px solid rgba(127,127,127,0.4);background:none;color:inherit;font-size:90%;line-height:1.45"
)


def plain(recording: Recording) -> str:
    """
    Name a recording in one line that is the same in every run.

        >>> plain(recording)
        'locked_update(workers=2) · 3 lanes'
    """
    count = len(recording.lanes)
    return f"{one_line(recording.title)} · {count} {'lane' if count == 1 else 'lanes'}"


def words_html(*recordings: Recording) -> str:
    """Fold the words of recordings into HTML that opens on a click."""
    words = "\n\n\n".join(recording.describe() for recording in recordings)
    return f'{WORDS_BEGIN}{_SUMMARY}<pre style="{_STYLE}">{escape(words)}</pre>{WORDS_END}'


def bundles(recording: Recording) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """
    Build the two outputs; of a recording without lanes, as of a program with a syntax error, one line that says so.

    Returns:
        list of (data by MIME type, metadata by MIME type): the chart, then the words.
    """
    from .gantt import SHARPNESS, png, size
    from .words import summary

    if not recording.lanes:
        return [({"text/plain": f"{one_line(recording.title)}: {summary(recording)}"}, {})]
    # The width alone: with a height too, a viewer that narrows pictures would squeeze them.
    width, _ = size(recording)
    image = png(recording, sharpness=SHARPNESS)
    return [
        (
            {"image/png": b64encode(image).decode("ascii"), "text/plain": plain(recording)},
            {"image/png": {"width": width, "alt": f"{plain(recording)}: {summary(recording)}"}},
        ),
        ({"text/html": words_html(recording), "text/plain": PLAIN_WORDS}, {}),
    ]


def show(recording: Recording) -> None:
    """
    Display a recording's chart, and its words folded under it.

    A recording still open shows that it is.

    Args:
        recording: a `Recording`.
    """
    from IPython.display import display

    if recording.open:
        display({"text/plain": repr(recording)}, raw=True)  # type: ignore[no-untyped-call]
        return
    for data, metadata in bundles(recording):
        display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
