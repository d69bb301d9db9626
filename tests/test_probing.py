"""Runs that are switched anywhere find out what the analysis misses; on what it doesn't miss they change nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from course_utils import interleavings
from course_utils.encounters import Encounters
from course_utils.instants import instants
from course_utils.sharing import Sharing
from course_utils.steps import CELL, GLOBAL, LOOK, SLOT
from tests.together import together

total = 0


class Counter:
    def __init__(self) -> None:
        self.value = 0


def attribute() -> int:
    made = Counter()

    def update() -> None:
        temp = made.value
        made.value = temp + 1

    together(update, update)
    return made.value


def item() -> int:
    made = {"a": 0}

    def update() -> None:
        made["a"] += 1

    together(update, update)
    return made["a"]


def cell() -> int:
    made = 0

    def update() -> None:
        nonlocal made
        made += 1

    together(update, update)
    return made


def of_module() -> int:
    global total
    total = 0

    def update() -> None:
        global total
        total += 1

    together(update, update)
    return total


def late() -> int:
    """Only one place of many matters, at the end of a long way."""
    made = Counter()

    def update() -> None:
        number = 0
        for each in range(100):
            number += each * 2
        made.value += number

    together(update, update, update)
    return made.value


def first_come() -> str:
    """Who looks first must have been let in before the other's last line."""
    made = Counter()
    found: list[str] = []

    def look() -> None:
        if made.value == 1:
            found.append("half")

    def update() -> None:
        made.value = 1
        made.value = 2

    together(update, look)
    return "".join(found)


def blind_to(monkeypatch: pytest.MonkeyPatch, kind: str, blind: Callable[[], bool] = lambda: True) -> None:
    """Cripple the analysis: it takes all of a kind for a thread's own."""
    touches = Sharing.touches

    def fewer(self: Any, frame: Any, site: Any, *more: Any) -> Any:
        return ([], []) if site.kind == kind and blind() else touches(self, frame, site, *more)

    monkeypatch.setattr(Sharing, "touches", fewer)


MISSED = [
    (attribute, SLOT, 1),
    (item, LOOK, 1),
    (cell, CELL, 1),
    (of_module, GLOBAL, 1),
    pytest.param(late, SLOT, 9900, marks=pytest.mark.slow),
    pytest.param(first_come, SLOT, "half", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("scenario", "kind", "outcome"), MISSED)
def test_what_is_missed_is_found_out(monkeypatch, scenario, kind, outcome):
    assert outcome in interleavings(scenario).outcomes
    blind_to(monkeypatch, kind)
    said = []
    for _ in range(2):
        with pytest.raises(RuntimeError, match="which none of the interleavings that were counted comes to") as refused:
            interleavings(scenario)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_what_is_said_of_it(monkeypatch):
    blind_to(monkeypatch, SLOT)
    line = attribute.__code__.co_firstlineno + 5
    with pytest.raises(RuntimeError, match=rf"from T\d in line {line} of .*test_probing.py to .* came to 1, .* to 2\)"):
        interleavings(attribute)


def test_what_a_probe_meets_first_is_learned(monkeypatch):
    probing = []
    come_by = Encounters.come_by

    def noted(self: Any, frame: Any) -> bool:
        probing.append(True)
        return come_by(self, frame)

    monkeypatch.setattr(Encounters, "come_by", noted)
    blind_to(monkeypatch, SLOT, lambda: not probing)
    every = interleavings(attribute)
    assert every.outcomes == {1: 4, 2: 2}
    assert every.complete


def test_places_where_a_thread_may_be_switched():
    def work(counter: Counter) -> None:
        temp = counter.value
        counter.value = temp + 1

    assert len(instants(work.__code__)) == 3  # the read, the sum, the write


def long_loop(body: int) -> Callable[[], Any]:
    """A loop so long that the jump over it takes an instruction with a large argument."""
    text = (
        "import threading\ndef scenario():\n    items, found = [1], []\n    def count():\n        number = other = 0\n"
        "        for _ in items:\n            number += 1\n"
        + "            other = other * 2 + number - 1\n"
        * body
        + "        found.append(number)\n"
        "    threads = [threading.Thread(target=work) for work in (count, lambda: items.append(1))]\n"
        "    for thread in threads:\n        thread.start()\n    for thread in threads:\n        thread.join()\n"
        "    return found[0]\n"
    )
    namespace: dict[str, Any] = {"__name__": "made_up"}
    exec(compile(text, "<made up>", "exec"), namespace)
    return namespace["scenario"]  # type: ignore[no-any-return]  # it is one


@pytest.mark.slow
def test_instructions_with_large_arguments():
    assert interleavings(long_loop(60)).outcomes == interleavings(long_loop(1)).outcomes == {1: 2, 2: 2}
