"""Whose code is it?"""

import sys
import threading
from collections.abc import Callable
from types import FrameType

import matplotlib as mpl
import pytest

from course_utils import places
from course_utils.places import FOREIGN, LIBRARY, OURS, OWN, own_frame, place


@pytest.mark.parametrize(
    ("filename", "whose"),
    [
        (__file__, OWN),
        ("/tmp/ipykernel_1/123.py", OWN),
        ("<ipython-input-1-abc>", OWN),
        ("<string>", OWN),
        (threading.__file__, LIBRARY),
        ("<frozen importlib._bootstrap>", LIBRARY),
        (mpl.__file__, FOREIGN),
        (places.__file__, OURS),
    ],
)
def test_places(filename: str, whose: str) -> None:
    assert place(filename) is whose


def call_through_the_library(function: Callable[[], None]) -> None:
    threading.Timer(0, function).run()


def test_own_code_behind_the_library() -> None:
    seen: list[tuple[bool, FrameType | None]] = []
    outermost = []

    class Looking(threading.Thread):
        def __init__(self) -> None:
            self._target = self.look
            self._args = ()
            self._kwargs: dict[str, object] = {}

        def look(self) -> None:
            frame = sys._getframe(1)  # threading's, which calls the target
            found = own_frame(frame)
            seen.append(found)
            outermost.append(found[1] and found[1].f_code.co_qualname)

    Looking().run()
    assert seen[0][0] is True
    assert outermost == ["Thread.run"]
    assert own_frame(sys._getframe()) == (True, None)
