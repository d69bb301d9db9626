"""
Whose code is it?

A recording is of the learner's own operations, not of what the standard library or a package does on
the way. So every call is judged by the file it is made from: what lies outside the standard library,
site-packages and this package is *own*. A list of names would leak: importing tqdm inside a recorded
block once gave it a stand-in, and its monitor thread a lane.
"""

import os
import site
import sys
import sysconfig
from types import CodeType, FrameType
from typing import Final

__all__ = ["FOREIGN", "LIBRARY", "OURS", "OWN", "consider_own", "own_frame", "place"]

OWN: Final = "own"
LIBRARY: Final = "library"
FOREIGN: Final = "foreign"
OURS: Final = "ours"


def _folders(*names: str) -> tuple[str, ...]:
    """The folders of this interpreter's installation by these names, as written and as resolved."""
    paths = {sysconfig.get_paths().get(name, "") for name in names}
    return tuple(sorted({os.path.join(real, "") for path in paths if path for real in (path, os.path.realpath(path))}))


_LIBRARY = _folders("stdlib", "platstdlib")
_PACKAGES: tuple[str, ...] = ()
if not sys.flags.no_site:  # else there are no site-packages to know
    _PACKAGES = _folders("purelib", "platlib") + tuple(
        os.path.join(path, "") for path in (*site.getsitepackages(), site.getusersitepackages())
    )
_OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")

_WRAPPERS = ("operations.py", "threads.py", "queues.py", "pools.py", "futures.py", "output.py")

_known: dict[str, str] = {}


def place(filename: str) -> str:
    """
    Tell whose file it is: OWN, LIBRARY (the standard library), FOREIGN (a package) or OURS.

        >>> place(threading.__file__)
        'library'

    A notebook's cell and code from a string are own; `<frozen importlib…>` is the library's.
    """
    found = _known.get(filename)
    if found is None:
        if filename.startswith(_OURS):
            found = OURS
        elif filename.startswith(_PACKAGES) or f"{os.sep}site-packages{os.sep}" in filename:
            found = FOREIGN
        elif filename.startswith(_LIBRARY) or filename.startswith("<frozen "):
            found = LIBRARY
        else:
            found = OWN
        _known[filename] = found
    return found


def consider_own(filename: str) -> None:
    """Take a file for own code wherever it lies, as a script that is run from a package's folder."""
    _known[filename] = OWN


def is_own(code: CodeType) -> bool:
    """Tell whether a code object is the learner's own."""
    return place(code.co_filename) is OWN


def own_frame(frame: FrameType | None) -> tuple[bool, FrameType | None]:
    """
    Look through the standard library for the one on whose behalf it runs.

    Returns:
        whether that is own code, and the library's outermost frame on the way (None if the frame
        itself is not the library's). A thread whose target is the library's (a `Timer`) has nobody
        behind it but the recorder, and is own.
    """
    outermost = None
    while frame is not None:
        where = place(frame.f_code.co_filename)
        if where is OWN:
            return True, outermost
        if where is FOREIGN:
            return False, outermost
        if where is OURS:
            # What wraps the library's functions stands between them; what runs threads stands below all.
            if not frame.f_code.co_filename.endswith(_WRAPPERS):
                return outermost is not None, outermost
        else:
            outermost = frame
        frame = frame.f_back
    return True, outermost
