"""Recordings in files: whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["check", "save", "write"]


def _png(recording: Recording) -> bytes:
    from .gantt import png

    return png(recording)


def _svg(recording: Recording) -> bytes:
    from .gantt import svg

    return svg(recording)


def _json(recording: Recording) -> bytes:
    from .trace import trace

    made = trace(recording)
    # A line for each event, to be read, searched and compared as text.
    lines = ",\n".join(json.dumps(event, ensure_ascii=False, allow_nan=False) for event in made.pop("traceEvents"))
    return f'{json.dumps(made)[:-1]}, "traceEvents": [\n{lines}\n]}}\n'.encode()


_FORMATS: Final[dict[str, Callable[[Recording], bytes]]] = {".png": _png, ".svg": _svg, ".json": _json}
_LISTED: Final = " or ".join(", ".join(_FORMATS).rsplit(", ", 1))


def save(recording: Recording, path: Path) -> Path:
    """
    Write a recording to a file, in the format that its suffix names: its chart, or its trace events.

        >>> save(recording, Path("lost_update.svg"))

    A file of that name is replaced, and only once the new one is complete.

    Args:
        recording: a finished `Recording`.
        path: ending in .png, .svg or .json; its folder must exist.

    Returns:
        the path written to.

    Raises:
        ValueError: the suffix is unknown, or the recording still open.
        OSError: the file can't be written.
    """
    write(path, _format(path)(recording))
    return path


def _format(path: Path) -> Callable[[Recording], bytes]:
    make = _FORMATS.get(path.suffix.lower())
    if make is None:
        raise ValueError(f"can't save {path.name!r}: {path.suffix or 'no suffix'!r} is not a format; use {_LISTED}")
    return make


def check(path: Path) -> None:
    """
    Make sure, before there is anything to save, that it can be saved there.

    Raises:
        ValueError: the suffix is unknown.
        OSError: the folder doesn't exist, or can't be written to.
    """
    _format(path)
    target = Path(os.path.realpath(path))
    if target.is_dir() or not os.access(target.parent, os.W_OK):
        reason = errno.EISDIR if target.is_dir() else errno.EACCES if target.parent.is_dir() else errno.ENOENT
        raise OSError(reason, f"{os.strerror(reason)}; {_advice(target)}", str(path))


def write(path: Path, data: bytes) -> None:
    """
    Write a file in one go: a reader sees the old one or the new one, and a failure leaves nothing behind.

    Args:
        path: where to; a link is followed.
        data: the whole content.

    Raises:
        OSError: it can't be written; the message names the path and says what to do.
    """
    target = Path(os.path.realpath(path))
    # Beside the target, since a rename is only atomic within a file system; "x" and a name of its own, so
    # that two writers don't meet; not by tempfile, whose files nobody else may read.
    draft = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with open(draft, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}; {_advice(target)}", str(path)) from error


def _advice(target: Path) -> str:
    if target.is_dir():
        return "that is a folder: add a file name"
    if not target.parent.is_dir():
        return f"make the folder {str(target.parent)!r} first, or save elsewhere"
    return f"nothing was written; make room and leave to write in {str(target.parent)!r}, or save elsewhere"
