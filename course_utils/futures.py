"""
Waiting for several futures while threads are scheduled; see `controls`.

`concurrent.futures.wait` and `as_completed` wait for an event that whoever ends a task sets in the middle of that.
Here they are made of operations that the scheduler knows; what these bring is what the library's own would bring (see
`completion`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures._base import DoneAndNotDoneFutures
from contextlib import suppress
from functools import wraps
from typing import Any, Final

from .actors import POLLED_FUTURES, Actor
from .completion import LONGEST, ONE_BY_ONE
from .controls import labelled, line_of, patience_of, said_at, standing
from .histories import Op
from .models import TIMED, TRY, WAIT
from .places import OURS, own_frame, place
from .shorten import shorten
from .stage import Stage
from .states import CutOff

__all__ = ["acquired", "add_done_callback", "as_completed", "wait"]

Original = Callable[..., Any]
_frame = sys._getframe

_UNTIL: Final = ("FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED")


class Futures(set[Future[Any]]):
    """What `wait` returns: a set, whose order the scheduler chooses when somebody goes through it."""

    _driver: Stage
    _order: list[Future[Any]]

    def _ordered(self, line: Any) -> list[Future[Any]] | None:
        """What is in it, in the order that it has from now on; None if that is of no interest."""
        known = [each for each in self._order if each in self]
        if len(known) < len(self):
            actor = standing(self._driver)
            if actor is None or self._driver.aborting:
                return None
            self._order = known = _chosen(self._driver, actor, list(set.__iter__(self)), line)
        return known

    def __iter__(self) -> Iterator[Future[Any]]:
        frame = _frame(1)
        order = None if place(frame.f_code.co_filename) is OURS else self._ordered(line_of(frame))
        return super().__iter__() if order is None else iter(order)

    def pop(self) -> Future[Any]:
        actor = standing(self._driver)
        line = line_of(_frame(1))
        if actor is not None:
            self._driver.touch(actor, *self._driver.sharing.of_method(super().pop), line)
        order = self._ordered(line)
        if not order:
            return super().pop()
        self.remove(order[0])
        return order[0]


def _futures(driver: Stage, some: Iterable[Future[Any]], order: Iterable[Future[Any]] = ()) -> Futures:
    made = Futures(some)
    made._driver, made._order = driver, list(order)
    return made


def _chosen(driver: Stage, actor: Actor, some: list[Future[Any]], line: Any) -> list[Future[Any]]:
    """Some futures in the order that the scheduler chooses."""
    if len(some) < 2:
        return some
    _not_too_many(driver, len(some), line)
    labels = _labels(driver, some, True)
    way = driver.reach(actor, Op("order of futures", None, tuple(labels), None, line))
    return [labels[label] for label in way.result]  # type: ignore[attr-defined]  # labels, in order


def _not_too_many(driver: Stage, number: int, line: Any) -> None:
    if number > LONGEST:
        driver.refuse(
            f"{said_at(line)} goes through {number} futures in the order of a set, which is left to chance, and there "
            f"are too many: take {LONGEST} or fewer, or go through a list of them and ask each for its result()"
        )


def _labels(driver: Stage, some: Iterable[Future[Any]], in_a_set: bool) -> dict[Any, Future[Any]]:
    """Futures by their labels, each once; those out of a set as they were made."""
    found = {labelled(driver, each, "future"): each for each in some}
    return {label: found[label] for label in sorted(found)} if in_a_set else found  # type: ignore[type-var]


def _given(driver: Stage, actor: Actor, some: Any, line: Any) -> dict[Any, Future[Any]]:
    """The futures that a call is given, by label."""
    driver.touch(actor, *driver.sharing.of_truth(some), line)
    taken = list(some)
    for each in taken:
        if not isinstance(each, Future):
            driver.refuse(
                f"{said_at(line)} waits for {shorten(each)}, which isn't a future: Python raises AttributeError there, "
                "and may keep the locks of other futures for ever"
            )
    return _labels(driver, taken, isinstance(some, set | frozenset))


def wait(driver: Stage, original: Original) -> Original:
    """Wait for several futures at once."""

    @wraps(original)
    def wait(fs: Any, timeout: float | None = None, return_when: str = "ALL_COMPLETED") -> Any:
        actor = standing(driver)
        if actor is None or not own_frame(_frame(1))[0]:
            return original(fs, timeout, return_when)
        line = line_of(_frame(1))
        given = _given(driver, actor, fs, line)
        over = _waited(driver, actor, given, timeout, return_when, line)
        done = _futures(driver, (given[label] for label in over))
        return DoneAndNotDoneFutures(done, _futures(driver, {*given.values()} - done))

    return wait


def _waited(
    driver: Stage, actor: Actor, given: dict[Any, Future[Any]], timeout: float | None, until: str, line: Any
) -> Iterable[Any]:
    """Wait for some futures: the labels of those that are over."""
    if not given:
        return ()
    if timeout is None and until == "ALL_COMPLETED":
        driver.reach(actor, Op("all futures", None, tuple(given), None, line), None, "wait")
        return given
    _poll(driver)
    how, patience = patience_of(timeout)
    label = driver.made(actor, object(), "Waiter")
    loose = how == TRY or (how == TIMED and not (driver.timed and patience))
    op = Op("look at futures", label, (tuple(given), until, loose), None, line)
    found: Any = driver.reach(actor, op).result
    over: tuple[Any, ...] = found[0]
    if not found[1]:
        return over
    if until not in _UNTIL:
        raise ValueError(f"Invalid return condition: {until!r}")
    more: Any = driver.reach(actor, Op("wait for futures", label, how, patience, line), None, "wait").result
    return (*over, *more)


def as_completed(driver: Stage, original: Original) -> Original:
    """Give futures as they come to their ends: like the library's, it begins when the first is asked for."""

    def one_by_one(fs: Any, timeout: float | None) -> Iterator[Future[Any]]:
        actor = standing(driver)
        line = line_of(_frame(1))
        if actor is None:
            yield from original(fs, timeout)
            return
        given = _given(driver, actor, fs, line)
        if not given:
            return
        _poll(driver)
        how = WAIT if timeout is None else TIMED
        label = driver.made(actor, object(), "Waiter")
        patience = None if timeout is None else patience_of(abs(timeout))[1] or 0
        op = Op("look at futures", label, (tuple(given), ONE_BY_ONE, False), patience, line)
        over: Any = driver.reach(actor, op).result[0]  # type: ignore[index]  # labels come first
        if len(over) > 1:
            _not_too_many(driver, len(over), line)
        left = len(given)
        while True:
            for each in over:
                left -= 1
                yield given[each]
            if not left:
                return
            actor = standing(driver)  # who goes on with it need not be who began
            assert actor is not None
            line = line_of(_frame(1))
            over = False
            if timeout is None or timeout >= 0:
                over = driver.reach(actor, Op("next futures", label, how, None, line), None, "as_completed").result
            if over is False:
                raise TimeoutError(f"{left} (of {len(given)}) futures unfinished")

    @wraps(original)
    def as_completed(fs: Any, timeout: float | None = None) -> Iterator[Future[Any]]:
        if standing(driver) is None or not own_frame(_frame(1))[0]:
            return original(fs, timeout)  # type: ignore[no-any-return]  # it is a generator
        return one_by_one(fs, timeout)

    return as_completed


def add_done_callback(driver: Stage, original: Original) -> Original:
    """Have a function called by whoever ends a task, after that, or at once."""

    def guarded(function: Any) -> Any:
        def call(future: Future[Any]) -> None:
            if driver.aborting:
                return  # who ends the run cancels what is left
            with suppress(CutOff):  # the library, from which it is called, would say that its worker failed
                function(future)

        return call

    @wraps(original)
    def add_done_callback(self: Future[Any], fn: Any) -> None:
        actor = standing(driver)
        if actor is None or not own_frame(_frame(1))[0] or driver.aborting:
            return original(self, fn)  # type: ignore[no-any-return]  # it is None
        _poll(driver)
        function = driver.seen(fn)
        op = Op("add callback", labelled(driver, self, "future"), None, None, line_of(_frame(1)))
        now = driver.reach(actor, op).result
        return original(self, function if now else guarded(function))  # type: ignore[no-any-return]  # it is None

    return add_done_callback


def acquired(driver: Stage, original: Original) -> Original:
    """The library's own functions, where somebody kept them: they take all futures' locks first."""

    @wraps(original)
    def __enter__(self: Any) -> Any:
        if standing(driver) is not None and own_frame(_frame(1))[0] and not driver.aborting:
            driver.refuse(
                f"{said_at(line_of(_frame(1)))} waits for several futures by a function that was kept from before the "
                "run, out of sight: call concurrent.futures.wait or as_completed by name"
            )
        return original(self)

    return __enter__


def _poll(driver: Stage) -> None:
    """Have the end of each task be a step."""
    if POLLED_FUTURES not in driver.sharing.counted:
        driver.learn(POLLED_FUTURES)
