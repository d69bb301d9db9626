"""The judge: what is counted without running must be what running all of them gives."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from course_utils import Deadlock, exploring, interleavings, replay
from course_utils.world import World
from tests.programs import compiled, programs

MOST = 150


def judge(text: str, most: int = MOST) -> bool:
    """Compare; False if there are too many to run."""
    merged = interleavings(compiled(text), limit=500)
    if not merged.complete or merged.total > most:
        return False
    every = interleavings(compiled(text), merge=False, limit=most + 20)
    assert every.complete
    assert merged.outcomes == every.outcomes
    for outcome in merged.outcomes:
        example = merged.example(outcome)
        assert example.schedule is not None
        again = replay(compiled(text), str(example.schedule))
        assert again.events == example.events
        if outcome is Deadlock:
            assert isinstance(example.error, Deadlock)
        else:
            assert example.result == outcome or repr(example.result) == outcome
    if Deadlock not in merged.outcomes:
        assert real(compiled(text)) <= {*merged.outcomes}
    return True


def real(scenario: Callable[[], Any], times: int = 10) -> set[Any]:
    """What real runs return; that a thread of theirs fails is no outcome."""
    hook, threading.excepthook = threading.excepthook, lambda failed: None
    try:
        return {repr(scenario()) for _ in range(times)}
    finally:
        threading.excepthook = hook


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(1))
def test_small_programs(text):
    judge(text, 20)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(2))
def test_programs(text):
    judge(text)


def lossy():
    class Box:
        def __init__(self):
            self.a = self.b = 0

    box = Box()

    def work(mine, other):
        setattr(box, mine, 1)
        return getattr(box, other)

    seen: list[Any] = []
    threads = [threading.Thread(target=lambda m=m, o=o: seen.append((m, work(m, o)))) for m, o in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seen)


def test_the_judge_can_tell(monkeypatch):
    """A key that leaves out who wrote last merges what must not be merged, and is found out."""
    right = interleavings(lossy, merge=False).outcomes
    assert interleavings(lossy).outcomes == right
    monkeypatch.setattr(
        World, "key", lambda self: (frozenset(self.threads), frozenset(self.objects.items()), self.outcome)
    )
    with pytest.raises(RuntimeError, match="none of the interleavings that were counted"):
        interleavings(lossy)
    monkeypatch.setattr(exploring, "probe", lambda *_: None)
    assert interleavings(lossy).outcomes != right
