"""Bring threads into an order by what they do, and not by how long they sleep."""

import time
from collections.abc import Callable

from course_utils.session import open_driver
from course_utils.states import waiting_words

__all__ = ["until", "until_waits", "waiting"]


def until(condition: Callable[[], object], patience: float = 20.0) -> None:
    """Return once a condition holds; the recording doesn't see us wait."""
    sleep = getattr(time.sleep, "__wrapped__", time.sleep)
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        sleep(0.001)


def waiting() -> set[str]:
    """Name the lanes of the open recording, if one is open, that wait or sleep now."""
    driver = open_driver()
    lanes = [] if driver is None else list(driver.lanes)
    return {lane.name for lane in lanes if lane.waiting not in (None, waiting_words(None, None))}


def until_waits(*names: str) -> None:
    """Return once these lanes of the open recording wait or sleep."""
    until(lambda: waiting() >= set(names))
