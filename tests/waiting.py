"""Bring threads into an order by what they do, and not by how long they sleep."""

import time
from collections.abc import Callable

from course_utils.session import open_driver
from course_utils.states import waiting_words

__all__ = ["until", "until_waits"]


def until(condition: Callable[[], object], patience: float = 20.0) -> None:
    """Return once a condition holds; the recording doesn't see us wait."""
    sleep = getattr(time.sleep, "__wrapped__", time.sleep)
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        sleep(0.001)


def until_waits(*names: str) -> None:
    """Return once these lanes of the open recording wait or sleep."""
    driver = open_driver()
    assert driver is not None

    def waiting() -> set[str]:
        assert driver is not None
        return {lane.name for lane in list(driver.lanes) if lane.waiting not in (None, waiting_words(None, None))}

    until(lambda: waiting() >= set(names))
