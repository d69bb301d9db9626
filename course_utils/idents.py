"""
Idents of scheduled threads.

A thread may get the ident of one that has ended: `table[threading.get_ident()]` can have one item for two threads. Here
threads wait for their turns and never end before others begin, so each would have one of its own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from . import controls
from .actors import Actor
from .histories import OPENER
from .places import OWN, own_frame, place
from .stage import Stage

__all__ = ["get_ident", "thread_ident"]

_frame = sys._getframe


class Ident(int):
    """
    The ident of a thread, as own code gets it.

    Attributes:
        whose: the thread's actor.
        driver: refuses what would depend on who gets it next.
    """

    whose: Actor
    driver: Stage

    def __hash__(self) -> int:
        if self.whose.root != OPENER:
            self._refuse("as a key")
        return int.__hash__(self)

    def __eq__(self, other: object) -> bool:
        same = int.__eq__(self, other) if isinstance(other, int) else False
        if not same and isinstance(other, Ident) and OPENER not in (self.whose.root, other.whose.root):
            for each in (self, other):
                if not each.whose.over.locked():
                    self._refuse("of a thread that has ended")
        return same is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def _refuse(self, how: str) -> None:
        driver, frame = self.driver, _frame(2)
        actor = controls.standing(driver)
        if actor is None or not own_frame(frame)[0]:
            return
        where = controls.said_at(controls.line_of(frame))
        driver.refuse(
            f"{where} uses an ident {how}, and another thread may get the same when that one has ended: use "
            "threading.current_thread(), or its name"
        )


def _of(driver: Stage, actor: Actor, ident: int) -> Ident:
    made = Ident(ident)
    made.whose, made.driver = actor, driver
    return made


def get_ident(driver: Stage, original: Callable[[], int]) -> Callable[[], int]:
    """Tell own code which thread it is in. That matters, too, if it is a pool's worker."""

    @wraps(original)
    def who() -> int:
        actor = controls.standing(driver)
        if actor is None or place(_frame(1).f_code.co_filename) is not OWN:
            return original()
        if actor.worker_of is not None:
            driver.tells_workers(actor)
        return _of(driver, actor, original())

    return who


def thread_ident(driver: Stage, original: Any) -> Any:
    """Tell own code any thread's."""

    def ident(self: threading.Thread) -> int | None:
        found: int | None = original.fget(self)
        if found is None or controls.standing(driver) is None or place(_frame(1).f_code.co_filename) is not OWN:
            return found
        whose = next((each for each in driver.actors.values() if each.thread() is self), None)
        return found if whose is None else _of(driver, whose, found)

    return property(ident, doc=original.__doc__)
