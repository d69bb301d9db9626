"""The judge: what is counted without running must be what running all of them gives."""

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from course_utils import exploring, interleavings
from course_utils.world import World
from tests.programs.judging import judge
from tests.programs.making import programs
from tests.programs.real import HANGS, Real

# From Hypothesis, so that what is found wrong is made as small as can be.
made_up = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@settings(made_up, max_examples=3)
@given(programs(1))
def test_small_programs(text):
    assert not judge(text, 20).wrong


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_programs():
    """
    Counted is what is run one by one; examples replay; what real runs come to is among the outcomes.

    `python -m tests.programs 1000 7` judges a thousand others. Of a few nothing is said, and few are too large: else
    the test would show little.
    """
    verdicts = []

    with Real() as real:

        @settings(made_up, max_examples=100)
        @given(programs())
        def all_is_well(text):
            verdicts.append(judge(text, 60, real, 10))
            assert not verdicts[-1].wrong, "\n".join(verdicts[-1].wrong)

        all_is_well()

    assert sum(verdict.refused is not None for verdict in verdicts) < 0.1 * len(verdicts)
    assert sum(verdict.total is not None for verdict in verdicts) > 0.9 * len(verdicts)
    assert sum(verdict.every for verdict in verdicts) > 0.45 * len(verdicts)
    assert sum(len(verdict.outcomes) > 1 for verdict in verdicts) > 0.3 * len(verdicts)


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


@pytest.mark.slow
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


def test_the_judge_is_right_about_real_runs():
    """What isn't known is said, and so is what hangs; a program that fails is no program that hangs."""
    head = "import threading\ndef scenario():\n"
    with Real() as real:
        assert real.outcomes(head + "    return [1]", 3, False) == {"'[1]'"}
        assert real.outcomes(head + "    return 1 / 0", 3, False) == {"'ZeroDivisionError: division by zero'"}
        assert real.outcomes(head + "    lock = threading.Lock()\n    with lock, lock:\n        pass", 3, True) == {
            HANGS
        }
