"""Every interleaving: ours against frontrun and interleave-test, each in its own terms, and who is right."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from course_utils import Deadlock, interleavings

from .measure import Row, Settings, skipped, time_taken

__all__ = ["rows"]

HERE = Path(__file__).resolve().parent.parent

PATIENCE: float = 20.0
"""Seconds that frontrun gets for each."""

SCHEDULES = 300
"""Runs that interleave-test gets for each, with at most two preemptions."""


class _State:
    """What the threads of any of these share."""

    def __init__(self) -> None:
        self.value = 0
        self.lock, self.other = threading.Lock(), threading.Lock()
        self.inbox: queue.Queue[int] = queue.Queue(maxsize=2)
        self.received: list[int] = []

    def update(self) -> None:
        temp = self.value
        self.value = temp + 1

    def locked(self) -> None:
        with self.lock:
            self.update()

    def slow(self) -> None:
        local_copy = self.value
        local_copy += 1
        time.sleep(0.001)
        self.value = local_copy

    def forth(self) -> None:
        with self.lock, self.other:
            pass

    def back(self) -> None:
        with self.other, self.lock:
            pass

    def produce(self) -> None:
        for number in range(4):
            self.inbox.put(number)

    def consume(self) -> None:
        for _ in range(4):
            self.received.append(self.inbox.get())

    def pooled(self) -> None:
        with ThreadPoolExecutor(max_workers=2) as pool:
            for _ in range(2):
                pool.submit(self.update)


class _Case(NamedTuple):
    """
    Something to explore.

    Attributes:
        workers: what each thread does; one alone is what the opener does.
        truth: all outcomes that there are.
    """

    what: str
    workers: tuple[Callable[[_State], None], ...]
    outcome: Callable[[_State], Any]
    truth: frozenset[Any]


def _value(state: _State) -> int:
    return state.value


_CASES = (
    *(
        _Case(f"the two-line counter, {many} threads", (_State.update,) * many, _value, frozenset(range(1, many + 1)))
        for many in (2, 3, 4)
    ),
    *(
        _Case(f"the same locked, {many} threads", (_State.locked,) * many, _value, frozenset({many}))
        for many in (2, 3, 4)
    ),
    _Case("FakeDatabase.update with its sleep, 2 threads", (_State.slow,) * 2, _value, frozenset({1, 2})),
    _Case("two locks in two orders", (_State.forth, _State.back), lambda state: "done", frozenset({"done", Deadlock})),
    _Case(
        "a bounded queue, four messages", (_State.produce, _State.consume), lambda state: tuple(state.received),
        frozenset({(0, 1, 2, 3)}),
    ),
    _Case("a pool's two tasks on a counter", (_State.pooled,), _value, frozenset({1, 2})),
)  # fmt: skip


class _Found(NamedTuple):
    """What a tool found: its outcomes, in how many runs, in which time, and whether it says that these are all."""

    outcomes: frozenset[Any]
    runs: int
    seconds: float
    complete: bool
    total: int | None = None

    def words(self, truth: frozenset[Any]) -> str:
        if not self.complete:
            return f"not done after {self.runs:,} runs"
        many = f"{self.total:,} in {self.runs:,} runs" if self.total is not None else f"{self.runs:,} runs"
        missed, made_up = (
            (", ".join(sorted(map(_name, some)))) for some in (truth - self.outcomes, self.outcomes - truth)
        )
        wrong = [*([f"misses {missed}"] if missed else []), *([f"has {made_up}"] if made_up else [])]
        return f"{many}, {'WRONG: ' + ' and '.join(wrong) if wrong else 'right'}"


def _name(outcome: Any) -> str:
    return "Deadlock" if outcome is Deadlock else str(outcome)


def _scenario(case: _Case, state: _State) -> Any:
    """Run one in threads of its own."""
    if len(case.workers) == 1:
        case.workers[0](state)
        return case.outcome(state)
    threads = [threading.Thread(target=worker, args=(state,)) for worker in case.workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return case.outcome(state)


def _ours(case: _Case) -> _Found:
    began = perf_counter()
    every = interleavings(partial(_made, case))
    return _Found(frozenset(every.outcomes), every.runs, perf_counter() - began, every.complete, every.total)


def _made(case: _Case) -> Any:
    return _scenario(case, _State())


def _frontrun(case: _Case) -> _Found:
    """Have frontrun explore, in a process of its own, as it asks for: its command puts its locks in place."""
    command = Path(sys.executable).with_name("frontrun")
    done = subprocess.run(
        [str(command), sys.executable, "-m", "bench.explorers", str(_CASES.index(case))],
        cwd=HERE, env={**os.environ, "PYTHONPATH": str(HERE)}, capture_output=True, text=True, timeout=4 * PATIENCE,
        check=True,
    )  # fmt: skip
    outcomes, runs, seconds, complete = json.loads(done.stdout.splitlines()[-1])
    by_name = {_name(outcome): outcome for outcome in (*case.truth, Deadlock)}
    return _Found(frozenset(by_name.get(name, name) for name in outcomes), runs, seconds, complete)


def _under_frontrun(case: _Case) -> None:
    """Have frontrun run the workers, without a bound on preemptions, and go on after what it finds; print that."""
    explore: Any = import_module("frontrun").explore
    seen: set[Any] = set()

    def note(state: _State) -> bool:
        seen.add(case.outcome(state))
        return True

    began = perf_counter()
    found = explore(
        setup=_State, workers=list(case.workers), invariant=note, stop_on_first=False, preemption_bound=None,
        reproduce_on_failure=0, total_timeout=PATIENCE,
    )  # fmt: skip
    taken = perf_counter() - began
    if "deadlock" in str(found.explanation).lower():
        seen.add(Deadlock)
    print(json.dumps([sorted(map(_name, seen)), found.num_explored, taken, taken < PATIENCE]))


def _interleave(case: _Case) -> _Found:
    """Have interleave-test go through all schedules with at most two preemptions."""
    tool: Any = import_module("interleave_test")
    seen: set[Any] = set()

    def model() -> None:
        seen.add(_made(case))

    began = perf_counter()
    found = tool.explore(model, strategy="dfs", iterations=SCHEDULES, raise_on_failure=False)
    if found.failure is not None:
        seen.add(Deadlock if "eadlock" in type(found.failure).__name__ + str(found.failure) else str(found.failure))
    taken = perf_counter() - began
    return _Found(frozenset(seen), found.schedules_run, taken, found.exhausted or found.failure is not None)


_TOOLS: dict[str, tuple[str, Callable[[_Case], _Found]]] = {
    "frontrun": ("frontrun", _frontrun),
    "interleave-test": ("interleave_test", _interleave),
}


def rows(settings: Settings) -> list[Row]:
    """Explore each with each; once, as others take long."""
    found = []
    there = [name for name, (module, _) in _TOOLS.items() if find_spec(module) is not None]
    for case in _CASES:
        _ours(case)  # so that nothing is imported while the clock runs
        ours = _ours(case)
        found.append(Row(f"{case.what}: {ours.words(case.truth)}", "", time_taken(ours.seconds)))
        for name in there:
            found.append(_row(name, case, ours))
    for name in _TOOLS:
        if name not in there:
            older = name == "interleave-test" and sys.version_info < (3, 12)
            found.append(skipped(name, f"{name} {'needs Python 3.12' if older else 'is not installed'}"))
    return found


def _row(name: str, case: _Case, ours: _Found) -> Row:
    what = f"  {name}"
    try:
        theirs = _TOOLS[name][1](case)
    except Exception as problem:  # whatever another tool makes of it
        return Row(f"{what}: failed with {type(problem).__name__}")
    return Row(
        f"{what}: {theirs.words(case.truth)}", time_taken(theirs.seconds), time_taken(ours.seconds),
        f"{ours.seconds / theirs.seconds:.2f}",
    )  # fmt: skip


if __name__ == "__main__":
    _under_frontrun(_CASES[int(sys.argv[1])])
