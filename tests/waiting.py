"""Bring threads into an order by what they do, and not by how long they sleep."""

import time
from collections.abc import Callable

from course_utils.session import open_driver
from course_utils.states import LaneState, waiting_words

__all__ = ["lanes", "until", "until_waits", "waiting"]


def until(condition: Callable[[], object], patience: float = 20.0) -> None:
    """Return once a condition holds; the recording doesn't see us wait."""
    sleep = getattr(time.sleep, "__wrapped__", time.sleep)
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        sleep(0.001)


def lanes() -> list[LaneState]:
    """List the lanes of the recording that is open; none if none is."""
    driver = open_driver()
    return [] if driver is None else list(driver.lanes)


def waiting() -> set[str]:
    """Name those of them that wait or sleep now."""
    return {lane.name for lane in lanes() if lane.waiting not in (None, waiting_words(None, None))}


def until_waits(*names: str) -> None:
    """Return once these lanes of the open recording wait or sleep."""
    until(lambda: waiting() >= set(names))
